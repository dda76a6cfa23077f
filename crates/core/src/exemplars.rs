//! Exemplars: for a histogram's bucket, the trace of an interaction that fell into it.
//!
//! Only traces a receiver has taken become exemplars, so that what they point to is there. They
//! are not stored: after a restart they come back with the next traces.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;

use crate::catalogue::Kind;
use crate::series::{SeriesKey, bucket};
use crate::trace::{SpanId, TraceId};

/// For how many series exemplars are kept. With their buckets they take a few MiB; a reader clicks
/// on those of busy series, which have theirs first.
const MAX_SERIES: usize = 5_000;

/// One observation and the trace it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exemplar {
    /// The trace.
    pub trace: TraceId,
    /// The interaction's own span in it.
    pub span: SpanId,
    /// What was observed, in milliseconds.
    pub value_ms: u64,
    /// When the trace was taken, local Unix time in milliseconds. It only grows, as Prometheus
    /// wants it within a series.
    pub at_ms: i64,
}

/// The newest exemplar of each bucket of each series.
#[derive(Debug, Clone, Default)]
pub struct Exemplars(HashMap<SeriesKey, Arc<[Option<Exemplar>]>, FixedState>);

impl Exemplars {
    /// Those of a series by bucket; none at all if it has none.
    pub fn of(&self, key: &SeriesKey) -> &[Option<Exemplar>] {
        self.0.get(key).map_or(&[], |buckets| buckets)
    }

    /// Takes one in, in place of an older one.
    pub fn put(&mut self, key: SeriesKey, exemplar: Exemplar) {
        let Kind::Histogram(bounds) = key.family.info().kind else {
            return;
        };
        if self.0.len() >= MAX_SERIES && !self.0.contains_key(&key) {
            return;
        }
        let empty = || vec![None; bounds.len() + 1].into();
        let buckets = self.0.entry(key).or_insert_with(empty);
        Arc::make_mut(buckets)[bucket(bounds, exemplar.value_ms)] = Some(exemplar);
    }
}
