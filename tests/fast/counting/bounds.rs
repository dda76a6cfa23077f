//! Bounded and private: what becomes of strange, personal and too many label values.

use serde_json::{Value, json};
use vcc_core::catalogue::Label;

use vcc_test_support::item::*;
use vcc_test_support::ledger_harness::LedgerHarness;

fn in_queue(number: u32, name: &str) -> Value {
    let mut item = numbered(&waiting(), number);
    wait_mut(&mut item)["properties"]["virtualQueues"] = json!([name]);
    wait_mut(&mut item)["properties"]["targets"] = json!([]);
    item
}

fn entries(ledger: &LedgerHarness, queue: &str) -> f64 {
    ledger.value("vcc_queue_entries_total", &[("virtual_queue", queue)])
}

fn limited(limit: usize) -> LedgerHarness {
    LedgerHarness::with(START_MS - 86_400_000, |rules| {
        rules.label_limits = [(Label::VirtualQueue, limit)].into();
    })
}

#[test]
fn values_beyond_a_labels_limit_count_under_other_and_say_so() {
    let mut ledger = limited(2);
    for (number, name) in (1..).zip(["A", "B", "C", "A", "D", "C"]) {
        ledger.take(&in_queue(number, name));
    }
    let shown = ["A", "B", "C", "D", "other"].map(|name| entries(&ledger, name));
    assert_eq!(shown, [2.0, 1.0, 0.0, 0.0, 3.0]);
    let overflow = ledger.samples("vcc_exporter_label_overflow_total");
    let line = "family=vcc_queue_entries_total label=virtual_queue 3".to_owned();
    assert!(overflow.contains(&line), "{overflow:?}");
    assert!(
        overflow
            .iter()
            .all(|line| line.contains("label=virtual_queue")),
        "{overflow:?}"
    );
}

#[test]
fn admitted_values_outlast_restarts_and_lower_limits_and_a_higher_one_admits_later_values() {
    let mut ledger = limited(2);
    ledger.take_all(&[in_queue(1, "A"), in_queue(2, "B"), in_queue(3, "C")]);
    ledger.rules.label_limits = [(Label::VirtualQueue, 1)].into();
    ledger.reopen();
    ledger.take_all(&[in_queue(4, "A"), in_queue(5, "B"), in_queue(6, "C")]);
    let shown = |ledger: &LedgerHarness| ["A", "B", "C", "other"].map(|name| entries(ledger, name));
    assert_eq!(shown(&ledger), [2.0, 2.0, 0.0, 2.0]);
    ledger.rules.label_limits = [(Label::VirtualQueue, 3)].into();
    ledger.reopen();
    ledger.take_all(&[in_queue(7, "C"), in_queue(8, "D"), in_queue(9, "A")]);
    assert_eq!(shown(&ledger), [3.0, 2.0, 1.0, 3.0]);
}

#[test]
fn a_family_at_its_limit_folds_what_is_new_without_losing_a_fact() {
    let mut ledger = LedgerHarness::with(START_MS - 86_400_000, |rules| {
        rules.family_options.series_limit = 36
    });
    for number in 1..=200 {
        let mut item = numbered(&call(), number);
        item["outcome"] = json!(format!("Outcome {}", number % 40));
        wait_mut(&mut item)["properties"]["virtualQueues"] =
            json!([format!("Queue {}", number % 50)]);
        ledger.take(&item);
    }
    for name in [
        "vcc_interactions_total",
        "vcc_queue_entries_total",
        "vcc_queue_exits_total",
        "vcc_interaction_duration_seconds_count",
        "vcc_queue_wait_seconds_count",
    ] {
        assert_eq!(ledger.value(name, &[]), 200.0, "{name}");
        // What folds has its place below the limit.
        assert!(ledger.shown().0[name].len() <= 36, "{name}");
    }
    assert_eq!(
        ledger.value("vcc_interaction_duration_seconds_sum", &[]),
        12_000.0
    );
    let folded = [
        ("outcome", "other"),
        ("medium", "other"),
        ("path", "handled"),
    ];
    assert!(ledger.value("vcc_interactions_total", &folded) > 0.0);
    let overflow = [("family", "vcc_interactions_total"), ("label", "outcome")];
    assert_eq!(
        ledger.value("vcc_exporter_label_overflow_total", &overflow),
        ledger.value("vcc_interactions_total", &folded)
    );
}

#[test]
fn what_looks_personal_is_redacted_and_counted() {
    const PERSONAL: [&str; 4] = [
        "+44 20 5550 1234",
        "jane.doe@example.org",
        "7d0f3a52-0d3e-4f77-8a10-c0a2b5d9e0aa",
        "Callback (020) 555-0123",
    ];
    for personal in PERSONAL {
        let mut item = call();
        for field in ["medium", "mediumManager", "outcome", "direction"] {
            item[field] = json!(personal);
        }
        item["interactionPlanMapping"]["reportingGroup"] = json!(personal);
        wait_mut(&mut item)["name"] = json!(personal);
        wait_mut(&mut item)["properties"]["virtualQueues"] = json!([personal]);
        wait_mut(&mut item)["properties"]["presentedSkills"] = json!([personal]);
        wait_mut(&mut item)["properties"]["result"] = json!(personal);
        let mut ledger = LedgerHarness::new();
        ledger.take(&item);
        let text = format!("{:?}", ledger.shown());
        assert!(!text.contains(personal), "{personal}");
        for label in [
            "medium",
            "direction",
            "outcome",
            "virtual_queue",
            "reporting_group",
        ] {
            assert_eq!(
                ledger.value("vcc_interactions_total", &[(label, "redacted")]),
                1.0,
                "{label}"
            );
        }
        let redacted = [("family", "vcc_interactions_total"), ("label", "outcome")];
        assert_eq!(
            ledger.value("vcc_exporter_label_redacted_total", &redacted),
            1.0
        );
        assert_eq!(
            ledger.value("vcc_queue_skill_requests_total", &[("skill", "redacted")]),
            1.0
        );
    }
}

#[test]
fn addresses_agents_and_guids_are_nowhere_in_what_is_shown() {
    let mut item = call();
    item["channels"][1]["party"]["id"] = json!("agent-jane");
    item["channels"][1]["party"]["touchpoint"] = json!("touchpoint-jane");
    item["connectFrom"] = json!("from-customer");
    item["connectTo"] = json!("to-us");
    let mut ledger = LedgerHarness::new();
    ledger.take_all([&item, &numbered(&talking(), 2)]);
    let text = format!("{:?}", ledger.shown());
    for private in [
        "jane", "customer", "to-us", "020555", "6b1f0c52", "b2d7a7c4",
    ] {
        assert!(!text.contains(private), "{private}");
    }
}

#[test]
fn strange_values_cost_their_label_and_nothing_else() {
    let long = "x".repeat(10_000);
    let limit = "y".repeat(128);
    for (value, shown) in [
        (long.as_str(), "other"),
        (limit.as_str(), limit.as_str()),
        ("a\"b\\c\nd\u{7}e", "a\"b\\c d e"),
        ("{le=\"1\"} 5", "{le=\"1\"} 5"),
        ("Größe 名前 \u{1f600}", "Größe 名前 \u{1f600}"),
        ("  padded  ", "padded"),
        ("other", "other"),
        ("none", "none"),
        ("redacted", "redacted"),
    ] {
        let mut item = call();
        item["outcome"] = json!(value);
        item["interactionPlanMapping"]["reportingGroup"] = json!(value);
        let mut ledger = LedgerHarness::new();
        ledger.take_all([&item, &numbered(&item, 2)]);
        ledger.reopen();
        ledger.take(&numbered(&item, 3));
        let labels = [("outcome", shown), ("reporting_group", shown)];
        assert_eq!(
            ledger.value("vcc_interactions_total", &labels),
            3.0,
            "{shown}"
        );
    }
}

#[test]
fn an_unreadable_item_costs_itself_with_a_reason() {
    let spoilt: [(&str, &str, Value); 7] = [
        ("missing_guid", "guid", Value::Null),
        ("bad_guid", "guid", json!("twelve")),
        ("missing_start", "start", Value::Null),
        ("bad_start", "start", json!("this morning")),
        ("wrong_type", "channels", json!("none")),
        ("wrong_type", "duration", json!({"ms": 5})),
        ("wrong_type", "interactionPlanMapping", json!(5)),
    ];
    for (reason, field, value) in spoilt {
        let mut item = numbered(&call(), 9);
        item[field] = value;
        let mut ledger = LedgerHarness::new();
        ledger.take_all([&numbered(&call(), 1), &item, &numbered(&call(), 2)]);
        assert_eq!(
            ledger.samples("vcc_records_rejected_total"),
            [format!("reason={reason} 1")]
        );
        assert_eq!(ledger.value("vcc_interactions_total", &[]), 2.0, "{reason}");
        assert_eq!(
            ledger.value("vcc_records_received_total", &[]),
            3.0,
            "{reason}"
        );
        // Readable again, it counts.
        ledger.take(&numbered(&call(), 9));
        assert_eq!(ledger.value("vcc_interactions_total", &[]), 3.0, "{reason}");
    }
    let mut ledger = LedgerHarness::new();
    ledger.take_all([&json!("text"), &json!(null), &json!([1]), &call()]);
    assert_eq!(
        ledger.samples("vcc_records_rejected_total"),
        ["reason=not_an_object 3"]
    );
    assert_eq!(ledger.value("vcc_interactions_total", &[]), 1.0);
}
