//! The exporter's own work as spans: which there are, and what each says.
//!
//! A poll is a trace: `poll` holds a `page` for each page it reads, and that the `request`s it
//! took, the retried ones too, and the `commit` and `publish` it led to. They carry numbers,
//! configured names and reasons out of closed lists, and nothing of what a page says.

use tracing::field::Empty;
use tracing::{Span, info_span};

pub use crate::net::span::{TARGET, record_failure as failed};

/// One poll of an account.
pub fn poll(account: &str, operation: &str) -> Span {
    info_span!(
        target: TARGET, "poll", account, operation,
        "otel.status_code" = Empty, "error.type" = Empty,
    )
}

/// One page, from its request until its effect is shown.
pub fn page(number: u32) -> Span {
    info_span!(
        target: TARGET, "page", page = number, items = Empty,
        "otel.status_code" = Empty, "error.type" = Empty,
    )
}

/// Says how many items the page has that is being taken in.
pub fn items(count: usize) {
    Span::current().record("items", count);
}

/// One durable commit to the state.
pub fn commit() -> Span {
    info_span!(
        target: TARGET, "commit", "otel.status_code" = Empty, "error.type" = Empty,
    )
}

/// Showing what was committed.
pub fn publish() -> Span {
    info_span!(target: TARGET, "publish")
}
