//! The poller: one task per account that reads window after window.
//!
//! From the clock to the ledger, each file above the next:
//!
//! * this file: the loop, and what is due when;
//! * `start`: how an account begins, with `probe` for the API's clock;
//! * `rescan` and `unread_windows`: the past, read again;
//! * `window_ingest`: one window, page by page;
//! * `ingestor`: one page, from its bytes to a durable commit; `maintenance`: what time changes;
//! * `window` and `page_order`: pure decisions, which window is next and which page of it.

#![allow(
    missing_docs,
    reason = "parts of the process, no interface for others: documented where there is something to say"
)]

mod errors;
mod ingestor;
mod log;
mod maintenance;
pub mod page_order;
mod probe;
mod rescan;
mod settings;
mod start;
mod unread_windows;
pub mod window;
mod window_ingest;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

pub use errors::{IngestError, PollError};
pub use ingestor::{Deps, Ingestor, PageRequest, ReadMode};
pub use probe::probe;
pub use settings::Settings;
pub use start::{AccountStart, LoadError, StartFrom, Stored, load};

use crate::health::AccountHealth;
use crate::ops::self_tracing;
use log::CatchUpLog;
use rescan::Rescan;
use unread_windows::{UnreadWindows, retry_due};
use vcc_vonage::{ApiClient, Operation};
use window::{READ_DELAY_MS, Width, Window, next_window};
use window_ingest::WindowIngest;

/// Polls an account until stopped, beginning it first if it is new.
///
/// # Errors
/// As [`Poller::run`].
pub async fn poll(
    start: AccountStart,
    deps: Deps,
    client: Arc<ApiClient>,
    settings: Settings,
    stop: CancellationToken,
) -> Result<(), PollError> {
    deps.health.set_api_url(&start.api_url);
    let begun = start::begin(start, &deps, &client, settings.interval, &stop).await;
    let (id, account) = match begun {
        Ok(begun) => begun,
        Err(PollError::Stopped) => return Ok(()),
        Err(error) => return Err(error),
    };
    let ingestor = Ingestor::new(account, id, deps);
    ingestor.publish();
    Poller::new(ingestor, client, settings, stop).run().await
}

pub struct Poller {
    ingest: WindowIngest,
    settings: Settings,
    health: Arc<AccountHealth>,
    width: Width,
    /// Of the window at the cursor.
    consecutive_failures: u32,
    rescan: Option<Rescan>,
    unread_windows: UnreadWindows,
    catch_up_log: CatchUpLog,
}

impl std::fmt::Debug for Poller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Poller")
            .field("account", &self.health.name())
            .finish_non_exhaustive()
    }
}

/// When the next tick is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    AtOnce,
    AfterInterval,
    After(Duration),
}

impl Poller {
    /// A poller for an account that was read from the state.
    pub fn new(
        ingestor: Ingestor,
        client: Arc<ApiClient>,
        settings: Settings,
        stop: CancellationToken,
    ) -> Self {
        Poller {
            health: Arc::clone(&ingestor.deps.health),
            ingest: WindowIngest::new(ingestor, client, settings.page_size, stop),
            settings,
            width: Width::default(),
            consecutive_failures: 0,
            rescan: None,
            unread_windows: UnreadWindows::default(),
            catch_up_log: CatchUpLog::default(),
        }
    }

    /// Polls until stopped.
    ///
    /// # Errors
    /// Only on a bug: nothing of the account is counted any more, so the process must end.
    pub async fn run(mut self) -> Result<(), PollError> {
        loop {
            let began = Instant::now();
            let next = match self.traced_tick().await {
                Ok(next) => next,
                Err(PollError::Stopped) => return Ok(()),
                Err(crashed @ PollError::Crashed(_)) => return Err(crashed),
                Err(error) => {
                    self.health
                        .polled(Operation::Interactions, began.elapsed(), Some(&error));
                    self.next_after(&error)
                }
            };
            let until = match next {
                Next::AtOnce => began,
                Next::AfterInterval => began + self.settings.interval,
                Next::After(pause) => Instant::now() + pause,
            };
            self.health.next_poll(Some(until));
            let waited = self.ingest.wait_until(until).await;
            self.health.next_poll(None);
            match waited {
                Ok(()) => {}
                Err(PollError::Stopped) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    async fn traced_tick(&mut self) -> Result<Next, PollError> {
        let span = self_tracing::poll(self.health.name(), Operation::Interactions.as_str());
        let outcome = self.tick().instrument(span.clone()).await;
        outcome.inspect_err(|error| error.mark(&span))
    }

    /// Reads the next window; once caught up, also does the work that is due.
    ///
    /// # Errors
    /// On any failure; the state is then as after the last commit.
    async fn tick(&mut self) -> Result<Next, PollError> {
        if self.health.server_ms().is_none() {
            self.probe().await?;
        }
        let now_ms = self.health.server_ms().unwrap_or(i64::MIN);
        let until_ms = now_ms - READ_DELAY_MS;
        let (cursor_ms, unread) =
            (self.ingest).meta(|meta| (meta.cursor_ms, meta.unread_windows.clone()));
        let overlap_ms = self.settings.overlap_ms;
        if until_ms < cursor_ms {
            // The clock is behind what was read: it was taken from a stale response, or was set
            // back. Without a request nothing would ever correct it.
            let began = Instant::now();
            self.probe().await?;
            self.health
                .polled(Operation::Interactions, began.elapsed(), None);
            return Ok(Next::AfterInterval);
        }
        if let Some(window) = next_window(cursor_ms, until_ms, overlap_ms, self.width, &unread) {
            self.health.begin_catch_up(cursor_ms);
            self.advance(window, cursor_ms).await?;
        }
        let cursor_ms = self.ingest.meta(|meta| meta.cursor_ms);
        let behind_ms = until_ms - cursor_ms;
        if behind_ms > self.settings.behind_ms() {
            self.catch_up_log
                .log_progress(&self.health, cursor_ms, behind_ms);
            return Ok(Next::AtOnce);
        }
        self.catch_up_log.log_arrival(&self.health);
        let maintain = move |ingestor: &mut Ingestor| ingestor.maintain(now_ms);
        self.ingest.with_ingestor(maintain).await??;
        retry_due(&self.ingest, now_ms).await?;
        self.rescan(now_ms).await?;
        // A window that failures narrowed grows back without pauses.
        Ok(
            if behind_ms > 0 && behind_ms > self.settings.interval.as_millis() as i64 {
                Next::AtOnce
            } else {
                Next::AfterInterval
            },
        )
    }

    async fn probe(&self) -> Result<i64, PollError> {
        probe(&self.ingest.client, &self.health, &self.ingest.stop).await
    }

    /// Reads the window at the cursor; on a failure decides whether the next one is narrower, or
    /// whether this one is skipped.
    async fn advance(&mut self, window: Window, cursor_ms: i64) -> Result<(), PollError> {
        let began = Instant::now();
        let ahead_ms = window.end_ms - cursor_ms;
        let error = match self.ingest.ingest_window(window, ReadMode::Forward).await {
            Ok(stats) => {
                self.consecutive_failures = 0;
                self.width.fit(ahead_ms, stats, self.settings.overlap_ms);
                self.health
                    .polled(Operation::Interactions, began.elapsed(), None);
                return Ok(());
            }
            Err(error) if error.ends_polling() => return Err(error),
            Err(error) => error,
        };
        self.consecutive_failures += 1;
        let moving = matches!(error, PollError::TooWide);
        // One failure may be chance; a second one of the same window is not.
        if moving || (self.consecutive_failures >= 2 && error.wants_narrower()) {
            let narrower = self.width.narrow(ahead_ms);
            if !narrower && error.unreadable().is_some() {
                self.unread_windows
                    .skip_window(&self.ingest, window, error, began)
                    .await?;
                self.consecutive_failures = 0;
                return Ok(());
            }
        }
        if moving { Ok(()) } else { Err(error) }
    }

    /// Reads the next window of a rescan, if one is due or under way.
    async fn rescan(&mut self, now_ms: i64) -> Result<(), PollError> {
        let current = self.rescan.take();
        let due = || Rescan::due(&self.ingest, &self.settings, now_ms);
        if let Some(rescan) = current.or_else(due) {
            self.rescan = rescan.read_next(&self.ingest).await?;
        }
        Ok(())
    }

    /// Logs a failed tick, and decides when the next one is.
    fn next_after(&self, error: &PollError) -> Next {
        self.health.log_failure(Operation::Interactions, error);
        let demanded = match error {
            PollError::Fetch(error) => error.retry_after(),
            _ => None,
        };
        demanded
            .filter(|pause| *pause > self.settings.interval)
            .map_or(Next::AfterInterval, Next::After)
    }
}
