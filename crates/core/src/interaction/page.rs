//! A page of interactions as it was understood.

use super::{Guid, Interaction};
use crate::vocabulary::RecordRejectReason;

/// A page as it was understood.
#[derive(Debug, Default)]
pub struct Page<'a> {
    /// Time of the request, Unix milliseconds; `None` if absent or no time.
    pub up_to_ms: Option<i64>,
    /// Time of the newest event the API had.
    pub latest_update_ms: Option<i64>,
    /// What `meta` says of this page's items.
    pub count: Option<i64>,
    /// What `meta` says of the number of pages.
    pub page_count: Option<i64>,
    /// What `meta` says of the number of items in the window.
    pub total_count: Option<i64>,
    /// The interactions, in the API's order.
    pub interactions: Vec<Interaction<'a>>,
    /// Why each unreadable item was rejected, with its guid if that much could be read.
    pub rejected: Vec<(RecordRejectReason, Option<Guid>)>,
}

impl Page<'_> {
    /// How many items the page held, rejected ones included.
    pub fn len(&self) -> usize {
        self.interactions.len() + self.rejected.len()
    }

    /// Whether the page held nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
