//! The truth about a timeline, evicted interactions included.
use super::Timeline;
use super::arrivals::Arrivals;
use crate::scenarios::generate_script;
use crate::script::{Script, StatusStyle};
use crate::truth::{LiveTruth, Series, Truth, TruthCollector, VisibleVersion, add_facts};

impl Timeline {
    /// The truth at this server time about everything that happened from the epoch on.
    ///
    /// Advances the timeline to this time.
    pub fn truth(&mut self, now_ms: i64, epoch_ms: i64) -> Truth {
        self.advance(now_ms);
        let mut collector = TruthCollector::new(now_ms, epoch_ms);
        for (id, entry) in &self.entries {
            let pairs = entry.versions.iter().zip(&entry.visible);
            let returned = pairs.filter(|(at, _)| self.is_returned(*id, **at));
            let versions: Vec<_> = returned
                .map(|(at, visible_ms)| self.visible_version(*at, *visible_ms))
                .collect();
            let script = generate_script(&self.config, entry.arrival);
            add_facts(&mut collector, &script, &versions);
        }
        self.add_evicted(&mut collector);
        collector.into_truth()
    }

    /// The live gauges at this server time as series; times of entry are in milliseconds.
    ///
    /// Advances the timeline to this time.
    pub fn live(&mut self, now_ms: i64) -> Vec<Series> {
        self.advance(now_ms);
        let mut live = LiveTruth::default();
        for id in self.ongoing() {
            let entry = &self.entries[&id];
            if let Some(at) = entry.newest_visible() {
                live.add(&generate_script(&self.config, entry.arrival), at);
            }
        }
        live.into_series()
    }

    /// Adds the facts of what was evicted, from arrivals and scripts that are generated again.
    fn add_evicted(&self, collector: &mut TruthCollector) {
        let Some(last) = self.evicted.last() else {
            return;
        };
        let arrivals = Arrivals::new(&self.config).take_while(|arrival| arrival.number <= last);
        for arrival in arrivals.filter(|arrival| self.evicted.contains(arrival.number)) {
            let script = generate_script(&self.config, arrival);
            self.add_evicted_script(collector, &script);
            if script.callback_after.is_some() {
                let callback = generate_script(&self.config, arrival.following_callback());
                self.add_evicted_script(collector, &callback);
            }
        }
    }

    fn add_evicted_script(&self, collector: &mut TruthCollector, script: &Script) {
        let returns_ongoing = self.config.assumptions.processed_returns_ongoing
            || script.status == StatusStyle::Absent;
        let moments = script.versions.iter();
        let returned = moments.filter(|at| returns_ongoing || **at >= script.duration.from);
        // All versions were visible before the eviction, whatever the lag was then.
        let visible_ms = |at: i64| (script.start_ms + at).min(self.now_ms);
        let versions: Vec<_> = returned
            .map(|at| self.visible_version(*at, visible_ms(*at)))
            .collect();
        add_facts(collector, script, &versions);
    }

    /// A version as a reader first saw it: when it became visible, or when the reader began to read.
    fn visible_version(&self, at: i64, visible_ms: i64) -> VisibleVersion {
        VisibleVersion {
            at,
            seen_ms: visible_ms.max(self.config.watched_from_ms),
        }
    }
}
