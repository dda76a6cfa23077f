//! Why an export failed.

use std::time::Duration;

use strum::{IntoStaticStr, VariantArray};
use tokio::task::JoinError;

use super::target::HeaderError;
use super::transport::TransportError;

/// The `reason` label of failed exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum FailureReason {
    /// No connection, or it broke.
    Unreachable,
    /// No complete response in time.
    Timeout,
    /// Status 429.
    Throttled,
    /// Status 502, 503 or 504.
    Unavailable,
    /// Status 401 or 403.
    Refused,
    /// Any other 4xx status.
    Rejected,
    /// Any other 5xx status.
    ServerError,
    /// A response that no OTLP receiver sends.
    BadAnswer,
    /// The request could not be formed, for example because a header's file cannot be read.
    Unsent,
    /// Discarded without being sent, because too much was queued or retries ran out.
    Dropped,
}

impl FailureReason {
    /// The value of the label.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether the same request may succeed later. Other requests must not be repeated:
    /// <https://opentelemetry.io/docs/specs/otlp/#failures-1>.
    pub fn is_transient(self) -> bool {
        matches!(
            self,
            FailureReason::Unreachable
                | FailureReason::Timeout
                | FailureReason::Throttled
                | FailureReason::Unavailable
        )
    }
}

/// A failed export. No message contains a secret.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A header cannot be read.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// No complete response in time.
    #[error("no complete answer in time")]
    Timeout,
    /// No usable response.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// A response whose status is no success.
    #[error("status {status}{}", detail(.message))]
    Status {
        /// The HTTP status.
        status: u16,
        /// The receiver's message, sanitized.
        message: String,
        /// How long the receiver asks the client to wait.
        retry_after: Option<Duration>,
    },
    /// A successful status whose body is no OTLP response.
    #[error("status {status} with a body that is no answer")]
    InvalidBody {
        /// The HTTP status.
        status: u16,
    },
    /// Discarded without being sent, or after the last retry.
    #[error("the receiver is too slow, or was away for too long")]
    Dropped,
    /// Encoding the request panicked.
    #[error("this is a bug in the exporter: {0}")]
    Encoding(#[from] JoinError),
}

fn detail(message: &str) -> String {
    match message {
        "" => String::new(),
        message => format!(": {message}"),
    }
}

impl ExportError {
    /// The `reason` label.
    pub fn reason(&self) -> FailureReason {
        match self {
            ExportError::Header(_) | ExportError::Encoding(_) => FailureReason::Unsent,
            ExportError::Timeout => FailureReason::Timeout,
            ExportError::Transport(error) => match error {
                TransportError::Unreachable(_) => FailureReason::Unreachable,
                TransportError::Unsent(_) => FailureReason::Unsent,
                TransportError::TooLarge => FailureReason::BadAnswer,
            },
            ExportError::Status { status, .. } => match status {
                401 | 403 => FailureReason::Refused,
                429 => FailureReason::Throttled,
                400..=499 => FailureReason::Rejected,
                502..=504 => FailureReason::Unavailable,
                500..=599 => FailureReason::ServerError,
                // Redirects too, because they are not followed.
                _ => FailureReason::BadAnswer,
            },
            ExportError::InvalidBody { .. } => FailureReason::BadAnswer,
            ExportError::Dropped => FailureReason::Dropped,
        }
    }

    /// Whether the same request may succeed later.
    pub fn is_transient(&self) -> bool {
        self.reason().is_transient()
    }

    /// How long the receiver asks the client to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            ExportError::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Whether the receiver rejects the content of the request: malformed, too large or
    /// unprocessable. Other statuses are about the address, the credentials or the receiver.
    pub fn rejects_content(&self) -> bool {
        matches!(
            self,
            ExportError::Status {
                status: 400 | 413 | 422,
                ..
            }
        )
    }
}
