//! What can go wrong while fetching: a closed list, each with a label for the
//! metrics. The sentence for whoever is woken by it is in `advice.rs`.
use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::transport::{Operation, TransportError};

/// Which request went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What the request was for.
    pub operation: Operation,
    /// The host it was sent to, with its port when that is not the usual one.
    pub host: String,
}

impl Place {
    /// The place of a request for `operation` to `url`.
    pub fn new(operation: Operation, url: &Url) -> Self {
        let mut host = url.host_str().unwrap_or("a URL without a host").to_owned();
        if let Some(port) = url.port() {
            host = format!("{host}:{port}");
        }
        Self { operation, host }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} request to {}", self.operation.as_str(), self.host)
    }
}

/// Why a page or a token was not obtained.
///
/// `at` is always the request that failed. Texts from outside have been
/// through [`sanitise`](super::refusal::sanitise).
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants say what their fields are")]
pub enum FetchError {
    /// The API refused a new token too (401).
    Unauthorized { at: Place },
    /// The API knows the token and denies it, a new one too (403).
    Forbidden { at: Place, message: String },
    /// The token endpoint refused the credentials.
    TokenRefused {
        at: Place,
        error: String,
        description: String,
    },
    /// The credentials may not use the Stats API.
    InvalidScope { at: Place, description: String },
    /// The token endpoint answered well, but not with a token.
    TokenUnreadable {
        at: Place,
        content_type: Option<String>,
    },
    /// The client secret could not be read from its file.
    Secret { path: PathBuf, cause: String },
    /// The API did not accept the request itself (400).
    BadRequest { at: Place, message: String },
    /// There is nothing at this address (404).
    NotFound { at: Place },
    /// Too many requests (429), still after the retries.
    Throttled {
        at: Place,
        retry_after: Option<Duration>,
    },
    /// The server failed (5xx), still after the retries.
    ServerError {
        at: Place,
        status: u16,
        retry_after: Option<Duration>,
        message: String,
    },
    /// A status that this API has no use for.
    UnexpectedStatus {
        at: Place,
        status: u16,
        message: String,
    },
    /// No complete answer in time.
    Timeout { at: Place },
    /// No connection.
    Connect { at: Place, cause: String },
    /// The connection broke before the answer was whole.
    Interrupted { at: Place, cause: String },
    /// The answer is larger than the limit.
    TooLarge { at: Place, limit: usize },
    /// The server pointed elsewhere and was not followed.
    Redirect { at: Place, to_host: Option<String> },
    /// The request could not be formed.
    Other { at: Place, cause: String },
}

impl FetchError {
    /// Every answer of [`reason`](Self::reason), so that a metric can show
    /// them all at 0 before anything goes wrong.
    pub const REASONS: [&'static str; 17] = [
        "unauthorized",
        "forbidden",
        "token_refused",
        "invalid_scope",
        "token_unreadable",
        "secret",
        "bad_request",
        "not_found",
        "throttled",
        "server_error",
        "unexpected_status",
        "timeout",
        "connect",
        "interrupted",
        "too_large",
        "redirect",
        "other",
    ];

    /// The value of the `reason` label.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Unauthorized { .. } => "unauthorized",
            Self::Forbidden { .. } => "forbidden",
            Self::TokenRefused { .. } => "token_refused",
            Self::InvalidScope { .. } => "invalid_scope",
            Self::TokenUnreadable { .. } => "token_unreadable",
            Self::Secret { .. } => "secret",
            Self::BadRequest { .. } => "bad_request",
            Self::NotFound { .. } => "not_found",
            Self::Throttled { .. } => "throttled",
            Self::ServerError { .. } => "server_error",
            Self::UnexpectedStatus { .. } => "unexpected_status",
            Self::Timeout { .. } => "timeout",
            Self::Connect { .. } => "connect",
            Self::Interrupted { .. } => "interrupted",
            Self::TooLarge { .. } => "too_large",
            Self::Redirect { .. } => "redirect",
            Self::Other { .. } => "other",
        }
    }

    /// The request that failed; a secret fails before there is one.
    pub fn at(&self) -> Option<&Place> {
        match self {
            Self::Secret { .. } => None,
            Self::Unauthorized { at }
            | Self::Forbidden { at, .. }
            | Self::TokenRefused { at, .. }
            | Self::InvalidScope { at, .. }
            | Self::TokenUnreadable { at, .. }
            | Self::BadRequest { at, .. }
            | Self::NotFound { at }
            | Self::Throttled { at, .. }
            | Self::ServerError { at, .. }
            | Self::UnexpectedStatus { at, .. }
            | Self::Timeout { at }
            | Self::Connect { at, .. }
            | Self::Interrupted { at, .. }
            | Self::TooLarge { at, .. }
            | Self::Redirect { at, .. }
            | Self::Other { at, .. } => Some(at),
        }
    }

    /// What an exchange that brought no answer means.
    pub fn from_transport(at: Place, error: TransportError) -> Self {
        match error {
            TransportError::Connect(cause) => Self::Connect { at, cause },
            TransportError::Timeout => Self::Timeout { at },
            TransportError::TooLarge { limit } => Self::TooLarge { at, limit },
            TransportError::Interrupted(cause) => Self::Interrupted { at, cause },
            TransportError::RefusedRedirect { to_host } => Self::Redirect { at, to_host },
            TransportError::Other(cause) => Self::Other { at, cause },
        }
    }

    /// Whether the server may have been asked for too much: any 5xx (501 and
    /// 504 are seen on large windows) or a timeout. The caller then asks for
    /// a smaller window.
    pub fn is_server_overload(&self) -> bool {
        matches!(self, Self::ServerError { .. } | Self::Timeout { .. })
    }

    /// Whether a smaller window may succeed where this one failed: the server
    /// is overloaded, or the answer was larger than we accept.
    pub fn wants_smaller_window(&self) -> bool {
        self.is_server_overload() || matches!(self, Self::TooLarge { .. })
    }

    /// Whether the same request may succeed in a moment. A timeout is not
    /// such a case: it has used up its minute, and a smaller window helps more.
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Throttled { .. }
                | Self::ServerError { .. }
                | Self::Connect { .. }
                | Self::Interrupted { .. }
        )
    }

    /// How long the server asked to be left alone, already bounded.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_after, .. } | Self::ServerError { retry_after, .. } => {
                *retry_after
            }
            _ => None,
        }
    }
}

impl Error for FetchError {}
