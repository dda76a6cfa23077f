//! Windows that the API could not be read for: the cursor passes them, they are remembered, and are
//! retried until they can be read.

use tokio::time::Instant;

use super::errors::PollError;
use super::ingestor::ReadMode;
use super::log::utc;
use super::window::Window;
use super::window_ingest::WindowIngest;
use vcc_core::ledger::UnreadWindow;
use vcc_net::log_throttle::LogThrottle;
use vcc_net::log_throttled;
use vcc_vonage::Operation;

/// The most unread windows an account may have. With that many, something else is wrong than a few
/// broken records, and the cursor stays where it is.
const MAX_UNREAD_WINDOWS: usize = 1_000;

/// The first and the longest pause between attempts to read an unread window.
const HOLE_PAUSE_MS: (i64, i64) = (60_000, 6 * 3_600_000);

/// Skips windows that cannot be read.
#[derive(Debug, Default)]
pub(super) struct UnreadWindows {
    repeats: LogThrottle,
}

impl UnreadWindows {
    /// Moves the cursor past the narrowest window that cannot be read, and remembers the window.
    ///
    /// # Errors
    /// The window's own error, if no more windows can be remembered.
    pub(super) async fn skip_window(
        &mut self,
        ingest: &WindowIngest,
        window: Window,
        error: PollError,
        began: Instant,
    ) -> Result<(), PollError> {
        let health = &ingest.health;
        if ingest.meta(|meta| meta.unread_windows.len()) >= MAX_UNREAD_WINDOWS {
            self.log_full(health.name());
            return Err(error);
        }
        health.polled(Operation::Interactions, began.elapsed(), Some(&error));
        let body = error.unreadable().unwrap_or_default().to_vec();
        let now_ms = health.server_ms().unwrap_or(window.end_ms);
        let unread = UnreadWindow {
            start_ms: window.start_ms,
            end_ms: window.end_ms,
            attempts: 0,
            next_ms: now_ms + HOLE_PAUSE_MS.0,
        };
        self.log_skipped(health.name(), window);
        let left = ingest
            .with_ingestor(move |ingestor| ingestor.leave_unread_window(&body, unread, now_ms));
        Ok(left.await??)
    }

    fn log_skipped(&mut self, account: &str, window: Window) {
        let (from, to) = (utc(window.start_ms), utc(window.end_ms));
        log_throttled!(
            self.repeats.record_failure("unread_window", Instant::now()), warn, { account, %from, %to },
            first: "a window cannot be read and is skipped: its readable records are counted, and the \
                    window is retried until it can be read",
            repeated(times): "windows cannot be read and are skipped, {times}, this one last: \
                              readable records are counted, and each window is retried until it \
                              can be read",
            suppressed: "one more unread window",
        );
    }

    fn log_full(&mut self, account: &str) {
        let limit = MAX_UNREAD_WINDOWS;
        log_throttled!(
            self.repeats.record_failure("too_many_unread_windows", Instant::now()), error, { account, limit },
            first: "the maximum number of unread windows is reached: counting is paused until one of \
                    them can be read",
            repeated(times): "the maximum number of unread windows is still reached ({times}): \
                              counting is paused until one of them can be read",
            suppressed: "counting is still paused",
        );
    }
}

/// Retries the first unread window whose next attempt is due.
///
/// # Errors
/// If no window can be read at all, or the result cannot be stored.
pub(super) async fn retry_due(ingest: &WindowIngest, now_ms: i64) -> Result<(), PollError> {
    let due = |unread: &&UnreadWindow| unread.next_ms <= now_ms;
    match ingest.meta(|meta| meta.unread_windows.iter().find(due).cloned()) {
        Some(unread) => retry(ingest, unread, now_ms).await,
        None => Ok(()),
    }
}

async fn retry(ingest: &WindowIngest, unread: UnreadWindow, now_ms: i64) -> Result<(), PollError> {
    let window = Window {
        start_ms: unread.start_ms,
        end_ms: unread.end_ms,
    };
    let mode = ReadMode::RetryUnread(unread.clone());
    match ingest.ingest_window(window, mode).await {
        Ok(_) => {
            let account = ingest.health.name();
            tracing::info!(account, from = %utc(unread.start_ms), "an unread window was read");
            Ok(())
        }
        Err(error) if error.blocks_every_window() => Err(error),
        Err(_) => {
            let attempts = unread.attempts.saturating_add(1);
            let pause_ms = (HOLE_PAUSE_MS.0 << attempts.min(16)).min(HOLE_PAUSE_MS.1);
            let next_ms = now_ms + pause_ms;
            let postponed =
                ingest.with_ingestor(move |ingestor| ingestor.postpone(&unread, attempts, next_ms));
            Ok(postponed.await??)
        }
    }
}
