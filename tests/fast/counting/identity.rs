//! What makes an event the same event in another version: never more facts than one version holds.

use proptest::prelude::*;
use serde_json::{Value, json};

use vcc_test_support::item::*;
use vcc_test_support::ledger_harness::LedgerHarness;

fn entries(ledger: &LedgerHarness) -> f64 {
    ledger.value("vcc_queue_entries_total", &[])
}

fn corrected(ledger: &LedgerHarness) -> Vec<String> {
    ledger.samples("vcc_interaction_corrections_total")
}

/// The call with a second wait after its first.
fn requeued() -> Value {
    let mut item = call();
    push_event(
        &mut item,
        queue(30_000, Some(4_000), Some("Delivered"), &["Orders"], None),
    );
    item
}

#[test]
fn an_offset_shifted_by_a_millisecond_is_a_correction_and_no_new_wait() {
    for versions in [
        [waiting(), talking()],
        [talking(), talking()],
        [call(), call()],
    ] {
        let [first, mut second] = versions;
        wait_mut(&mut second)["offset"] = json!(6_001);
        let mut ledger = LedgerHarness::new();
        ledger.take(&first);
        ledger.take(&second);
        ledger.take(&second);
        assert_eq!(entries(&ledger), 1.0);
        assert_eq!(corrected(&ledger), ["fact=queue_entry 1"]);
        assert_eq!(ledger.value("vcc_queue_skill_requests_total", &[]), 1.0);
    }
}

#[test]
fn another_name_is_a_correction_and_no_new_wait() {
    let mut renamed = talking();
    wait_mut(&mut renamed)["name"] = json!("ACD 2");
    let mut ledger = LedgerHarness::new();
    ledger.take(&talking());
    ledger.take(&renamed);
    ledger.take(&renamed);
    assert_eq!(entries(&ledger), 1.0);
    assert_eq!(ledger.value("vcc_acd_queue_exits_total", &[]), 1.0);
    assert_eq!(
        ledger.value("vcc_acd_queue_exits_total", &[("acd_queue", "ACD 1")]),
        1.0
    );
    assert_eq!(corrected(&ledger), ["fact=queue_entry 1"]);
}

#[test]
fn a_start_shifted_by_a_millisecond_makes_nothing_new() {
    let mut once = LedgerHarness::new();
    once.take(&call());
    let mut ledger = LedgerHarness::new();
    ledger.take(&waiting());
    ledger.take(&begun(&call(), START_MS + 1));
    ledger.take(&begun(&call(), START_MS + 1));
    assert_eq!(corrected(&ledger), ["fact=started 1"]);
    for name in [
        "vcc_interactions_started_total",
        "vcc_queue_entries_total",
        "vcc_interactions_total",
        "vcc_queue_exits_total",
    ] {
        assert_eq!(ledger.samples(name), once.samples(name), "{name}");
    }
}

#[test]
fn equal_twins_of_events_are_two_facts_in_every_version() {
    let mut item = call();
    let twin = wait(&item).clone();
    push_event(&mut item, twin);
    let mut ledger = LedgerHarness::new();
    for _ in 0..3 {
        ledger.take(&item);
    }
    assert_eq!(entries(&ledger), 2.0);
    assert_eq!(ledger.value("vcc_acd_queue_exits_total", &[]), 2.0);
    assert_eq!(ledger.value("vcc_interactions_requeued_total", &[]), 1.0);
    // A version that lost one of them takes nothing back, and one that has both again adds nothing.
    ledger.take(&call());
    ledger.take(&item);
    assert_eq!(entries(&ledger), 2.0);
    assert_eq!(corrected(&ledger), Vec::<String>::new());
}

#[test]
fn a_later_event_is_new_and_one_inserted_before_is_too() {
    let mut ledger = LedgerHarness::new();
    ledger.take(&talking());
    let mut inserted = talking();
    let earlier = queue(
        1_000,
        Some(2_000),
        Some("QueueTimeBreakout"),
        &["Sales"],
        None,
    );
    inserted["channels"][0]["events"]
        .as_array_mut()
        .unwrap()
        .insert(1, earlier);
    ledger.take(&inserted);
    ledger.take(&inserted);
    let at = |queue| ledger.value("vcc_queue_exits_total", &[("virtual_queue", queue)]);
    assert_eq!((at("Orders"), at("Sales")), (1.0, 1.0));
    assert_eq!(corrected(&ledger), Vec::<String>::new());

    let mut ledger = LedgerHarness::new();
    ledger.take(&talking());
    ledger.take(&requeued());
    ledger.take(&requeued());
    assert_eq!(entries(&ledger), 2.0);
}

#[test]
fn every_event_shifted_at_once_stays_as_many() {
    let mut shifted = requeued();
    for event in shifted["channels"][0]["events"].as_array_mut().unwrap() {
        event["offset"] = json!(event["offset"].as_i64().unwrap() + 1);
    }
    let mut ledger = LedgerHarness::new();
    ledger.take(&requeued());
    ledger.take(&shifted);
    ledger.take(&requeued());
    ledger.take(&shifted);
    assert_eq!(entries(&ledger), 2.0);
    assert_eq!(corrected(&ledger), ["fact=queue_entry 2"]);
}

#[test]
fn channels_keep_their_events_apart_also_without_a_guid() {
    let mut item = call();
    item["channels"][0]["guid"] = Value::Null;
    let mut second = item["channels"][0].clone();
    second["guid"] = Value::Null;
    item["channels"].as_array_mut().unwrap().insert(1, second);
    let mut ledger = LedgerHarness::new();
    ledger.take(&item);
    ledger.take(&item);
    assert_eq!(entries(&ledger), 2.0);
}

#[test]
fn a_guid_in_another_spelling_is_the_same_interaction() {
    let mut ledger = LedgerHarness::new();
    ledger.take(&talking());
    for change in [
        str::to_uppercase as fn(&str) -> String,
        |text| text.replace('-', ""),
        |text| format!("{{{text}}}"),
    ] {
        let mut item = call();
        item["guid"] = json!(change(item["guid"].as_str().unwrap()));
        ledger.take(&item);
    }
    assert_eq!(ledger.value("vcc_interactions_started_total", &[]), 1.0);
    assert_eq!(ledger.value("vcc_interactions_total", &[]), 1.0);
}

/// A version with a queue event at each of these offsets, under one of two names.
fn version(events: &[(i64, bool)], finished: bool) -> Value {
    let mut item = if finished { call() } else { waiting() };
    let list = item["channels"][0]["events"].as_array_mut().unwrap();
    list.truncate(1);
    for (offset, other) in events {
        let mut event = queue(*offset, Some(1_000), Some("Delivered"), &["Orders"], None);
        event["name"] = json!(if *other { "ACD 2" } else { "ACD 1" });
        list.push(event);
    }
    item
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// However the API shifts, renames, drops, repeats and reorders: as many waits are counted as
    /// the fullest version holds, before and after the end.
    #[test]
    fn as_many_facts_count_as_the_fullest_version_holds(
        versions in prop::collection::vec(
            (prop::collection::vec((0_i64..4, any::<bool>()), 0..5), any::<bool>()), 1..8,
        )
    ) {
        let mut ledger = LedgerHarness::new();
        for (events, finished) in &versions {
            ledger.take(&version(events, *finished));
        }
        let fullest = versions.iter().map(|(events, _)| events.len()).max().unwrap_or(0) as f64;
        prop_assert_eq!(entries(&ledger), fullest);
        prop_assert_eq!(ledger.value("vcc_acd_queue_exits_total", &[]), fullest);
        prop_assert_eq!(ledger.value("vcc_acd_queue_wait_seconds_count", &[]), fullest);
    }
}
