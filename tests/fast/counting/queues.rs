//! The queues a wait stands for, what is born with them, and waits that are not the customer's.

use std::collections::BTreeSet;

use serde_json::json;

use super::waits::level;
use vcc_test_support::item::*;
use vcc_test_support::ledger_harness::LedgerHarness;

#[test]
fn a_wait_counts_once_overall_and_once_per_distinct_queue_it_names() {
    for (queues, distinct) in [
        (vec![], vec!["none"]),
        (vec!["Sales"], vec!["Sales"]),
        (vec!["Sales", "Orders"], vec!["Orders", "Sales"]),
        (
            vec!["Sales", "Orders", "Sales", "Sales"],
            vec!["Orders", "Sales"],
        ),
    ] {
        let mut item = waited(Some("Delivered"), Some(10_000), None);
        *wait_mut(&mut item) = queue(
            6_000,
            Some(10_000),
            Some("Delivered"),
            &queues,
            Some(20_000),
        );
        let mut ledger = LedgerHarness::new();
        ledger.take(&item);
        for name in [
            "vcc_queue_entries_total",
            "vcc_queue_exits_total",
            "vcc_queue_wait_seconds_count",
        ] {
            assert_eq!(
                ledger.value(name, &[]),
                distinct.len() as f64,
                "{name} {queues:?}"
            );
            for queue in &distinct {
                assert_eq!(
                    ledger.value(name, &[("virtual_queue", queue)]),
                    1.0,
                    "{name} {queue}"
                );
            }
        }
        assert_eq!(ledger.value("vcc_acd_queue_exits_total", &[]), 1.0);
        assert_eq!(ledger.value("vcc_acd_queue_wait_seconds_sum", &[]), 10.0);
        let named = distinct.iter().filter(|queue| **queue != "none").count() as f64;
        assert_eq!(level(&ledger), (named, named));
    }
}

#[test]
fn overall_the_shortest_target_counts_and_per_queue_its_own() {
    let mut item = waited(Some("Delivered"), Some(10_000), None);
    *wait_mut(&mut item) = queue(
        6_000,
        Some(15_000),
        Some("Delivered"),
        &["Sales", "Orders"],
        Some(20_000),
    );
    wait_mut(&mut item)["properties"]["targets"][1]["targetTimeToAnswer"] = json!("10000");
    let mut ledger = LedgerHarness::new();
    ledger.take(&item);
    assert_eq!(
        ledger.value("vcc_acd_queue_exits_total", &[("timing", "late")]),
        1.0
    );
    let exits = |queue, timing| {
        ledger.value(
            "vcc_queue_exits_total",
            &[("virtual_queue", queue), ("timing", timing)],
        )
    };
    assert_eq!(
        (exits("Sales", "within"), exits("Orders", "late")),
        (1.0, 1.0)
    );
    assert_eq!(level(&ledger), (2.0, 1.0));
}

#[test]
fn an_agents_wait_is_never_the_customers() {
    let mut item = call();
    let mut event = queue(
        30_000,
        Some(7_000),
        Some("HangUp"),
        &["Sales"],
        Some(20_000),
    );
    event["type"] = json!("AgentQueue");
    item["channels"][1]["events"]
        .as_array_mut()
        .unwrap()
        .push(event);
    let mut without = LedgerHarness::new();
    without.take(&call());
    let mut ledger = LedgerHarness::new();
    ledger.take(&item);
    let line = "direction=Inbound medium=Phone reporting_group=North";
    assert_eq!(
        ledger.samples("vcc_agent_queue_exits_total"),
        [format!(
            "{line} result=HangUp timing=within virtual_queue=Sales 1"
        )]
    );
    assert_eq!(
        ledger.samples("vcc_agent_queue_wait_seconds_sum"),
        [format!("category=abandoned {line} virtual_queue=Sales 7")]
    );
    let mut customers = ledger.business();
    let agents = [("type".to_owned(), "AgentQueue".to_owned())].into();
    assert_eq!(
        customers.remove(&("vcc_events_total".to_owned(), agents)),
        Some("1".to_owned())
    );
    customers.retain(|(name, _), _| !name.starts_with("vcc_agent_queue"));
    assert_eq!(customers, without.business());
}

#[test]
fn the_series_of_a_queue_are_born_together_at_zero() {
    let mut ledger = LedgerHarness::new();
    ledger.take(&waiting());
    let shown = ledger.shown();
    let values = |name: &str, label: [&str; 2]| -> BTreeSet<String> {
        let samples = &shown.0[name];
        assert!(samples.values().all(|value| value == "0"), "{name}");
        samples
            .keys()
            .map(|labels| label.map(|l| labels.get(l).map_or("", |v| v)).join(" "))
            .collect()
    };
    let set = |texts: &[&str]| texts.iter().map(|t| t.to_string()).collect::<BTreeSet<_>>();
    assert_eq!(
        values("vcc_queue_exits_total", ["result", "timing"]),
        set(&[
            "Delivered within",
            "Delivered late",
            "Delivered no_target",
            "HangUp within",
            "HangUp late",
            "HangUp no_target",
            "HangUp short"
        ])
    );
    assert_eq!(
        values(
            "vcc_queue_wait_seconds_count",
            ["virtual_queue", "category"]
        ),
        set(&["Orders answered", "Orders abandoned", "Orders breakout"])
    );
    for name in [
        "vcc_service_level_eligible_total",
        "vcc_service_level_met_total",
    ] {
        assert_eq!(
            values(name, ["virtual_queue", "reporting_group"]),
            set(&["Orders North"])
        );
    }
    let mut ledger = LedgerHarness::new();
    ledger.take(&talking());
    let acd = &ledger.shown().0["vcc_acd_queue_exits_total"];
    assert_eq!(acd.len(), 7);
    assert_eq!(
        ledger.shown().0["vcc_acd_queue_wait_seconds_count"].len(),
        3
    );
}

#[test]
fn every_wait_asks_for_its_skills_once() {
    let mut item = waiting();
    wait_mut(&mut item)["properties"]["presentedSkills"] = json!(["French", "Billing", null]);
    let mut ledger = LedgerHarness::new();
    let mut unnamed = item.clone();
    unnamed["channels"][0]["events"][1]["properties"]["presentedSkills"] = json!([]);
    ledger.take_all([&unnamed, &item, &item, &unnamed]);
    assert_eq!(
        ledger.samples("vcc_queue_skill_requests_total"),
        ["skill=Billing 1", "skill=French 1"]
    );
}
