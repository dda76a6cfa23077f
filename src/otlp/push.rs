//! The push of the metrics: every interval the newest snapshot, as a scrape would show it.
//!
//! Values are cumulative, so the newest stand for all before them: nothing is ever queued, and what
//! is repeated after a failure is not the old request but the snapshot there is by then.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::resource::v1::Resource;
use tokio::time::{MissedTickBehavior, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::answer::{Reason, Setback};
use super::backoff::backoff;
use super::client::Client;
use super::metrics;
use super::wire::Parcel;
use crate::clock::Clock;
use crate::expose::{MetricsSource, ledger};

/// How long the last export may keep a process that is stopping: as long as its connections.
pub const LAST: Duration = Duration::from_secs(5);

/// How long the first push waits for a snapshot. Without one it says at least that there is none.
const FIRST: Duration = Duration::from_secs(10);

/// The push of the metrics.
#[derive(Debug)]
pub struct Push {
    /// What is shown.
    pub site: Arc<dyn MetricsSource>,
    /// Who shows it.
    pub resource: Resource,
    /// Who is shown it.
    pub client: Client,
    /// The time from one push to the next.
    pub interval: Duration,
    /// The local time.
    pub clock: Arc<dyn Clock>,
}

impl Push {
    /// Pushes until told that polling has ended, then once more.
    pub async fn run(self, ended: CancellationToken) {
        // A push under way is abandoned: the last one says the same and more.
        ended.run_until_cancelled(self.again_and_again()).await;
        if timeout(LAST, self.push()).await.is_err() {
            tracing::warn!(
                "the last push of metrics did not end in time: the receiver keeps the figures of \
                 the one before until the exporter starts again"
            );
        }
    }

    async fn again_and_again(&self) {
        let patience = self.interval.min(FIRST);
        // Whether there was one by then or not, it is time.
        timeout(patience, self.site.publisher().wait_ready())
            .await
            .ok();
        let mut due = tokio::time::interval(self.interval);
        due.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            due.tick().await;
            let mut attempt = 0;
            while let Err(setback) = self.push().await
                && setback.reason.is_passing()
            {
                sleep(backoff(attempt, setback.retry_after, rand::random())).await;
                attempt += 1;
            }
        }
    }

    async fn push(&self) -> Result<(), Setback> {
        let (site, resource) = (Arc::clone(&self.site), self.resource.clone());
        let (clock, gzip) = (Arc::clone(&self.clock), self.client.gzip());
        // Encoding a large snapshot takes a while, so it is kept off the threads that poll.
        let packing = move || Parcel::pack(&request(&*site, &resource, &*clock), gzip);
        match tokio::task::spawn_blocking(packing).await {
            Ok(parcel) => self.client.export(parcel).await.map(drop),
            Err(error) => {
                let words = format!("this is a bug in the exporter: {error}");
                let setback = Setback::new(Reason::Unsent, words);
                self.client.failed(&setback);
                Err(setback)
            }
        }
    }
}

/// Everything a scrape at this moment would show.
pub fn request(
    site: &dyn MetricsSource,
    resource: &Resource,
    clock: &dyn Clock,
) -> ExportMetricsServiceRequest {
    let snapshot = site.publisher().current();
    // Read afterwards, so that no series begins after the time it is shown at.
    metrics::request(resource, snapshot.options(), clock.local_ms(), |out| {
        ledger(&snapshot.accounts, out);
        site.live(&snapshot).encode(out);
    })
}
