//! Finds the interactions of a window by processed time, start or end.
use std::collections::BTreeSet;

/// Which interactions a window returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Include {
    /// Those that started in it.
    Started,
    /// Those that started or ended in it.
    StartedOrEnded,
    /// Those that were processed in it.
    Processed,
}

/// Identifies an interaction: twice the number of its arrival, plus one for the following callback.
pub(super) type Id = u64;

/// Ids by each of the three times, in Unix milliseconds.
#[derive(Debug, Default)]
pub(super) struct WindowIndex {
    processed: BTreeSet<(i64, Id)>,
    starts: BTreeSet<(i64, Id)>,
    ends: BTreeSet<(i64, Id)>,
}

impl WindowIndex {
    pub(super) fn insert_start(&mut self, at_ms: i64, id: Id) {
        self.starts.insert((at_ms, id));
    }

    pub(super) fn insert_end(&mut self, at_ms: i64, id: Id) {
        self.ends.insert((at_ms, id));
    }

    pub(super) fn insert_processed(&mut self, at_ms: i64, id: Id) {
        self.processed.insert((at_ms, id));
    }

    pub(super) fn remove_processed(&mut self, at_ms: i64, id: Id) {
        self.processed.remove(&(at_ms, id));
    }

    /// Removes an interaction from all three orders.
    pub(super) fn remove(&mut self, id: Id, start_ms: i64, end_ms: i64, processed: &[i64]) {
        self.starts.remove(&(start_ms, id));
        self.ends.remove(&(end_ms, id));
        for at_ms in processed {
            self.processed.remove(&(*at_ms, id));
        }
    }

    /// The ids in [start, end), each once, in ascending order.
    pub(super) fn window(&self, include: Include, start_ms: i64, end_ms: i64) -> Vec<Id> {
        if start_ms >= end_ms {
            return Vec::new();
        }
        let range = (start_ms, Id::MIN)..(end_ms, Id::MIN);
        let ids = |from: &BTreeSet<(i64, Id)>| {
            from.range(range.clone())
                .map(|(_, id)| *id)
                .collect::<Vec<_>>()
        };
        let mut found = match include {
            Include::Started => ids(&self.starts),
            Include::StartedOrEnded => [ids(&self.starts), ids(&self.ends)].concat(),
            Include::Processed => ids(&self.processed),
        };
        found.sort_unstable();
        found.dedup();
        found
    }
}
