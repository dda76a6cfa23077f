//! The families as the operator wants them: narrowed, with renamed values, with agents.

use serde_json::json;
use vcc_core::catalogue::{Family, Label};
use vcc_core::ledger::Rules;

use vcc_test_support::item::*;
use vcc_test_support::ledger_harness::LedgerHarness;

fn shaped(adjust: impl FnOnce(&mut Rules)) -> LedgerHarness {
    LedgerHarness::with(START_MS - 86_400_000, adjust)
}

#[test]
fn a_narrowed_family_lacks_its_labels_and_keeps_its_sums() {
    let mut ledger = shaped(|rules| {
        let dropped = [Label::Outcome, Label::VirtualQueue, Label::ReportingGroup];
        let narrowed = (Family::InteractionTalk, dropped.to_vec());
        rules.family_options.dropped = [narrowed].into();
    });
    for number in 0..6 {
        let mut item = numbered(&call(), number);
        item["outcome"] = json!(format!("Outcome {number}"));
        ledger.take(&item);
    }
    assert_eq!(
        ledger.samples("vcc_interaction_talk_seconds_sum"),
        ["direction=Inbound medium=Phone 240"]
    );
    assert_eq!(ledger.shown().0["vcc_interactions_total"].len(), 6);
    ledger.reopen();
    ledger.take(&numbered(&call(), 7));
    assert_eq!(
        ledger.samples("vcc_interaction_talk_seconds_count"),
        ["direction=Inbound medium=Phone 7"]
    );
}

#[test]
fn a_renamed_queue_goes_on_under_its_new_name_and_counts_once() {
    let mut ledger = shaped(|rules| {
        let names = [("Old orders".to_owned(), "Orders".to_owned())];
        rules.renames = std::sync::Arc::new([(Label::VirtualQueue, names.into())].into());
    });
    let mut old = numbered(&call(), 1);
    wait_mut(&mut old)["properties"]["virtualQueues"] = json!(["Old orders"]);
    let mut both = numbered(&call(), 2);
    wait_mut(&mut both)["properties"]["virtualQueues"] = json!(["Orders", "Old orders"]);
    ledger.take_all([&old, &both, &numbered(&call(), 3)]);
    let line = "direction=Inbound medium=Phone reporting_group=North virtual_queue=Orders 3";
    assert_eq!(ledger.samples("vcc_queue_entries_total"), [line]);
}

#[test]
fn agents_are_counted_by_their_ids_only_where_that_is_wanted() {
    let mut usual = LedgerHarness::new();
    usual.take(&call());
    let per_agent = |ledger: &LedgerHarness| {
        let shown = ledger.shown();
        let families = shown.0.keys();
        families
            .filter(|name| name.starts_with("vcc_per_agent"))
            .count()
    };
    assert_eq!(per_agent(&usual), 0);
    let mut ledger = shaped(|rules| rules.family_options.off.clear());
    ledger.take(&call());
    assert_eq!(
        ledger.samples("vcc_per_agent_offers_total"),
        ["agent=07 medium=Phone result=answered 1"]
    );
    assert_eq!(
        ledger.value("vcc_per_agent_handle_seconds_count", &[("agent", "07")]),
        1.0
    );
}
