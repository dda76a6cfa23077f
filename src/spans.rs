//! The exporter's own work as spans: which there are, and what each says.
//!
//! A poll is a trace: `poll` holds a `page` for each page it reads, and that the `request`s it
//! took, the retried ones too, and the `commit` and `publish` it led to. They carry numbers,
//! configured names and reasons out of closed lists, and nothing of what a page says.

use tracing::field::Empty;
use tracing::{Span, info_span};

use crate::api::Operation;

/// The target of every span. The log does not have it, so without an exporter of spans they are
/// switched off where they stand.
pub const TARGET: &str = "otel.spans";

/// One poll of an account.
pub fn poll(account: &str, operation: Operation) -> Span {
    info_span!(
        target: TARGET, "poll", account, operation = operation.as_str(),
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

/// Says how an exchange ended.
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

/// Showing what was committed.
pub fn publish() -> Span {
    info_span!(target: TARGET, "publish")
}

/// Says that what a span stands for failed, and why, in a word out of a closed list.
pub fn failed(span: &Span, reason: &str) {
    span.record("otel.status_code", "ERROR");
    span.record("error.type", reason);
}
