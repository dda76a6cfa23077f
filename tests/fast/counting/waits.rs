//! Waits: category, timing, service level, the virtual queues they stand for, and who waits.

use serde_json::json;
use vcc_core::ledger::Rules;

use vcc_test_support::item::*;
use vcc_test_support::ledger_harness::LedgerHarness;

/// Each documented result with its category and whether it is in the service level's denominator
/// when breakouts are, and when they are not.
const RESULTS: [(&str, &str, [bool; 2]); 10] = [
    ("Delivered", "answered", [true, true]),
    ("HangUp", "abandoned", [true, true]),
    ("AgentDeclineBreakout", "breakout", [true, false]),
    ("NoAgentsBreakout", "breakout", [true, false]),
    ("QueueCapacityBreakout", "breakout", [true, false]),
    ("QueueTimeBreakout", "breakout", [true, false]),
    ("VoluntaryBreakout", "breakout", [true, false]),
    ("MaxEstimatedWaitTime", "breakout", [true, false]),
    ("AgentRecall", "agent", [false, false]),
    ("AgentTransfer", "agent", [false, false]),
];

fn ledger(adjust: impl FnOnce(&mut Rules)) -> LedgerHarness {
    LedgerHarness::with(START_MS - 86_400_000, adjust)
}

pub(super) fn level(ledger: &LedgerHarness) -> (f64, f64) {
    let value = |name| ledger.value(name, &[]);
    (
        value("vcc_service_level_eligible_total"),
        value("vcc_service_level_met_total"),
    )
}

#[test]
fn every_result_has_its_category_and_its_place_in_the_service_level() {
    for (result, category, eligible) in RESULTS {
        for (ignored, eligible) in [false, true].into_iter().zip(eligible) {
            for (wait_ms, met) in [(20_000, result == "Delivered"), (20_001, false)] {
                let mut ledger = ledger(|rules| rules.count_breakouts = !ignored);
                ledger.take(&waited(Some(result), Some(wait_ms), Some(20_000)));
                let wanted = (f64::from(u8::from(eligible)), f64::from(u8::from(met)));
                assert_eq!(
                    level(&ledger),
                    wanted,
                    "{result} {wait_ms} ignored: {ignored}"
                );
                for family in ["vcc_queue_wait", "vcc_acd_queue_wait"] {
                    let name = format!("{family}_seconds_count");
                    assert_eq!(
                        ledger.value(&name, &[("category", category)]),
                        1.0,
                        "{result}"
                    );
                    assert_eq!(ledger.value(&name, &[]), 1.0, "{result}");
                }
                assert_eq!(
                    ledger.value("vcc_queue_exits_total", &[("result", result)]),
                    1.0
                );
            }
        }
    }
}

#[test]
fn an_unknown_result_keeps_its_name_and_is_never_eligible() {
    let mut ledger = LedgerHarness::new();
    ledger.take(&waited(Some("TakenByRobot"), Some(1_000), Some(20_000)));
    assert_eq!(
        ledger.value("vcc_acd_queue_exits_total", &[("result", "TakenByRobot")]),
        1.0
    );
    assert_eq!(
        ledger.value("vcc_queue_wait_seconds_count", &[("category", "unknown")]),
        1.0
    );
    assert_eq!(level(&ledger), (0.0, 0.0));
    let mut other_case = LedgerHarness::new();
    other_case.take(&waited(Some("hangup"), Some(9_000), None));
    assert_eq!(
        other_case.value("vcc_acd_queue_exits_total", &[("result", "HangUp")]),
        1.0
    );
}

#[test]
fn timing_is_within_up_to_the_target_and_short_below_five_seconds() {
    let target = Some(20_000);
    for (result, wait_ms, target, timing, eligible) in [
        ("Delivered", 0, target, "within", 1.0),
        ("Delivered", 20_000, target, "within", 1.0),
        ("Delivered", 20_001, target, "late", 1.0),
        ("Delivered", 4_999, target, "within", 1.0),
        ("Delivered", 1_000, None, "no_target", 0.0),
        ("Delivered", 0, Some(0), "within", 1.0),
        ("Delivered", 1, Some(0), "late", 1.0),
        ("HangUp", 0, target, "short", 0.0),
        ("HangUp", 4_999, target, "short", 0.0),
        ("HangUp", 5_000, target, "within", 1.0),
        ("HangUp", 20_001, target, "late", 1.0),
        ("HangUp", 4_999, None, "short", 0.0),
        ("HangUp", 5_000, None, "no_target", 0.0),
        ("QueueTimeBreakout", 1_000, target, "within", 1.0),
    ] {
        let mut ledger = LedgerHarness::new();
        ledger.take(&waited(Some(result), Some(wait_ms), target));
        let what = format!("{result} {wait_ms} {target:?}");
        for name in ["vcc_acd_queue_exits_total", "vcc_queue_exits_total"] {
            assert_eq!(
                ledger.value(name, &[("result", result), ("timing", timing)]),
                1.0,
                "{what}"
            );
            assert_eq!(ledger.value(name, &[]), 1.0, "{what}");
        }
        assert_eq!(level(&ledger).0, eligible, "{what}");
    }
    let mut ledger = ledger(|rules| rules.short_abandon_ms = 0);
    ledger.take(&waited(Some("HangUp"), Some(0), target));
    assert_eq!(
        ledger.value("vcc_queue_exits_total", &[("timing", "within")]),
        1.0
    );
}

#[test]
fn the_records_own_target_comes_before_the_configured_ones() {
    let timing = |own, adjust: fn(&mut Rules)| {
        let mut ledger = ledger(adjust);
        ledger.take(&waited(Some("Delivered"), Some(10_000), own));
        let timings = ["within", "late", "no_target"];
        let shown =
            timings.map(|timing| ledger.value("vcc_queue_exits_total", &[("timing", timing)]));
        assert_eq!(
            shown,
            timings.map(|t| ledger.value("vcc_acd_queue_exits_total", &[("timing", t)]))
        );
        timings[shown.iter().position(|count| *count == 1.0).unwrap()]
    };
    let queue = |rules: &mut Rules| {
        rules.targets = [("Orders".to_owned(), 10_000)].into();
    };
    let other = |rules: &mut Rules| {
        rules.targets = [("Sales".to_owned(), 10_000)].into();
    };
    let default = |rules: &mut Rules| rules.default_target_ms = Some(9_999);
    assert_eq!(timing(None, |_| {}), "no_target");
    assert_eq!(timing(None, queue), "within");
    assert_eq!(timing(None, other), "no_target");
    assert_eq!(timing(None, default), "late");
    assert_eq!(timing(Some(9_999), queue), "late");
    assert_eq!(timing(Some(10_000), default), "within");
}

#[test]
fn numbers_as_text_other_letter_case_and_unknown_parts_are_normal() {
    let mut item = call();
    item["duration"] = json!("60000");
    item["talkTime"] = json!(40_000.0);
    item["handleTime"] = json!(" 46000 ");
    item["direction"] = json!("inbound");
    item["sentiment"] = json!({"score": [0.5, null]});
    item["start"] = json!("2026-02-04T09:30:00.0000000Z");
    item["channels"][0]["party"]["role"] = json!("EXTERNAL");
    item["channels"][1]["party"]["role"] = json!("agent");
    wait_mut(&mut item)["type"] = json!("queue");
    wait_mut(&mut item)["duration"] = json!("10000");
    wait_mut(&mut item)["properties"]["result"] = json!("delivered");
    wait_mut(&mut item)["properties"]["somethingNew"] = json!([[]]);
    push_event(
        &mut item,
        json!({"type": "Teleported", "offset": "x", "properties": {"result": {"deep": 1}}}),
    );
    item["channels"][0]["events"][2]["offset"] = json!(1);
    let mut ledger = LedgerHarness::new();
    ledger.take(&item);
    let mut usual = LedgerHarness::new();
    usual.take(&call());
    let mut business = ledger.business();
    // A type nobody documents counts under its own name.
    let unknown = [("type".to_owned(), "Teleported".to_owned())].into();
    assert_eq!(
        business.remove(&("vcc_events_total".to_owned(), unknown)),
        Some("1".to_owned())
    );
    assert_eq!(business, usual.business());
}
