//! The spans of the exporter's own work, and their attributes.
//!
//! A poll is a trace: `poll` has a child `page` for each page, which has the children `request`, one
//! for each attempt, `commit` and `publish`. Attributes are numbers, configured names and reasons
//! from closed lists; no content of a page is in them.

use tracing::field::Empty;
use tracing::{Span, info_span};

use crate::api::Operation;

/// The `tracing` target of every span. The log does not enable it, so without an export of spans they
/// are disabled at their callsite.
pub const TARGET: &str = "otel.spans";

/// One poll of an account.
pub fn poll(account: &str, operation: Operation) -> Span {
    info_span!(
        target: TARGET, "poll", account, operation = operation.as_str(),
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

/// One HTTP exchange with the API:
/// <https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span>.
pub fn request(operation: Operation, method: &str, host: &str) -> Span {
    info_span!(
        target: TARGET, "request", "otel.kind" = "client", operation = operation.as_str(),
        "http.request.method" = method, "server.address" = host,
        "http.response.status_code" = Empty,
        "otel.status_code" = Empty, "error.type" = Empty,
    )
}

/// Records the result of an exchange.
pub fn answered(request: &Span, status: Option<u16>) {
    let Some(status) = status else {
        failed(request, "no_answer");
        return;
    };
    request.record("http.response.status_code", status);
    if status >= 400 {
        failed(request, &status.to_string());
    }
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

/// Marks a span as failed; `reason` comes from a closed list.
pub fn failed(span: &Span, reason: &str) {
    span.record("otel.status_code", "ERROR");
    span.record("error.type", reason);
}
