//! Exports interactions as traces from the outbox.
//!
//! A trace leaves the outbox when a receiver has accepted it. After a crash it may be sent again; its
//! ids are the same, so it is the same trace.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry_proto::tonic::resource::v1::Resource;
use tokio::task::JoinError;
use tokio::time::{Instant, MissedTickBehavior, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::client::{BACKOFF, Client, SHUTDOWN_TIMEOUT};
use super::error::ExportError;
use super::export_counters::DropReason;
use super::resource_spans;
use super::transport::EncodedRequest;
use vcc_core::ledger::MAX_AGE_MS;
use vcc_core::trace::{Trace, TraceId};
use vcc_exposition::Publisher;
use vcc_net::clock::Clock;
use vcc_net::log_throttle::LogThrottle;
use vcc_net::log_throttled;

/// How often an empty outbox is checked.
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// The most traces of one request: with a dozen spans each, some hundred kilobytes.
const MAX_BATCH: usize = 200;

/// Durable storage of traces until a receiver has accepted them. The calls may wait for the disk.
pub trait TraceOutbox: Send + Sync + fmt::Debug {
    /// Removes the traces that were ready before `before_ms`, local Unix time; returns how many.
    ///
    /// # Errors
    /// If that could not be made durable.
    fn expire(&self, before_ms: i64) -> Result<u64, OutboxError>;

    /// The oldest traces, at most `limit`.
    ///
    /// # Errors
    /// If the outbox cannot be read.
    fn oldest(&self, limit: usize) -> Result<QueuedTraces, OutboxError>;
}

/// Traces of the outbox.
pub struct QueuedTraces {
    /// The traces, oldest first.
    pub traces: Vec<Trace>,
    /// Removes these traces from the outbox; it may wait for the disk.
    pub remove: Box<dyn FnOnce() -> Result<(), OutboxError> + Send>,
}

impl fmt::Debug for QueuedTraces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueuedTraces")
            .field("traces", &self.traces)
            .finish_non_exhaustive()
    }
}

/// The outbox cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// The storage failed.
    #[error(transparent)]
    Storage(Box<dyn Error + Send + Sync>),
    /// Reading or writing panicked.
    #[error("this is a bug in the exporter: {0}")]
    Panicked(#[from] JoinError),
}

/// The export of the outbox.
#[derive(Debug)]
pub struct TraceExporter {
    /// The traces.
    pub outbox: Arc<dyn TraceOutbox>,
    /// Makes exemplars of accepted traces.
    pub publisher: Arc<Publisher>,
    /// The resource of every request.
    pub resource: Resource,
    /// The receiver.
    pub client: Client,
    /// The local time.
    pub clock: Arc<dyn Clock>,
}

/// The result of one attempt.
enum Progress {
    /// The outbox is empty.
    Empty,
    /// The traces that were sent left the outbox.
    Settled,
    /// They stay in the outbox.
    Retry {
        /// How long the receiver asks the client to wait.
        after: Option<Duration>,
        /// The most traces of the next request.
        limit: usize,
    },
}

/// A request, and how to remove its traces from the outbox.
struct Batch {
    ids: Vec<TraceId>,
    remove: Box<dyn FnOnce() -> Result<(), OutboxError> + Send>,
    request: EncodedRequest,
}

impl TraceExporter {
    /// Exports until `stop`, which is cancelled once polling has ended, and then the rest as long as
    /// requests succeed. What is left then is exported after the next start.
    pub async fn run(self, stop: CancellationToken) {
        let this = Arc::new(self);
        this.client.metrics().begin_outbox();
        stop.run_until_cancelled(this.run_loop()).await;
        let drain = async { while let Ok(Progress::Settled) = this.export(MAX_BATCH).await {} };
        timeout(SHUTDOWN_TIMEOUT, drain).await.ok();
    }

    async fn run_loop(self: &Arc<Self>) {
        let mut due = tokio::time::interval(POLL_INTERVAL);
        due.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let (mut attempt, mut limit, mut failures) = (0, MAX_BATCH, LogThrottle::default());
        loop {
            due.tick().await;
            loop {
                let progress = self.export(limit).await;
                log_outbox(&mut failures, progress.as_ref().err());
                let after = match progress {
                    Ok(Progress::Empty) => break,
                    Ok(Progress::Settled) => {
                        (attempt, limit) = (0, (limit * 2).min(MAX_BATCH));
                        continue;
                    }
                    Ok(Progress::Retry { after, limit: next }) => {
                        limit = next;
                        after
                    }
                    Err(_) => None,
                };
                sleep(BACKOFF.pause(attempt, after, rand::random())).await;
                attempt = attempt.saturating_add(1);
            }
        }
    }

    /// Sends the oldest traces, at most `limit`.
    async fn export(self: &Arc<Self>, limit: usize) -> Result<Progress, OutboxError> {
        let this = Arc::clone(self);
        let Some(batch) = blocking(move || this.batch(limit)).await? else {
            return Ok(Progress::Empty);
        };
        let ids = batch.ids;
        match self.client.export(batch.request).await {
            // The response does not name the rejected ones, so none of them becomes an exemplar.
            Ok(outcome) if outcome.rejected > 0 => self.publisher.discard(&ids),
            Ok(_) => self.publisher.promote(&ids, self.clock.local_ms()),
            // The status is a success whatever the body says.
            Err(ExportError::InvalidBody { .. }) => self.publisher.discard(&ids),
            // One of them is rejected, and must not block the others.
            Err(error) if error.rejects_content() && ids.len() > 1 => {
                return Ok(Progress::Retry {
                    after: None,
                    limit: ids.len() / 2,
                });
            }
            // It would be rejected at every attempt and block all traces after it.
            Err(error) if error.rejects_content() => {
                self.publisher.discard(&ids);
                let metrics = self.client.metrics();
                metrics.traces_dropped(DropReason::Refused, 1);
            }
            Err(error) => {
                let after = error.retry_after();
                return Ok(Progress::Retry { after, limit });
            }
        }
        blocking(batch.remove).await?;
        Ok(Progress::Settled)
    }

    /// The oldest traces as a request, after those that are too old were removed.
    fn batch(&self, limit: usize) -> Result<Option<Batch>, OutboxError> {
        let dropped = self.outbox.expire(self.clock.local_ms() - MAX_AGE_MS)?;
        let metrics = self.client.metrics();
        metrics.traces_dropped(DropReason::TooOld, dropped);
        let QueuedTraces { traces, remove } = self.outbox.oldest(limit)?;
        if traces.is_empty() {
            return Ok(None);
        }
        let ids = traces.iter().map(|trace| trace.id).collect();
        let request = resource_spans::request(&self.resource, traces);
        Ok(Some(Batch {
            ids,
            remove,
            request: EncodedRequest::new(&request, self.client.gzip()),
        }))
    }
}

/// Waits for the disk off the threads that poll.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, OutboxError> + Send + 'static,
) -> Result<T, OutboxError> {
    tokio::task::spawn_blocking(work).await?
}

/// Logs that the outbox cannot be read or written, and when that is over.
fn log_outbox(failures: &mut LogThrottle, error: Option<&OutboxError>) {
    let Some(error) = error else {
        if let Some(over) = failures.record_success(Instant::now()) {
            let lasted = humantime::format_duration(over.lasted);
            let failures = over.times;
            tracing::info!(failures, %lasted, "traces of interactions are sent again");
        }
        return;
    };
    let consequence = "traces of interactions wait in the state and are sent once that goes well";
    log_throttled!(
        failures.record_failure("state", Instant::now()), warn, {},
        first: "{consequence}: {error}",
        repeated(times): "{consequence}, which failed {times}: {error}",
        suppressed: "traces wait: {error}",
    );
}
