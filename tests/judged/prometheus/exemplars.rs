//! What Prometheus learns from some formats only: when each series began, and exponential buckets.

use std::collections::BTreeMap;

use super::query_results::QueryResults;
use vcc_test_support::exposition::Exposition;

/// What a family's samples are called by beside its name.
const SUFFIXES: [&str; 4] = ["_total", "_bucket", "_sum", "_count"];

/// The factor from one exponential bucket to the next: eight an octave.
const BASE: f64 = 1.090_507_732_665_257_7;

/// A float's last digits depend on the order in which Prometheus adds.
const ROUNDING: f64 = 1e-9;

impl QueryResults<'_> {
    /// Every series begins with a 0 at the time the exporter says it began, so that all it ever
    /// counted is an increase, also what it counted before Prometheus came.
    pub async fn assert_starts_are_learnt(&self, starts: &Exposition) {
        let (range_ms, last_ms) = self.whole_time();
        for (name, labels, samples) in self.series() {
            let stem = SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix));
            let mut of_series = labels.clone();
            of_series.remove("le");
            let start = &starts.0[&format!("{}_created", stem.unwrap_or(name))][&of_series];
            let start_ms = (start.parse::<f64>().unwrap() * 1_000.0).round() as i64;
            assert_eq!(samples[0], (start_ms, 0.0), "the start of {name}{labels:?}");
        }
        for (name, shown) in &self.shown.0 {
            let query = format!("increase({}[{range_ms}ms])", self.stored.selector(name));
            let increases = self.stored.values(&query, last_ms).await;
            for (labels, total) in shown {
                let (said, total) = (increases[labels], total.parse::<f64>().unwrap());
                assert!(
                    (said - total).abs() <= ROUNDING * (1.0 + total),
                    "{query} of {labels:?} is {said} and not {total}"
                );
            }
        }
    }

    /// The exponential buckets give the same quantiles as the classic ones, as far as either can
    /// tell.
    pub async fn assert_quantiles_agree(&self) {
        let (range_ms, last_ms) = self.whole_time();
        let families = self.shown.0.keys();
        let counts = families.filter_map(|name| name.strip_suffix("_count"));
        let busy = |family: &&str| self.shown.sum(&format!("{family}_count"), &[]);
        let busiest = counts.max_by(|a, b| busy(a).total_cmp(&busy(b))).unwrap();
        for quantile in [0.5, 0.9, 0.99] {
            self.assert_quantile_agrees(busiest, quantile, range_ms, last_ms)
                .await;
        }
    }

    /// The exponential buckets hold as many observations as the classic ones, of the same sum.
    pub async fn assert_native_totals(&self) {
        let (_, last_ms) = self.whole_time();
        for (name, classic) in &self.shown.0 {
            let Some(family) = name.strip_suffix("_count") else {
                continue;
            };
            let native = self.stored.selector(family);
            for (what, name) in [("count", name), ("sum", &format!("{family}_sum"))] {
                let query = format!("histogram_{what}({native})");
                let values = self.stored.values(&query, last_ms).await;
                assert_eq!(values.len(), classic.len(), "{query}");
                for (labels, value) in values {
                    let shown: f64 = self.shown.0[name][&labels].parse().unwrap();
                    assert_eq!(value, shown, "{query} of {labels:?}");
                }
            }
        }
    }

    /// The observation at the quantile's rank is in the exponential bucket the quantile is in, so
    /// the classic ones hold at least that many up to a bound above it, and at most that many up
    /// to one below it. Where the rank is the last of a classic bucket, both it and the next
    /// bucket are right, so this compares ranks and not the two quantiles.
    async fn assert_quantile_agrees(&self, family: &str, q: f64, range_ms: i64, last_ms: i64) {
        let native = self.stored.selector(family);
        let query = format!("histogram_quantile({q}, sum(increase({native}[{range_ms}ms])))");
        let value = self.stored.value(&query, last_ms).await;
        let up_to = self.classic_counts(family);
        let all = up_to.last().unwrap().1;
        let (rank, rounding) = (q * all, ROUNDING * all);
        let above = up_to.iter().find(|(bound, _)| *bound >= value * BASE);
        let below = up_to.iter().rfind(|(bound, _)| *bound <= value / BASE);
        let (above, below) = (above.unwrap().1, below.map_or(0.0, |(_, count)| *count));
        assert!(
            (below - rounding..=above + rounding).contains(&rank),
            "{query} is {value} at rank {rank}, by these classic buckets: {up_to:?}"
        );
        println!("{family}: the {q} quantile is {value:.2} s, at rank {rank} of {all}");
    }

    /// How many observations of a family the classic buckets hold up to each bound, ascending.
    fn classic_counts(&self, family: &str) -> Vec<(f64, f64)> {
        let mut counts = BTreeMap::<u64, f64>::new();
        for (labels, count) in &self.shown.0[&format!("{family}_bucket")] {
            let bound: f64 = labels["le"].parse().unwrap();
            // The bits of positive numbers are in the order of the numbers.
            *counts.entry(bound.to_bits()).or_default() += count.parse::<f64>().unwrap();
        }
        let counts = counts.into_iter();
        counts
            .map(|(bits, count)| (f64::from_bits(bits), count))
            .collect()
    }
}
