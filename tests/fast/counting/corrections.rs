//! The first final value wins, and impossible values are rejected alone.

use serde_json::{Value, json};

use vcc_test_support::item::*;
use vcc_test_support::ledger_harness::LedgerHarness;

const DAY_MS: i64 = 86_400_000;

type Change = fn(&mut Value, i64);

#[test]
fn a_contradiction_counts_once_per_fact_and_value_and_changes_nothing_else() {
    let changes: [(&str, Change); 6] = [
        ("duration", |item, n| item["duration"] = json!(60_000 + n)),
        ("talk", |item, n| item["talkTime"] = json!(40_000 + n)),
        ("handle", |item, n| item["handleTime"] = json!(46_000 + n)),
        ("wait", |item, n| {
            wait_mut(item)["duration"] = json!(10_000 + n)
        }),
        ("queue_exit", |item, n| {
            wait_mut(item)["properties"]["result"] = json!(format!("Outcome{n}"));
        }),
        ("ended", |item, n| {
            item["outcome"] = json!(format!("Something else {n}"))
        }),
    ];
    for (fact, change) in changes {
        let mut ledger = LedgerHarness::new();
        ledger.take(&call());
        let before = ledger.business();
        let corrections =
            |ledger: &LedgerHarness| ledger.samples("vcc_interaction_corrections_total");
        for number in [1, 1, 2, 1] {
            let mut item = call();
            change(&mut item, number);
            ledger.take(&item);
            ledger.take(&call());
        }
        assert_eq!(corrections(&ledger), [format!("fact={fact} 2")]);
        let mut after = ledger.business();
        after.retain(|(name, _), _| name != "vcc_interaction_corrections_total");
        assert_eq!(after, before, "{fact}");
    }
}

#[test]
fn a_frozen_label_stays_and_another_one_is_a_correction() {
    let changes: [(&str, Change); 4] = [
        ("medium", |item, _| item["medium"] = json!("Phone Callback")),
        ("direction", |item, _| item["direction"] = json!("Outbound")),
        ("outcome", |item, _| item["outcome"] = json!("Abandoned")),
        ("group", |item, _| {
            item["interactionPlanMapping"]["reportingGroup"] = json!("South")
        }),
    ];
    for (label, change) in changes {
        let mut item = call();
        change(&mut item, 0);
        let mut ledger = LedgerHarness::new();
        ledger.take(&call());
        ledger.take(&item);
        ledger.take(&item);
        assert_eq!(
            ledger.samples("vcc_interaction_corrections_total"),
            ["fact=ended 1"],
            "{label}"
        );
        assert_eq!(ledger.samples("vcc_interactions_total").len(), 1, "{label}");
        assert_eq!(
            ledger.value("vcc_interactions_total", &[("outcome", "Handled by agent")]),
            1.0
        );
        // Null says nothing, so it contradicts nothing.
        let mut ledger = LedgerHarness::new();
        ledger.take(&call());
        let mut item = call();
        item[label] = Value::Null;
        ledger.take(&item);
        assert_eq!(
            ledger.value("vcc_interaction_corrections_total", &[]),
            0.0,
            "{label}"
        );
    }
}

#[test]
fn labels_freeze_at_the_end_and_not_before() {
    let mut ledger = LedgerHarness::new();
    let mut early = talking();
    early["medium"] = json!("Phone Callback");
    early["interactionPlanMapping"]["reportingGroup"] = json!("South");
    early["outcome"] = json!("Not yet known");
    ledger.take(&early);
    ledger.take(&call());
    assert_eq!(
        ledger.samples("vcc_interaction_duration_seconds_count"),
        [
            "direction=Inbound medium=Phone outcome=Handled by agent reporting_group=North virtual_queue=Orders 1"
        ]
    );
    // What counted while it went on stays where it was counted.
    assert_eq!(
        ledger.value("vcc_queue_exits_total", &[("reporting_group", "South")]),
        1.0
    );
    assert_eq!(ledger.value("vcc_queue_exits_total", &[]), 1.0);
}

#[test]
fn an_impossible_duration_is_rejected_once_and_a_later_valid_one_counts() {
    let set: [(&str, &str, Change); 4] = [
        (
            "duration",
            "vcc_interaction_duration_seconds",
            |item, ms| item["duration"] = json!(ms),
        ),
        ("talk", "vcc_interaction_talk_seconds", |item, ms| {
            item["talkTime"] = json!(ms)
        }),
        ("handle", "vcc_interaction_handle_seconds", |item, ms| {
            item["handleTime"] = json!(ms)
        }),
        ("wait", "vcc_acd_queue_wait_seconds", |item, ms| {
            wait_mut(item)["duration"] = json!(ms)
        }),
    ];
    for (fact, family, change) in set {
        for (reason, ms) in [
            ("negative", -1),
            ("negative", i64::MIN),
            ("absurd", 366 * DAY_MS + 1),
            ("absurd", i64::MAX),
        ] {
            let mut item = call();
            change(&mut item, ms);
            let mut ledger = LedgerHarness::new();
            for _ in 0..3 {
                ledger.take(&item);
            }
            let what = format!("{fact} {ms}");
            let rejected = || ledger.samples("vcc_facts_rejected_total");
            assert_eq!(
                rejected(),
                [format!("fact={fact} reason={reason} 1")],
                "{what}"
            );
            assert_eq!(ledger.value(&format!("{family}_count"), &[]), 0.0, "{what}");
            // Only that observation is dropped.
            assert_eq!(ledger.value("vcc_interactions_total", &[]), 1.0, "{what}");
            assert_eq!(
                ledger.value("vcc_acd_queue_exits_total", &[]),
                1.0,
                "{what}"
            );
            ledger.take(&call());
            ledger.take(&call());
            assert_eq!(ledger.value(&format!("{family}_count"), &[]), 1.0, "{what}");
            assert_eq!(
                ledger.value("vcc_interaction_corrections_total", &[]),
                0.0,
                "{what}"
            );
        }
    }
}

#[test]
fn the_longest_believed_duration_is_366_days() {
    let mut item = call();
    item["duration"] = json!(366 * DAY_MS);
    let mut ledger = LedgerHarness::new();
    ledger.take(&item);
    assert_eq!(
        ledger.value("vcc_interaction_duration_seconds_sum", &[]),
        366.0 * 86_400.0
    );
}

#[test]
fn an_impossible_offset_overflows_nothing() {
    for offset in [i64::MIN, -1, i64::MAX] {
        let mut item = call();
        wait_mut(&mut item)["offset"] = json!(offset);
        item["channels"][1]["events"][1]["offset"] = json!(offset);
        item["channels"][0]["offset"] = json!(offset);
        item["channels"][0]["duration"] = json!(i64::MAX);
        item["duration"] = json!(-1);
        let mut ledger = LedgerHarness::with(0, |_| {});
        ledger.take(&item);
        ledger.take(&item);
        assert_eq!(ledger.value("vcc_interactions_total", &[]), 1.0, "{offset}");
    }
}
