//! When spans are exported, in paused time.

use std::sync::Arc;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::layer::SubscriberExt;
use vcc_exporter::health::Health;
use vcc_exporter::ops::self_tracing;
use vcc_net::clock::SystemClock;
use vcc_otlp::resource::resource;
use vcc_otlp::self_spans::SpanExporter;
use vcc_otlp::{Client, Signal, collect};

use super::receiver::{Post, Receiver, Reply, plain, status, target};

/// The export of so many spans, and what arrives.
fn of(
    count: usize,
    replies: impl IntoIterator<Item = Reply>,
) -> (SpanExporter, UnboundedReceiver<Post>, Arc<Health>) {
    vcc_test_support::log::wanted();
    let (layer, collected) = collect(self_tracing::TARGET);
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        (0..count).for_each(|_| drop(self_tracing::publish()));
    });
    let (wire, arrived) = Receiver::new(replies);
    let health = Health::new(0).unwrap();
    let (target, exports) = (target("http://127.0.0.1:1/"), health.otlp_metrics());
    let client = Client::over(
        wire,
        Signal::Traces,
        &target,
        Arc::new(SystemClock),
        exports,
    );
    let shipping = SpanExporter {
        spans: collected,
        resource: resource("id", &Default::default()),
        client,
    };
    (shipping, arrived, health)
}

fn spans_in(post: &Post) -> usize {
    let body = plain(&post.parcel.body, post.parcel.gzip);
    let request = ExportTraceServiceRequest::decode(&*body).unwrap();
    request.resource_spans[0].scope_spans[0].spans.len()
}

/// What a family's series with this label value says.
pub(super) fn counted(health: &Health, family: &str, value: &str) -> f64 {
    let families = health.gather();
    let found = families.iter().find(|it| it.name() == family).unwrap();
    let has = |metric: &&prometheus::proto::Metric| {
        metric
            .get_label()
            .iter()
            .any(|label| label.value() == value)
    };
    let series = found.get_metric().iter().find(has).unwrap();
    series.get_counter().get_value()
}

pub(super) const EXPORTS: &str = "vcc_exporter_otlp_exports_total";
const FAILURES: &str = "vcc_exporter_otlp_export_failures_total";

#[tokio::test(start_paused = true)]
async fn many_spans_go_out_in_batches_and_what_is_never_taken_in_is_given_up() {
    let (shipping, mut arrived, health) = of(600, [503; 5].map(status));
    let ended = CancellationToken::new();
    let task = tokio::spawn(shipping.run(ended.clone()));
    for _ in 0..5 {
        assert_eq!(spans_in(&arrived.recv().await.unwrap()), 512);
    }
    assert_eq!(spans_in(&arrived.recv().await.unwrap()), 88);
    assert_eq!(counted(&health, FAILURES, "unavailable"), 5.0);
    assert_eq!(counted(&health, FAILURES, "dropped"), 1.0);
    ended.cancel();
    task.await.unwrap();
    assert!(arrived.recv().await.is_none(), "nothing is sent twice");
}

#[tokio::test(start_paused = true)]
async fn at_the_end_a_batch_under_way_is_sent_again_and_keeps_nobody() {
    let (shipping, mut arrived, health) = of(3, [Reply::Silence]);
    let ended = CancellationToken::new();
    let task = tokio::spawn(shipping.run(ended.clone()));
    assert_eq!(spans_in(&arrived.recv().await.unwrap()), 3);
    ended.cancel();
    assert_eq!(spans_in(&arrived.recv().await.unwrap()), 3);
    task.await.unwrap();
    assert_eq!(counted(&health, EXPORTS, "traces"), 1.0);

    let (shipping, _arrived, _) = of(3, [Reply::Silence, Reply::Silence]);
    let ended = CancellationToken::new();
    ended.cancel();
    let told = Instant::now();
    shipping.run(ended).await;
    assert_eq!(told.elapsed().as_secs(), 5);
}
