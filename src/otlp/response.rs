//! What an answer means: <https://opentelemetry.io/docs/specs/otlp/#otlphttp-response>.

use std::time::{Duration, SystemTime};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::{DecodeError, Message};

use super::target::Signal;
use super::wire::{Answer, MAX_ANSWER_BYTES, NoAnswer};
use crate::api::pace::parse_retry_after;
use crate::api::refusal::sanitise;

/// Why an export failed: a closed list, because it is a metric label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// No connection, or it broke.
    Unreachable,
    /// No answer in time.
    Timeout,
    /// 429.
    Throttled,
    /// 502, 503 or 504.
    Unavailable,
    /// 401 or 403.
    Refused,
    /// Another 4xx.
    Rejected,
    /// Another 5xx.
    ServerError,
    /// An answer no receiver gives.
    BadAnswer,
    /// The request could not be formed: a header's file cannot be read.
    Unsent,
    /// Given up before it was sent, because too much was waiting.
    Dropped,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Reason; 10] = [
        Reason::Unreachable,
        Reason::Timeout,
        Reason::Throttled,
        Reason::Unavailable,
        Reason::Refused,
        Reason::Rejected,
        Reason::ServerError,
        Reason::BadAnswer,
        Reason::Unsent,
        Reason::Dropped,
    ];

    /// The value of the `reason` label.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Unreachable => "unreachable",
            Reason::Timeout => "timeout",
            Reason::Throttled => "throttled",
            Reason::Unavailable => "unavailable",
            Reason::Refused => "refused",
            Reason::Rejected => "rejected",
            Reason::ServerError => "server_error",
            Reason::BadAnswer => "bad_answer",
            Reason::Unsent => "unsent",
            Reason::Dropped => "dropped",
        }
    }

    /// Whether the same request may go well a little later. Others must not be repeated:
    /// <https://opentelemetry.io/docs/specs/otlp/#failures-1>.
    pub fn is_passing(self) -> bool {
        matches!(
            self,
            Reason::Unreachable | Reason::Timeout | Reason::Throttled | Reason::Unavailable
        )
    }
}

/// An export that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setback {
    /// Why.
    pub reason: Reason,
    /// The same for people; no secret is in it.
    pub words: String,
    /// How long the receiver asks to be left alone.
    pub retry_after: Option<Duration>,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
}

impl Setback {
    pub(super) fn new(reason: Reason, words: impl Into<String>) -> Self {
        Setback {
            reason,
            words: words.into(),
            retry_after: None,
            status: None,
        }
    }

    /// Whether the status was a good one all the same.
    pub fn is_success(&self) -> bool {
        matches!(self.status, Some(200..=299))
    }

    /// Whether the receiver refused what was sent, and not where, how or by whom: bad, too large,
    /// not to be processed.
    pub fn is_of_the_body(&self) -> bool {
        matches!(self.status, Some(400 | 413 | 422))
    }
}

impl From<NoAnswer> for Setback {
    fn from(error: NoAnswer) -> Self {
        match error {
            NoAnswer::Unreachable(cause) => {
                Setback::new(Reason::Unreachable, format!("no connection ({cause})"))
            }
            NoAnswer::Unsent(cause) => Setback::new(Reason::Unsent, cause),
            NoAnswer::TooLarge => Setback::new(
                Reason::BadAnswer,
                format!("the answer is larger than {MAX_ANSWER_BYTES} bytes"),
            ),
        }
    }
}

/// An export that was taken in, perhaps not all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accepted {
    /// How many points or spans were not.
    pub rejected: u64,
    /// What the receiver says about that.
    pub message: String,
}

/// The body of an error: `google.rpc.Status`, of which only the message is for people.
#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(string, tag = "2")]
    message: String,
}

/// Judges an answer that arrived at `now`; the secrets are cut out of what it says.
///
/// # Errors
/// If the export failed.
pub fn judge(
    signal: Signal,
    answer: &Answer,
    secrets: &[&str],
    now: SystemTime,
) -> Result<Accepted, Setback> {
    let status = answer.status;
    let reason = match status {
        200..=299 => return accepted(signal, answer, secrets),
        401 | 403 => Reason::Refused,
        429 => Reason::Throttled,
        400..=499 => Reason::Rejected,
        502..=504 => Reason::Unavailable,
        500..=599 => Reason::ServerError,
        // Also redirects, which are not followed.
        _ => Reason::BadAnswer,
    };
    let message = Status::decode(&*answer.body).map_or_else(
        |_| String::from_utf8_lossy(&answer.body).into_owned(),
        |status| status.message,
    );
    let mut words = format!("status {status}");
    let message = sanitise(&message, secrets);
    if !message.is_empty() {
        words = format!("{words}: {message}");
    }
    let asked = answer.retry_after.as_deref();
    Err(Setback {
        retry_after: asked.and_then(|text| parse_retry_after(text, now)),
        status: Some(status),
        ..Setback::new(reason, words)
    })
}

fn accepted(signal: Signal, answer: &Answer, secrets: &[&str]) -> Result<Accepted, Setback> {
    let (rejected, message) = partial(signal, &answer.body).map_err(|_| {
        let words = format!("status {} with a body that is no answer", answer.status);
        Setback {
            status: Some(answer.status),
            ..Setback::new(Reason::BadAnswer, words)
        }
    })?;
    Ok(Accepted {
        rejected: u64::try_from(rejected).unwrap_or(0),
        message: sanitise(&message, secrets),
    })
}

/// What was not taken in, and why.
fn partial(signal: Signal, body: &[u8]) -> Result<(i64, String), DecodeError> {
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
    use super::*;

    fn of(status: u16, body: &[u8]) -> Result<Accepted, Setback> {
        let answer = Answer {
            status,
            retry_after: Some("7".to_owned()),
            body: body.to_vec().into(),
        };
        judge(
            Signal::Metrics,
            &answer,
            &["hunter2"],
            SystemTime::UNIX_EPOCH,
        )
    }

    #[test]
    fn each_status_has_its_reason_and_some_pass() {
        for (status, reason, passing) in [
            (302, Reason::BadAnswer, false),
            (400, Reason::Rejected, false),
            (401, Reason::Refused, false),
            (403, Reason::Refused, false),
            (404, Reason::Rejected, false),
            (413, Reason::Rejected, false),
            (429, Reason::Throttled, true),
            (500, Reason::ServerError, false),
            (502, Reason::Unavailable, true),
            (503, Reason::Unavailable, true),
            (504, Reason::Unavailable, true),
            (505, Reason::ServerError, false),
        ] {
            let setback = of(status, b"").unwrap_err();
            assert_eq!(setback.reason, reason, "{status}");
            assert_eq!(setback.reason.is_passing(), passing, "{status}");
            assert_eq!(setback.retry_after, Some(Duration::from_secs(7)));
        }
    }

    #[test]
    fn a_message_is_read_out_of_a_status_or_a_text_without_secrets() {
        let status = Status {
            message: "the key hunter2\nis wrong".to_owned(),
        };
        for body in [status.encode_to_vec(), b"the key hunter2 is wrong".to_vec()] {
            let words = of(401, &body).unwrap_err().words;
            assert!(words.starts_with("status 401: the key "), "{words}");
            assert!(words.ends_with(" is wrong"), "{words}");
            assert!(!words.contains("hunter2"), "{words}");
        }
    }

    #[test]
    fn an_empty_body_is_all_taken_in_and_another_text_is_no_answer() {
        assert_eq!(of(200, b""), Ok(Accepted::default()));
        let setback = of(200, b"<html>").unwrap_err();
        assert_eq!(setback.reason, Reason::BadAnswer);
    }
}
