//! A million distinct names: series, label values and memory stay bounded, totals stay right, and
//! the attack is there for all to see.

use serde_json::json;
use vcc_core::catalogue::{Family, Label};

use vcc_test_support::item::*;
use vcc_test_support::ledger_harness::LedgerHarness;

/// How many interactions, and how many names of each sort in each of them.
const INTERACTIONS: u32 = 2_000;
const NAMES: u32 = 250;

/// A name of letters only, so that none looks like a phone number.
fn name(prefix: &str, mut number: u32) -> String {
    let mut out = format!("{prefix} ");
    for _ in 0..6 {
        out.push(char::from(b'a' + (number % 26) as u8));
        number /= 26;
    }
    out
}

#[test]
fn a_million_distinct_names_leave_everything_bounded_and_the_totals_right() {
    let mut ledger = LedgerHarness::new();
    for number in 0..INTERACTIONS {
        let names = |prefix| (0..NAMES).map(move |n| name(prefix, number * NAMES + n));
        let mut item = numbered(&call(), number);
        item["outcome"] = json!(name("Outcome", number));
        item["interactionPlanMapping"]["reportingGroup"] = json!(name("Group", number));
        let queues: Vec<_> = names("Queue").collect();
        let wait = &mut wait_mut(&mut item)["properties"];
        wait["targets"] = json!(
            queues
                .iter()
                .map(|queue| json!({ "virtualQueue": queue, "targetTimeToAnswer": 20_000 }))
                .collect::<Vec<_>>()
        );
        wait["virtualQueues"] = json!(queues);
        for disposition in names("Disposition") {
            let mut event = event("Disposition", 57_000, 0);
            event["properties"] = json!({ "disposition": disposition });
            push_event(&mut item, event);
        }
        ledger.take(&item);
    }
    let (interactions, names) = (f64::from(INTERACTIONS), f64::from(INTERACTIONS * NAMES));
    let shown = ledger.shown();
    for (name, want) in [
        ("vcc_interactions_total", interactions),
        ("vcc_acd_queue_exits_total", interactions),
        ("vcc_queue_entries_total", names),
        ("vcc_queue_exits_total", names),
        ("vcc_queue_wait_seconds_count", names),
        ("vcc_service_level_met_total", names),
        ("vcc_dispositions_total", names),
    ] {
        assert_eq!(shown.sum(name, &[]), want, "{name}");
    }
    for family in Family::ALL {
        let series = ledger.account.series(*family).len();
        assert!(series <= 20_000, "{}: {series}", family.info().name);
    }
    let most: usize = Label::open().filter_map(Label::default_limit).sum();
    assert!(ledger.account.labels.len() <= most);
    assert!(ledger.account.meta.targets.len() <= most);
    // What had to give way is said, family by family and label by label.
    for (family, label, admitted) in [
        ("vcc_dispositions_total", "disposition", 500.0),
        ("vcc_queue_entries_total", "virtual_queue", 500.0),
    ] {
        let overflow = shown.sum(
            "vcc_exporter_label_overflow_total",
            &[("family", family), ("label", label)],
        );
        assert!(
            overflow >= names - admitted * NAMES as f64 && overflow < names,
            "{family}: {overflow}"
        );
        assert!(overflow > names * 0.9, "{family}: {overflow}");
    }
    let outcomes = [("family", "vcc_interactions_total"), ("label", "outcome")];
    let overflow = shown.sum("vcc_exporter_label_overflow_total", &outcomes);
    assert_eq!(overflow, interactions - 100.0);
}
