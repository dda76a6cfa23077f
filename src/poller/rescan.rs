//! Rescans: reads the recent past again, for what was processed into it late.
//!
//! The ledger counts nothing twice; what a rescan finds is counted and shown as recovered.

use super::errors::PollError;
use super::ingestor::ReadMode;
use super::settings::Settings;
use super::window::{MIN_WIDTH_MS, Width, around_unread_windows, next_window};
use super::window_ingest::WindowIngest;

/// A rescan under way; it reads one window per tick, so that the present has precedence.
#[derive(Debug)]
pub(super) struct Rescan {
    at_ms: i64,
    until_ms: i64,
    began_ms: i64,
    width: Width,
}

impl Rescan {
    /// A new rescan, if one is due.
    pub(super) fn due(ingest: &WindowIngest, settings: &Settings, now_ms: i64) -> Option<Rescan> {
        let (cursor_ms, epoch_ms, last_ms) =
            ingest.meta(|meta| (meta.cursor_ms, meta.epoch_ms, meta.rescanned_ms));
        (now_ms - last_ms >= settings.rescan_interval_ms).then(|| Rescan {
            at_ms: (cursor_ms - settings.rescan_span_ms).max(epoch_ms),
            // The next window overlaps what lies later.
            until_ms: cursor_ms - settings.overlap_ms,
            began_ms: now_ms,
            width: Width::default(),
        })
    }

    /// Reads the next window. Returns the rescan, unless it is finished.
    ///
    /// # Errors
    /// If no window can be read at all; the rescan then starts over when it is due.
    pub(super) async fn read_next(
        mut self,
        ingest: &WindowIngest,
    ) -> Result<Option<Rescan>, PollError> {
        let unread = ingest.meta(|meta| meta.unread_windows.clone());
        let window = around_unread_windows(self.at_ms, self.until_ms, &unread)
            .and_then(|(from_ms, to_ms)| next_window(from_ms, to_ms, 0, self.width, &[]));
        let Some(window) = window else {
            let began_ms = self.began_ms;
            let finished = ingest.with_ingestor(move |ingestor| ingestor.finish_rescan(began_ms));
            finished.await??;
            return Ok(None);
        };
        let width_ms = window.end_ms - window.start_ms;
        match ingest.ingest_window(window, ReadMode::Rescan).await {
            Ok(stats) => {
                self.at_ms = window.end_ms;
                self.width.fit(width_ms, stats, 0);
            }
            Err(error) if error.blocks_every_window() => return Err(error),
            Err(error) => {
                if error.wants_narrower() && !self.width.narrow(width_ms) {
                    // It was readable before; the next rescan tries it again.
                    self.at_ms = window.start_ms + MIN_WIDTH_MS;
                }
            }
        }
        Ok(Some(self))
    }
}
