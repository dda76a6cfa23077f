//! Reading the recent past again, for what was processed into it late.
//!
//! The ledger makes it free; what it finds is counted and shows as recovered.

use super::window::{MIN_WIDTH_MS, Width, around_holes, next_window};
use super::{Poller, Purpose, Trouble};

/// A re-reading on its way; one window of it is read a turn, so that the present has precedence.
#[derive(Debug)]
pub(super) struct Reread {
    at_ms: i64,
    until_ms: i64,
    began_ms: i64,
    width: Width,
}

impl Poller {
    /// Reads the next window of the recent past again, if that is due or on its way.
    pub(super) async fn read_again(&mut self, now_ms: i64) -> Result<(), Trouble> {
        let Some(mut reread) = self.reread.take().or_else(|| self.reread_due(now_ms)) else {
            return Ok(());
        };
        let holes = self.meta(|meta| meta.holes.clone());
        let window = around_holes(reread.at_ms, reread.until_ms, &holes)
            .and_then(|(from_ms, to_ms)| next_window(from_ms, to_ms, 0, reread.width, &[]));
        let Some(window) = window else {
            let began_ms = reread.began_ms;
            return Ok(self.blocking(move |core| core.reread(began_ms)).await??);
        };
        match self.read(window, Purpose::Reread).await {
            Ok(extent) => {
                reread.at_ms = window.end_ms;
                let read_ms = window.end_ms - window.start_ms;
                reread.width.fit(read_ms, extent, 0);
            }
            Err(stop @ (Trouble::Stopped | Trouble::Crashed(_) | Trouble::Store(_))) => {
                return Err(stop);
            }
            Err(trouble) => {
                let width_ms = window.end_ms - window.start_ms;
                if trouble.wants_narrower() && !reread.width.narrow(width_ms) {
                    // It was readable before; the next re-reading comes by here again.
                    reread.at_ms = window.start_ms + MIN_WIDTH_MS;
                }
            }
        }
        self.reread = Some(reread);
        Ok(())
    }

    fn reread_due(&self, now_ms: i64) -> Option<Reread> {
        let (cursor_ms, epoch_ms, last_ms) =
            self.meta(|meta| (meta.cursor_ms, meta.epoch_ms, meta.reread_ms));
        (now_ms - last_ms >= self.settings.reread_interval_ms).then(|| Reread {
            at_ms: (cursor_ms - self.settings.reread_span_ms).max(epoch_ms),
            // What lies later is looked at again by the next window anyway.
            until_ms: cursor_ms - self.settings.overlap_ms,
            began_ms: now_ms,
            width: Width::default(),
        })
    }
}
