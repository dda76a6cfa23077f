//! Polls the ongoing interactions of one account, beside its windows.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::collector::{LiveCollector, Ongoing};
use crate::health::{AccountHealth, LiveGauges};
use crate::ops::self_tracing;
use crate::poller::{IngestError, PollError};
use vcc_core::interaction::Interaction;
use vcc_core::ledger::{AccountView, MAX_OPEN};
use vcc_core::series::Gauge;
use vcc_exposition::Publisher;
use vcc_vonage::{ApiClient, FetchError, FetchErrorKind, OngoingQuery, Operation, decode};

/// The most interactions of one poll, as many as an account may have open: a limit for a server
/// whose list never ends.
const MAX_ITEMS: u32 = MAX_OPEN as u32;

/// So many refusals in a row mean that the account lacks the resource; one may be chance.
const REFUSALS: u32 = 3;

/// Polls what is ongoing of one account.
#[derive(Debug)]
pub struct LivePoller {
    /// Shared with the windows, and with it the rate limit.
    pub client: Arc<ApiClient>,
    pub publisher: Arc<Publisher>,
    pub health: Arc<AccountHealth>,
    /// From the start of one poll to the next.
    pub interval: Duration,
    /// Items per page.
    pub page_size: u32,
    pub series_limit: usize,
}

impl LivePoller {
    /// Polls until stopped, or until the API shows that the account lacks the resource.
    pub async fn run(self, stop: CancellationToken) {
        self.health.watch(Some(self.interval), PollError::reasons());
        let mut refusals = 0;
        loop {
            let began = Instant::now();
            let outcome = tokio::select! {
                () = stop.cancelled() => return,
                outcome = self.traced_poll() => outcome,
            };
            let took = began.elapsed();
            match outcome {
                Ok(None) => {}
                Ok(Some(ongoing)) => {
                    refusals = 0;
                    self.health.set_live(Arc::new(ongoing));
                    self.health.polled(Operation::Ongoing, took, None);
                }
                Err(error) => {
                    self.health.polled(Operation::Ongoing, took, Some(&error));
                    refusals = if self.is_refused(&error) {
                        refusals + 1
                    } else {
                        self.health.log_failure(Operation::Ongoing, &error);
                        0
                    };
                    if refusals == REFUSALS {
                        self.give_up(&error);
                        return;
                    }
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep_until(began + self.interval) => {}
            }
        }
    }

    /// One poll, as a trace.
    async fn traced_poll(&self) -> Result<Option<Ongoing>, PollError> {
        let span = self_tracing::poll(self.health.name(), Operation::Ongoing.as_str());
        let outcome = self.poll_once().instrument(span.clone()).await;
        outcome.inspect_err(|error| error.mark(&span))
    }

    fn view(&self) -> Option<Arc<AccountView>> {
        let snapshot = self.publisher.current();
        let mut accounts = snapshot.accounts.iter();
        accounts
            .find(|view| *view.name == *self.health.name())
            .cloned()
    }

    /// Whether the account lacks the resource, so that a retry would change nothing: its first page is
    /// refused while the windows are answered.
    fn is_refused(&self, error: &PollError) -> bool {
        let refused = match error {
            PollError::Fetch(FetchError {
                at,
                kind:
                    FetchErrorKind::NotFound
                    | FetchErrorKind::Forbidden { .. }
                    | FetchErrorKind::BadRequest { .. },
            }) => Some(at),
            _ => None,
        };
        refused.is_some_and(|at| at.operation == Operation::Ongoing)
            && self.health.is_up(Operation::Interactions)
    }

    fn give_up(&self, error: &PollError) {
        tracing::warn!(
            account = self.health.name(),
            "no live gauges: the API does not give this account what is going on now ({error}). \
             Everything else goes on. Set poll.ongoing_interval to 0s to say so, or ask Vonage for \
             /stats/interactions/ongoing and restart"
        );
        self.health.watch(None, std::iter::empty());
    }

    /// Reads every page. Returns nothing before the account has begun or while it catches up: the live
    /// gauges would not be exported, and the windows need the rate limit.
    async fn poll_once(&self) -> Result<Option<Ongoing>, PollError> {
        let Some(view) = self.view() else {
            return Ok(None);
        };
        if self.health.is_catching_up(view.meta.cursor_ms) != Some(false) {
            return Ok(None);
        }
        let limit = self.page_size;
        let mut found = LiveCollector::new(&view.labels, self.series_limit);
        for page in 1..=MAX_ITEMS.div_ceil(limit) {
            let body = match self.client.ongoing(&OngoingQuery { page, limit }).await {
                // The list ended meanwhile just where the page before did.
                Err(FetchError {
                    kind: FetchErrorKind::NotFound | FetchErrorKind::BadRequest { .. },
                    ..
                }) if page > 1 => {
                    return Ok(Some(found.finish()));
                }
                answer => answer?,
            };
            let (items, page_count) = read(body.bytes).await?;
            let full = items.len() >= limit as usize;
            let mut news = false;
            for item in &items {
                news |= found.take(item);
            }
            let more = full || page_count.is_some_and(|count| count > i64::from(page));
            if !(more && news) {
                return Ok(Some(found.finish()));
            }
        }
        Err(PollError::TooManyItems)
    }
}

impl LiveGauges for Ongoing {
    fn gauges(&self, account: &str, view: &AccountView) -> Vec<Gauge> {
        Ongoing::gauges(self, account, view)
    }
}

type Items = (Vec<Interaction<'static>>, Option<i64>);

/// Decodes a page on a blocking thread, because a large one takes a while.
async fn read(bytes: Bytes) -> Result<Items, PollError> {
    let work = move || match decode(&bytes) {
        Ok(page) => {
            let items = page.interactions.into_iter();
            Ok((
                items.map(Interaction::into_owned).collect(),
                page.page_count,
            ))
        }
        Err(page) => Err(PollError::Ingest(IngestError::NotJson {
            problem: page.to_string(),
            body: bytes.clone(),
        })),
    };
    let read = tokio::task::spawn_blocking(work).await;
    read.unwrap_or_else(|error| Err(PollError::Crashed(error.to_string())))
}
