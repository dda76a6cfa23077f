//! Looking at what is going on now, beside the windows and without disturbing them.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::trouble::Trouble;
use crate::api::{ApiClient, FetchError, OngoingQuery, Operation, decode};
use crate::health::AccountHealth;
use crate::interaction::Interaction;
use crate::ledger::{AccountView, MAX_OPEN};
use crate::ongoing::{Gathering, Ongoing};
use crate::snapshot::Publisher;
use crate::spans;

/// The most interactions of one look, as many as an account may have open: an end to a server that
/// never ends.
const MAX_ITEMS: u32 = MAX_OPEN as u32;

/// So many refusals in a row mean that the account does not have the resource; one may be chance.
const REFUSALS: u32 = 3;

/// One account's look at what is going on.
#[derive(Debug)]
pub struct Watch {
    /// The client it shares with the windows, and so their budget.
    pub client: Arc<ApiClient>,
    /// Where the account's present is read from.
    pub publisher: Arc<Publisher>,
    /// The account's instruments.
    pub health: Arc<AccountHealth>,
    /// From one look to the next.
    pub interval: Duration,
    /// Items a page.
    pub page_size: u32,
    /// The most series of one of its families.
    pub series_limit: usize,
}

impl Watch {
    /// Looks again and again until stopped, or until the API says that this account cannot.
    pub async fn run(self, stop: CancellationToken) {
        self.health.watch(Some(self.interval), Trouble::reasons());
        let mut refusals = 0;
        loop {
            let began = Instant::now();
            let outcome = tokio::select! {
                () = stop.cancelled() => return,
                outcome = self.traced_look() => outcome,
            };
            let took = began.elapsed();
            match outcome {
                Ok(None) => {}
                Ok(Some(ongoing)) => {
                    refusals = 0;
                    self.health.saw(ongoing);
                    self.health.polled(Operation::Ongoing, took, None);
                }
                Err(trouble) => {
                    self.health.polled(Operation::Ongoing, took, Some(&trouble));
                    refusals = if self.is_refused(&trouble) {
                        refusals + 1
                    } else {
                        self.health.complain(Operation::Ongoing, &trouble);
                        0
                    };
                    if refusals == REFUSALS {
                        self.give_up(&trouble);
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

    /// One look, as a trace.
    async fn traced_look(&self) -> Result<Option<Ongoing>, Trouble> {
        let span = spans::poll(self.health.name(), Operation::Ongoing);
        let outcome = self.look().instrument(span.clone()).await;
        outcome.inspect_err(|trouble| trouble.mark(&span))
    }

    fn view(&self) -> Option<Arc<AccountView>> {
        let snapshot = self.publisher.current();
        let mut accounts = snapshot.accounts.iter();
        accounts
            .find(|view| *view.name == *self.health.name())
            .cloned()
    }

    /// Whether the account does not have the resource, so that asking again would change nothing:
    /// its first page is refused while the windows are answered.
    fn is_refused(&self, trouble: &Trouble) -> bool {
        let refused = match trouble {
            Trouble::Fetch(
                error @ (FetchError::NotFound { .. }
                | FetchError::Forbidden { .. }
                | FetchError::BadRequest { .. }),
            ) => error.at(),
            _ => None,
        };
        refused.is_some_and(|at| at.operation == Operation::Ongoing)
            && self.health.is_up(Operation::Interactions)
    }

    fn give_up(&self, trouble: &Trouble) {
        tracing::warn!(
            account = self.health.name(),
            "no live gauges: the API does not give this account what is going on now ({trouble}). \
             Everything else goes on. Set poll.ongoing_interval to 0s to say so, or ask Vonage for \
             /stats/interactions/ongoing and restart"
        );
        self.health.watch(None, std::iter::empty());
    }

    /// Reads every page; nothing before the account has begun or while it catches up, when nothing
    /// of it would be shown and the budget is needed elsewhere.
    async fn look(&self) -> Result<Option<Ongoing>, Trouble> {
        let Some(view) = self.view() else {
            return Ok(None);
        };
        if self.health.is_catching_up(view.meta.cursor_ms) != Some(false) {
            return Ok(None);
        }
        let limit = self.page_size;
        let mut found = Gathering::new(&view.dictionary, self.series_limit);
        for page in 1..=MAX_ITEMS.div_ceil(limit) {
            let body = match self.client.ongoing(&OngoingQuery { page, limit }).await {
                // The list ended meanwhile just where the page before did.
                Err(FetchError::NotFound { .. } | FetchError::BadRequest { .. }) if page > 1 => {
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
        Err(Trouble::Endless)
    }
}

type Items = (Vec<Interaction<'static>>, Option<i64>);

/// Understands a page off the threads that serve, because a large one takes a while.
async fn read(bytes: Bytes) -> Result<Items, Trouble> {
    let work = move || match decode(&bytes) {
        Ok(page) => {
            let items = page.interactions.into_iter();
            Ok((
                items.map(Interaction::into_owned).collect(),
                page.page_count,
            ))
        }
        Err(page) => Err(Trouble::NotJson {
            problem: page.problem,
            body: bytes.clone(),
        }),
    };
    let read = tokio::task::spawn_blocking(work).await;
    read.unwrap_or_else(|error| Err(Trouble::Crashed(error.to_string())))
}
