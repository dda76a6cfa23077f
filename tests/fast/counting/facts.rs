//! Each fact is counted as soon as it is final and its labels are known, and once.

use serde_json::{Value, json};

use vcc_test_support::item::*;
use vcc_test_support::ledger_harness::LedgerHarness;

const FIVE: &str = "direction=Inbound medium=Phone outcome=Handled by agent reporting_group=North virtual_queue=Orders";

#[test]
fn an_answered_call_counts_each_of_its_facts_once_under_its_labels() {
    let mut ledger = LedgerHarness::new();
    ledger.take(&call());
    let line = |rest: &str| format!("direction=Inbound medium=Phone {rest}");
    for (name, samples) in [
        ("vcc_interactions_started_total", vec![line("medium_manager=VCC 1")]),
        ("vcc_conversations_started_total", vec![line("1")]),
        ("vcc_interaction_duration_seconds_sum", vec![format!("{FIVE} 60")]),
        ("vcc_interaction_handle_seconds_sum", vec![format!("{FIVE} 46")]),
        ("vcc_interaction_talk_seconds_sum", vec![format!("{FIVE} 40")]),
        ("vcc_interaction_time_to_agent_seconds_sum", vec![line("16")]),
        ("vcc_interactions_transferred_total", vec![]),
        ("vcc_interactions_requeued_total", vec![]),
        ("vcc_interactions_categorized_total", vec![]),
        ("vcc_queue_entries_total", vec![line("reporting_group=North virtual_queue=Orders 1")]),
        ("vcc_queue_wait_seconds_sum", vec!["category=answered direction=Inbound medium=Phone reporting_group=North virtual_queue=Orders 10".to_owned()]),
        ("vcc_acd_queue_wait_seconds_sum", vec!["category=answered direction=Inbound medium=Phone reporting_group=North 10".to_owned()]),
        ("vcc_service_level_eligible_total", vec![line("reporting_group=North virtual_queue=Orders 1")]),
        ("vcc_service_level_met_total", vec![line("reporting_group=North virtual_queue=Orders 1")]),
        ("vcc_queue_skill_requests_total", vec!["skill=Orders 1".to_owned()]),
        ("vcc_agent_queue_exits_total", vec![]),
    ] {
        assert_eq!(ledger.samples(name), samples, "{name}");
    }
    assert_eq!(
        ledger.samples("vcc_acd_queue_exits_total"),
        [
            "acd_queue=ACD 1 direction=Inbound medium=Phone reporting_group=North result=Delivered timing=within 1"
        ]
    );
    assert_eq!(
        ledger.samples("vcc_queue_exits_total"),
        [
            "direction=Inbound medium=Phone reporting_group=North result=Delivered timing=within virtual_queue=Orders 1"
        ]
    );
    assert_eq!(
        ledger.samples("vcc_interactions_total"),
        [
            "direction=Inbound medium=Phone medium_manager=VCC outcome=Handled by agent path=handled reporting_group=North virtual_queue=Orders 1"
        ]
    );
}

#[test]
fn facts_count_while_the_interaction_goes_on_and_the_rest_with_its_end() {
    let mut ledger = LedgerHarness::new();
    let counts = |ledger: &LedgerHarness| {
        [
            "vcc_interactions_started_total",
            "vcc_queue_entries_total",
            "vcc_queue_exits_total",
            "vcc_queue_wait_seconds_count",
            "vcc_interactions_total",
            "vcc_interaction_duration_seconds_count",
        ]
        .map(|name| ledger.value(name, &[]))
    };
    ledger.take(&waiting());
    assert_eq!(counts(&ledger), [1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    ledger.take(&talking());
    assert_eq!(counts(&ledger), [1.0, 1.0, 1.0, 1.0, 0.0, 0.0]);
    ledger.take(&call());
    assert_eq!(counts(&ledger), [1.0; 6]);
    // An older version never reopens it.
    ledger.take(&waiting());
    ledger.take(&talking());
    assert_eq!(counts(&ledger), [1.0; 6]);
    assert_eq!(ledger.account.open_count(), 0);
    assert_eq!(ledger.value("vcc_interaction_corrections_total", &[]), 0.0);
}

#[test]
fn ten_versions_and_a_twin_on_one_page_count_once() {
    let versions = [
        waiting(),
        waiting(),
        talking(),
        call(),
        call(),
        talking(),
        waiting(),
    ];
    let mut once = LedgerHarness::new();
    once.take(&call());
    let mut together = LedgerHarness::new();
    together.take_all(&versions);
    assert_eq!(together.business(), once.business());
    let mut again = LedgerHarness::new();
    for version in versions.iter().chain(&versions) {
        again.take(version);
    }
    assert_eq!(again.business(), once.business());
    assert_eq!(again.value("vcc_records_received_total", &[]), 14.0);
    // News are the first sight, the answer and the end.
    assert_eq!(again.value("vcc_records_duplicate_total", &[]), 11.0);
}

#[test]
fn zero_is_an_observation_and_null_is_none() {
    let mut item = call();
    for field in ["duration", "handleTime", "talkTime"] {
        item[field] = json!(0);
    }
    wait_mut(&mut item)["duration"] = json!(0);
    let mut ledger = LedgerHarness::new();
    ledger.take(&item);
    for family in [
        "vcc_interaction_duration",
        "vcc_interaction_handle",
        "vcc_interaction_talk",
        "vcc_queue_wait",
        "vcc_acd_queue_wait",
    ] {
        assert_eq!(
            ledger.value(&format!("{family}_seconds_count"), &[]),
            1.0,
            "{family}"
        );
        assert_eq!(
            ledger.value(&format!("{family}_seconds_sum"), &[]),
            0.0,
            "{family}"
        );
    }
    let mut item = call();
    item["handleTime"] = Value::Null;
    item["talkTime"] = Value::Null;
    let mut ledger = LedgerHarness::new();
    ledger.take(&item);
    assert_eq!(
        ledger.value("vcc_interaction_duration_seconds_count", &[]),
        1.0
    );
    assert_eq!(
        ledger.value("vcc_interaction_handle_seconds_count", &[]),
        0.0
    );
    assert_eq!(ledger.value("vcc_interaction_talk_seconds_count", &[]), 0.0);
}

#[test]
fn sums_of_milliseconds_stay_exact() {
    let mut ledger = LedgerHarness::new();
    for number in 0..1_000 {
        let mut item = numbered(&call(), number);
        item["duration"] = json!(100 + i64::from(number));
        ledger.take(&item);
    }
    // 100 ms to 1,099 ms.
    let shown = ledger.samples("vcc_interaction_duration_seconds_sum");
    assert!(shown[0].ends_with(" 599.5"), "{shown:?}");
}

#[test]
fn a_conversation_counts_with_the_first_of_its_interactions() {
    let mut ledger = LedgerHarness::new();
    let mut callback = numbered(&call(), 2);
    callback["conversationGuid"] = call()["conversationGuid"].clone();
    callback["medium"] = json!("Phone Callback");
    ledger.take(&call());
    ledger.take(&callback);
    ledger.take(&numbered(&call(), 3));
    let by = |medium| ledger.value("vcc_conversations_started_total", &[("medium", medium)]);
    assert_eq!((by("Phone"), by("Phone Callback")), (2.0, 0.0));
    // Both on one page, and after a restart.
    let mut callback = numbered(&callback, 4);
    callback["conversationGuid"] = call()["conversationGuid"].clone();
    ledger.reopen();
    ledger.take_all([&callback, &numbered(&call(), 5), &numbered(&call(), 5)]);
    assert_eq!(ledger.value("vcc_conversations_started_total", &[]), 3.0);
    assert_eq!(ledger.value("vcc_interactions_started_total", &[]), 5.0);
}

#[test]
fn an_interaction_is_categorised_once_also_days_after_its_end() {
    let mut ledger = LedgerHarness::new();
    ledger.take(&call());
    ledger.pass(3 * 86_400_000);
    let mut item = call();
    item["categorizedAt"] = json!(time(ledger.now_ms));
    ledger.take(&item);
    ledger.take(&item);
    assert_eq!(
        ledger.samples("vcc_interactions_categorized_total"),
        ["medium=Phone 1"]
    );
    item["categorizedAt"] = json!("yesterday");
    let mut unreadable = LedgerHarness::new();
    unreadable.take(&item);
    unreadable.take(&item);
    assert_eq!(
        unreadable.samples("vcc_facts_rejected_total"),
        ["fact=categorized reason=unreadable_time 1"]
    );
    item["categorizedAt"] = json!(time(ledger.now_ms));
    unreadable.take(&item);
    assert_eq!(
        unreadable.value("vcc_interactions_categorized_total", &[]),
        1.0
    );
}

#[test]
fn what_is_counted_survives_a_restart_to_the_unit() {
    let mut ledger = LedgerHarness::new();
    ledger.take(&talking());
    ledger.take(&numbered(&call(), 2));
    let before = ledger.business();
    ledger.reopen();
    assert_eq!(ledger.business(), before);
    assert_eq!(ledger.account.open_count(), 1);
    ledger.take(&call());
    ledger.take(&numbered(&call(), 2));
    let mut once = LedgerHarness::new();
    once.take_all([&call(), &numbered(&call(), 2)]);
    assert_eq!(ledger.business(), once.business());
}
