//! Makes versions visible, and moves interactions between `Processed` windows.
use std::cmp::Reverse;

use super::window_index::Id;
use super::{Entry, Timeline};
use crate::rng::SimRng;

const BACKDATE_STREAM: u64 = 4;
/// Maximum time between processing and becoming visible, where a window may not end now.
const MAX_BACKDATE_MS: i64 = 60_000;

impl Timeline {
    /// Makes the versions up to `until_ms` visible, with times after those of the versions before.
    pub(super) fn publish(&mut self, until_ms: i64, now_ms: i64) {
        if self.stalled {
            return;
        }
        while let Some(Reverse((at_ms, id, version))) = self.pending.peek().copied() {
            if at_ms > until_ms {
                break;
            }
            self.pending.pop();
            let visible_ms = (at_ms + self.lag_ms).max(self.now_ms).min(now_ms);
            self.publish_version(id, version, visible_ms);
            self.latest_update_ms = self.latest_update_ms.max(Some(at_ms));
        }
    }

    fn publish_version(&mut self, id: Id, version: usize, visible_ms: i64) {
        let backdate = if self.config.assumptions.past_end_harmless {
            0
        } else {
            let number = id.wrapping_mul(1_000).wrapping_add(version as u64);
            SimRng::new(self.config.seed, BACKDATE_STREAM, number).between(0, MAX_BACKDATE_MS)
        };
        let Some(entry) = self.entries.get_mut(&id) else {
            return;
        };
        let at = entry.versions[version];
        if version == 0 {
            self.index.insert_start(entry.start_ms, id);
        }
        if at >= entry.closed {
            self.index
                .insert_end(entry.start_ms + entry.duration_ms, id);
        }
        entry.visible.push(visible_ms);
        let next = entry
            .versions
            .get(version + 1)
            .map(|next| Reverse((entry.start_ms + next, id, version + 1)));
        let start_ms = entry.start_ms;
        if self.is_returned(id, at) {
            self.process(id, visible_ms - backdate);
        }
        match next {
            Some(next) => self.pending.push(next),
            None if self.is_settled(id ^ 1) => {
                self.settled.insert((start_ms, id / 2));
            }
            None => {}
        }
    }

    /// Whether a `Processed` window ever returns the version of this moment.
    pub(super) fn is_returned(&self, id: Id, at: i64) -> bool {
        let final_or_absent = |entry: &Entry| entry.has_no_status || at >= entry.closed;
        self.config.assumptions.processed_returns_ongoing
            || self.entries.get(&id).is_some_and(final_or_absent)
    }

    /// The interaction is processed at this time, with or without a new version.
    pub(crate) fn process(&mut self, id: Id, at_ms: i64) {
        let Some(entry) = self.entries.get_mut(&id) else {
            return;
        };
        let at_ms = entry
            .processed
            .last()
            .map_or(at_ms, |last| at_ms.max(*last));
        if self.config.assumptions.reprocessed_leaves_window {
            for old in entry.processed.drain(..) {
                self.index.remove_processed(old, id);
            }
        }
        entry.processed.push(at_ms);
        self.index.insert_processed(at_ms, id);
    }

    /// Makes all remaining versions of the present interactions visible now.
    pub fn settle(&mut self, now_ms: i64) {
        self.advance(now_ms);
        while let Some(Reverse((_, id, version))) = self.pending.pop() {
            self.publish_version(id, version, now_ms.max(self.now_ms));
            self.latest_update_ms = Some(now_ms.max(self.now_ms));
        }
    }
}
