//! What versions say about the end, about what still runs, and about what comes days later.

use serde_json::{Value, json};

use vcc_test_support::item::*;
use vcc_test_support::ledger_harness::LedgerHarness;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn ended(ledger: &LedgerHarness) -> f64 {
    ledger.value("vcc_interactions_total", &[])
}

/// Whatever comes first, the totals are the same; here of two versions, both ways.
fn both_ways(first: &Value, second: &Value, check: impl Fn(&LedgerHarness)) {
    for [a, b] in [[first, second], [second, first]] {
        let mut ledger = LedgerHarness::new();
        ledger.take(a);
        ledger.take(b);
        check(&ledger);
    }
}

#[test]
fn an_end_without_a_status_ends_also_what_was_called_ongoing() {
    for status in [Value::Null, json!("Archived")] {
        let mut over = call();
        over["status"] = status;
        both_ways(&talking(), &over, |ledger| assert_eq!(ended(ledger), 1.0));
    }
}

#[test]
fn an_older_version_does_not_reopen_what_waits_for_its_last_channel() {
    let mut over = call();
    over["status"] = Value::Null;
    over["channels"][1]["duration"] = Value::Null;
    over["channels"][1]["endReason"] = Value::Null;
    let mut ledger = LedgerHarness::new();
    ledger.take(&over);
    ledger.take(&talking());
    ledger.pass(HOUR_MS);
    assert_eq!(ended(&ledger), 1.0);
    assert_eq!(ledger.value("vcc_interactions_expired_total", &[]), 0.0);
}

#[test]
fn running_values_are_never_taken_for_final_ones() {
    let mut running = call();
    running["status"] = json!("Ongoing");
    running["duration"] = json!(30_000);
    running["talkTime"] = json!(14_000);
    for channel in running["channels"].as_array_mut().unwrap() {
        channel["endReason"] = Value::Null;
        channel["duration"] = json!(18_000);
    }
    let mut over = call();
    for field in ["duration", "talkTime", "handleTime"] {
        over[field] = Value::Null;
    }
    for field in ["duration", "endReason", "handleTime"] {
        over["channels"][1][field] = Value::Null;
    }
    for event in over["channels"][1]["events"].as_array_mut().unwrap() {
        event["duration"] = Value::Null;
    }
    let mut ledger = LedgerHarness::new();
    ledger.take(&running);
    ledger.take(&over);
    assert_eq!(ended(&ledger), 0.0);
    ledger.pass(HOUR_MS);
    assert_eq!(ended(&ledger), 1.0);
    for family in [
        "vcc_interaction_duration_seconds",
        "vcc_interaction_talk_seconds",
        "vcc_agent_handle_seconds",
        "vcc_agent_ring_seconds",
    ] {
        assert_eq!(
            ledger.value(&format!("{family}_count"), &[]),
            0.0,
            "{family}"
        );
    }
    assert_eq!(ledger.value("vcc_interaction_corrections_total", &[]), 0.0);
}

#[test]
fn two_channels_of_one_guid_are_two() {
    let mut item = call();
    let twin = item["channels"][0].clone();
    item["channels"].as_array_mut().unwrap().insert(1, twin);
    let mut ledger = LedgerHarness::new();
    ledger.take(&item);
    ledger.take(&item);
    assert_eq!(ledger.value("vcc_queue_entries_total", &[]), 2.0);
    assert_eq!(ledger.value("vcc_channels_ended_total", &[]), 3.0);
}

/// The call with this event in its agent's channel.
fn with_event(kind: &str, properties: Value) -> Value {
    let mut item = call();
    let mut event = event(kind, 56_001, 0);
    event["properties"] = properties;
    let events = item["channels"][1]["events"].as_array_mut().unwrap();
    events.push(event);
    item
}

#[test]
fn a_rating_counts_when_it_is_given_days_after_the_end_and_once() {
    let mut ledger = LedgerHarness::new();
    ledger.take(&with_event("CallRating", json!({ "classification": null })));
    assert_eq!(ledger.value("vcc_call_quality_ratings_total", &[]), 0.0);
    ledger.pass(5 * DAY_MS);
    for _ in 0..2 {
        ledger.take(&with_event("CallRating", json!({ "classification": "4" })));
    }
    assert_eq!(
        ledger.value("vcc_call_quality_ratings_total", &[("score", "4")]),
        1.0
    );
    assert_eq!(ledger.value("vcc_call_quality_score_sum", &[]), 4.0);
    // Another one is a contradiction, and changes nothing.
    ledger.take(&with_event("CallRating", json!({ "classification": 2 })));
    assert_eq!(ledger.value("vcc_call_quality_ratings_total", &[]), 1.0);
    assert_eq!(
        ledger.samples("vcc_interaction_corrections_total"),
        ["fact=rating 1"]
    );
}

#[test]
fn a_disposition_that_is_told_days_later_counts_under_the_frozen_labels() {
    let mut ledger = LedgerHarness::new();
    ledger.take(&call());
    ledger.pass(5 * DAY_MS);
    let mut late = with_event("Disposition", json!({ "disposition": "Sale" }));
    late["medium"] = json!("Telex");
    ledger.take(&late);
    assert_eq!(
        ledger.samples("vcc_dispositions_total"),
        ["disposition=Sale medium=Phone 1"]
    );
}

#[test]
fn a_second_row_of_a_forgotten_interaction_counts_nothing_again() {
    let mut item = call();
    item["channels"][1]["duration"] = Value::Null;
    item["channels"][1]["endReason"] = Value::Null;
    let mut ledger = LedgerHarness::new();
    ledger.take(&item);
    ledger.pass(HOUR_MS);
    assert_eq!(ended(&ledger), 1.0);
    let business = ledger.business();
    ledger.pass(40 * DAY_MS);
    assert_eq!(ledger.account.meta.rows, 0, "it is forgotten");
    // It comes again, still without its last end, and that end is waited for once more.
    ledger.take(&item);
    ledger.pass(2 * HOUR_MS);
    assert_eq!(ended(&ledger), 1.0);
    let mut after = ledger.business();
    after.retain(|(name, _), _| name != "vcc_facts_rejected_total");
    assert_eq!(after, business);
}

/// A page broken as the vendor published one: a key without its closing quote, a total of two
/// where there are three, and a last item without a status.
#[test]
fn a_page_broken_like_the_published_example_costs_one_record() {
    let mut third = numbered(&call(), 3);
    third.as_object_mut().unwrap().remove("status");
    third["channels"][0]
        .as_object_mut()
        .unwrap()
        .remove("handleTime");
    let items = [numbered(&call(), 1), numbered(&call(), 2), third];
    let page = json!({
        "meta": { "page": 1, "count": 3, "pageCount": 1, "totalCount": 2 },
        "items": items,
        "upTo": time(START_MS + HOUR_MS),
    });
    let text = serde_json::to_string_pretty(&page).unwrap();
    let second = text.match_indices("\"talkTime\": ").nth(1).unwrap().0;
    let broken = format!("{}\"talkTime!: {}", &text[..second], &text[second + 12..]);

    let mut ledger = LedgerHarness::new();
    ledger.take(&numbered(&call(), 10));
    ledger.take_broken(broken.as_bytes());
    ledger.take(&numbered(&call(), 11));
    assert_eq!(ended(&ledger), 4.0, "two of three, and both good pages");
    // Asked for again and whole, it adds what was missing and nothing else.
    ledger.take_body(text.as_bytes());
    assert_eq!(ended(&ledger), 5.0);
}

/// What an event says of itself may be told later, like any label; until then it waits.
#[test]
fn a_null_of_an_event_waits_until_it_is_told_or_the_interaction_has_ended() {
    let events = |told: bool| {
        let text = |text: &str| if told { json!(text) } else { Value::Null };
        let with = |kind: &str, name: Value, properties: Value| json!({ "type": kind, "offset": 20_000, "name": name, "duration": 100, "properties": properties });
        [
            with("Held", Value::Null, json!({ "type": text("Parked") })),
            with("Monitoring", Value::Null, json!({ "type": text("Coach") })),
            with(
                "Disposition",
                Value::Null,
                json!({ "disposition": text("Sale") }),
            ),
            with("Applet", Value::Null, json!({ "appletType": text("Menu") })),
            with(
                "VoicemailRecording",
                Value::Null,
                json!({ "appletType": text("VoiceMail") }),
            ),
            with(
                "InteractionPlan",
                text("Plan"),
                json!({ "reportingGroup": text("West") }),
            ),
            with(
                "AudioProblemReported",
                Value::Null,
                json!({ "classification": text("Echo") }),
            ),
            with(
                "DeliveryFailed",
                Value::Null,
                json!({ "type": text("Busy") }),
            ),
            with(
                "VirtualAssistant",
                text("Bot"),
                json!({ "result": text("Resolved"), "messageCount": 3 }),
            ),
        ]
    };
    let version = |item: Value, told: bool| {
        let mut item = item;
        // The customer's channel is over, the interaction need not be.
        item["channels"][0]["endReason"] = json!("Released");
        item["channels"][0]["duration"] = json!(56_000);
        events(told)
            .into_iter()
            .for_each(|event| push_event(&mut item, event));
        item
    };
    let families = [
        ("vcc_hold_seconds_count", "kind", "Parked"),
        ("vcc_monitoring_seconds_count", "kind", "Coach"),
        ("vcc_dispositions_total", "disposition", "Sale"),
        ("vcc_applets_total", "applet_type", "Menu"),
        ("vcc_voicemails_total", "applet_type", "VoiceMail"),
        ("vcc_interaction_plans_total", "interaction_plan", "Plan"),
        ("vcc_audio_problems_total", "classification", "Echo"),
        ("vcc_delivery_failures_total", "kind", "Busy"),
        ("vcc_virtual_assistant_sessions_total", "result", "Resolved"),
        ("vcc_virtual_assistant_seconds_count", "assistant", "Bot"),
    ];
    let (silent, told) = (version(talking(), false), version(talking(), true));
    let mut waits = LedgerHarness::new();
    waits.take(&silent);
    for (family, ..) in families {
        assert_eq!(waits.value(family, &[]), 0.0, "{family} does not wait");
    }
    both_ways(&silent, &told, |ledger| {
        for (family, label, value) in families {
            assert_eq!(ledger.value(family, &[(label, value)]), 1.0, "{family}");
            assert_eq!(ledger.value(family, &[]), 1.0, "{family}");
        }
        assert_eq!(ledger.value("vcc_interaction_corrections_total", &[]), 0.0);
    });
    let mut never = LedgerHarness::new();
    never.take(&silent);
    never.take(&version(call(), false));
    for (family, label, _) in families {
        assert_eq!(never.value(family, &[(label, "none")]), 1.0, "{family}");
    }
}
