//! The export of interactions as traces, out of the outbox in the state.
//!
//! A trace leaves the outbox when a receiver has taken it. What is sent again after a crash has the
//! same identities and is the same trace.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry_proto::tonic::resource::v1::Resource;
use tokio::time::{Instant, MissedTickBehavior, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::answer::Reason;
use super::backoff::backoff;
use super::client::Client;
use super::push::LAST;
use super::resource_spans;
use super::wire::Parcel;
use crate::clock::Clock;
use crate::health::Health;
use crate::ledger::MAX_AGE_MS;
use crate::repeats::{Repeats, Say};
use crate::snapshot::Publisher;
use crate::store::{Place, Store, StoreError};
use crate::trace::TraceId;

/// How often the outbox is looked into.
const PAUSE: Duration = Duration::from_secs(5);

/// The most traces of one request: with a dozen spans each, some hundred kilobytes.
const BATCH: usize = 200;

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
    /// It waits on, for at least so long; and what is sent next is at most so many traces.
    Waits(Option<Duration>, usize),
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
        let rest = async { while let Ok(Outcome::Settled) = this.deliver(BATCH).await {} };
        timeout(LAST, rest).await.ok();
    }

    async fn again_and_again(self: &Arc<Self>) {
        let mut due = tokio::time::interval(PAUSE);
        due.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let (mut attempt, mut most, mut repeats) = (0, BATCH, Repeats::default());
        loop {
            due.tick().await;
            loop {
                let outcome = self.deliver(most).await;
                say(&mut repeats, outcome.as_ref().err());
                let asked = match outcome {
                    Ok(Outcome::Empty) => break,
                    Ok(Outcome::Settled) => {
                        (attempt, most) = (0, (most * 2).min(BATCH));
                        continue;
                    }
                    Ok(Outcome::Waits(asked, fewer)) => {
                        most = fewer;
                        asked
                    }
                    Err(_) => None,
                };
                sleep(backoff(attempt, asked, rand::random())).await;
                attempt = attempt.saturating_add(1);
            }
        }
    }

    /// Sends the oldest that wait, at most so many.
    async fn deliver(self: &Arc<Self>, most: usize) -> Result<Outcome, StoreError> {
        let Some(batch) = self.blocking(move |this| this.batch(most)).await? else {
            return Ok(Outcome::Empty);
        };
        let traces = batch.traces;
        match self.client.export(batch.parcel).await {
            // Which of them were left out is not said, so none of them is pointed to.
            Ok(accepted) if accepted.rejected > 0 => self.publisher.forget(&traces),
            Ok(_) => self.publisher.taken(&traces, self.clock.local_ms()),
            // A good status is a good status, whatever stands below it.
            Err(setback) if setback.reason == Reason::BadAnswer && setback.is_success() => {
                self.publisher.forget(&traces);
            }
            // One of them is refused, and must not take the others with it.
            Err(setback) if setback.is_of_the_body() && traces.len() > 1 => {
                return Ok(Outcome::Waits(None, traces.len() / 2));
            }
            // It would be refused for ever, and stand in the way of all that come after it.
            Err(setback) if setback.is_of_the_body() => {
                self.publisher.forget(&traces);
                self.health.traces_dropped("refused", 1);
            }
            Err(setback) => return Ok(Outcome::Waits(setback.retry_after, most)),
        }
        self.blocking(move |this| this.store.settle(&batch.places))
            .await?;
        Ok(Outcome::Settled)
    }

    /// The oldest that wait, once those that have waited for too long are gone.
    fn batch(&self, most: usize) -> Result<Option<Batch>, StoreError> {
        let dropped = self.store.expire(self.clock.local_ms() - MAX_AGE_MS)?;
        self.health.traces_dropped("too_old", dropped);
        let waiting = self.store.waiting(most)?;
        if waiting.is_empty() {
            return Ok(None);
        }
        let places = waiting.iter().map(|waiting| waiting.place).collect();
        let traces = waiting.iter().map(|waiting| waiting.trace.id).collect();
        let waiting = waiting.into_iter().map(|waiting| waiting.trace);
        let request = resource_spans::request(&self.resource, waiting);
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
        done.unwrap_or_else(|error| Err(StoreError::Reopen(error.into())))
    }
}

/// Says that the outbox cannot be read or written, and that it can be again.
fn say(repeats: &mut Repeats, error: Option<&StoreError>) {
    let Some(error) = error else {
        if let Some(over) = repeats.over(Instant::now()) {
            let lasted = humantime::format_duration(over.lasted);
            let failures = over.times;
            tracing::info!(failures, %lasted, "traces of interactions are sent again");
        }
        return;
    };
    let consequence = "traces of interactions wait in the state and are sent once that goes well";
    match repeats.happened("state", Instant::now()) {
        Say::First => tracing::warn!("{consequence}: {error}"),
        Say::Again(times) => tracing::warn!("{consequence}, which failed {times}: {error}"),
        Say::Nothing => tracing::debug!("traces wait: {error}"),
    }
}
