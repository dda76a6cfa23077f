//! A bounded channel of ended spans, from the tracing layer to the exporter. Ending a span never
//! waits: a span that does not fit is dropped and counted.
//!
//! The SDK's `BatchSpanProcessor` would replace this file and [`super::self_spans`], but it does not
//! fit: it is bound to one exporter when logging starts, whereas the receiver may change at every
//! reload of the configuration; it exports on a thread of its own, on which the asynchronous HTTP
//! client that all signals share cannot run; and it does not report how many spans it dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry::InstrumentationScope;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, Span, SpanData, SpanProcessor};
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::{Layer, Registry};

use super::proto::NAME;

/// The capacity of the channel: the default of OpenTelemetry's SDKs, and some hundred polls.
const CAPACITY: usize = 2_048;

/// The receiving end. After a reload the next exporter continues where the previous one ended.
#[derive(Debug, Clone)]
pub struct SpanQueue {
    spans: Arc<Mutex<mpsc::Receiver<SpanData>>>,
    dropped: Arc<AtomicU64>,
}

impl SpanQueue {
    /// Takes the spans that are waiting, at most `limit`.
    pub fn take(&self, limit: usize) -> Vec<SpanData> {
        let mut spans = self.spans.lock();
        std::iter::from_fn(|| spans.try_recv().ok())
            .take(limit)
            .collect()
    }

    /// How many spans were dropped since the last call.
    pub fn dropped(&self) -> u64 {
        self.dropped.swap(0, Ordering::Relaxed)
    }
}

/// A layer of the process's subscriber.
pub type SpanLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// A layer that turns the spans of `target` into OpenTelemetry's, and the receiver of those spans.
///
/// The SDK generates the ids, and samples as configured by its own variables
/// (`OTEL_TRACES_SAMPLER`).
pub fn collect(target: &str) -> (SpanLayer, SpanQueue) {
    let (sender, spans) = mpsc::channel(CAPACITY);
    let dropped = Arc::new(AtomicU64::new(0));
    let processor = ChannelSpanProcessor {
        sender,
        dropped: Arc::clone(&dropped),
    };
    let provider = SdkTracerProvider::builder()
        .with_span_processor(processor)
        // The resource is added when the spans are exported.
        .with_resource(Resource::builder_empty().build())
        .build();
    let scope = InstrumentationScope::builder(NAME).with_version(env!("CARGO_PKG_VERSION"));
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer_with_scope(scope.build()))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(Targets::new().with_target(target, LevelFilter::INFO));
    let spans = Arc::new(Mutex::new(spans));
    (layer.boxed(), SpanQueue { spans, dropped })
}

#[derive(Debug)]
struct ChannelSpanProcessor {
    sender: mpsc::Sender<SpanData>,
    dropped: Arc<AtomicU64>,
}

impl SpanProcessor for ChannelSpanProcessor {
    fn on_start(&self, _span: &mut Span, _context: &opentelemetry::Context) {}

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() && self.sender.try_send(span).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}
