//! The meaning of a response: <https://opentelemetry.io/docs/specs/otlp/#otlphttp-response>.

use std::time::SystemTime;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::{DecodeError, Message};

use super::error::ExportError;
use super::target::Signal;
use super::transport::HttpResponse;
use vcc_net::backoff::parse_retry_after;
use vcc_net::sanitize::sanitize_for_log;

/// A successful export, perhaps only of a part of the request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExportOutcome {
    /// How many points or spans the receiver rejected.
    pub rejected: u64,
    /// The receiver's message about them, sanitized.
    pub message: String,
}

/// The body of an error response: `google.rpc.Status`, of which only the message is read.
#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(string, tag = "2")]
    message: String,
}

/// Classifies a response that arrived at `now`; `secrets` are removed from its messages.
///
/// # Errors
/// If the export failed.
pub fn classify_response(
    signal: Signal,
    response: &HttpResponse,
    secrets: &[&str],
    now: SystemTime,
) -> Result<ExportOutcome, ExportError> {
    let status = response.status;
    if (200..=299).contains(&status) {
        return outcome(signal, response, secrets);
    }
    let message = Status::decode(&*response.body).map_or_else(
        |_| String::from_utf8_lossy(&response.body).into_owned(),
        |status| status.message,
    );
    let retry_after = response.retry_after.as_deref();
    Err(ExportError::Status {
        status,
        message: sanitize_for_log(&message, secrets),
        retry_after: retry_after.and_then(|text| parse_retry_after(text, now)),
    })
}

fn outcome(
    signal: Signal,
    response: &HttpResponse,
    secrets: &[&str],
) -> Result<ExportOutcome, ExportError> {
    let status = response.status;
    let partial_success = partial_success(signal, &response.body);
    let (rejected, message) = partial_success.map_err(|_| ExportError::InvalidBody { status })?;
    Ok(ExportOutcome {
        rejected: u64::try_from(rejected).unwrap_or(0),
        message: sanitize_for_log(&message, secrets),
    })
}

/// How many items were rejected, and why.
fn partial_success(signal: Signal, body: &[u8]) -> Result<(i64, String), DecodeError> {
    let partial = match signal {
        Signal::Metrics => ExportMetricsServiceResponse::decode(body)?
            .partial_success
            .map(|partial| (partial.rejected_data_points, partial.error_message)),
        Signal::Traces => ExportTraceServiceResponse::decode(body)?
            .partial_success
            .map(|partial| (partial.rejected_spans, partial.error_message)),
    };
    Ok(partial.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::error::FailureReason;
    use super::*;

    fn of(status: u16, body: &[u8]) -> Result<ExportOutcome, ExportError> {
        let response = HttpResponse {
            status,
            retry_after: Some("7".to_owned()),
            body: body.to_vec().into(),
        };
        classify_response(
            Signal::Metrics,
            &response,
            &["hunter2"],
            SystemTime::UNIX_EPOCH,
        )
    }

    #[test]
    fn each_status_has_its_reason_and_some_are_transient() {
        for (status, reason, transient) in [
            (302, FailureReason::BadAnswer, false),
            (400, FailureReason::Rejected, false),
            (401, FailureReason::Refused, false),
            (403, FailureReason::Refused, false),
            (404, FailureReason::Rejected, false),
            (413, FailureReason::Rejected, false),
            (429, FailureReason::Throttled, true),
            (500, FailureReason::ServerError, false),
            (502, FailureReason::Unavailable, true),
            (503, FailureReason::Unavailable, true),
            (504, FailureReason::Unavailable, true),
            (505, FailureReason::ServerError, false),
        ] {
            let error = of(status, b"").unwrap_err();
            assert_eq!(error.reason(), reason, "{status}");
            assert_eq!(error.is_transient(), transient, "{status}");
            assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
            assert_eq!(error.to_string(), format!("status {status}"));
        }
    }

    #[test]
    fn a_message_is_read_out_of_a_status_or_a_text_without_secrets() {
        let status = Status {
            message: "the key hunter2\nis wrong".to_owned(),
        };
        for body in [status.encode_to_vec(), b"the key hunter2 is wrong".to_vec()] {
            let words = of(401, &body).unwrap_err().to_string();
            assert!(words.starts_with("status 401: the key "), "{words}");
            assert!(words.ends_with(" is wrong"), "{words}");
            assert!(!words.contains("hunter2"), "{words}");
        }
    }

    #[test]
    fn an_empty_body_is_a_full_success_and_another_text_is_invalid() {
        assert_eq!(of(200, b"").unwrap(), ExportOutcome::default());
        let error = of(200, b"<html>").unwrap_err();
        assert!(matches!(error, ExportError::InvalidBody { status: 200 }));
        assert_eq!(error.reason(), FailureReason::BadAnswer);
    }
}
