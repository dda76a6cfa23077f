//! The product's promise, for a few days: every business series equals what really happened. The crate
//! `soak` holds weeks to it, under every answer to the questions that the API's documentation leaves open.

use vcc_test_support::exposition::BUSINESS;
use vcc_test_support::weeks::count_to_the_unit;

#[tokio::test(start_paused = true)]
async fn days_with_every_fault_are_counted_to_the_unit() {
    count_to_the_unit(6, 3).await;
}

#[test]
fn every_family_of_the_ledger_is_compared_or_has_its_reason() {
    use std::collections::BTreeSet;
    use vcc_core::catalogue::{Family, Origin};
    // What the exporter did rather than what happened, and what the operator must switch on.
    const ELSEWHERE: [&str; 11] = [
        "vcc_interaction_corrections_total",
        "vcc_fact_lateness_seconds",
        "vcc_recovered_facts_total",
        "vcc_api_page_meta_mismatches_total",
        "vcc_records_received_total",
        "vcc_records_duplicate_total",
        "vcc_records_rejected_total",
        "vcc_facts_rejected_total",
        "vcc_exporter_label_overflow_total",
        "vcc_exporter_label_redacted_total",
        "vcc_per_agent_",
    ];
    let ledger = (Family::ALL.iter().map(|family| family.info()))
        .filter(|info| info.origin == Origin::Ledger)
        .map(|info| info.name)
        .filter(|name| !ELSEWHERE.iter().any(|known| name.starts_with(known)));
    assert_eq!(
        ledger.collect::<BTreeSet<_>>(),
        BUSINESS.into_iter().collect::<BTreeSet<_>>()
    );
}
