//! One fixed page, and all that it leads to in every format: names, labels, escapes, order and
//! figures are a contract, so a change of any byte must be looked at and meant.

mod agreement;
mod http;
mod native;
pub mod page;
mod said;

use serde_json::Value;
use vcc_exporter::expose::{Coding, FormatKind, Options};

use crate::support::committed::assert_committed;
use crate::support::exposition::Exposition;
use crate::support::tools::{assert_promtool_is_silent, decode_protobuf};

use page::{ALL, held, ledger, ledger_text, shown};

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

#[tokio::test(start_paused = true)]
async fn a_page_leads_to_exactly_this_protobuf() {
    let site = shown(ALL).await;
    let families = decode_protobuf(&ledger(&site, FormatKind::Protobuf));
    assert_golden("metrics.protobuf.json", &by_line(families));
}

/// JSON with a line for each metric, so that a diff shows which one has changed.
fn by_line(families: Value) -> String {
    let families = families.as_array().unwrap().iter().map(|family| {
        let mut head = family.clone();
        let metrics = head["metric"].take();
        head.as_object_mut().unwrap().remove("metric");
        let metrics: Vec<_> = (metrics.as_array().unwrap().iter())
            .map(Value::to_string)
            .collect();
        let head = head.to_string();
        let head = head.trim_end_matches('}');
        format!("{head},\"metric\":[\n{}\n]}}", metrics.join(",\n"))
    });
    format!("[{}]\n", families.collect::<Vec<_>>().join(",\n"))
}

#[tokio::test(start_paused = true)]
async fn promtool_has_nothing_to_say_about_the_whole_page() {
    let site = shown(Options::default()).await;
    let body = site.scrape(FormatKind::Text, Coding::Identity).concat();
    let body = String::from_utf8(body).unwrap();
    for name in [
        "vcc_interactions_total{",
        "vcc_holes{",
        "process_cpu_seconds_total ",
    ] {
        assert!(body.contains(name), "the page has no {name}:\n{body}");
    }
    assert_promtool_is_silent(&body);
}
