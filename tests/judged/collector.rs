//! A real OpenTelemetry Collector is pushed to: what it writes down is what happened, though it was
//! away for a while and the exporter was killed.

mod received;
mod receiver;

use std::sync::{Arc, Mutex};

use chrono::Utc;
use vcc_simulator::{Simulator, SimulatorConfig, Truth, serve};

use vcc_test_support::exposition::Exposition;
use vcc_test_support::process::{Process, write_config};

use received::{Received, Spans};
use receiver::Receiver;

const MINUTE_MS: i64 = 60_000;

const CONVERSATIONS: &str = "vcc_conversations_started_total";
const ITEMS: &str = "vcc_exporter_outbox_items";
const FAILURES: &str = "vcc_exporter_otlp_export_failures_total";
const CURSOR: &str = "vcc_cursor_timestamp_seconds";

/// A contact centre that began a few minutes ago and is quick about everything.
struct Centre {
    simulator: Arc<Mutex<Simulator>>,
    url: String,
    began_ms: i64,
}

impl Centre {
    async fn open() -> Self {
        // Younger than an hour: nothing counts by the passing of time alone, so the truth is exact.
        let began_ms = now_ms() - 20 * MINUTE_MS;
        let simulator = Arc::new(Mutex::new(Simulator::new(SimulatorConfig {
            seed: 11,
            start_ms: began_ms,
            per_hour: 1_800.0,
            day_length_ms: 0,
            time_scale: 0.1,
            ..SimulatorConfig::default()
        })));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(serve(
            listener,
            Arc::clone(&simulator),
            std::future::pending(),
        ));
        Centre {
            simulator,
            url,
            began_ms,
        }
    }

    /// Nothing begins any more, and what began is known in full.
    fn come_to_rest(&self) -> i64 {
        let mut simulator = self.simulator.lock().unwrap();
        simulator.set_running(false, now_ms());
        simulator.settle(now_ms());
        now_ms()
    }

    fn truth(&self) -> Truth {
        let mut simulator = self.simulator.lock().unwrap();
        simulator.truth(now_ms(), self.began_ms)
    }
}

fn now_ms() -> i64 {
    Utc::now().timestamp_millis()
}

/// Where it reads from, where it pushes to, and how often.
fn configuration(
    directory: &std::path::Path,
    centre: &Centre,
    receiver: &Receiver,
) -> std::path::PathBuf {
    let start = chrono::DateTime::from_timestamp_millis(centre.began_ms).unwrap();
    let more = format!(
        "poll: {{interval: 5s, requests_per_minute: 160, start_from: '{}'}}\n\
         otlp:\n  endpoint: {}\n  metrics: {{interval: 1s}}\n  \
         traces: {{exporter: false, interactions: true}}\n",
        start.to_rfc3339(),
        receiver.url()
    );
    write_config(directory, &centre.url, &more)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_collector_writes_down_is_what_happened() {
    // Building it takes minutes the first time, in which the world would move on.
    let mut receiver = Receiver::start().await;
    let centre = Centre::open().await;
    let directory = tempfile::tempdir().unwrap();
    let config = configuration(directory.path(), &centre, &receiver);
    let exporter = Process::run(&config).await;
    exporter
        .until(|shown| shown.sum("vcc_interactions_total", &[]) > 50.0)
        .await;

    // The receiver is away; metrics go nowhere and traces wait.
    receiver.kill().await;
    let failing =
        |signal| move |shown: &Exposition| shown.sum(FAILURES, &[("signal", signal)]) > 1.0;
    exporter.until(failing("metrics")).await;
    exporter.until(|shown| shown.sum(ITEMS, &[]) > 10.0).await;
    exporter.kill().await;
    let exporter = Process::run(&config).await;
    exporter.until(failing("traces")).await;
    receiver.restart().await;
    exporter.until(|shown| shown.sum(ITEMS, &[]) == 0.0).await;
    let settled_ms = centre.come_to_rest();
    let shown = exporter
        .until(|shown| {
            shown.sum(CURSOR, &[]) * 1_000.0 > settled_ms as f64 && shown.sum(ITEMS, &[]) == 0.0
        })
        .await;
    let ended = exporter.signalled("TERM").await;
    assert!(ended.success(), "{ended:?}");
    let (metrics, spans) = receiver.finish().await;

    let received = Received::read(&metrics);
    let truth = centre.truth();
    // A callback looks like the first of its conversation where the call before it is not known.
    assert_eq!(
        received.last().differences(&truth, &[CONVERSATIONS]),
        Vec::<String>::new()
    );
    assert_eq!(
        shown.differences(&truth, &[CONVERSATIONS]),
        Vec::<String>::new()
    );
    received.assert_nothing_decreases_and_starts_stay();

    let spans = Spans::read(&spans);
    spans.assert_whole();
    assert_eq!(
        spans.interactions(),
        truth_of(&truth, "vcc_interactions_total"),
        "each interaction that ended is one trace, with the labels it counts under"
    );
    assert_waits(&spans.waits_by_result(), &truth);
    let exemplars = received.exemplars();
    assert!(exemplars.len() > 10, "{} exemplars", exemplars.len());
    for trace in &exemplars {
        assert!(spans.has(trace), "an exemplar's trace {trace} is not there");
    }
    println!(
        "{} pushes, {} traces of {} spans ({} sent twice), {} exemplars: all true",
        received.pushes(),
        spans.traces(),
        spans.count(),
        spans.repeated,
        exemplars.len()
    );
}

/// Counts by label values, of a family of the truth.
fn truth_of(truth: &Truth, family: &str) -> received::Counts {
    let mut counts = received::Counts::new();
    for series in truth.matching(family, &[]) {
        if series.value.count() > 0 {
            *counts.entry(series.labels.clone()).or_default() += series.value.count();
        }
    }
    counts
}

/// Each wait is one span, of the interactions that have ended. Those of which a channel never ends
/// do so an hour later.
fn assert_waits(spans: &received::Counts, truth: &Truth) {
    let started = truth.count("vcc_interactions_started_total", &[]);
    let open = started - truth.count("vcc_interactions_total", &[]);
    let waits = by_result(truth, "vcc_acd_queue_exits_total");
    let missing: u64 = waits
        .iter()
        .map(|(labels, count)| count - spans.get(labels).copied().unwrap_or(0))
        .sum();
    assert!(spans.keys().all(|labels| waits.contains_key(labels)));
    assert!(
        missing <= 3 * open,
        "{missing} missing of {open} open: {spans:?} {waits:?}"
    );
}

fn by_result(truth: &Truth, family: &str) -> received::Counts {
    let mut counts = received::Counts::new();
    for (mut labels, count) in truth_of(truth, family) {
        labels.retain(|name, _| name == "result" || name == "timing");
        *counts.entry(labels).or_default() += count;
    }
    counts
}
