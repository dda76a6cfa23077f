//! The traffic over time: interactions arrive, their versions become visible, and old ones are evicted.
//!
//! Only arrivals and times are kept; scripts are generated again whenever an item or the truth is requested.
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::iter::Peekable;

use crate::scenarios::generate_script;
use crate::script::{Arrival, Script, StatusStyle};
use crate::settings::SimulatorConfig;
use arrivals::Arrivals;
use evicted::EvictedNumbers;
use window_index::{Id, WindowIndex};

mod arrivals;
mod evicted;
mod publish;
mod read;
mod starvation;
mod truth;
mod window_index;

pub use starvation::UnknownQueue;
pub use window_index::Include;

/// The interactions of a simulated contact centre, up to the server time it was last advanced to.
#[derive(Debug)]
pub struct Timeline {
    config: SimulatorConfig,
    arrivals: Peekable<Arrivals>,
    running: bool,
    lag_ms: i64,
    stalled: bool,
    now_ms: i64,
    latest_update_ms: Option<i64>,
    entries: BTreeMap<Id, Entry>,
    index: WindowIndex,
    /// The next version of each interaction that is not visible yet: when, of which interaction, which version.
    pending: BinaryHeap<Reverse<(i64, Id, usize)>>,
    /// Arrivals without further versions, by start: the first ones are evicted first.
    settled: BTreeSet<(i64, u64)>,
    evicted: EvictedNumbers,
}

/// An interaction that is kept.
#[derive(Debug)]
struct Entry {
    arrival: Arrival,
    start_ms: i64,
    duration_ms: i64,
    /// When the status becomes final, in milliseconds after the start; `NEVER` if it never does.
    closed: i64,
    /// Without a status it is never ongoing for a reader.
    has_no_status: bool,
    /// When the API publishes each version, in milliseconds after the start.
    versions: Vec<i64>,
    /// When each version so far became visible, in Unix milliseconds.
    visible: Vec<i64>,
    /// The processed times under which the index has it.
    processed: Vec<i64>,
}

impl Entry {
    /// The moment of the newest visible version, in milliseconds after the start.
    fn newest_visible(&self) -> Option<i64> {
        let newest = self.visible.len().checked_sub(1)?;
        self.versions.get(newest).copied()
    }
}

fn id_of(arrival: Arrival) -> Id {
    arrival.number * 2 + u64::from(arrival.callback)
}

impl Timeline {
    /// A timeline before its first arrival.
    #[must_use]
    pub fn new(config: SimulatorConfig) -> Self {
        Self {
            arrivals: Arrivals::new(&config).peekable(),
            running: true,
            lag_ms: 0,
            stalled: false,
            now_ms: i64::MIN,
            latest_update_ms: None,
            entries: BTreeMap::new(),
            index: WindowIndex::default(),
            pending: BinaryHeap::new(),
            settled: BTreeSet::new(),
            evicted: EvictedNumbers::default(),
            config,
        }
    }

    /// The configuration, with the starvations so far.
    #[must_use]
    pub fn config(&self) -> &SimulatorConfig {
        &self.config
    }

    /// Number of interactions kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no interaction is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Starts or stops arrivals; those that fall into a stop never happen.
    pub fn set_running(&mut self, running: bool) {
        self.running = running;
    }

    /// Delays all versions that are not visible yet by this much.
    pub fn set_lag_ms(&mut self, lag_ms: i64) {
        self.lag_ms = lag_ms.max(0);
    }

    /// Holds back all versions, or makes those that were held back visible at once.
    pub fn set_stalled(&mut self, stalled: bool) {
        self.stalled = stalled;
    }

    /// From this server time on these virtual queues, and no others, have hardly any agents.
    ///
    /// # Errors
    /// If there is no queue of one of these names; then nothing changes.
    pub fn starve(&mut self, queues: &[String], now_ms: i64) -> Result<(), UnknownQueue> {
        // Arrivals until now keep the starvations of until now.
        self.advance(now_ms);
        starvation::starve(&mut self.config, queues, self.now_ms)
    }

    /// The virtual queues that have hardly any agents now.
    #[must_use]
    pub fn starved(&self) -> Vec<String> {
        self.config.starved_queues(self.now_ms + 1)
    }

    /// The time of the newest event that is visible.
    #[must_use]
    pub fn latest_update_ms(&self) -> Option<i64> {
        self.latest_update_ms
    }

    /// Advances to this server time; a time that has passed already changes nothing.
    pub fn advance(&mut self, now_ms: i64) {
        if now_ms <= self.now_ms {
            return;
        }
        while let Some(arrival) = self.arrivals.next_if(|arrival| arrival.at_ms <= now_ms) {
            // Publishing in step with the arrivals allows eviction while a long past is generated.
            self.publish(arrival.at_ms - self.lag_ms, now_ms);
            self.admit(arrival);
        }
        self.publish(now_ms - self.lag_ms, now_ms);
        self.now_ms = now_ms;
    }

    fn admit(&mut self, arrival: Arrival) {
        let stopped = self
            .config
            .stop_ms
            .is_some_and(|stop| arrival.at_ms >= stop);
        if stopped || !self.running || !self.evict_until_room() {
            return;
        }
        let script = generate_script(&self.config, arrival);
        self.insert(arrival, &script);
        if script.callback_after.is_some() {
            let callback = arrival.following_callback();
            let script = generate_script(&self.config, callback);
            self.insert(callback, &script);
        }
    }

    fn insert(&mut self, arrival: Arrival, script: &Script) {
        let id = id_of(arrival);
        self.pending.extend(
            script
                .versions
                .first()
                .map(|at| Reverse((script.start_ms + at, id, 0))),
        );
        self.entries.insert(
            id,
            Entry {
                arrival,
                start_ms: script.start_ms,
                duration_ms: script.duration.value,
                closed: script.duration.from,
                has_no_status: script.status == StatusStyle::Absent,
                versions: script.versions.clone(),
                visible: Vec::new(),
                processed: Vec::new(),
            },
        );
    }

    fn is_settled(&self, id: Id) -> bool {
        self.entries
            .get(&id)
            .is_none_or(|entry| entry.visible.len() == entry.versions.len())
    }

    /// Evicts the oldest settled arrivals until there is room; false if there are none while it is full.
    fn evict_until_room(&mut self) -> bool {
        while self.entries.len() >= self.config.max_interactions {
            let Some((_, number)) = self.settled.pop_first() else {
                return false;
            };
            for id in [number * 2, number * 2 + 1] {
                if let Some(entry) = self.entries.remove(&id) {
                    self.index.remove(
                        id,
                        entry.start_ms,
                        entry.start_ms + entry.duration_ms,
                        &entry.processed,
                    );
                }
            }
            self.evicted.insert(number);
        }
        true
    }

    /// The server time after which no version becomes visible without further arrivals.
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
