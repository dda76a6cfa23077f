//! What the state holds of the interactions about to be counted: the input of the plans that is read
//! beforehand, because nothing here does I/O.

use foldhash::HashSet;

use crate::interaction::Guid;

use super::record::Record;

/// What the state holds of a page.
#[derive(Debug, Clone, Default)]
pub struct PrefetchedRows {
    /// One entry per interaction of the page, in the page's order; `None` if it was never counted.
    pub rows: Vec<Option<Record>>,
    /// Those of [`conversations_of`](super::conversations_of) that were seen before.
    pub conversations: HashSet<Guid>,
}

/// What the state holds of the open interactions that are due.
#[derive(Debug, Clone, Default)]
pub struct DueRows {
    /// The rows that were found.
    pub rows: Vec<(Guid, Record)>,
    /// Those of the rows' conversations that were seen before.
    pub conversations: HashSet<Guid>,
}
