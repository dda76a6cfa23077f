//! The truth about a world: what a reader that counts every fact exactly once must show.
use std::collections::BTreeMap;

use serde::Serialize;

use super::time::stamp;

/// Every business series of a world as of one moment.
///
/// A series that would be zero is not listed: whoever compares takes a missing one for zero.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Truth {
    /// The server time up to which facts have become visible.
    pub as_of: String,
    /// Facts that happened before this server time are left out.
    pub epoch: String,
    /// The series in order of family and labels.
    pub series: Vec<Series>,
}

/// One series: a family, its labels without `account`, and its value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// The name of the metric family.
    pub family: String,
    /// Label names and values.
    pub labels: BTreeMap<String, String>,
    /// A count, or a histogram's observations.
    #[serde(flatten)]
    pub value: Value,
}

/// The value of a series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// A counter.
    Counter {
        /// How many facts.
        value: u64,
    },
    /// A histogram, exact to the millisecond.
    Histogram {
        /// How many observations.
        count: u64,
        /// Their sum in milliseconds.
        sum_ms: i64,
        /// How often each number of milliseconds was observed.
        observations: BTreeMap<i64, u64>,
    },
}

impl Value {
    /// The number of facts or observations.
    #[must_use]
    pub fn count(&self) -> u64 {
        match self {
            Self::Counter { value } => *value,
            Self::Histogram { count, .. } => *count,
        }
    }
}

impl Truth {
    /// The series of this family whose labels have these values.
    pub fn matching<'a>(
        &'a self,
        family: &'a str,
        labels: &'a [(&'a str, &'a str)],
    ) -> impl Iterator<Item = &'a Series> {
        self.series.iter().filter(move |series| {
            series.family == family
                && labels
                    .iter()
                    .all(|(name, value)| series.labels.get(*name).is_some_and(|it| it == value))
        })
    }

    /// The number of facts in all series of this family whose labels have these values.
    #[must_use]
    pub fn count(&self, family: &str, labels: &[(&str, &str)]) -> u64 {
        self.matching(family, labels)
            .map(|series| series.value.count())
            .sum()
    }

    /// The sum of all observations of this family, in milliseconds.
    #[must_use]
    pub fn sum_ms(&self, family: &str, labels: &[(&str, &str)]) -> i64 {
        let sum = |series: &Series| match &series.value {
            Value::Counter { .. } => 0,
            Value::Histogram { sum_ms, .. } => *sum_ms,
        };
        self.matching(family, labels).map(sum).sum()
    }
}

type Labels = Vec<(&'static str, String)>;

/// Collects facts into series; only what happened in time and is visible by now is let in.
#[derive(Debug)]
pub(super) struct Book {
    now_ms: i64,
    epoch_ms: i64,
    series: BTreeMap<(&'static str, Labels), Value>,
}

/// When a fact became visible and when it happened, in Unix milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct When {
    pub(super) seen: i64,
    pub(super) happened: i64,
}

impl Book {
    pub(super) fn new(now_ms: i64, epoch_ms: i64) -> Self {
        Self {
            now_ms,
            epoch_ms,
            series: BTreeMap::new(),
        }
    }

    fn admits(&self, when: When) -> bool {
        when.seen <= self.now_ms && when.happened >= self.epoch_ms
    }

    /// Counts a fact.
    pub(super) fn count(
        &mut self,
        when: When,
        family: &'static str,
        labels: &[(&'static str, &str)],
    ) {
        self.add(when, family, labels, 1);
    }

    /// Counts a fact that stands for so many.
    pub(super) fn add(
        &mut self,
        when: When,
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

    /// Observes a number of milliseconds.
    pub(super) fn observe(
        &mut self,
        when: When,
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

    pub(super) fn into_truth(self) -> Truth {
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

#[cfg(test)]
mod tests;
