//! When an interaction has ended, and what the passing of time alone does.

use serde_json::{Value, json};

use vcc_test_support::item::*;
use vcc_test_support::ledger_harness::LedgerHarness;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

type Change = fn(&mut Value);

fn ended(ledger: &LedgerHarness) -> f64 {
    ledger.value("vcc_interactions_total", &[])
}

#[test]
fn it_ends_with_a_final_status_a_duration_and_every_channel_ended() {
    let not_yet: [(&str, Change); 4] = [
        ("status", |item| item["status"] = json!("Ongoing")),
        ("duration", |item| item["duration"] = Value::Null),
        ("customer", |item| open_channel(item, 0)),
        ("agent", |item| open_channel(item, 1)),
    ];
    for (what, change) in not_yet {
        let mut item = call();
        change(&mut item);
        let mut ledger = LedgerHarness::new();
        ledger.take(&item);
        assert_eq!(ended(&ledger), 0.0, "{what}");
        ledger.take(&call());
        assert_eq!(ended(&ledger), 1.0, "{what}");
    }
}

fn open_channel(item: &mut Value, index: usize) {
    item["channels"][index]["endReason"] = Value::Null;
    item["channels"][index]["duration"] = Value::Null;
}

#[test]
fn an_end_reason_or_a_duration_ends_a_channel() {
    for field in ["endReason", "duration"] {
        let mut item = call();
        item["channels"][1][field] = Value::Null;
        let mut ledger = LedgerHarness::new();
        ledger.take(&item);
        assert_eq!(ended(&ledger), 1.0, "without {field}");
    }
}

#[test]
fn an_absent_or_unknown_status_leaves_the_word_to_the_duration() {
    for status in [Value::Null, json!("Archived"), json!("")] {
        let mut item = call();
        item["status"] = status.clone();
        item["duration"] = Value::Null;
        let mut ledger = LedgerHarness::new();
        ledger.take(&item);
        assert_eq!(ended(&ledger), 0.0, "{status}");
        item["duration"] = json!(60_000);
        ledger.take(&item);
        assert_eq!(ended(&ledger), 1.0, "{status}");
    }
    for status in ["completed", "COMPLETED", "internalerror"] {
        let mut item = call();
        item["status"] = json!(status);
        let mut ledger = LedgerHarness::new();
        ledger.take(&item);
        assert_eq!(ended(&ledger), 1.0, "{status}");
    }
}

#[test]
fn running_durations_of_what_goes_on_are_no_end() {
    let mut item = talking();
    item["duration"] = json!(30_000);
    item["channels"][0]["duration"] = json!(30_000);
    item["channels"][1]["duration"] = json!(18_000);
    let mut ledger = LedgerHarness::new();
    ledger.take(&item);
    assert_eq!(ended(&ledger), 0.0);
    ledger.take(&call());
    assert_eq!(ended(&ledger), 1.0);
    assert_eq!(
        ledger.value("vcc_interaction_duration_seconds_sum", &[]),
        60.0
    );
    assert_eq!(ledger.value("vcc_interaction_corrections_total", &[]), 0.0);
}

#[test]
fn an_hour_after_its_first_final_status_it_is_taken_as_ended() {
    let mut item = call();
    open_channel(&mut item, 1);
    let mut ledger = LedgerHarness::new();
    ledger.take(&talking());
    ledger.take(&item);
    ledger.pass(HOUR_MS - 1);
    assert_eq!(ended(&ledger), 0.0);
    ledger.reopen();
    ledger.pass(1);
    assert_eq!(ended(&ledger), 1.0);
    assert_eq!(ledger.account.open_count(), 0);
    // The complete version is no contradiction. All it adds is what the agent's channel said last.
    let business = ledger.business();
    ledger.take(&call());
    let mut after = ledger.business();
    after.retain(|key, value| business.get(key) != Some(value));
    let added: std::collections::BTreeSet<_> = (after.keys())
        .map(|(name, _)| name.trim_end_matches("_bucket").trim_end_matches("_count"))
        .map(|name| name.trim_end_matches("_sum"))
        .collect();
    assert_eq!(Vec::from_iter(added), Vec::<&str>::new());
}

#[test]
fn a_queue_without_a_result_when_its_interaction_has_ended_is_unknown() {
    let mut ledger = LedgerHarness::new();
    ledger.take(&waited(None, Some(9_000), None));
    assert_eq!(
        ledger.value("vcc_queue_exits_total", &[("result", "none")]),
        1.0
    );
    assert_eq!(
        ledger.value("vcc_acd_queue_exits_total", &[("result", "none")]),
        1.0
    );
    assert_eq!(
        ledger.value("vcc_queue_wait_seconds_sum", &[("category", "unknown")]),
        9.0
    );
    assert_eq!(
        ledger.value("vcc_acd_queue_wait_seconds_sum", &[("category", "unknown")]),
        9.0
    );
    let mut ledger = LedgerHarness::new();
    ledger.take(&waited(None, None, None));
    assert_eq!(
        ledger.value("vcc_queue_exits_total", &[("result", "none")]),
        1.0
    );
    assert_eq!(ledger.value("vcc_queue_wait_seconds_count", &[]), 0.0);
}

#[test]
fn talk_and_handle_time_that_come_late_count_under_the_frozen_labels() {
    let mut item = call();
    item["handleTime"] = Value::Null;
    item["talkTime"] = Value::Null;
    let mut ledger = LedgerHarness::new();
    ledger.take(&item);
    let mut late = call();
    late["outcome"] = json!("Handled by nobody");
    late["interactionPlanMapping"]["reportingGroup"] = json!("South");
    ledger.pass(DAY_MS);
    ledger.take(&late);
    let frozen = [
        ("outcome", "Handled by agent"),
        ("reporting_group", "North"),
    ];
    assert_eq!(
        ledger.value("vcc_interaction_talk_seconds_sum", &frozen),
        40.0
    );
    assert_eq!(
        ledger.value("vcc_interaction_handle_seconds_sum", &frozen),
        46.0
    );
    assert_eq!(ledger.value("vcc_interaction_talk_seconds_sum", &[]), 40.0);
    assert_eq!(ended(&ledger), 1.0);
}

#[test]
fn handle_time_waits_for_the_end_however_early_it_is_told() {
    let mut item = talking();
    item["handleTime"] = json!(20_000);
    item["talkTime"] = json!(14_000);
    let mut ledger = LedgerHarness::new();
    ledger.take(&item);
    assert_eq!(
        ledger.value("vcc_interaction_handle_seconds_count", &[]),
        0.0
    );
    assert_eq!(ledger.value("vcc_interaction_talk_seconds_count", &[]), 0.0);
    ledger.take(&call());
    assert_eq!(
        ledger.value("vcc_interaction_handle_seconds_sum", &[]),
        46.0
    );
    assert_eq!(ledger.value("vcc_interaction_talk_seconds_sum", &[]), 40.0);
}

#[test]
fn an_open_interaction_expires_once_and_its_late_end_still_counts() {
    let expired = |ledger: &LedgerHarness| ledger.samples("vcc_interactions_expired_total");
    let mut ledger = LedgerHarness::new();
    ledger.take(&waiting());
    ledger.pass(DAY_MS);
    assert_eq!(
        expired(&ledger),
        Vec::<String>::new(),
        "the bound is not passed yet"
    );
    ledger.pass(2_000);
    assert_eq!(expired(&ledger), ["direction=Inbound medium=Phone 1"]);
    assert_eq!(ledger.account.open_count(), 0);
    ledger.reopen();
    ledger.pass(DAY_MS);
    assert_eq!(ledger.value("vcc_interactions_expired_total", &[]), 1.0);
    // News reopen it, without counting it as expired again.
    ledger.take(&talking());
    assert_eq!(ledger.account.open_count(), 1);
    ledger.pass(2 * DAY_MS);
    assert_eq!(ledger.value("vcc_interactions_expired_total", &[]), 1.0);
    ledger.take(&call());
    assert_eq!(ended(&ledger), 1.0);
    let mut once = LedgerHarness::new();
    once.take(&call());
    assert_eq!(
        ledger.value("vcc_queue_exits_total", &[]),
        once.value("vcc_queue_exits_total", &[])
    );
}

#[test]
fn other_media_than_the_phone_have_thirty_days() {
    let mut case = waiting();
    case["medium"] = json!("Web Chat");
    let mut callback = numbered(&waiting(), 2);
    callback["medium"] = json!("phone callback");
    let mut ledger = LedgerHarness::new();
    ledger.take_all([&case, &callback]);
    ledger.pass(2 * DAY_MS);
    assert_eq!(
        ledger.samples("vcc_interactions_expired_total"),
        ["direction=Inbound medium=phone callback 1"]
    );
    ledger.pass(28 * DAY_MS + 2_000);
    assert_eq!(
        ledger.value("vcc_interactions_expired_total", &[("medium", "Web Chat")]),
        1.0
    );
}

#[test]
fn news_put_off_the_expiry_and_repetitions_do_not() {
    let mut ledger = LedgerHarness::new();
    ledger.take(&waiting());
    ledger.pass(20 * HOUR_MS);
    ledger.take(&waiting());
    ledger.pass(5 * HOUR_MS);
    assert_eq!(ledger.value("vcc_interactions_expired_total", &[]), 1.0);
    let mut ledger = LedgerHarness::new();
    ledger.take(&waiting());
    ledger.pass(20 * HOUR_MS);
    ledger.take(&talking());
    ledger.pass(5 * HOUR_MS);
    assert_eq!(ledger.value("vcc_interactions_expired_total", &[]), 0.0);
}
