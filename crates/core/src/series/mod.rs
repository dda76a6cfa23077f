//! Series: a family, its label values, and what was counted under them.

mod exponential;
mod gauge;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::catalogue::{Family, Kind, Label};
use crate::labels::{LabelId, LabelSet, MAX_LABELS};

pub use exponential::{ExponentialBuckets, SCHEMA as NATIVE_SCHEMA};
pub use gauge::{Gauge, GaugeLabels};

/// What identifies a series within an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeriesKey {
    /// The family.
    pub family: Family,
    labels: [LabelId; MAX_LABELS],
}

/// As four words: piece by piece, hashing keys took a good part of planning a page.
impl Hash for SeriesKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [a, b, c, d, e, f, g] = self.labels.map(LabelId::number);
        let word = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
        state.write_u64(word(self.family as u32, a));
        state.write_u64(word(b, c));
        state.write_u64(word(d, e));
        state.write_u64(word(f, g));
    }
}

impl SeriesKey {
    /// The key of the series that a label set falls into: only the family's own labels matter.
    pub fn new(family: Family, set: &LabelSet) -> Self {
        let mut labels = [LabelId::NONE; MAX_LABELS];
        for (slot, label) in labels.iter_mut().zip(family.info().labels) {
            *slot = set.get(*label);
        }
        SeriesKey { family, labels }
    }

    /// Each label with its value.
    pub fn labels(&self) -> impl Iterator<Item = (Label, LabelId)> + '_ {
        self.family.info().labels.iter().copied().zip(self.labels)
    }

    /// The key without these labels of its family.
    #[must_use]
    pub fn without(mut self, dropped: &[Label]) -> Self {
        for (slot, label) in self.labels.iter_mut().zip(self.family.info().labels) {
            if dropped.contains(label) {
                *slot = LabelId::DROPPED;
            }
        }
        self
    }

    /// Whether any of its values gave way to a placeholder.
    pub fn has_placeholder(&self) -> bool {
        self.labels.into_iter().any(LabelId::is_placeholder)
    }

    /// The key with every value from outside replaced by `other`: where increments go once the
    /// family is at its limit.
    #[must_use]
    pub fn folded(mut self) -> Self {
        for (slot, label) in self.labels.iter_mut().zip(self.family.info().labels) {
            if label.is_open() && *slot != LabelId::DROPPED {
                *slot = LabelId::OTHER;
            }
        }
        self
    }
}

/// What a series has counted. Durations are integer milliseconds, so that sums stay exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// How many.
    Counter(u64),
    /// How long.
    Histogram(Histogram),
}

/// A distribution of durations in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    /// Observations per bucket, not cumulative; the last one is `+Inf`.
    pub buckets: Box<[u64]>,
    /// The sum of all observations in milliseconds.
    pub sum_ms: u64,
    /// The same observations in exponential buckets.
    pub exponential: ExponentialBuckets,
}

impl Histogram {
    /// How many observations there are.
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }
}

impl Value {
    /// The zero a series of this family is born with.
    pub fn zero(family: Family) -> Value {
        match family.info().kind {
            Kind::Histogram(bounds) => Value::Histogram(Histogram {
                buckets: vec![0; bounds.len() + 1].into(),
                sum_ms: 0,
                exponential: ExponentialBuckets::default(),
            }),
            Kind::Counter | Kind::Gauge => Value::Counter(0),
        }
    }

    /// Counts `n` more. Meaningless for a histogram, which takes observations.
    pub fn add(&mut self, n: u64) {
        if let Value::Counter(value) = self {
            *value += n;
        }
    }

    /// Takes an observation of `ms` milliseconds into a histogram with these bounds.
    pub fn observe(&mut self, bounds: &[i64], ms: u64) {
        if let Value::Histogram(histogram) = self {
            histogram.buckets[bucket(bounds, ms)] += 1;
            histogram.sum_ms += ms;
            histogram.exponential.observe(ms);
        }
    }

    /// Adds everything another value of the same family counted.
    pub fn merge(&mut self, other: &Value) {
        match (self, other) {
            (Value::Counter(mine), Value::Counter(theirs)) => *mine += theirs,
            (Value::Histogram(mine), Value::Histogram(theirs)) => {
                for (mine, theirs) in mine.buckets.iter_mut().zip(&theirs.buckets) {
                    *mine += theirs;
                }
                mine.sum_ms += theirs.sum_ms;
                mine.exponential.merge(&theirs.exponential);
            }
            _ => {}
        }
    }
}

/// The bucket of an observation. `le` is inclusive: a wait of exactly the bound is within it.
pub fn bucket(bounds: &[i64], ms: u64) -> usize {
    bounds.partition_point(|bound| (*bound as u64) < ms)
}

/// One series as it is kept and shown.
#[derive(Debug, Clone)]
pub struct Series {
    /// What identifies it.
    pub key: SeriesKey,
    /// Its label values, in the family's order; shared by all its states.
    pub labels: Arc<[Arc<str>]>,
    /// What it has counted.
    pub value: Value,
    /// When it began to count: local Unix time in milliseconds.
    pub start_ms: i64,
    /// Whether its value may be shown. Until then it is shown as 0, so that `rate()` sees its
    /// first increments.
    pub revealed: bool,
    /// When it was born or restored, on the monotonic clock, in milliseconds.
    pub warmup_since_ms: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::WAIT;

    #[test]
    fn a_bound_belongs_to_its_own_bucket() {
        let mut value = Value::zero(Family::AcdQueueWait);
        for ms in [0, 1_000, 1_001, 300_000_000] {
            value.observe(WAIT, ms);
        }
        let Value::Histogram(histogram) = value else {
            panic!("not a histogram")
        };
        assert_eq!(histogram.buckets[..3], [2, 1, 0]);
        assert_eq!(histogram.buckets[WAIT.len()], 1);
        assert_eq!((histogram.count(), histogram.sum_ms), (4, 300_002_001));
        assert_eq!(histogram.exponential.count(), 4);
    }

    #[test]
    fn a_key_sees_only_the_labels_of_its_family() {
        let set = LabelSet::new()
            .with(Label::Skill, LabelId::OTHER)
            .with(Label::Medium, LabelId::REDACTED);
        let key = SeriesKey::new(Family::InteractionsCategorized, &set);
        assert_eq!(
            key.labels().collect::<Vec<_>>(),
            [(Label::Medium, LabelId::REDACTED)]
        );
        assert_eq!(
            key.folded().labels().collect::<Vec<_>>(),
            [(Label::Medium, LabelId::OTHER)]
        );
    }
}
