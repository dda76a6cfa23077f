//! What is too early or too old to count, and what is forgotten when.

use serde_json::{Value, json};

use vcc_test_support::item::*;
use vcc_test_support::ledger_harness::LedgerHarness;

const DAY_MS: i64 = 86_400_000;

fn rejected(ledger: &LedgerHarness) -> f64 {
    ledger.value("vcc_facts_rejected_total", &[("reason", "too_old")])
}

#[test]
fn facts_before_the_epoch_never_count_and_those_at_it_do() {
    // It started at 0, queued from 6 s to 16 s and ended at 60 s.
    for (epoch, counted) in [
        (0, [1.0, 1.0, 1.0, 1.0]),
        (1, [0.0, 1.0, 1.0, 1.0]),
        (6_000, [0.0, 1.0, 1.0, 1.0]),
        (6_001, [0.0, 0.0, 1.0, 1.0]),
        (16_000, [0.0, 0.0, 1.0, 1.0]),
        (16_001, [0.0, 0.0, 0.0, 1.0]),
        (60_000, [0.0, 0.0, 0.0, 1.0]),
        (60_001, [0.0; 4]),
    ] {
        for versions in [vec![call()], vec![waiting(), talking(), call(), call()]] {
            let mut ledger = LedgerHarness::since(START_MS + epoch);
            versions.iter().for_each(|version| ledger.take(version));
            let shown = [
                "vcc_interactions_started_total",
                "vcc_queue_entries_total",
                "vcc_queue_exits_total",
                "vcc_interactions_total",
            ];
            assert_eq!(
                shown.map(|name| ledger.value(name, &[])),
                counted,
                "epoch {epoch}"
            );
            assert_eq!(rejected(&ledger), 0.0);
        }
    }
}

#[test]
fn a_fact_before_the_epoch_stays_there_if_a_later_version_shifts_it() {
    let mut ledger = LedgerHarness::since(START_MS + 1);
    ledger.take(&waiting());
    ledger.take(&begun(&waiting(), START_MS + 1));
    assert_eq!(ledger.value("vcc_interactions_started_total", &[]), 0.0);
    assert_eq!(ledger.value("vcc_conversations_started_total", &[]), 0.0);
    assert_eq!(ledger.value("vcc_interaction_corrections_total", &[]), 0.0);

    let mut ledger = LedgerHarness::since(START_MS + 6_001);
    ledger.take(&waiting());
    let mut shifted = waiting();
    wait_mut(&mut shifted)["offset"] = json!(6_002);
    ledger.take(&shifted);
    assert_eq!(ledger.value("vcc_queue_entries_total", &[]), 0.0);
    assert_eq!(ledger.value("vcc_queue_skill_requests_total", &[]), 0.0);
    assert_eq!(ledger.value("vcc_interaction_corrections_total", &[]), 0.0);
}

#[test]
fn nothing_of_an_end_before_the_epoch_counts_when_a_longer_duration_is_told() {
    let mut first = call();
    first["talkTime"] = Value::Null;
    first["handleTime"] = Value::Null;
    let mut longer = call();
    longer["duration"] = json!(90_000);
    let mut ledger = LedgerHarness::since(START_MS + 70_000);
    ledger.take(&first);
    ledger.take(&longer);
    let business: Vec<_> = ledger
        .business()
        .into_keys()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(business, ["vcc_conversations_started_total"]);
    assert_eq!(ledger.value("vcc_conversations_started_total", &[]), 0.0);
}

#[test]
fn a_fresh_state_counts_also_what_is_seventy_days_old() {
    let old = begun(&call(), START_MS - 70 * DAY_MS);
    let mut ledger = LedgerHarness::since(START_MS - 71 * DAY_MS);
    ledger.take(&old);
    let mut usual = LedgerHarness::new();
    usual.take(&call());
    assert_eq!(ledger.business(), usual.business());
}

#[test]
fn a_closed_row_is_forgotten_after_35_days_without_news_and_its_facts_are_too_old_then() {
    let mut ledger = LedgerHarness::new();
    ledger.take(&call());
    let counted = ledger.business();
    ledger.pass(35 * DAY_MS);
    assert_eq!(ledger.account.meta.rows, 1);
    ledger.take(&call());
    assert_eq!(ledger.business(), counted);
    ledger.pass(2_000);
    assert_eq!(
        (
            ledger.account.meta.rows,
            ledger.account.meta.eviction_watermark_ms.is_some()
        ),
        (0, true)
    );
    ledger.reopen();
    ledger.take(&call());
    ledger.take(&call());
    let mut now = ledger.business();
    now.retain(|(name, _), _| name != "vcc_facts_rejected_total");
    assert_eq!(now, counted);
    let rejected = ledger.samples("vcc_facts_rejected_total");
    for fact in [
        "started",
        "conversation",
        "queue_entry",
        "queue_exit",
        "ended",
    ] {
        assert!(
            rejected.contains(&format!("fact={fact} reason=too_old 1")),
            "{fact}: {rejected:?}"
        );
    }
}

#[test]
fn only_what_happened_up_to_the_horizon_is_too_old() {
    let mut ledger = LedgerHarness::new();
    ledger.take(&call());
    ledger.pass(36 * DAY_MS);
    let horizon_ms = ledger.account.meta.eviction_watermark_ms.unwrap();
    // The horizon is the last news of what was forgotten, not the time of forgetting.
    assert!(horizon_ms < START_MS + DAY_MS);
    let before = ledger.value("vcc_interactions_total", &[]);
    for (number, start_ms) in [(2, horizon_ms + 1), (3, ledger.now_ms - DAY_MS)] {
        ledger.take(&numbered(&begun(&call(), start_ms), number));
    }
    assert_eq!(rejected(&ledger), 0.0);
    assert_eq!(ledger.value("vcc_interactions_total", &[]), before + 2.0);
    // Of one that began before it and ended after it, only the later facts count.
    ledger.take(&numbered(&begun(&call(), horizon_ms - 10_000), 4));
    assert_eq!(ledger.value("vcc_interactions_total", &[]), before + 3.0);
    assert_eq!(
        ledger.value("vcc_interactions_started_total", &[]),
        before + 2.0
    );
    let rejected = ledger.samples("vcc_facts_rejected_total");
    assert!(
        rejected.contains(&"fact=started reason=too_old 1".to_owned()),
        "{rejected:?}"
    );
    assert!(
        !rejected.iter().any(|line| line.contains("fact=ended")),
        "{rejected:?}"
    );
}

#[test]
fn late_facts_of_a_row_that_is_remembered_count_whatever_the_horizon() {
    let mut ledger = LedgerHarness::new();
    let long = begun(&waiting(), START_MS - DAY_MS / 2);
    let mut case = numbered(&long, 2);
    case["medium"] = json!("Web Chat");
    ledger.take_all([&call(), &case]);
    ledger.pass(20 * DAY_MS);
    // News keep the row while the other one is forgotten.
    let mut talked = numbered(&begun(&talking(), START_MS - DAY_MS / 2), 2);
    talked["medium"] = json!("Web Chat");
    ledger.take(&talked);
    ledger.pass(16 * DAY_MS);
    assert!(ledger.account.meta.eviction_watermark_ms.is_some());
    let mut ended = numbered(&begun(&call(), START_MS - DAY_MS / 2), 2);
    ended["medium"] = json!("Web Chat");
    ledger.take(&ended);
    assert_eq!(
        ledger.value("vcc_interactions_total", &[("medium", "Web Chat")]),
        1.0
    );
    assert_eq!(rejected(&ledger), 0.0);
}

#[test]
fn an_outage_of_forty_days_forgets_nothing_because_the_cursor_stood_still() {
    let mut ledger = LedgerHarness::new();
    ledger.take_all([&call(), &numbered(&waiting(), 2)]);
    ledger.pass(1_000);
    let counted = ledger.business();
    ledger.now_ms += 40 * DAY_MS;
    ledger.maintain();
    assert_eq!(
        (
            ledger.account.meta.rows,
            ledger.account.meta.eviction_watermark_ms
        ),
        (2, None)
    );
    assert_eq!(ledger.account.open_count(), 1, "nothing expires either");
    ledger.take(&call());
    assert_eq!(ledger.business(), counted);
}

#[test]
fn open_rows_are_kept_and_expired_ones_twice_as_long_as_closed_ones() {
    let mut ledger = LedgerHarness::with(START_MS - DAY_MS, |rules| rules.expire_ms = 300 * DAY_MS);
    let mut case = numbered(&waiting(), 2);
    case["medium"] = json!("Web Chat");
    ledger.take_all([&waiting(), &case]);
    ledger.pass(2 * DAY_MS);
    ledger.pass(60 * DAY_MS);
    assert_eq!(ledger.account.meta.rows, 2);
    ledger.pass(9 * DAY_MS);
    assert_eq!(ledger.account.meta.rows, 1);
    ledger.pass(130 * DAY_MS);
    assert_eq!(
        (ledger.account.meta.rows, ledger.account.open_count()),
        (1, 1)
    );
}

#[test]
fn a_conversation_is_remembered_as_long_as_it_is_heard_of() {
    let mut ledger = LedgerHarness::new();
    let mut number = 0;
    let mut again = |ledger: &mut LedgerHarness| {
        number += 1;
        let mut item = numbered(&begun(&call(), ledger.now_ms - 100_000), number);
        item["conversationGuid"] = call()["conversationGuid"].clone();
        ledger.take(&item);
        ledger.value("vcc_conversations_started_total", &[])
    };
    assert_eq!(again(&mut ledger), 1.0);
    ledger.pass(30 * DAY_MS);
    assert_eq!(again(&mut ledger), 1.0);
    ledger.pass(30 * DAY_MS);
    ledger.reopen();
    assert_eq!(again(&mut ledger), 1.0);
    // Nothing of it for longer than the retention: what comes then is another one.
    ledger.pass(36 * DAY_MS);
    assert_eq!(again(&mut ledger), 2.0);
}

#[test]
fn what_only_reading_again_finds_is_counted_as_recovered() {
    let mut ledger = LedgerHarness::new();
    ledger.take(&talking());
    ledger.recovering = true;
    ledger.take(&talking());
    assert_eq!(ledger.value("vcc_recovered_facts_total", &[]), 0.0);
    ledger.take(&call());
    let recovered = ledger.samples("vcc_recovered_facts_total");
    assert!(
        recovered.contains(&"fact=ended 1".to_owned()),
        "{recovered:?}"
    );
    assert!(
        !recovered.iter().any(|line| line.contains("started")),
        "{recovered:?}"
    );
    assert_eq!(ledger.value("vcc_interactions_total", &[]), 1.0);
}
