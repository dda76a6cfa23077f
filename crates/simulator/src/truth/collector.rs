//! Collects facts into series.
use std::collections::BTreeMap;

use super::{Series, Truth, Value};
use crate::time::stamp;

type Labels = Vec<(&'static str, String)>;

/// Collects the facts that happened since the epoch and are visible by now.
#[derive(Debug)]
pub(crate) struct TruthCollector {
    now_ms: i64,
    epoch_ms: i64,
    series: BTreeMap<(&'static str, Labels), Value>,
}

/// When a fact became visible and when it happened, in Unix milliseconds; `NEVER` if it did not.
#[derive(Debug, Clone, Copy)]
pub(super) struct FactTime {
    pub(super) seen: i64,
    pub(super) happened: i64,
}

impl TruthCollector {
    pub(crate) fn new(now_ms: i64, epoch_ms: i64) -> Self {
        Self {
            now_ms,
            epoch_ms,
            series: BTreeMap::new(),
        }
    }

    fn admits(&self, when: FactTime) -> bool {
        when.seen <= self.now_ms && when.happened >= self.epoch_ms
    }

    pub(super) fn count(
        &mut self,
        when: FactTime,
        family: &'static str,
        labels: &[(&'static str, &str)],
    ) {
        self.add(when, family, labels, 1);
    }

    /// Counts a fact with a weight.
    pub(super) fn add(
        &mut self,
        when: FactTime,
        family: &'static str,
        labels: &[(&'static str, &str)],
        by: u64,
    ) {
        if !self.admits(when) {
            return;
        }
        let entry = self
            .series
            .entry((family, owned(labels)))
            .or_insert(Value::Counter { value: 0 });
        if let Value::Counter { value } = entry {
            *value += by;
        }
    }

    /// Observes a duration in milliseconds.
    pub(super) fn observe(
        &mut self,
        when: FactTime,
        family: &'static str,
        labels: &[(&'static str, &str)],
        ms: i64,
    ) {
        if !self.admits(when) {
            return;
        }
        let empty = Value::Histogram {
            count: 0,
            sum_ms: 0,
            observations: BTreeMap::new(),
        };
        let entry = self.series.entry((family, owned(labels))).or_insert(empty);
        if let Value::Histogram {
            count,
            sum_ms,
            observations,
        } = entry
        {
            *count += 1;
            *sum_ms += ms;
            *observations.entry(ms).or_default() += 1;
        }
    }

    pub(crate) fn into_truth(self) -> Truth {
        let series = self
            .series
            .into_iter()
            .map(|((family, labels), value)| Series {
                family: family.to_owned(),
                labels: labels
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect(),
                value,
            });
        Truth {
            as_of: stamp(self.now_ms, 3),
            epoch: stamp(self.epoch_ms, 3),
            series: series.collect(),
        }
    }
}

fn owned(labels: &[(&'static str, &str)]) -> Labels {
    labels
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect()
}
