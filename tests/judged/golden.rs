//! One fixed page in every format, each read by a reader that is not the exporter's.

mod agreement;
mod native;
mod readers;

use serde_json::Value;
use vcc_exposition::{ContentEncoding, FormatKind, MetricsSource, Options};

use vcc_test_support::committed::assert_committed;
use vcc_test_support::day::{ALL, ledger, shown};
use vcc_test_support::tools::{assert_promtool_is_silent, decode_protobuf};

#[tokio::test(start_paused = true)]
async fn a_page_leads_to_exactly_this_protobuf() {
    let site = shown(ALL).await;
    let families = decode_protobuf(&ledger(&site, FormatKind::Protobuf));
    assert_committed(
        "tests/golden/metrics.protobuf.json",
        &by_line(families),
        "-p judged golden",
    );
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
    let body = site
        .scrape(FormatKind::Text, ContentEncoding::Identity)
        .concat();
    let body = String::from_utf8(body).unwrap();
    for name in [
        "vcc_interactions_total{",
        "vcc_unread_windows{",
        "process_cpu_seconds_total ",
    ] {
        assert!(body.contains(name), "the page has no {name}:\n{body}");
    }
    assert_promtool_is_silent(&body);
}
