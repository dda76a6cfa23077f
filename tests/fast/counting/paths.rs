//! How an interaction went as a whole: its path, transfers, requeues, the time to an agent.

use serde_json::{Value, json};

use vcc_test_support::item::*;
use vcc_test_support::ledger_harness::LedgerHarness;

fn path(item: &Value) -> String {
    let mut ledger = LedgerHarness::new();
    ledger.take(item);
    let samples = ledger.samples("vcc_interactions_total");
    assert_eq!(samples.len(), 1, "{samples:?}");
    let path = samples[0]
        .split(' ')
        .find_map(|pair| pair.strip_prefix("path="));
    path.unwrap().to_owned()
}

fn without_queue(mut item: Value) -> Value {
    item["channels"][0]["events"]
        .as_array_mut()
        .unwrap()
        .truncate(1);
    item
}

fn with_channel(mut item: Value, channel: Value) -> Value {
    item["channels"].as_array_mut().unwrap().push(channel);
    item
}

fn outbound(mut item: Value) -> Value {
    item["direction"] = json!("Outbound");
    item
}

/// The customer was never connected.
fn unreached(mut item: Value) -> Value {
    item["channels"][0]["events"] = json!([event("Ringing", 0, 20_000)]);
    item
}

#[test]
fn every_path_has_its_way() {
    let failed = |mut item: Value| {
        item["status"] = json!("InternalError");
        item
    };
    let hung_up = waited(Some("HangUp"), Some(10_000), None);
    let full = waited(Some("QueueCapacityBreakout"), Some(0), None);
    let transferred = waited(Some("AgentTransfer"), Some(10_000), None);
    let requeued_in_vain = {
        let mut item = call();
        push_event(
            &mut item,
            queue(58_000, Some(1_000), Some("HangUp"), &["Orders"], None),
        );
        item
    };
    for (wanted, item) in [
        ("handled", call()),
        ("handled", without_queue(call())),
        ("handled", outbound(call())),
        ("handled", requeued_in_vain),
        ("abandoned", hung_up.clone()),
        ("abandoned", with_channel(hung_up.clone(), unanswered("08"))),
        ("breakout", full.clone()),
        ("breakout", with_channel(full, unanswered("08"))),
        (
            "agent_unanswered",
            with_channel(without_queue(waited(None, None, None)), unanswered("08")),
        ),
        (
            "agent_unanswered",
            with_channel(transferred.clone(), unanswered("08")),
        ),
        ("unconnected", unreached(outbound(call()))),
        ("self_service", without_queue(waited(None, None, None))),
        ("failed", failed(call())),
        ("failed", failed(hung_up)),
        ("unknown", transferred),
        ("unknown", waited(None, None, None)),
        ("unknown", waited(Some("SomethingNew"), Some(1_000), None)),
    ] {
        assert_eq!(path(&item), wanted, "{item}");
    }
}

#[test]
fn the_last_wait_decides_by_offset_and_not_by_its_place() {
    let mut item = waited(Some("HangUp"), Some(10_000), None);
    push_event(
        &mut item,
        queue(
            1_000,
            Some(2_000),
            Some("QueueTimeBreakout"),
            &["Sales"],
            None,
        ),
    );
    assert_eq!(path(&item), "abandoned");
    push_event(
        &mut item,
        queue(
            20_000,
            Some(2_000),
            Some("QueueTimeBreakout"),
            &["Sales"],
            None,
        ),
    );
    assert_eq!(path(&item), "breakout");
}

#[test]
fn an_agent_that_only_listened_in_handled_nothing() {
    let mut item = waited(Some("HangUp"), Some(10_000), None);
    let mut monitor = agent("09", 12_000, 16_000, 40_000);
    monitor["party"]["role"] = json!("Monitor");
    item = with_channel(item, monitor);
    assert_eq!(path(&item), "abandoned");
    let mut ledger = LedgerHarness::new();
    ledger.take(&item);
    assert_eq!(
        ledger.value("vcc_interaction_time_to_agent_seconds_count", &[]),
        0.0
    );
}

fn transfers(item: &Value) -> Vec<String> {
    let mut ledger = LedgerHarness::new();
    ledger.take(item);
    ledger.samples("vcc_interactions_transferred_total")
}

#[test]
fn two_agents_are_a_transfer_unless_the_first_outlasts_the_others() {
    let kind = |kind| {
        vec![format!(
            "direction=Inbound kind={kind} medium=Phone reporting_group=North 1"
        )]
    };
    // The first agent talks from 16 s to 56 s.
    for (from, talked, wanted) in [
        (30_000, 27_000, "transfer"),
        (30_000, 26_000, "transfer"),
        (30_000, 25_999, "consult"),
        (30_000, 10_000, "consult"),
        (56_000, 0, "transfer"),
    ] {
        let item = with_channel(call(), agent("08", from - 4_000, from, talked));
        assert_eq!(transfers(&item), kind(wanted), "{from} {talked}");
    }
    // Wrap-up says nothing about who stayed with the customer.
    let mut item = with_channel(call(), agent("08", 26_000, 30_000, 27_000));
    item["channels"][1]["events"][2]["duration"] = json!(600_000);
    assert_eq!(transfers(&item), kind("transfer"));
    // Of two in whichever order of channels, the earlier connection is the first agent's.
    let mut item = with_channel(call(), agent("08", 2_000, 5_000, 55_000));
    item["channels"].as_array_mut().unwrap().swap(1, 2);
    assert_eq!(transfers(&item), kind("consult"));
}

#[test]
fn one_agent_twice_or_one_that_never_connected_is_no_transfer() {
    let mut again = agent("08", 40_000, 50_000, 6_000);
    again["party"]["id"] = json!("07");
    assert_eq!(
        transfers(&with_channel(call(), again)),
        Vec::<String>::new()
    );
    assert_eq!(
        transfers(&with_channel(call(), unanswered("08"))),
        Vec::<String>::new()
    );
}

#[test]
fn both_kinds_of_a_transfer_are_born_with_the_first_end() {
    let mut ledger = LedgerHarness::new();
    ledger.take(&call());
    let shown = ledger.shown();
    let kinds: Vec<_> = shown.0["vcc_interactions_transferred_total"]
        .iter()
        .map(|(l, v)| (l["kind"].as_str(), v.as_str()))
        .collect();
    assert_eq!(kinds, [("consult", "0"), ("transfer", "0")]);
    assert_eq!(ledger.shown().0["vcc_interactions_requeued_total"].len(), 1);
}

#[test]
fn two_waits_of_the_customer_are_a_requeue_and_the_agents_wait_is_none() {
    let requeued = |item: &Value| {
        let mut ledger = LedgerHarness::new();
        ledger.take(item);
        ledger.samples("vcc_interactions_requeued_total")
    };
    let mut item = call();
    push_event(
        &mut item,
        queue(30_000, Some(4_000), Some("Delivered"), &["Sales"], None),
    );
    assert_eq!(
        requeued(&item),
        ["direction=Inbound medium=Phone reporting_group=North 1"]
    );
    push_event(
        &mut item,
        queue(40_000, Some(4_000), Some("Delivered"), &["Sales"], None),
    );
    assert_eq!(
        requeued(&item),
        ["direction=Inbound medium=Phone reporting_group=North 1"]
    );
    let mut item = call();
    let mut event = queue(30_000, Some(4_000), Some("Delivered"), &["Sales"], None);
    event["type"] = json!("AgentQueue");
    push_event(&mut item, event);
    assert_eq!(requeued(&item), Vec::<String>::new());
}

#[test]
fn the_time_to_an_agent_runs_from_the_start_to_the_first_connection() {
    let seconds = |item: &Value| {
        let mut ledger = LedgerHarness::new();
        ledger.take(item);
        let name = |suffix| format!("vcc_interaction_time_to_agent_seconds_{suffix}");
        (
            ledger.value(&name("count"), &[]),
            ledger.value(&name("sum"), &[]),
        )
    };
    assert_eq!(seconds(&call()), (1.0, 16.0));
    assert_eq!(
        seconds(&with_channel(call(), agent("08", 2_000, 5_000, 1_000))),
        (1.0, 5.0)
    );
    assert_eq!(
        seconds(&with_channel(call(), agent("08", 0, 0, 1_000))),
        (1.0, 0.0)
    );
    let lonely = waited(Some("HangUp"), Some(9_000), None);
    assert_eq!(seconds(&with_channel(lonely, unanswered("08"))), (0.0, 0.0));
}

#[test]
fn its_own_virtual_queue_is_the_first_one_named_by_its_last_wait() {
    let own = |item: &Value| {
        let mut ledger = LedgerHarness::new();
        ledger.take(item);
        let shown = ledger.shown();
        let labels: Vec<_> = shown.0["vcc_interactions_total"].keys().collect();
        labels[0]["virtual_queue"].clone()
    };
    let with = |offset, queues: &[&str]| {
        let mut item = call();
        push_event(
            &mut item,
            queue(offset, Some(1_000), Some("Delivered"), queues, None),
        );
        item
    };
    assert_eq!(own(&call()), "Orders");
    assert_eq!(own(&without_queue(call())), "none");
    assert_eq!(own(&with(30_000, &["Sales", "Orders"])), "Sales");
    assert_eq!(
        own(&with(6_000, &["Sales"])),
        "Sales",
        "of equal offsets the last in order"
    );
    assert_eq!(own(&with(5_999, &["Sales"])), "Orders");
    assert_eq!(own(&with(30_000, &[])), "none");
    let mut item = with(30_000, &["Sales"]);
    item["channels"][0]["events"][2]["type"] = json!("AgentQueue");
    assert_eq!(own(&item), "Orders");
}
