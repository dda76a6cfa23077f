//! Pushes the metrics: at every interval the current snapshot, with the values of a scrape.
//!
//! Values are cumulative, so a newer push replaces all before it: nothing is queued, and a retry
//! sends the snapshot that is current by then.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::resource::v1::Resource;
use tokio::time::{MissedTickBehavior, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::client::{BACKOFF, Client, SHUTDOWN_TIMEOUT};
use super::error::ExportError;
use super::metrics;
use super::transport::EncodedRequest;
use vcc_exposition::{MetricsSource, ledger};
use vcc_net::clock::Clock;

/// The longest time that the first push waits for a snapshot; without one it has only the metrics
/// of the process.
const FIRST_SNAPSHOT_TIMEOUT: Duration = Duration::from_secs(10);

/// The push of the metrics.
#[derive(Debug)]
pub struct Push {
    /// The metrics.
    pub source: Arc<dyn MetricsSource>,
    /// The resource of every request.
    pub resource: Resource,
    /// The receiver.
    pub client: Client,
    /// The time from one push to the next.
    pub interval: Duration,
    /// The local time.
    pub clock: Arc<dyn Clock>,
}

impl Push {
    /// Pushes until `stop`, which is cancelled once polling has ended, and then once more.
    pub async fn run(self, stop: CancellationToken) {
        // A push that is still running is cancelled: the last one sends the same and more.
        stop.run_until_cancelled(self.run_loop()).await;
        if timeout(SHUTDOWN_TIMEOUT, self.push()).await.is_err() {
            tracing::warn!(
                "the last push of metrics did not end in time: the receiver keeps the figures of \
                 the one before until the exporter starts again"
            );
        }
    }

    async fn run_loop(&self) {
        let patience = self.interval.min(FIRST_SNAPSHOT_TIMEOUT);
        // A push is due by then with or without a snapshot.
        timeout(patience, self.source.publisher().wait_ready())
            .await
            .ok();
        let mut due = tokio::time::interval(self.interval);
        due.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            due.tick().await;
            let mut attempt = 0;
            while let Err(error) = self.push().await
                && error.is_transient()
            {
                sleep(BACKOFF.pause(attempt, error.retry_after(), rand::random())).await;
                attempt += 1;
            }
        }
    }

    async fn push(&self) -> Result<(), ExportError> {
        let (source, resource) = (Arc::clone(&self.source), self.resource.clone());
        let (clock, gzip) = (Arc::clone(&self.clock), self.client.gzip());
        // Encoding a large snapshot takes a while, so it is kept off the threads that poll.
        let encode = move || EncodedRequest::new(&request(&*source, &resource, &*clock), gzip);
        match tokio::task::spawn_blocking(encode).await {
            Ok(request) => self.client.export(request).await.map(drop),
            Err(error) => {
                let error = ExportError::from(error);
                self.client.failed(&error);
                Err(error)
            }
        }
    }
}

/// The same metrics as a scrape at this moment.
pub fn request(
    source: &dyn MetricsSource,
    resource: &Resource,
    clock: &dyn Clock,
) -> ExportMetricsServiceRequest {
    let snapshot = source.publisher().current();
    // The time is read after the snapshot, so that no series starts after its own timestamp.
    metrics::request(resource, snapshot.options(), clock.local_ms(), |out| {
        ledger(&snapshot.accounts, out);
        source.live(&snapshot).encode(out);
    })
}
