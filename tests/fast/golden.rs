//! One fixed page, and all that it leads to in every format: names, labels, escapes, order and
//! figures are a contract, so a change of any byte must be looked at and meant.

mod http;

use vcc_exposition::{FormatKind, Options};

use vcc_test_support::committed::assert_committed;
use vcc_test_support::day::{ALL, held, ledger_text, shown};
use vcc_test_support::exposition::Exposition;

fn assert_golden(name: &str, text: &str) {
    assert_committed(&format!("tests/golden/{name}"), text, "golden");
}

#[tokio::test(start_paused = true)]
async fn a_page_leads_to_exactly_this_text() {
    let (_core, site) = held(Options::default());
    let born = Exposition::parse(&ledger_text(&site, FormatKind::Text));
    for (name, series) in &born.0 {
        let all_zero = series.values().all(|value| value == "0");
        assert!(all_zero, "{name} shows its first increments at once");
    }
    let site = shown(Options::default()).await;
    let text = ledger_text(&site, FormatKind::Text);
    assert_golden("metrics.prom", &text);
    let before = ledger_text(&site, FormatKind::Text);
    assert_eq!(text, before, "reading a scrape changes nothing");
}

#[tokio::test(start_paused = true)]
async fn a_page_leads_to_exactly_this_openmetrics() {
    let site = shown(Options::default()).await;
    assert_golden(
        "metrics.openmetrics",
        &ledger_text(&site, FormatKind::OpenMetrics),
    );
}

#[tokio::test(start_paused = true)]
async fn start_times_are_exactly_these_lines_more() {
    let plain = ledger_text(&shown(Options::default()).await, FormatKind::OpenMetrics);
    let created = ledger_text(&shown(ALL).await, FormatKind::OpenMetrics);
    let (more, same): (Vec<_>, Vec<_>) = created.split_inclusive('\n').partition(|line| {
        let name = line.split(['{', ' ']).next().unwrap_or_default();
        name.ends_with("_created")
    });
    assert_eq!(same.concat(), plain);
    assert_golden("metrics.openmetrics.created", &more.concat());
}
