//! Everything that is exported, from the start of the process to its end.

use std::sync::Arc;

use opentelemetry_proto::tonic::resource::v1::Resource;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::client::{Client, ClientError};
use super::export_counters::ExportCounters;
use super::push::Push;
use super::resource::resource;
use super::self_spans::SpanExporter;
use super::settings::Settings;
use super::span_queue::SpanQueue;
use super::target::{Signal, Target};
use super::trace_exporter::{TraceExporter, TraceOutbox};
use vcc_exposition::MetricsSource;
use vcc_net::clock::Clock;

/// What the pipelines export, and what they report to.
#[derive(Debug)]
pub struct Sources {
    /// The metrics.
    pub metrics: Arc<dyn MetricsSource>,
    /// Interactions as traces.
    pub outbox: Arc<dyn TraceOutbox>,
    /// The counters of the exports.
    pub instruments: ExportCounters,
    /// The local time.
    pub clock: Arc<dyn Clock>,
}

impl Sources {
    fn client(&self, signal: Signal, target: &Target) -> Result<Client, ClientError> {
        let clock = Arc::clone(&self.clock);
        Client::new(signal, target, clock, self.instruments.clone())
    }
}

/// The configured exports; none by default.
#[derive(Debug, Default)]
pub struct Pipelines {
    push: Option<Push>,
    traces: Option<TraceExporter>,
    self_spans: Option<(Client, Resource)>,
    spans: Option<SpanQueue>,
}

impl Pipelines {
    /// Prepares what the settings enable; nothing is sent yet. `instance_id` is the attribute
    /// `service.instance.id` of the resource.
    ///
    /// # Errors
    /// If a client cannot be prepared.
    pub fn prepare(
        settings: &Settings,
        instance_id: &str,
        sources: &Sources,
    ) -> Result<Self, ClientError> {
        let mut pipelines = Pipelines::default();
        let resource = resource(instance_id, &settings.resource);
        if let Some(metrics) = &settings.metrics {
            pipelines.push = Some(Push {
                source: Arc::clone(&sources.metrics),
                resource: resource.clone(),
                client: sources.client(Signal::Metrics, &metrics.target)?,
                interval: metrics.interval,
                clock: Arc::clone(&sources.clock),
            });
        }
        let Some(traces) = &settings.traces else {
            return Ok(pipelines);
        };
        if traces.interactions.is_some() {
            pipelines.traces = Some(TraceExporter {
                outbox: Arc::clone(&sources.outbox),
                publisher: Arc::clone(sources.metrics.publisher()),
                resource: resource.clone(),
                client: sources.client(Signal::Traces, &traces.target)?,
                clock: Arc::clone(&sources.clock),
            });
        }
        if traces.exporter {
            let client = sources.client(Signal::Traces, &traces.target)?;
            pipelines.self_spans = Some((client, resource));
        }
        Ok(pipelines)
    }

    /// Sets the receiver of the exporter's own spans.
    pub fn set_spans(&mut self, spans: Option<SpanQueue>) {
        self.spans = spans;
    }

    /// Starts the exports.
    pub fn start(self) -> RunningPipelines {
        let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
        if let Some(push) = self.push {
            tasks.spawn(push.run(stop.clone()));
        }
        if let Some(traces) = self.traces {
            tasks.spawn(traces.run(stop.clone()));
        }
        if let (Some((client, resource)), Some(spans)) = (self.self_spans, self.spans) {
            let exporter = SpanExporter {
                spans,
                resource,
                client,
            };
            tasks.spawn(exporter.run(stop.clone()));
        }
        RunningPipelines { stop, tasks }
    }
}

/// Running exports.
#[derive(Debug)]
pub struct RunningPipelines {
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl RunningPipelines {
    /// Exports the rest, for a bounded time. Call it after the last commit.
    pub async fn finish(mut self) {
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(
                    "this is a bug in the exporter, and it ended the export of one signal over \
                     OTLP; counting goes on: {error}"
                );
            }
        }
    }
}
