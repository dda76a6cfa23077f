//! Exports the spans of the exporter's own work in batches.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::transform::common::tonic::{Attributes, ResourceAttributesWithSchema};
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::trace::SpanData;
use tokio::time::{MissedTickBehavior, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::client::{BACKOFF, Client, SHUTDOWN_TIMEOUT};
use super::span_queue::SpanQueue;
use super::transport::EncodedRequest;

/// The time between exports: the default of OpenTelemetry's SDKs.
const EXPORT_INTERVAL: Duration = Duration::from_secs(5);

/// The most spans of one request: the default of OpenTelemetry's SDKs.
const MAX_BATCH: usize = 512;

/// The most attempts to send a batch. They outlast a restart of the receiver; after that, new spans
/// are worth more than old ones.
const MAX_ATTEMPTS: u32 = 5;

/// The export of the exporter's own spans.
#[derive(Debug)]
pub struct SpanExporter {
    /// The spans.
    pub spans: SpanQueue,
    /// The resource of every request.
    pub resource: Resource,
    /// The receiver.
    pub client: Client,
}

impl SpanExporter {
    /// Exports until `stop`, which is cancelled once polling has ended, and then the rest.
    pub async fn run(mut self, stop: CancellationToken) {
        // Kept here, so that a batch is not lost when its export is cancelled.
        let mut pending = None;
        stop.run_until_cancelled(self.run_loop(&mut pending)).await;
        if timeout(SHUTDOWN_TIMEOUT, self.drain(pending))
            .await
            .is_err()
        {
            tracing::warn!("the last export of spans did not end in time: what was left is lost");
        }
    }

    async fn run_loop(&mut self, pending: &mut Option<EncodedRequest>) {
        let mut due = tokio::time::interval(EXPORT_INTERVAL);
        due.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            due.tick().await;
            self.client.dropped(self.spans.dropped());
            while let Some(batch) = self.batch() {
                *pending = Some(batch.clone());
                self.export(batch).await;
                *pending = None;
            }
        }
    }

    /// Sends a batch until it is accepted or rejected, or the attempts run out.
    async fn export(&self, batch: EncodedRequest) {
        for attempt in 0..MAX_ATTEMPTS {
            match self.client.export(batch.clone()).await {
                Err(error) if error.is_transient() => {
                    sleep(BACKOFF.pause(attempt, error.retry_after(), rand::random())).await;
                }
                _ => return,
            }
        }
        self.client.dropped(1);
    }

    /// Sends the rest as long as requests succeed.
    async fn drain(&mut self, pending: Option<EncodedRequest>) {
        let mut next = pending.or_else(|| self.batch());
        while let Some(batch) = next {
            if self.client.export(batch).await.is_err() {
                return;
            }
            next = self.batch();
        }
    }

    /// The waiting spans as a request; `None` without any.
    fn batch(&mut self) -> Option<EncodedRequest> {
        let spans = self.spans.take(MAX_BATCH);
        let gzip = self.client.gzip();
        (!spans.is_empty()).then(|| EncodedRequest::new(&request(&self.resource, spans), gzip))
    }
}

/// Spans as one request.
pub fn request(resource: &Resource, spans: Vec<SpanData>) -> ExportTraceServiceRequest {
    let resource = ResourceAttributesWithSchema {
        attributes: Attributes(resource.attributes.clone()),
        schema_url: None,
    };
    ExportTraceServiceRequest {
        resource_spans: group_spans_by_resource_and_scope(spans, &resource),
    }
}
