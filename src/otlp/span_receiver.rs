//! Ended spans on their way from where they end to where they are exported. Whoever ends one never
//! waits: what does not fit is dropped and counted.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::InstrumentationScope;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, Span, SpanData, SpanProcessor};
use tokio::sync::mpsc;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;

use super::resource::NAME;
use crate::{spans, telemetry};

/// How many spans may wait: the default of OpenTelemetry's SDKs, and some hundred polls.
const QUEUE: usize = 2_048;

/// The receiving end. Whoever exports after a reload takes over where the one before has ended.
#[derive(Debug, Clone)]
pub struct Collected {
    spans: Arc<Mutex<mpsc::Receiver<SpanData>>>,
    dropped: Arc<AtomicU64>,
}

impl Collected {
    /// Takes what waits, at most so many.
    pub fn take(&self, most: usize) -> Vec<SpanData> {
        let mut spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| spans.try_recv().ok())
            .take(most)
            .collect()
    }

    /// How many spans were dropped since this was asked last.
    pub fn dropped(&self) -> u64 {
        self.dropped.swap(0, Ordering::Relaxed)
    }
}

/// A layer that turns our spans into OpenTelemetry's, and where they come out.
///
/// The SDK chooses identifiers, and samples as its own variables say (`OTEL_TRACES_SAMPLER`).
pub fn collect() -> (telemetry::Spans, Collected) {
    let (to, spans) = mpsc::channel(QUEUE);
    let dropped = Arc::new(AtomicU64::new(0));
    let handover = Handover {
        to,
        dropped: Arc::clone(&dropped),
    };
    let provider = SdkTracerProvider::builder()
        .with_span_processor(handover)
        // The resource is put around the spans where they are exported.
        .with_resource(Resource::builder_empty().build())
        .build();
    let scope = InstrumentationScope::builder(NAME).with_version(env!("CARGO_PKG_VERSION"));
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer_with_scope(scope.build()))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false)
        .with_filter(Targets::new().with_target(spans::TARGET, LevelFilter::INFO));
    let spans = Arc::new(Mutex::new(spans));
    (layer.boxed(), Collected { spans, dropped })
}

/// Hands spans over when they end.
#[derive(Debug)]
struct Handover {
    to: mpsc::Sender<SpanData>,
    dropped: Arc<AtomicU64>,
}

impl SpanProcessor for Handover {
    fn on_start(&self, _span: &mut Span, _context: &opentelemetry::Context) {}

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() && self.to.try_send(span).is_err() {
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
