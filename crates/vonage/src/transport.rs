//! One HTTP exchange as the client sees it.
//!
//! Over the network [`HttpTransport`](super::http::HttpTransport) implements [`Transport`]; tests
//! and the simulator have implementations of their own.

use std::fmt;
use std::pin::Pin;

use bytes::Bytes;
use reqwest::Method;
use secrecy::SecretString;
use thiserror::Error;
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

/// The purpose and the host of a request: what logs and errors call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestTarget {
    /// What the request was for.
    pub operation: Operation,
    /// The host it was sent to, with the port if it is not the scheme's default.
    pub host: String,
}

impl RequestTarget {
    /// The target of a request for `operation` to `url`.
    pub fn new(operation: Operation, url: &Url) -> Self {
        let mut host = url.host_str().unwrap_or("a URL without a host").to_owned();
        if let Some(port) = url.port() {
            host = format!("{host}:{port}");
        }
        Self { operation, host }
    }
}

impl fmt::Display for RequestTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} request to {}", self.operation.as_str(), self.host)
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

/// Leaves out the query as well: the path is enough to recognise a request.
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

/// A response with its whole body. Only the body of an error may be cut off (see
/// [`MAX_ERROR_BODY_BYTES`](super::http::MAX_ERROR_BODY_BYTES)).
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

/// Why there is no response.
///
/// The texts are the sanitised causes ([`causes`](vcc_net::http::causes)), which name hosts but
/// no URL with its query, no header and no body. They stand in place of the sources themselves,
/// because the HTTP client's errors show the whole URL.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TransportError {
    /// No connection: name lookup, TCP, TLS or a proxy failed.
    #[error("no connection ({0})")]
    Connect(String),
    /// The exchange took longer than its time limit.
    #[error("no complete answer in time")]
    Timeout,
    /// The decompressed body exceeded the limit and was dropped.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// In bytes.
        limit: usize,
    },
    /// The connection broke before the response was complete.
    #[error("the connection broke ({0})")]
    Interrupted(String),
    /// The server redirected, which is not followed: that would send the token to a host that
    /// nobody configured.
    #[error(
        "a redirect to {} was not followed", .to_host.as_deref().unwrap_or("an unnamed place")
    )]
    RefusedRedirect {
        /// The host of the redirect, if it named one.
        to_host: Option<String>,
    },
    /// The request could not be formed.
    #[error("nothing could be sent ({0})")]
    Other(String),
}

/// The future of one exchange.
pub type ResponseFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>>;

/// Makes single exchanges with the API; shared as `Arc<dyn Transport>`.
pub trait Transport: Send + Sync {
    /// Sends one request and reads the whole response. Dropping the future abandons the exchange.
    fn send(&self, request: Request) -> ResponseFuture<'_>;
}
