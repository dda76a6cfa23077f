//! The poller: one task per account that reads window after window.
//!
//! It owns the loop and the clock. What a page means is decided in the ledger; how pages make a
//! window in [`reading`]; which window comes next in [`window`].

mod core;
mod holes;
mod ongoing;
pub mod reading;
mod reread;
mod start;
mod trouble;
pub mod window;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};

pub use self::core::{Core, PageTrouble, Purpose};
pub use self::ongoing::Watch;
pub use self::start::{Parts, StartError, StartFrom, Stored, first_meta, load, poll, probe};
pub use self::trouble::Trouble;

use crate::api::{ApiClient, Body, Operation, PageQuery};
use crate::health::AccountHealth;
use crate::repeats::Repeats;
use crate::spans;
use reading::{Reading, Step};
use reread::Reread;
use window::{Extent, SETTLE_BEHIND_MS, Width, Window, next_window};

/// How long an identical URL may be answered from a cache, by the API's `Cache-Control`.
const CACHE: Duration = Duration::from_secs(5);

/// How an account is polled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Pause between polls once caught up.
    pub interval: Duration,
    /// Where counting of a new account begins.
    pub start_from: StartFrom,
    /// Pause between polls of what is going on now; zero for never.
    pub ongoing_interval: Duration,
    /// Items a page.
    pub page_size: u32,
    /// How far each window looks back.
    pub overlap_ms: i64,
    /// How often the recent past is read again.
    pub reread_interval_ms: i64,
    /// How much of it.
    pub reread_span_ms: i64,
}

impl Default for Settings {
    fn default() -> Self {
        const MINUTE_MS: i64 = 60_000;
        Settings {
            interval: Duration::from_secs(15),
            start_from: StartFrom::Now,
            ongoing_interval: Duration::from_secs(15),
            page_size: 1_000,
            overlap_ms: 2 * MINUTE_MS,
            reread_interval_ms: 60 * MINUTE_MS,
            reread_span_ms: 6 * 60 * MINUTE_MS,
        }
    }
}

impl Settings {
    /// How far the cursor may be behind before that is called catching up: some polls may fail
    /// without it.
    pub fn behind_ms(&self) -> i64 {
        const LEAST_MS: i64 = 5 * 60_000;
        LEAST_MS.max(4 * self.interval.as_millis() as i64)
    }
}

/// One account's poller.
pub struct Poller {
    core: Arc<Mutex<Core>>,
    client: Arc<ApiClient>,
    settings: Settings,
    health: Arc<AccountHealth>,
    stop: CancellationToken,
    width: Width,
    /// Failures in a row of the window at the cursor.
    strikes: u32,
    reread: Option<Reread>,
    /// When progress was last spoken of, since catching up began.
    said: Option<Instant>,
    /// What went wrong with holes.
    repeats: Repeats,
}

impl std::fmt::Debug for Poller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Poller")
            .field("account", &self.health.name())
            .finish_non_exhaustive()
    }
}

/// What to do after a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    AtOnce,
    AfterInterval,
    After(Duration),
}

impl Poller {
    /// A poller for an account that was read from the state.
    pub fn new(
        core: Core,
        client: Arc<ApiClient>,
        settings: Settings,
        stop: CancellationToken,
    ) -> Self {
        Poller {
            health: Arc::clone(&core.health),
            core: Arc::new(Mutex::new(core)),
            client,
            settings,
            stop,
            width: Width::default(),
            strikes: 0,
            reread: None,
            said: None,
            repeats: Repeats::default(),
        }
    }

    /// Polls until stopped.
    ///
    /// # Errors
    /// Only on a bug: the account's numbers then stand still, and the process must not pretend
    /// otherwise.
    pub async fn run(mut self) -> Result<(), Trouble> {
        loop {
            let began = Instant::now();
            let next = match self.traced_turn().await {
                Ok(next) => next,
                Err(Trouble::Stopped) => return Ok(()),
                Err(crashed @ Trouble::Crashed(_)) => return Err(crashed),
                Err(trouble) => {
                    self.health
                        .polled(Operation::Interactions, began.elapsed(), Some(&trouble));
                    self.failed(&trouble)
                }
            };
            let until = match next {
                Next::AtOnce => began,
                Next::AfterInterval => began + self.settings.interval,
                Next::After(pause) => Instant::now() + pause,
            };
            self.health.next_poll(Some(until));
            let rested = self.rest(until).await;
            self.health.next_poll(None);
            match rested {
                Ok(()) => {}
                Err(Trouble::Stopped) => return Ok(()),
                Err(trouble) => return Err(trouble),
            }
        }
    }

    /// One turn, as a trace.
    async fn traced_turn(&mut self) -> Result<Next, Trouble> {
        let span = spans::poll(self.health.name(), Operation::Interactions);
        let outcome = self.turn().instrument(span.clone()).await;
        outcome.inspect_err(|trouble| trouble.mark(&span))
    }

    /// One turn: the next window, or, caught up, what else is due.
    ///
    /// # Errors
    /// If anything went wrong; the state is then as after the last commit.
    async fn turn(&mut self) -> Result<Next, Trouble> {
        if self.health.server_ms().is_none() {
            start::probe(&self.client, &self.health, &self.stop).await?;
        }
        let now_ms = self.health.server_ms().unwrap_or(i64::MIN);
        let until_ms = now_ms - SETTLE_BEHIND_MS;
        let (cursor_ms, holes) = self.meta(|meta| (meta.cursor_ms, meta.holes.clone()));
        let overlap_ms = self.settings.overlap_ms;
        if until_ms < cursor_ms {
            // The clock lies behind what was read: it was learnt from a stale response, or it was
            // set back. Without a request nothing would ever correct it.
            let began = Instant::now();
            start::probe(&self.client, &self.health, &self.stop).await?;
            self.health
                .polled(Operation::Interactions, began.elapsed(), None);
            return Ok(Next::AfterInterval);
        }
        if let Some(window) = next_window(cursor_ms, until_ms, overlap_ms, self.width, &holes) {
            self.health.sets_out(cursor_ms);
            self.forward(window, cursor_ms).await?;
        }
        let behind_ms = until_ms - self.meta(|meta| meta.cursor_ms);
        if behind_ms > self.settings.behind_ms() {
            self.say_progress(behind_ms);
            return Ok(Next::AtOnce);
        }
        self.say_arrival();
        self.blocking(move |core| core.maintain(now_ms)).await??;
        self.fill_due(now_ms).await?;
        self.read_again(now_ms).await?;
        // A window narrowed by trouble grows back without pauses.
        Ok(
            if behind_ms > 0 && behind_ms > self.settings.interval.as_millis() as i64 {
                Next::AtOnce
            } else {
                Next::AfterInterval
            },
        )
    }

    /// Reads the window at the cursor; on trouble decides how to go on.
    async fn forward(&mut self, window: Window, cursor_ms: i64) -> Result<(), Trouble> {
        let began = Instant::now();
        let outcome = self.read(window, Purpose::Forward).await;
        let trouble = match outcome {
            Ok(extent) => {
                self.strikes = 0;
                let overlap_ms = self.settings.overlap_ms;
                self.width
                    .fit(window.end_ms - cursor_ms, extent, overlap_ms);
                self.health
                    .polled(Operation::Interactions, began.elapsed(), None);
                return Ok(());
            }
            Err(trouble) => trouble,
        };
        if matches!(trouble, Trouble::Stopped | Trouble::Crashed(_)) {
            return Err(trouble);
        }
        self.strikes += 1;
        let moving = matches!(trouble, Trouble::TooWide);
        // One failure may be chance; a second one of the same window is not.
        if moving || (self.strikes >= 2 && trouble.wants_narrower()) {
            let narrower = self.width.narrow(window.end_ms - cursor_ms);
            if !narrower && trouble.unreadable().is_some() {
                return self.pass_over(window, trouble, began).await;
            }
        }
        if moving { Ok(()) } else { Err(trouble) }
    }

    /// Reads all pages of a window, each durably.
    async fn read(&mut self, window: Window, purpose: Purpose) -> Result<Extent, Trouble> {
        let limit = self.settings.page_size;
        let mut reading = Reading::new(window, limit);
        let mut page = 1;
        loop {
            let (start_ms, end_ms) = (window.start_ms, Some(window.end_ms));
            let query = PageQuery {
                start_ms,
                end_ms,
                page,
                limit,
            };
            let span = spans::page(page);
            let failed = |trouble: &Trouble| trouble.mark(&span);
            let body = self.fetch(&query).instrument(span.clone()).await;
            let body = body.inspect_err(failed)?;
            let (bytes, purpose) = (body.bytes.clone(), purpose.clone());
            let (step, back) = self
                .blocking(move |core| {
                    let step =
                        core.take(&bytes, body.received, page, limit, &mut reading, &purpose);
                    (step, reading)
                })
                .instrument(span.clone())
                .await?;
            reading = back;
            let step = step.map_err(|trouble| Trouble::of_page(trouble, body.bytes));
            match step.inspect_err(failed)? {
                Step::Next(next) => page = next,
                Step::Done(_) => return Ok(reading.extent()),
                Step::TooWide => return Err(Trouble::TooWide),
                Step::Stale => self.rest(Instant::now() + CACHE).await?,
            }
        }
    }

    /// Fetches a page. That may take many minutes where the API asks for patience, so series whose
    /// hold is over are released meanwhile.
    async fn fetch(&self, query: &PageQuery) -> Result<Body, Trouble> {
        let page = start::page(&self.client, query, &self.stop);
        tokio::pin!(page);
        loop {
            let release = self.next_release();
            let due = async {
                match release {
                    Some(release) => sleep_until(release).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                body = &mut page => return body,
                () = due => {}
            }
            let now_ms = self.health.server_ms().unwrap_or_default();
            if self
                .blocking(move |core| core.release(now_ms))
                .await?
                .is_err()
            {
                // The hold goes on; whoever commits the page meets the same trouble and says so.
                return page.await;
            }
        }
    }

    /// When the next hold is over.
    fn next_release(&self) -> Option<Instant> {
        let core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        let next = core.account.next_release_ms(&core.rules);
        next.map(|ms| core.started + Duration::from_millis(ms))
    }

    /// Waits, releasing series whose hold is over meanwhile.
    async fn rest(&mut self, until: Instant) -> Result<(), Trouble> {
        loop {
            let release = self.next_release();
            let wake = release.map_or(until, |release| release.min(until));
            tokio::select! {
                () = self.stop.cancelled() => return Err(Trouble::Stopped),
                () = sleep_until(wake) => {}
            }
            if release.is_some_and(|release| release <= Instant::now()) {
                let now_ms = self.health.server_ms().unwrap_or_default();
                if let Err(error) = self.blocking(move |core| core.release(now_ms)).await? {
                    self.failed(&Trouble::Store(error));
                    // The hold goes on; the next turn tries again.
                    tokio::select! {
                        () = self.stop.cancelled() => return Err(Trouble::Stopped),
                        () = sleep_until(until) => return Ok(()),
                    }
                }
            }
            if Instant::now() >= until {
                return Ok(());
            }
        }
    }

    /// Runs the blocking half. It is never abandoned half-way: a commit is finished or fails.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Core) -> T + Send + 'static,
    ) -> Result<T, Trouble> {
        let (core, span) = (Arc::clone(&self.core), Span::current());
        let task = tokio::task::spawn_blocking(move || {
            let mut core = core.lock().map_err(|_| "an earlier panic".to_owned())?;
            Ok(span.in_scope(|| work(&mut core)))
        });
        match task.await {
            Ok(outcome) => outcome.map_err(Trouble::Crashed),
            Err(error) => Err(Trouble::Crashed(error.to_string())),
        }
    }

    fn meta<T>(&self, read: impl FnOnce(&crate::ledger::Meta) -> T) -> T {
        read(
            &self
                .core
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .account
                .meta,
        )
    }

    /// Says what is wrong, and decides when to come again.
    fn failed(&mut self, trouble: &Trouble) -> Next {
        self.health.complain(Operation::Interactions, trouble);
        let asked = match trouble {
            Trouble::Fetch(error) => error.retry_after(),
            _ => None,
        };
        asked
            .filter(|pause| *pause > self.settings.interval)
            .map_or(Next::AfterInterval, Next::After)
    }

    /// Says how far along catching up is, at most every few seconds.
    fn say_progress(&mut self, behind_ms: i64) {
        const PAUSE: Duration = Duration::from_secs(10);
        if self.said.is_some_and(|said| said.elapsed() < PAUSE) {
            return;
        }
        self.said = Some(Instant::now());
        let cursor_ms = self.meta(|meta| meta.cursor_ms);
        let estimate = self.health.catch_up().map(|(_, estimate)| estimate);
        let share = estimate.map_or(0.0, |estimate| estimate.share);
        let remaining = estimate.and_then(|estimate| estimate.remaining);
        tracing::info!(
            account = self.health.name(), read_up_to = %show(cursor_ms),
            behind = %in_seconds(Duration::from_millis(behind_ms.unsigned_abs())),
            done = %format_args!("{:.0}%", (share * 100.0).floor()),
            remaining = remaining.map_or("unknown".to_owned(), in_seconds),
            "catching up"
        );
    }

    /// Says that catching up is done, if it was spoken of.
    fn say_arrival(&mut self) {
        let arrived = self.health.arrived();
        if let (Some(_), Some(catch_up)) = (self.said.take(), arrived) {
            tracing::info!(
                account = self.health.name(), from = %show(catch_up.from_ms()),
                took = in_seconds(catch_up.began().elapsed()),
                "caught up: polls go on at their interval"
            );
        }
    }
}

fn in_seconds(duration: Duration) -> String {
    humantime::format_duration(Duration::from_secs(duration.as_secs())).to_string()
}

fn show(ms: i64) -> String {
    let time = chrono::DateTime::from_timestamp_millis(ms).unwrap_or_default();
    time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
