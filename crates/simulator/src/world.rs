//! The world: interactions arrive, their versions become visible as time goes on, and old ones are forgotten.
//!
//! Only tickets and times are kept; scripts are made again from them whenever an item or the truth is asked for.
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::iter::Peekable;

use super::arrivals::Arrivals;
use super::config::WorldConfig;
use super::dice::Dice;
use super::make::{self, Ticket};
use super::render::Shown;
use super::script::{Script, StatusStyle};
use super::shelf::{Id, Include, Shelf};
use super::starvation::{self, UnknownQueue};

mod hindsight;

const BACKDATE_DICE: u64 = 4;
/// How far a processed time may lie before the moment of becoming visible where a window may not end now.
const MAX_BACKDATE_MS: i64 = 60_000;

/// A simulated contact centre.
#[derive(Debug)]
pub struct World {
    config: WorldConfig,
    arrivals: Peekable<Arrivals>,
    running: bool,
    lag_ms: i64,
    stalled: bool,
    now_ms: i64,
    latest_update_ms: Option<i64>,
    entries: BTreeMap<Id, Entry>,
    shelf: Shelf,
    /// Versions yet to become visible: when, whose, and which one.
    pending: BinaryHeap<Reverse<(i64, Id, usize)>>,
    /// Arrivals of which nothing more is to come, by start: the first to be forgotten.
    settled: BTreeSet<(i64, u64)>,
    /// Numbers of forgotten arrivals, as ranges from first to last.
    forgotten: BTreeMap<u64, u64>,
}

/// What is kept of one interaction.
#[derive(Debug)]
struct Entry {
    ticket: Ticket,
    start_ms: i64,
    duration_ms: i64,
    /// When, after the start, the status becomes final; `NEVER` if it never does.
    closed: i64,
    /// Whether a reader that is shown no ongoing interactions sees it from the start on.
    always_shown: bool,
    versions: Vec<i64>,
    /// When each version so far became visible.
    visible: Vec<i64>,
    /// Where it stands on the shelf by processed time.
    processed: Vec<i64>,
}

fn id_of(ticket: Ticket) -> Id {
    ticket.number * 2 + u64::from(ticket.callback)
}

impl World {
    /// A world in which nothing has happened yet.
    #[must_use]
    pub fn new(config: WorldConfig) -> Self {
        Self {
            arrivals: Arrivals::new(&config).peekable(),
            running: true,
            lag_ms: 0,
            stalled: false,
            now_ms: i64::MIN,
            latest_update_ms: None,
            entries: BTreeMap::new(),
            shelf: Shelf::default(),
            pending: BinaryHeap::new(),
            settled: BTreeSet::new(),
            forgotten: BTreeMap::new(),
            config,
        }
    }

    /// What this world is made from.
    #[must_use]
    pub fn config(&self) -> &WorldConfig {
        &self.config
    }

    /// The number of interactions kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Starts or stops new arrivals; what would arrive while they are stopped never happens.
    pub fn set_running(&mut self, running: bool) {
        self.running = running;
    }

    /// From now on versions become visible this much later.
    pub fn set_lag_ms(&mut self, lag_ms: i64) {
        self.lag_ms = lag_ms.max(0);
    }

    /// Whether versions become visible no more; when they do again, all that were held back do at once.
    pub fn set_stalled(&mut self, stalled: bool) {
        self.stalled = stalled;
    }

    /// From this server time on these virtual queues, and no others, have hardly an agent.
    ///
    /// # Errors
    /// If there is no queue of such a name; then nothing changes.
    pub fn starve(&mut self, queues: &[String], now_ms: i64) -> Result<(), UnknownQueue> {
        // What arrived until now was served as it was until now.
        self.advance(now_ms);
        starvation::starve(&mut self.config, queues, self.now_ms)
    }

    /// The virtual queues that have hardly an agent now.
    #[must_use]
    pub fn starved(&self) -> Vec<String> {
        starvation::starved(&self.config, self.now_ms + 1)
    }

    /// The time of the newest event that is visible.
    #[must_use]
    pub fn latest_update_ms(&self) -> Option<i64> {
        self.latest_update_ms
    }

    /// Lets the world go on until this server time; a time already past changes nothing.
    pub fn advance(&mut self, now_ms: i64) {
        if now_ms <= self.now_ms {
            return;
        }
        while let Some(ticket) = self.arrivals.next_if(|ticket| ticket.arrival_ms <= now_ms) {
            // Publishing in step with the arrivals lets a long past be forgotten while it is made.
            self.publish(ticket.arrival_ms - self.lag_ms, now_ms);
            self.arrive(ticket);
        }
        self.publish(now_ms - self.lag_ms, now_ms);
        self.now_ms = now_ms;
    }

    fn arrive(&mut self, ticket: Ticket) {
        let stopped = self
            .config
            .stop_ms
            .is_some_and(|stop| ticket.arrival_ms >= stop);
        if stopped || !self.running || !self.make_room() {
            return;
        }
        let script = make::script(&self.config, ticket);
        self.enter(ticket, &script);
        if script.callback_after.is_some() {
            let ticket = Ticket {
                callback: true,
                ..ticket
            };
            let script = make::script(&self.config, ticket);
            self.enter(ticket, &script);
        }
    }

    fn enter(&mut self, ticket: Ticket, script: &Script) {
        let id = id_of(ticket);
        self.pending.extend(
            script
                .versions
                .first()
                .map(|at| Reverse((script.start_ms + at, id, 0))),
        );
        self.entries.insert(
            id,
            Entry {
                ticket,
                start_ms: script.start_ms,
                duration_ms: script.duration.value,
                closed: script.duration.from,
                always_shown: script.status == StatusStyle::Absent,
                versions: script.versions.clone(),
                visible: Vec::new(),
                processed: Vec::new(),
            },
        );
    }

    /// Makes what happened up to `until_ms` visible, at the earliest after what was visible before.
    fn publish(&mut self, until_ms: i64, now_ms: i64) {
        if self.stalled {
            return;
        }
        while let Some(Reverse((at_ms, id, version))) = self.pending.peek().copied() {
            if at_ms > until_ms {
                break;
            }
            self.pending.pop();
            let visible_ms = (at_ms + self.lag_ms).max(self.now_ms).min(now_ms);
            self.release(id, version, visible_ms);
            self.latest_update_ms = self.latest_update_ms.max(Some(at_ms));
        }
    }

    /// The version of this number becomes visible.
    fn release(&mut self, id: Id, version: usize, visible_ms: i64) {
        let backdate = if self.config.premises.past_end_harmless {
            0
        } else {
            let number = id.wrapping_mul(1_000).wrapping_add(version as u64);
            Dice::new(self.config.seed, BACKDATE_DICE, number).between(0, MAX_BACKDATE_MS)
        };
        let Some(entry) = self.entries.get_mut(&id) else {
            return;
        };
        let at = entry.versions[version];
        if version == 0 {
            self.shelf.started(entry.start_ms, id);
        }
        if at >= entry.closed {
            self.shelf.ended(entry.start_ms + entry.duration_ms, id);
        }
        entry.visible.push(visible_ms);
        let next = entry
            .versions
            .get(version + 1)
            .map(|next| Reverse((entry.start_ms + next, id, version + 1)));
        let start_ms = entry.start_ms;
        if self.shown(id, at) {
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

    /// Whether a version of this moment is ever returned.
    fn shown(&self, id: Id, at: i64) -> bool {
        let final_or_absent = |entry: &Entry| entry.always_shown || at >= entry.closed;
        self.config.premises.processed_returns_ongoing
            || self.entries.get(&id).is_some_and(final_or_absent)
    }

    /// The item is processed at this time, with or without news.
    pub(super) fn process(&mut self, id: Id, at_ms: i64) {
        let Some(entry) = self.entries.get_mut(&id) else {
            return;
        };
        let at_ms = entry
            .processed
            .last()
            .map_or(at_ms, |last| at_ms.max(*last));
        if self.config.premises.reprocessed_leaves_window {
            for old in entry.processed.drain(..) {
                self.shelf.not_processed(old, id);
            }
        }
        entry.processed.push(at_ms);
        self.shelf.processed(at_ms, id);
    }

    fn is_settled(&self, id: Id) -> bool {
        self.entries
            .get(&id)
            .is_none_or(|entry| entry.visible.len() == entry.versions.len())
    }

    /// Forgets the oldest settled arrivals as long as the world is full; without any, there is no room.
    fn make_room(&mut self) -> bool {
        while self.entries.len() >= self.config.max_interactions {
            let Some((_, number)) = self.settled.pop_first() else {
                return false;
            };
            for id in [number * 2, number * 2 + 1] {
                if let Some(entry) = self.entries.remove(&id) {
                    self.shelf.forget(
                        id,
                        entry.start_ms,
                        entry.start_ms + entry.duration_ms,
                        &entry.processed,
                    );
                }
            }
            self.forget(number);
        }
        true
    }

    fn forget(&mut self, number: u64) {
        let last = self.forgotten.remove(&(number + 1)).unwrap_or(number);
        let before = self
            .forgotten
            .range(..number)
            .next_back()
            .map(|(first, last)| (*first, *last));
        match before {
            Some((first, end)) if end + 1 == number => self.forgotten.insert(first, last),
            _ => self.forgotten.insert(number, last),
        };
    }

    /// Makes all that will ever become known of the present interactions visible now.
    pub fn settle(&mut self, now_ms: i64) {
        self.advance(now_ms);
        while let Some(Reverse((_, id, version))) = self.pending.pop() {
            self.release(id, version, now_ms.max(self.now_ms));
            self.latest_update_ms = Some(now_ms.max(self.now_ms));
        }
    }

    /// The interactions of a window [start, end), by ascending start.
    #[must_use]
    pub fn window(&self, include: Include, start_ms: i64, end_ms: i64) -> Vec<u64> {
        let mut found = self.shelf.window(include, start_ms, end_ms);
        found.sort_by_cached_key(|id| (self.entries.get(id).map(|entry| entry.start_ms), *id));
        found
    }

    /// The interactions whose newest visible version says that they go on, by ascending start.
    #[must_use]
    pub fn ongoing(&self) -> Vec<u64> {
        let going_on = |(_, entry): &(&Id, &Entry)| {
            let newest = entry.visible.len().checked_sub(1);
            let at = newest.and_then(|newest| entry.versions.get(newest));
            !entry.always_shown && at.is_some_and(|at| *at < entry.closed)
        };
        let found = self.entries.iter().filter(going_on);
        let mut found: Vec<_> = found.map(|(id, entry)| (entry.start_ms, *id)).collect();
        found.sort_unstable();
        found.into_iter().map(|(_, id)| id).collect()
    }

    /// The newest visible version of an interaction as JSON.
    #[must_use]
    pub fn item(&self, id: u64) -> Option<String> {
        let entry = self.entries.get(&id)?;
        let at = *entry.versions.get(entry.visible.len().checked_sub(1)?)?;
        let script = make::script(&self.config, entry.ticket);
        let running = !self.config.premises.ongoing_durations_null;
        Some(
            Shown {
                script: &script,
                at,
                running,
            }
            .json(),
        )
    }

    /// The guid of an interaction that is kept.
    #[must_use]
    pub fn guid(&self, id: u64) -> Option<String> {
        self.entries
            .get(&id)
            .map(|entry| make::script(&self.config, entry.ticket).guid)
    }

    /// The moment after which nothing more will become visible, unless something arrives.
    #[must_use]
    pub fn quiet_from_ms(&self) -> i64 {
        let last =
            |entry: &Entry| entry.start_ms + entry.versions.last().copied().unwrap_or_default();
        let last = self.entries.values().map(last).max().unwrap_or(self.now_ms);
        last.saturating_add(self.lag_ms)
    }
}

#[cfg(test)]
mod tests;
