//! The export of the exporter's own spans, in batches.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::transform::common::tonic::{Attributes, ResourceAttributesWithSchema};
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::trace::SpanData;
use tokio::time::{MissedTickBehavior, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::backoff::backoff;
use super::client::Client;
use super::collect::Collected;
use super::push::LAST;
use super::wire::Parcel;

/// How often what waits is sent: the default of OpenTelemetry's SDKs.
const PAUSE: Duration = Duration::from_secs(5);

/// The most spans of one request: the default of OpenTelemetry's SDKs.
const BATCH: usize = 512;

/// How often a batch is tried. By the last time a restart of the receiver is over, and what is
/// new is worth more than what is old.
const ATTEMPTS: u32 = 5;

/// The export of the spans.
#[derive(Debug)]
pub struct Shipping {
    /// Where they come out.
    pub collected: Collected,
    /// Whose they are.
    pub resource: Resource,
    /// Who is sent them.
    pub client: Client,
}

impl Shipping {
    /// Exports until told that polling has ended, then what is left.
    pub async fn run(mut self, ended: CancellationToken) {
        // Kept here, so that a batch whose export is interrupted is not lost.
        let mut pending = None;
        ended
            .run_until_cancelled(self.again_and_again(&mut pending))
            .await;
        if timeout(LAST, self.rest(pending)).await.is_err() {
            tracing::warn!("the last export of spans did not end in time: what was left is lost");
        }
    }

    async fn again_and_again(&mut self, pending: &mut Option<Parcel>) {
        let mut due = tokio::time::interval(PAUSE);
        due.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            due.tick().await;
            self.client.dropped(self.collected.dropped());
            while let Some(batch) = self.batch() {
                *pending = Some(batch.clone());
                self.ship(batch).await;
                *pending = None;
            }
        }
    }

    /// Sends a batch until it is taken in, refused for good, or given up.
    async fn ship(&self, batch: Parcel) {
        for attempt in 0..ATTEMPTS {
            match self.client.export(batch.clone()).await {
                Err(setback) if setback.reason.is_passing() => {
                    sleep(backoff(attempt, setback.retry_after, rand::random())).await;
                }
                _ => return,
            }
        }
        self.client.dropped(1);
    }

    /// Sends what is left, as long as that goes well.
    async fn rest(&mut self, pending: Option<Parcel>) {
        let mut batch = pending.or_else(|| self.batch());
        while let Some(parcel) = batch {
            if self.client.export(parcel).await.is_err() {
                return;
            }
            batch = self.batch();
        }
    }

    /// What waits, as a request; nothing if nothing does.
    fn batch(&mut self) -> Option<Parcel> {
        let spans = self.collected.take(BATCH);
        let gzip = self.client.gzip();
        (!spans.is_empty()).then(|| Parcel::pack(&request(&self.resource, spans), gzip))
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
