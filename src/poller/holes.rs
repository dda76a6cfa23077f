//! Windows the API could not be read for: passed over, remembered, and asked for again for ever.

use tokio::time::Instant;

use super::window::Window;
use super::{Poller, Purpose, Trouble, show};
use crate::api::Operation;
use crate::ledger::Hole;
use crate::log_throttled;

/// The most holes an account may have. With that many, something else is wrong than a few broken
/// records, and the cursor stands still instead of passing more.
const MAX_HOLES: usize = 1_000;

/// The pauses between attempts to fill a hole grow from the first to the second.
const HOLE_PAUSE_MS: (i64, i64) = (60_000, 6 * 3_600_000);

impl Poller {
    /// Leaves a hole where the narrowest window cannot be read.
    pub(super) async fn pass_over(
        &mut self,
        window: Window,
        trouble: Trouble,
        began: Instant,
    ) -> Result<(), Trouble> {
        if self.meta(|meta| meta.holes.len()) >= MAX_HOLES {
            self.say_full();
            return Err(trouble);
        }
        self.health
            .polled(Operation::Interactions, began.elapsed(), Some(&trouble));
        let body = trouble.unreadable().unwrap_or_default().to_vec();
        let now_ms = self.health.server_ms().unwrap_or(window.end_ms);
        let next_ms = now_ms + HOLE_PAUSE_MS.0;
        let (start_ms, end_ms) = (window.start_ms, window.end_ms);
        let hole = Hole {
            start_ms,
            end_ms,
            attempts: 0,
            next_ms,
        };
        self.say_hole(window);
        self.blocking(move |core| core.leave_hole(&body, hole, now_ms))
            .await??;
        self.strikes = 0;
        Ok(())
    }

    fn say_hole(&mut self, window: Window) {
        let (from, to) = (show(window.start_ms), show(window.end_ms));
        let account = self.health.name();
        log_throttled!(
            self.repeats.record_failure("hole", Instant::now()), warn, { account, %from, %to },
            first: "a window is unreadable and is passed over as a hole: what could be saved is \
                    counted, the rest is owed and asked for again until it can be read",
            repeated(times): "windows are unreadable and passed over, {times}, this one last: what \
                              could be saved is counted, the rest is owed and asked for again until \
                              it can be read",
            suppressed: "one more hole",
        );
    }

    fn say_full(&mut self) {
        let (account, holes) = (self.health.name(), MAX_HOLES);
        log_throttled!(
            self.repeats.record_failure("too_many_holes", Instant::now()), error, { account, holes },
            first: "as many windows are unreadable as are remembered: the cursor stands still, and \
                    nothing new is counted until some of them can be read",
            repeated(times): "too many windows are unreadable, {times}: the cursor stands still, \
                              and nothing new is counted until some of them can be read",
            suppressed: "the cursor still stands still",
        );
    }

    /// Tries to fill a hole.
    async fn fill(&mut self, hole: Hole, now_ms: i64) -> Result<(), Trouble> {
        let window = Window {
            start_ms: hole.start_ms,
            end_ms: hole.end_ms,
        };
        match self.read(window, Purpose::Fill(hole.clone())).await {
            Ok(_) => {
                tracing::info!(account = self.health.name(), from = %show(hole.start_ms), "a hole is filled");
                Ok(())
            }
            Err(stop @ (Trouble::Stopped | Trouble::Crashed(_) | Trouble::Store(_))) => Err(stop),
            Err(_) => {
                let attempts = hole.attempts.saturating_add(1);
                let pause_ms = (HOLE_PAUSE_MS.0 << attempts.min(16)).min(HOLE_PAUSE_MS.1);
                let next_ms = now_ms + pause_ms;
                Ok(self
                    .blocking(move |core| core.postpone(&hole, attempts, next_ms))
                    .await??)
            }
        }
    }

    /// Tries the first hole whose next attempt is due.
    pub(super) async fn fill_due(&mut self, now_ms: i64) -> Result<(), Trouble> {
        let due = self.meta(|meta| {
            meta.holes
                .iter()
                .find(|hole| hole.next_ms <= now_ms)
                .cloned()
        });
        match due {
            Some(hole) => self.fill(hole, now_ms).await,
            None => Ok(()),
        }
    }
}
