//! The spans of the exporter's own work, and their attributes.
//!
//! A poll is a trace: `poll` has a child `page` for each page, which has the children `request`, one
//! for each attempt, `commit` and `publish`. Attributes are numbers, configured names and reasons
//! from closed lists; no content of a page is in them.

use tracing::field::Empty;
use tracing::{Span, info_span};

pub use vcc_net::span::{TARGET, record_failure as failed};

/// One poll of an account.
pub fn poll(account: &str, operation: &str) -> Span {
    info_span!(
        target: TARGET, "poll", account, operation,
        "otel.status_code" = Empty, "error.type" = Empty,
    )
}

/// One page, from its request until its effect is published.
pub fn page(number: u32) -> Span {
    info_span!(
        target: TARGET, "page", page = number, items = Empty,
        "otel.status_code" = Empty, "error.type" = Empty,
    )
}

/// Records the number of items of the page being ingested.
pub fn items(count: usize) {
    Span::current().record("items", count);
}

/// One durable commit to the state.
pub fn commit() -> Span {
    info_span!(
        target: TARGET, "commit", "otel.status_code" = Empty, "error.type" = Empty,
    )
}

/// The publication of a commit.
pub fn publish() -> Span {
    info_span!(target: TARGET, "publish")
}
