//! The truth: the series that a reader must show that counts every fact exactly once.
//!
//! It is counted from the scripts, never from the JSON rendered from them, so that it cannot share a
//! misinterpretation with a reader of the JSON.
use std::collections::BTreeMap;

use serde::Serialize;

mod agents;
mod collector;
mod events;
mod facts;
mod interactions;
mod live;
mod observed;
mod queues;

pub(crate) use collector::TruthCollector;
pub(crate) use facts::add_facts;
pub(crate) use live::LiveTruth;
pub(crate) use observed::VisibleVersion;

/// The label value for a null of the API.
const NONE: &str = "none";

/// Every business series at one moment.
///
/// Series that are zero are missing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Truth {
    /// The server time up to which visible facts are counted.
    pub as_of: String,
    /// Facts that happened before this server time are not counted.
    pub epoch: String,
    /// The series, sorted by family and labels.
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

#[cfg(test)]
mod tests;
