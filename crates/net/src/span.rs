//! The trace span of one outgoing HTTP request, and what all spans of the exporter share.

use tracing::field::Empty;
use tracing::{Span, info_span};

/// The target of every span. The log filters it out, so without a span exporter the spans are
/// disabled where they are created.
pub const TARGET: &str = "otel.spans";

/// The span of one HTTP request:
/// <https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span>.
pub fn request(operation: &str, method: &str, host: &str) -> Span {
    info_span!(
        target: TARGET, "request", "otel.kind" = "client", operation,
        "http.request.method" = method, "server.address" = host,
        "http.response.status_code" = Empty,
        "otel.status_code" = Empty, "error.type" = Empty,
    )
}

/// Records how a [`request`] ended: the status of its response, or `None` without one.
pub fn record_response(request: &Span, status: Option<u16>) {
    let Some(status) = status else {
        record_failure(request, "no_answer");
        return;
    };
    request.record("http.response.status_code", status);
    if status >= 400 {
        record_failure(request, &status.to_string());
    }
}

/// Marks a span as failed. `reason` must come from a closed list.
pub fn record_failure(span: &Span, reason: &str) {
    span.record("otel.status_code", "ERROR");
    span.record("error.type", reason);
}
