//! What a real Prometheus stored of the business series, and what must be true of it.

use std::collections::{BTreeMap, BTreeSet};

use vcc_test_support::exposition::{Exposition, Labels};

use super::scene::business;
use super::server::{Samples, Stored};

/// The scrape timeout: the answer to a scrape may be this much newer than the scrape's time.
const SCRAPE_TIMEOUT_MS: i64 = 1_000;

/// All that Prometheus has of one job, and what the exporter shows in the end.
pub struct QueryResults<'p> {
    /// Whom to ask for more.
    pub stored: Stored<'p>,
    /// The business families as the exporter shows them.
    pub shown: Exposition,
    /// Every raw sample by name and labels.
    pub raw: BTreeMap<String, BTreeMap<Labels, Samples>>,
    /// When it scraped, and whether with success.
    pub up: Samples,
}

impl<'p> QueryResults<'p> {
    /// Asks Prometheus for everything.
    pub async fn gather(stored: Stored<'p>, shown: &Exposition) -> QueryResults<'p> {
        let shown = business(shown);
        let mut raw = BTreeMap::new();
        for name in shown.0.keys() {
            raw.insert(name.clone(), stored.raw(name).await);
        }
        let up = stored.up().await;
        QueryResults {
            stored,
            shown,
            raw,
            up,
        }
    }

    /// Every series: its name, its labels and its samples.
    pub fn series(&self) -> impl Iterator<Item = (&String, &Labels, &Samples)> {
        let names = self.raw.iter();
        names.flat_map(|(name, all)| all.iter().map(move |(labels, it)| (name, labels, it)))
    }

    /// How many series and how many samples there are.
    pub fn size(&self) -> (usize, usize) {
        let samples = self.series().map(|(.., samples)| samples.len()).sum();
        (self.series().count(), samples)
    }

    /// The last sample of every series is what the exporter shows, and no series is missing or
    /// left over.
    pub fn assert_it_ends_as_shown(&self) {
        for (name, shown) in &self.shown.0 {
            let (stored, none) = (self.raw.get(name), BTreeMap::new());
            let stored = stored.unwrap_or(&none);
            let all: BTreeSet<_> = shown.keys().chain(stored.keys()).collect();
            for labels in all {
                let last = stored.get(labels).and_then(|samples| samples.last());
                let want = shown.get(labels).map(|text| text.parse().unwrap());
                let have = last.map(|(_, value)| *value);
                assert_eq!(have, want, "{name}{labels:?}: Prometheus, exporter");
            }
        }
    }

    /// A series that was born while Prometheus watched begins with 0, so that every increment has
    /// a sample before it to be seen against. Answers how many were born.
    ///
    /// The promise is made to a Prometheus that scrapes at least twice while a series is held at
    /// 0; where this machine was too busy for that, a birth says nothing.
    pub fn assert_births_begin_at_zero(&self, hold_ms: i64) -> usize {
        let mut births = 0;
        for (name, labels, samples) in self.series() {
            let (born_ms, first) = samples[0];
            let mut seen = self.up.iter().rev().filter(|(_, up)| *up == 1.0);
            let Some((before_ms, _)) = seen.find(|(at_ms, _)| *at_ms < born_ms) else {
                continue;
            };
            if born_ms - before_ms + SCRAPE_TIMEOUT_MS < hold_ms {
                assert_eq!(first, 0.0, "{name}{labels:?} was born with its increments");
                births += 1;
            }
        }
        births
    }

    /// No series ever went down.
    pub fn assert_nothing_decreases(&self) {
        for (name, labels, samples) in self.series() {
            for pair in samples.windows(2) {
                assert!(
                    pair[0].1 <= pair[1].1,
                    "{name}{labels:?} fell from {:?} to {:?}",
                    pair[0],
                    pair[1]
                );
            }
        }
    }

    /// What the samples add up to: what each series held at its first sample, and every increment
    /// since, the way Prometheus counts them.
    pub fn added_up(&self) -> Exposition {
        let mut sums = Exposition::default();
        for (name, labels, samples) in self.series() {
            let total = thousandths(samples[0].1) + increments(samples);
            let of_name = sums.0.entry(name.clone()).or_default();
            of_name.insert(labels.clone(), decimal(total));
        }
        sums
    }

    /// A range from before the first sample to the last scrape, and when that was.
    pub fn whole_time(&self) -> (i64, i64) {
        let last_ms = self.up[self.up.len() - 1].0;
        // Starts that were learnt lie before the first scrape.
        let firsts = self.series().map(|(.., samples)| samples[0].0);
        let first_ms = firsts.fold(self.up[0].0, i64::min);
        // A range excludes its beginning.
        (last_ms - first_ms + 1, last_ms)
    }

    /// `increase()` over the whole time says what the samples say, as exactly as it can.
    ///
    /// It stretches an increase over the part of the range that a series has no samples for, so
    /// the ratio of the two bounds it. From a sample of 0 it never stretches into the past; with a
    /// sample at the very end of the range nothing is left to stretch, and it is exact.
    pub async fn assert_increase_agrees(&self) {
        let (range_ms, last_ms) = self.whole_time();
        for (name, all) in &self.raw {
            let query = format!("increase({}[{range_ms}ms])", self.stored.selector(name));
            let increases = self.stored.values(&query, last_ms).await;
            for (labels, samples) in all {
                let within: Samples = (samples.iter().copied())
                    .filter(|(at_ms, _)| *at_ms <= last_ms)
                    .collect();
                let [(start_ms, start), .., (end_ms, _)] = within[..] else {
                    continue;
                };
                let raw = increments(&within) as f64 / 1_000.0;
                let said = increases[labels];
                let exact = start == 0.0 && end_ms == last_ms;
                let stretch = if exact {
                    1.0
                } else {
                    range_ms as f64 / (end_ms - start_ms) as f64
                };
                let rounding = raw * 1e-9 + 1e-9;
                assert!(
                    (raw - rounding..=raw * stretch + rounding).contains(&said),
                    "{query} of {labels:?} is {said}, the samples say {raw}, at most times {stretch}"
                );
            }
        }
    }

    /// Prometheus saw no series begin anew.
    pub async fn assert_no_resets(&self) {
        let (range_ms, last_ms) = self.whole_time();
        for name in self.raw.keys() {
            let query = format!("resets({}[{range_ms}ms])", self.stored.selector(name));
            for (labels, resets) in self.stored.values(&query, last_ms).await {
                assert_eq!(resets, 0.0, "{query} of {labels:?}");
            }
        }
    }
}

/// Values have at most three decimals, so sums of their thousandths are exact.
fn thousandths(value: f64) -> i64 {
    (value * 1_000.0).round() as i64
}

/// The sum of all increments; a value below the one before is one that began at 0 again.
fn increments(samples: &Samples) -> i64 {
    let pairs = samples
        .windows(2)
        .map(|pair| (thousandths(pair[0].1), thousandths(pair[1].1)));
    pairs
        .map(|(old, new)| if new < old { new } else { new - old })
        .sum()
}

fn decimal(thousandths: i64) -> String {
    let text = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
