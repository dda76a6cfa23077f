//! The world seen as a whole: its truth, forgotten arrivals included, and every version it ever shows.
use super::{Entry, World};
use crate::arrivals::Arrivals;
use crate::live::Live;
use crate::make::{self, Ticket};
use crate::render::Shown;
use crate::script::{Script, StatusStyle};
use crate::tally::{Sighting, tally};
use crate::truth::{Book, Series, Truth};

impl World {
    /// The truth at this server time about everything that happened from the epoch on.
    pub fn truth(&mut self, now_ms: i64, epoch_ms: i64) -> Truth {
        self.advance(now_ms);
        let mut book = Book::new(now_ms, epoch_ms);
        for (id, entry) in &self.entries {
            let pairs = entry.versions.iter().zip(&entry.visible);
            let sightings: Vec<Sighting> = pairs
                .filter(|(at, _)| self.shown(*id, **at))
                .map(|(at, visible_ms)| self.sighting(*at, *visible_ms))
                .collect();
            tally(
                &mut book,
                &make::script(&self.config, entry.ticket),
                &sightings,
            );
        }
        self.recall(&mut book);
        book.into_truth()
    }

    /// What is going on now, as far as it is visible, as series; times of entry in milliseconds.
    pub fn live(&mut self, now_ms: i64) -> Vec<Series> {
        self.advance(now_ms);
        let mut live = Live::default();
        for id in self.ongoing() {
            let entry = &self.entries[&id];
            let at = entry.versions[entry.visible.len() - 1];
            live.take(&make::script(&self.config, entry.ticket), at);
        }
        live.into_series()
    }

    /// Tallies what has been forgotten: its arrivals are drawn again, its scripts made again.
    fn recall(&self, book: &mut Book) {
        let Some((_, last)) = self.forgotten.last_key_value() else {
            return;
        };
        for ticket in Arrivals::new(&self.config).take_while(|ticket| ticket.number <= *last) {
            let range = self.forgotten.range(..=ticket.number).next_back();
            if range.is_none_or(|(_, end)| *end < ticket.number) {
                continue;
            }
            let script = make::script(&self.config, ticket);
            self.recall_one(book, &script);
            if script.callback_after.is_some() {
                self.recall_one(
                    book,
                    &make::script(
                        &self.config,
                        Ticket {
                            callback: true,
                            ..ticket
                        },
                    ),
                );
            }
        }
    }

    fn recall_one(&self, book: &mut Book, script: &Script) {
        let shows_ongoing =
            self.config.premises.processed_returns_ongoing || script.status == StatusStyle::Absent;
        let shown = script
            .versions
            .iter()
            .filter(|at| shows_ongoing || **at >= script.duration.from);
        // All of it had become visible before it was forgotten, whatever the lag was then.
        let sighting = |at: &i64| self.sighting(*at, (script.start_ms + at).min(self.now_ms));
        let sightings: Vec<Sighting> = shown.map(sighting).collect();
        tally(book, script, &sightings);
    }

    /// A version as it was first seen: when it became visible, or when somebody began to look.
    fn sighting(&self, at: i64, visible_ms: i64) -> Sighting {
        Sighting {
            at,
            seen_ms: visible_ms.max(self.config.watched_from_ms),
        }
    }

    /// Every version of every interaction that is kept, oldest first, whether visible yet or not.
    #[must_use]
    pub fn all_versions(&self) -> Vec<Vec<String>> {
        let running = !self.config.premises.ongoing_durations_null;
        let versions = |entry: &Entry| {
            let script = make::script(&self.config, entry.ticket);
            script
                .versions
                .iter()
                .map(|at| {
                    Shown {
                        script: &script,
                        at: *at,
                        running,
                    }
                    .json()
                })
                .collect()
        };
        self.entries.values().map(versions).collect()
    }
}
