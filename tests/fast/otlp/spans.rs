//! The exporter's own traces.

use std::collections::BTreeMap;
use std::time::Duration;

use opentelemetry_sdk::trace::SpanData;
use tracing_subscriber::layer::SubscriberExt;
use vcc_exporter::ops::self_tracing;
use vcc_exporter::poller::StartFrom;
use vcc_otlp::resource::resource;
use vcc_otlp::{SpanQueue, collect, self_spans};

use vcc_test_support::fake_api::{FakeApi, answer};
use vcc_test_support::item::{START_MS, call, numbered};
use vcc_test_support::running_exporter::RunningExporter;
use vcc_test_support::simulated_api::{config, memory_store};

const HOUR_MS: i64 = 3_600_000;

/// The spans of an exporter that meets a failure, then reads a page of two calls.
fn of_a_poll() -> Vec<SpanData> {
    vcc_test_support::log::wanted();
    let (layer, collected): (_, SpanQueue) = collect(self_tracing::TARGET);
    let dispatch = tracing::Dispatch::new(tracing_subscriber::registry().with(layer));
    let _here = tracing::dispatcher::set_default(&dispatch);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        // The blocking half works on threads of its own, which live as long as the runtime.
        .on_thread_start(move || std::mem::forget(tracing::dispatcher::set_default(&dispatch)))
        .build()
        .unwrap();
    runtime.block_on(async {
        let api = FakeApi::new(START_MS + HOUR_MS);
        for number in [1, 2] {
            api.put(START_MS + HOUR_MS - 60_000, &numbered(&call(), number));
        }
        // The first page is the probe for the API's clock.
        api.hook(|asked, _| (asked.number == 1).then(|| answer(503, "")));
        let ago = StartFrom::Ago(Duration::from_secs(7_200));
        let mut config = config(Duration::from_secs(60), 100, ago);
        config.rules.warmup = Duration::ZERO;
        let exporter = RunningExporter::on(&api, &memory_store(), &config);
        tokio::time::sleep(Duration::from_secs(50)).await;
        exporter.stop().await;
    });
    collected.take(usize::MAX)
}

fn attributes(span: &SpanData) -> BTreeMap<String, String> {
    let all = span.attributes.iter();
    all.map(|it| (it.key.to_string(), it.value.to_string()))
        .collect()
}

#[test]
fn a_poll_is_a_trace_of_its_pages_requests_and_commits() {
    let all = of_a_poll();
    let page = all
        .iter()
        .find(|span| span.name == "page" && attributes(span).get("items") == Some(&"2".to_owned()))
        .expect("a page of two");
    let id = page.span_context.span_id();
    let poll = all
        .iter()
        .find(|span| span.span_context.span_id() == page.parent_span_id);
    let poll = poll.expect("its poll");
    assert_eq!(poll.name, "poll");
    assert_eq!(poll.parent_span_id, opentelemetry::trace::SpanId::INVALID);
    let said = attributes(poll);
    assert_eq!(
        (&*said["account"], &*said["operation"]),
        ("acme", "interactions")
    );
    assert_eq!(attributes(page)["page"], "1");
    let below: Vec<_> = all
        .iter()
        .filter(|span| span.parent_span_id == id)
        .collect();
    let names: Vec<_> = below.iter().map(|span| &*span.name).collect();
    assert_eq!(names, ["request", "request", "commit", "publish"]);
    let status = |span: &SpanData| attributes(span)["http.response.status_code"].clone();
    assert_eq!(
        (status(below[0]), status(below[1])),
        ("503".into(), "200".into())
    );
    assert!(matches!(
        below[0].status,
        opentelemetry::trace::Status::Error { .. }
    ));
    for span in &all {
        assert_eq!(span.instrumentation_scope.name(), "vcc-exporter");
        let own = attributes(span);
        let foreign = own
            .keys()
            .find(|name| name.starts_with("code.") || *name == "target");
        assert_eq!(foreign, None, "{own:?}");
    }
    let request = self_spans::request(&resource("id", &BTreeMap::new()), all.clone());
    let of_scope = &request.resource_spans[0].scope_spans[0];
    assert_eq!(of_scope.spans.len(), all.len());
    assert!(format!("{:?}", request.resource_spans[0].resource).contains("service.instance.id"));
}

#[test]
fn what_does_not_fit_is_dropped_and_counted_and_nobody_waits() {
    vcc_test_support::log::wanted();
    let (layer, collected) = collect(self_tracing::TARGET);
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        for _ in 0..2_058 {
            drop(self_tracing::publish());
        }
    });
    assert_eq!(collected.dropped(), 10);
    assert_eq!(collected.dropped(), 0);
    assert_eq!(collected.take(512).len(), 512);
    assert_eq!(collected.take(usize::MAX).len(), 1_536);
}
