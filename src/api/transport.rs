//! One HTTP exchange as the rest of the client sees it.
//!
//! The real road is [`HttpTransport`](super::http::HttpTransport); a test or a
//! simulation puts its own behind [`Transport`].
use std::error::Error;
use std::fmt;
use std::pin::Pin;

use bytes::Bytes;
use reqwest::Method;
use secrecy::SecretString;
use url::Url;

/// What a request is for: a closed list, because it is a metric label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Obtaining an access token.
    Token,
    /// One page of interactions.
    Interactions,
    /// One page of the interactions going on now.
    Ongoing,
}

impl Operation {
    /// The value of the `operation` label.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Interactions => "interactions",
            Self::Ongoing => "ongoing",
        }
    }
}

/// A request, with everything secret in it behind [`SecretString`].
pub struct Request {
    /// What it is for.
    pub operation: Operation,
    /// `GET`, or `POST` for the token.
    pub method: Method,
    /// The whole address, query included.
    pub url: Url,
    /// The `Accept` header.
    pub accept: &'static str,
    /// The whole `Authorization` header, scheme included.
    pub authorization: Option<SecretString>,
    /// The type of `body`.
    pub content_type: Option<&'static str>,
    /// The encoded form of a token request, which holds the client secret.
    pub body: Option<SecretString>,
}

/// Leaves out the query too: the address says enough to recognise a request.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("path", &self.url.path())
            .finish_non_exhaustive()
    }
}

/// An answer whose body has arrived whole. Only of an answer that is an error
/// anyway the body may be a part (see [`MAX_ERROR_BODY_BYTES`](super::http::MAX_ERROR_BODY_BYTES)).
#[derive(Debug, Clone, Default)]
pub struct Response {
    /// The HTTP status, never a redirect.
    pub status: u16,
    /// The `Retry-After` header as sent.
    pub retry_after: Option<String>,
    /// The `Content-Type` header as sent.
    pub content_type: Option<String>,
    /// The decompressed body.
    pub body: Bytes,
}

/// Why there is no answer. The texts name hosts and causes, never an address
/// with its query, a header or a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransportError {
    /// No connection: name lookup, TCP, TLS or a proxy failed.
    Connect(String),
    /// The exchange took longer than it may.
    Timeout,
    /// The decompressed body passed the limit and was dropped.
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The connection broke before the answer was whole.
    Interrupted(String),
    /// The server pointed elsewhere and was not followed: a redirect would
    /// carry the token to a host nobody configured.
    RefusedRedirect {
        /// The host it pointed to, when it named one.
        to_host: Option<String>,
    },
    /// The request could not even be formed.
    Other(String),
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(cause) => write!(f, "no connection ({cause})"),
            Self::Timeout => f.write_str("no complete answer in time"),
            Self::TooLarge { limit } => write!(f, "the body is larger than {limit} bytes"),
            Self::Interrupted(cause) => write!(f, "the connection broke ({cause})"),
            Self::RefusedRedirect { to_host } => {
                let host = to_host.as_deref().unwrap_or("an unnamed place");
                write!(f, "a redirect to {host} was not followed")
            }
            Self::Other(cause) => write!(f, "nothing could be sent ({cause})"),
        }
    }
}

impl Error for TransportError {}

/// The future of one exchange.
pub type Exchange<'a> = Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>>;

/// A road to the API, to be shared as `Arc<dyn Transport>`.
pub trait Transport: Send + Sync {
    /// Sends one request and reads its whole answer. Dropping the future
    /// abandons the exchange.
    fn send(&self, request: Request) -> Exchange<'_>;
}
