//! What is too early or too old to count, and what is forgotten when.

use serde_json::{Value, json};

use vcc_test_support::desk::Desk;
use vcc_test_support::item::*;

const DAY_MS: i64 = 86_400_000;

fn rejected(desk: &Desk) -> f64 {
    desk.value("vcc_facts_rejected_total", &[("reason", "too_old")])
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
            let mut desk = Desk::since(START_MS + epoch);
            versions.iter().for_each(|version| desk.take(version));
            let shown = [
                "vcc_interactions_started_total",
                "vcc_queue_entries_total",
                "vcc_queue_exits_total",
                "vcc_interactions_total",
            ];
            assert_eq!(
                shown.map(|name| desk.value(name, &[])),
                counted,
                "epoch {epoch}"
            );
            assert_eq!(rejected(&desk), 0.0);
        }
    }
}

#[test]
fn a_fact_before_the_epoch_stays_there_if_a_later_version_shifts_it() {
    let mut desk = Desk::since(START_MS + 1);
    desk.take(&waiting());
    desk.take(&begun(&waiting(), START_MS + 1));
    assert_eq!(desk.value("vcc_interactions_started_total", &[]), 0.0);
    assert_eq!(desk.value("vcc_conversations_started_total", &[]), 0.0);
    assert_eq!(desk.value("vcc_interaction_corrections_total", &[]), 0.0);

    let mut desk = Desk::since(START_MS + 6_001);
    desk.take(&waiting());
    let mut shifted = waiting();
    wait_mut(&mut shifted)["offset"] = json!(6_002);
    desk.take(&shifted);
    assert_eq!(desk.value("vcc_queue_entries_total", &[]), 0.0);
    assert_eq!(desk.value("vcc_queue_skill_requests_total", &[]), 0.0);
    assert_eq!(desk.value("vcc_interaction_corrections_total", &[]), 0.0);
}

#[test]
fn nothing_of_an_end_before_the_epoch_counts_when_a_longer_duration_is_told() {
    let mut first = call();
    first["talkTime"] = Value::Null;
    first["handleTime"] = Value::Null;
    let mut longer = call();
    longer["duration"] = json!(90_000);
    let mut desk = Desk::since(START_MS + 70_000);
    desk.take(&first);
    desk.take(&longer);
    let business: Vec<_> = desk.business().into_keys().map(|(name, _)| name).collect();
    assert_eq!(business, ["vcc_conversations_started_total"]);
    assert_eq!(desk.value("vcc_conversations_started_total", &[]), 0.0);
}

#[test]
fn a_fresh_state_counts_also_what_is_seventy_days_old() {
    let old = begun(&call(), START_MS - 70 * DAY_MS);
    let mut desk = Desk::since(START_MS - 71 * DAY_MS);
    desk.take(&old);
    let mut usual = Desk::new();
    usual.take(&call());
    assert_eq!(desk.business(), usual.business());
}

#[test]
fn a_closed_row_is_forgotten_after_35_days_without_news_and_its_facts_are_too_old_then() {
    let mut desk = Desk::new();
    desk.take(&call());
    let counted = desk.business();
    desk.pass(35 * DAY_MS);
    assert_eq!(desk.account.meta.rows, 1);
    desk.take(&call());
    assert_eq!(desk.business(), counted);
    desk.pass(2_000);
    assert_eq!(
        (
            desk.account.meta.rows,
            desk.account.meta.horizon_ms.is_some()
        ),
        (0, true)
    );
    desk.reopen();
    desk.take(&call());
    desk.take(&call());
    let mut now = desk.business();
    now.retain(|(name, _), _| name != "vcc_facts_rejected_total");
    assert_eq!(now, counted);
    let rejected = desk.samples("vcc_facts_rejected_total");
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
    let mut desk = Desk::new();
    desk.take(&call());
    desk.pass(36 * DAY_MS);
    let horizon_ms = desk.account.meta.horizon_ms.unwrap();
    // The horizon is the last news of what was forgotten, not the time of forgetting.
    assert!(horizon_ms < START_MS + DAY_MS);
    let before = desk.value("vcc_interactions_total", &[]);
    for (number, start_ms) in [(2, horizon_ms + 1), (3, desk.now_ms - DAY_MS)] {
        desk.take(&numbered(&begun(&call(), start_ms), number));
    }
    assert_eq!(rejected(&desk), 0.0);
    assert_eq!(desk.value("vcc_interactions_total", &[]), before + 2.0);
    // Of one that began before it and ended after it, only the later facts count.
    desk.take(&numbered(&begun(&call(), horizon_ms - 10_000), 4));
    assert_eq!(desk.value("vcc_interactions_total", &[]), before + 3.0);
    assert_eq!(
        desk.value("vcc_interactions_started_total", &[]),
        before + 2.0
    );
    let rejected = desk.samples("vcc_facts_rejected_total");
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
    let mut desk = Desk::new();
    let long = begun(&waiting(), START_MS - DAY_MS / 2);
    let mut case = numbered(&long, 2);
    case["medium"] = json!("Web Chat");
    desk.take_all([&call(), &case]);
    desk.pass(20 * DAY_MS);
    // News keep the row while the other one is forgotten.
    let mut talked = numbered(&begun(&talking(), START_MS - DAY_MS / 2), 2);
    talked["medium"] = json!("Web Chat");
    desk.take(&talked);
    desk.pass(16 * DAY_MS);
    assert!(desk.account.meta.horizon_ms.is_some());
    let mut ended = numbered(&begun(&call(), START_MS - DAY_MS / 2), 2);
    ended["medium"] = json!("Web Chat");
    desk.take(&ended);
    assert_eq!(
        desk.value("vcc_interactions_total", &[("medium", "Web Chat")]),
        1.0
    );
    assert_eq!(rejected(&desk), 0.0);
}

#[test]
fn an_outage_of_forty_days_forgets_nothing_because_the_cursor_stood_still() {
    let mut desk = Desk::new();
    desk.take_all([&call(), &numbered(&waiting(), 2)]);
    desk.pass(1_000);
    let counted = desk.business();
    desk.now_ms += 40 * DAY_MS;
    desk.maintain();
    assert_eq!(
        (desk.account.meta.rows, desk.account.meta.horizon_ms),
        (2, None)
    );
    assert_eq!(desk.account.open_count(), 1, "nothing expires either");
    desk.take(&call());
    assert_eq!(desk.business(), counted);
}

#[test]
fn open_rows_are_kept_and_expired_ones_twice_as_long_as_closed_ones() {
    let mut desk = Desk::with(START_MS - DAY_MS, |rules| rules.expire_ms = 300 * DAY_MS);
    let mut case = numbered(&waiting(), 2);
    case["medium"] = json!("Web Chat");
    desk.take_all([&waiting(), &case]);
    desk.pass(2 * DAY_MS);
    desk.pass(60 * DAY_MS);
    assert_eq!(desk.account.meta.rows, 2);
    desk.pass(9 * DAY_MS);
    assert_eq!(desk.account.meta.rows, 1);
    desk.pass(130 * DAY_MS);
    assert_eq!((desk.account.meta.rows, desk.account.open_count()), (1, 1));
}

#[test]
fn a_conversation_is_remembered_as_long_as_it_is_heard_of() {
    let mut desk = Desk::new();
    let mut number = 0;
    let mut again = |desk: &mut Desk| {
        number += 1;
        let mut item = numbered(&begun(&call(), desk.now_ms - 100_000), number);
        item["conversationGuid"] = call()["conversationGuid"].clone();
        desk.take(&item);
        desk.value("vcc_conversations_started_total", &[])
    };
    assert_eq!(again(&mut desk), 1.0);
    desk.pass(30 * DAY_MS);
    assert_eq!(again(&mut desk), 1.0);
    desk.pass(30 * DAY_MS);
    desk.reopen();
    assert_eq!(again(&mut desk), 1.0);
    // Nothing of it for longer than the retention: what comes then is another one.
    desk.pass(36 * DAY_MS);
    assert_eq!(again(&mut desk), 2.0);
}

#[test]
fn what_only_reading_again_finds_is_counted_as_recovered() {
    let mut desk = Desk::new();
    desk.take(&talking());
    desk.recovering = true;
    desk.take(&talking());
    assert_eq!(desk.value("vcc_recovered_facts_total", &[]), 0.0);
    desk.take(&call());
    let recovered = desk.samples("vcc_recovered_facts_total");
    assert!(
        recovered.contains(&"fact=ended 1".to_owned()),
        "{recovered:?}"
    );
    assert!(
        !recovered.iter().any(|line| line.contains("started")),
        "{recovered:?}"
    );
    assert_eq!(desk.value("vcc_interactions_total", &[]), 1.0);
}
