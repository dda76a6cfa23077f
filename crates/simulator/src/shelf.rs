//! The order in which interactions can be asked for: by processed time, by start, by end.
use std::collections::BTreeSet;

/// Which interactions a window asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Include {
    /// Those that started in it.
    Started,
    /// Those that started or ended in it.
    StartedOrEnded,
    /// Those that were processed in it.
    Processed,
}

/// An interaction in a world: its arrival's number doubled, plus one for the callback that followed.
pub(super) type Id = u64;

/// What is on the shelf, by each of the three times; all in Unix milliseconds.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    processed: BTreeSet<(i64, Id)>,
    starts: BTreeSet<(i64, Id)>,
    ends: BTreeSet<(i64, Id)>,
}

impl Shelf {
    pub(super) fn started(&mut self, at_ms: i64, id: Id) {
        self.starts.insert((at_ms, id));
    }

    pub(super) fn ended(&mut self, at_ms: i64, id: Id) {
        self.ends.insert((at_ms, id));
    }

    pub(super) fn processed(&mut self, at_ms: i64, id: Id) {
        self.processed.insert((at_ms, id));
    }

    pub(super) fn not_processed(&mut self, at_ms: i64, id: Id) {
        self.processed.remove(&(at_ms, id));
    }

    /// Forgets an interaction wherever it stands.
    pub(super) fn forget(&mut self, id: Id, start_ms: i64, end_ms: i64, processed: &[i64]) {
        self.starts.remove(&(start_ms, id));
        self.ends.remove(&(end_ms, id));
        for at_ms in processed {
            self.processed.remove(&(*at_ms, id));
        }
    }

    /// Everything in [start, end), each once, in no particular order.
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
