//! A fact waits until its labels are known; only the end turns null into `none`.

use serde_json::{Value, json};

use vcc_test_support::item::*;
use vcc_test_support::ledger_harness::LedgerHarness;

#[test]
fn a_fact_waits_for_its_labels_and_only_the_end_turns_null_into_none() {
    let groupless = |mut item: Value| {
        item["interactionPlanMapping"] = Value::Null;
        item
    };
    let mut ledger = LedgerHarness::new();
    ledger.take(&groupless(talking()));
    assert_eq!(
        ledger.value("vcc_interactions_started_total", &[]),
        1.0,
        "it needs no group"
    );
    assert_eq!(ledger.value("vcc_queue_entries_total", &[]), 0.0);
    assert_eq!(ledger.value("vcc_queue_exits_total", &[]), 0.0);
    ledger.take(&talking());
    let north = [("reporting_group", "North")];
    assert_eq!(ledger.value("vcc_queue_entries_total", &north), 1.0);
    assert_eq!(ledger.value("vcc_queue_exits_total", &north), 1.0);

    let mut ledger = LedgerHarness::new();
    ledger.take(&groupless(talking()));
    ledger.take(&groupless(call()));
    let none = [("reporting_group", "none")];
    for name in [
        "vcc_queue_entries_total",
        "vcc_queue_exits_total",
        "vcc_interactions_total",
    ] {
        assert_eq!(ledger.value(name, &none), 1.0, "{name}");
    }
}

#[test]
fn every_label_that_is_null_absent_or_empty_is_none_at_the_end() {
    for nothing in [Some(Value::Null), Some(json!("")), Some(json!("  ")), None] {
        let mut item = call();
        for field in ["medium", "mediumManager", "direction", "outcome"] {
            match &nothing {
                Some(value) => item[field] = value.clone(),
                None => drop(item.as_object_mut().unwrap().remove(field)),
            }
        }
        item["interactionPlanMapping"]["reportingGroup"] = nothing.clone().unwrap_or_default();
        wait_mut(&mut item)["name"] = nothing.clone().unwrap_or_default();
        wait_mut(&mut item)["properties"]["virtualQueues"] = json!([]);
        let mut ledger = LedgerHarness::new();
        ledger.take(&item);
        assert_eq!(
            ledger.samples("vcc_interactions_total"),
            [
                "direction=none medium=none medium_manager=none outcome=none path=handled reporting_group=none virtual_queue=none 1"
            ]
        );
        assert_eq!(
            ledger.value("vcc_interactions_started_total", &[("medium", "none")]),
            1.0
        );
        assert_eq!(
            ledger.value("vcc_acd_queue_exits_total", &[("acd_queue", "none")]),
            1.0
        );
        assert_eq!(
            ledger.value("vcc_queue_entries_total", &[("virtual_queue", "none")]),
            1.0
        );
    }
}

#[test]
fn an_exit_waits_for_the_names_of_its_queues() {
    let mut item = talking();
    wait_mut(&mut item)["name"] = Value::Null;
    let mut ledger = LedgerHarness::new();
    ledger.take(&item);
    assert_eq!(ledger.value("vcc_acd_queue_exits_total", &[]), 0.0);
    assert_eq!(ledger.value("vcc_acd_queue_wait_seconds_count", &[]), 0.0);
    let mut item = talking();
    wait_mut(&mut item)["properties"]["virtualQueues"] = json!([]);
    let mut ledger = LedgerHarness::new();
    ledger.take(&item);
    assert_eq!(ledger.value("vcc_queue_entries_total", &[]), 0.0);
    ledger.take(&talking());
    assert_eq!(
        ledger.value("vcc_queue_entries_total", &[("virtual_queue", "Orders")]),
        1.0
    );
    assert_eq!(
        ledger.value("vcc_acd_queue_exits_total", &[("acd_queue", "ACD 1")]),
        1.0
    );
}
