//! The export of interactions as traces, out of the outbox in the state.
//!
//! A trace leaves the outbox when a receiver has taken it. What is sent again after a crash has the
//! same identities and is the same trace.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry_proto::tonic::resource::v1::Resource;
use tokio::time::{MissedTickBehavior, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::answer::Reason;
use super::backoff::backoff;
use super::client::Client;
use super::journey;
use super::push::LAST;
use super::wire::Parcel;
use crate::clock::Clock;
use crate::health::Health;
use crate::snapshot::Publisher;
use crate::store::{Place, Store, StoreError};
use crate::trace::TraceId;

/// How often the outbox is looked into.
const PAUSE: Duration = Duration::from_secs(5);

/// The most traces of one request: with a dozen spans each, some hundred kilobytes.
const BATCH: usize = 200;

/// How long a trace is kept for a receiver that is away. What is older, back ends refuse or file
/// where no search finds it.
pub const MAX_AGE: Duration = Duration::from_secs(24 * 3_600);

/// The export of the outbox.
#[derive(Debug)]
pub struct Delivery {
    /// Where the outbox is.
    pub store: Arc<Store>,
    /// Where what was taken becomes exemplars.
    pub publisher: Arc<Publisher>,
    /// Where what was not taken is counted.
    pub health: Arc<Health>,
    /// Who sends.
    pub resource: Resource,
    /// Who is sent to.
    pub client: Client,
    /// The local time.
    pub clock: Arc<dyn Clock>,
}

/// What came of one attempt.
enum Outcome {
    /// Nothing waits.
    Empty,
    /// What was sent is settled.
    Settled,
    /// It waits on, for at least so long.
    Waits(Option<Duration>),
}

/// A request, and what is settled with it.
struct Batch {
    places: Vec<Place>,
    traces: Vec<TraceId>,
    parcel: Parcel,
}

impl Delivery {
    /// Exports until told that polling has ended, then what is left as long as that goes well; the
    /// rest waits for the next start.
    pub async fn run(self, ended: CancellationToken) {
        let this = Arc::new(self);
        this.health.exports_traces();
        ended.run_until_cancelled(this.again_and_again()).await;
        let rest = async { while let Ok(Outcome::Settled) = this.deliver().await {} };
        timeout(LAST, rest).await.ok();
    }

    async fn again_and_again(self: &Arc<Self>) {
        let mut due = tokio::time::interval(PAUSE);
        due.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut attempt = 0;
        loop {
            due.tick().await;
            loop {
                match self.deliver().await {
                    Ok(Outcome::Empty) => break,
                    Ok(Outcome::Settled) => attempt = 0,
                    Ok(Outcome::Waits(asked)) => {
                        sleep(backoff(attempt, asked, rand::random())).await;
                        attempt += 1;
                    }
                    Err(error) => {
                        tracing::warn!("traces wait, because {error}");
                        break;
                    }
                }
            }
        }
    }

    /// Sends the oldest that wait.
    async fn deliver(self: &Arc<Self>) -> Result<Outcome, StoreError> {
        let Some(batch) = self.blocking(Self::batch).await? else {
            return Ok(Outcome::Empty);
        };
        let traces = batch.traces;
        match self.client.export(batch.parcel).await {
            // Which of them were left out is not said, so none of them is pointed to.
            Ok(accepted) if accepted.rejected > 0 => self.publisher.forget(&traces),
            Ok(_) => self.publisher.taken(&traces, self.clock.local_ms()),
            // It would be refused for ever, and stand in the way of all that come after it.
            Err(setback) if setback.reason == Reason::Rejected => {
                self.publisher.forget(&traces);
                self.health.traces_dropped("refused", traces.len() as u64);
            }
            Err(setback) => return Ok(Outcome::Waits(setback.retry_after)),
        }
        self.blocking(move |this| this.store.settle(&batch.places))
            .await?;
        Ok(Outcome::Settled)
    }

    /// The oldest that wait, once those that have waited for too long are gone.
    fn batch(&self) -> Result<Option<Batch>, StoreError> {
        let age_ms = i64::try_from(MAX_AGE.as_millis()).unwrap_or(i64::MAX);
        let dropped = self.store.expire(self.clock.local_ms() - age_ms)?;
        self.health.traces_dropped("too_old", dropped);
        let waiting = self.store.waiting(BATCH)?;
        if waiting.is_empty() {
            return Ok(None);
        }
        let places = waiting.iter().map(|waiting| waiting.place).collect();
        let traces = waiting.iter().map(|waiting| waiting.trace.id).collect();
        let waiting = waiting.into_iter().map(|waiting| waiting.trace);
        let request = journey::request(&self.resource, waiting);
        Ok(Some(Batch {
            places,
            traces,
            parcel: Parcel::pack(&request, self.client.gzip()),
        }))
    }

    /// Does what waits for the disk, off the threads that poll.
    async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let this = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || work(&this)).await;
        done.unwrap_or_else(|error| Err(StoreError::Reopen(error.to_string())))
    }
}
