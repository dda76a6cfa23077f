//! The formulas of docs/service-level.md, each run by a real promtool over an hour of hand-made
//! series whose answers were worked out by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::process::Command;

use vcc_test_support::repository::repository;
use vcc_test_support::tools::promtool;

/// Who left the queues, so many a minute: the virtual queue, the result, the timing.
///
/// In `A`, 8 are answered, 6 of them in time; 3 give up, one at once and one in time; 2 break out;
/// 4 leave in a way nobody knows. In `B` nobody is answered in time.
const EXITS: [(&str, &str, &str, u32); 14] = [
    ("A", "Delivered", "within", 6),
    ("A", "Delivered", "late", 2),
    ("A", "Delivered", "no_target", 0),
    ("A", "HangUp", "short", 1),
    ("A", "HangUp", "within", 1),
    ("A", "HangUp", "late", 1),
    ("A", "QueueTimeBreakout", "late", 1),
    ("A", "MaxEstimatedWaitTime", "within", 1),
    ("A", "Overflow", "late", 4),
    ("B", "Delivered", "within", 0),
    ("B", "Delivered", "late", 3),
    ("B", "HangUp", "short", 0),
    ("B", "HangUp", "within", 0),
    ("B", "HangUp", "late", 1),
];

/// What each formula gives: for `A`, for `B`, and overall.
const ANSWERS: [(&str, [f64; 3]); 10] = [
    ("met", [6.0 / 12.0, 0.0, f64::NAN]),
    ("vonage", [6.0 / 12.0, 0.0, 6.0 / 16.0]),
    ("genesys", [6.0 / 11.0, 0.0, 6.0 / 15.0]),
    ("talkdesk", [6.0 / 16.0, 0.0, 6.0 / 20.0]),
    ("cisco_ignored", [6.0 / 9.0, 0.0, 6.0 / 13.0]),
    ("cisco_negative", [6.0 / 10.0, 0.0, 6.0 / 14.0]),
    ("cisco_positive", [7.0 / 10.0, 0.0, 7.0 / 14.0]),
    ("abandonment", [2.0 / 16.0, 1.0 / 4.0, 3.0 / 20.0]),
    // 8 answered after 20 s and 3 after 42 s on the average.
    ("asa", [20.0, 42.0, 26.0]),
    ("aht", [300.0, 410.0, 330.0]),
];

/// The `promql` blocks of the page, by the name in the comment before each.
fn formulas() -> BTreeMap<String, String> {
    let page = repository("docs/service-level.md");
    let page = std::fs::read_to_string(page).unwrap();
    let mut out = BTreeMap::new();
    for (before, rest) in page
        .match_indices("```promql\n")
        .map(|(at, fence)| (&page[..at], &page[at + fence.len()..]))
    {
        let comment = before.trim_end().lines().last().unwrap();
        let name = comment
            .strip_prefix("<!-- ")
            .and_then(|name| name.strip_suffix(" -->"))
            .unwrap_or_else(|| panic!("no comment names the formula after {comment:?}"));
        let (formula, _) = rest.split_once("```").unwrap();
        assert!(out.insert(name.to_owned(), formula.to_owned()).is_none());
    }
    out
}

fn series(out: &mut String, name: &str, labels: &str, per_minute: u32) {
    let labels = format!("account=\"acme\",medium=\"Phone\",direction=\"Inbound\"{labels}");
    let _ = writeln!(
        out,
        "      - series: '{name}{{{labels}}}'\n        values: '0+{per_minute}x60'"
    );
}

fn input() -> String {
    let mut out = String::new();
    let all = &mut out;
    for (queue, result, timing, n) in EXITS {
        let exit = format!(",reporting_group=\"G\",result=\"{result}\",timing=\"{timing}\"");
        let virtual_queue = format!(",virtual_queue=\"{queue}\"{exit}");
        series(all, "vcc_queue_exits_total", &virtual_queue, n);
        // The acd queue of each is one; a wait in A names a second virtual queue too, which must
        // not make it two.
        let acd = format!(",acd_queue=\"ACD {queue}\"{exit}");
        series(all, "vcc_acd_queue_exits_total", &acd, n);
        if queue == "A" {
            let second = format!(",virtual_queue=\"Everyone\"{exit}");
            series(all, "vcc_queue_exits_total", &second, n);
        }
    }
    for (queue, met, eligible, answered, waited, handled) in
        [("A", 6, 12, 8, 160, 2_400), ("B", 0, 4, 3, 126, 1_230)]
    {
        let labels = format!(",virtual_queue=\"{queue}\",reporting_group=\"G\"");
        series(all, "vcc_service_level_met_total", &labels, met);
        series(all, "vcc_service_level_eligible_total", &labels, eligible);
        let answer = format!("{labels},category=\"answered\"");
        let lost = format!("{labels},category=\"abandoned\"");
        let acd = format!(",reporting_group=\"G{queue}\",category=\"answered\"");
        for (waits, of) in [
            ("vcc_queue_wait_seconds", answer),
            ("vcc_acd_queue_wait_seconds", acd),
        ] {
            series(all, &format!("{waits}_sum"), &of, waited);
            series(all, &format!("{waits}_count"), &of, answered);
        }
        series(all, "vcc_queue_wait_seconds_sum", &lost, 999);
        series(all, "vcc_queue_wait_seconds_count", &lost, 1);
        let handle = format!(",outcome=\"Handled\"{labels}");
        for (handles, of) in [
            ("vcc_interaction_handle_seconds", handle),
            ("vcc_agent_handle_seconds", labels),
        ] {
            series(all, &format!("{handles}_sum"), &of, handled);
            series(all, &format!("{handles}_count"), &of, answered);
        }
    }
    out
}

/// The formula, and what promtool must find it to be.
fn case(out: &mut String, name: &str, formula: &str) {
    let (of, kind) = name.rsplit_once('_').unwrap();
    let (_, [a, b, overall]) = (ANSWERS.iter())
        .find(|(known, _)| *known == of)
        .unwrap_or_else(|| panic!("{name} has no answer"));
    let formula = serde_json::Value::from(formula);
    let _ = writeln!(
        out,
        "      - expr: {formula}\n        eval_time: 1h\n        exp_samples:"
    );
    let mut sample = |labels: &str, value: f64| {
        let _ = writeln!(
            out,
            "          - labels: '{{{labels}}}'\n            value: {value}"
        );
    };
    if kind == "overall" {
        return sample("", *overall);
    }
    sample("virtual_queue=\"A\"", *a);
    sample("virtual_queue=\"B\"", *b);
    let exits = !["met", "asa", "aht"].contains(&of);
    if exits {
        sample("virtual_queue=\"Everyone\"", *a);
    }
}

#[test]
fn each_formula_gives_the_answer_that_was_worked_out_by_hand() {
    let mut file = format!(
        "fuzzy_compare: true\nevaluation_interval: 1m\ntests:\n  - interval: 1m\n    \
         input_series:\n{}    promql_expr_test:\n",
        input()
    );
    let formulas = formulas();
    for (name, formula) in &formulas {
        case(&mut file, name, formula);
    }
    let tested: BTreeSet<_> = formulas
        .keys()
        .map(|name| name.rsplit_once('_').unwrap().0)
        .collect();
    assert_eq!(tested, ANSWERS.iter().map(|(name, _)| *name).collect());
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("service-level.yml");
    std::fs::write(&path, &file).unwrap();
    let said = Command::new(promtool())
        .args(["test", "rules"])
        .arg(&path)
        .output()
        .unwrap();
    assert!(
        said.status.success(),
        "{}{}\n{file}",
        String::from_utf8_lossy(&said.stdout),
        String::from_utf8_lossy(&said.stderr)
    );
}
