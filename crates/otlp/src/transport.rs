//! One HTTP exchange with a receiver. It does not know what the bodies mean.
//!
//! Tests replace the network with another [`OtlpTransport`].

use std::error::Error;
use std::fmt;
use std::io::Write;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use prost::Message;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use url::Url;

use super::target::{ResolvedHeader, Target};
use vcc_net::http::{
    BodyError, CONNECT_TIMEOUT, HttpSettings, ca_certificates, causes, client_builder, read_body,
    read_body_prefix,
};

/// The most that is read of a response. A success is a few bytes and an error one sentence; a larger
/// body does not come from an OTLP receiver.
pub const MAX_RESPONSE_BYTES: usize = 64 << 10;

/// The body of a request.
#[derive(Debug, Clone)]
pub struct EncodedRequest {
    /// The encoded message.
    pub body: Bytes,
    /// Whether it is compressed with gzip.
    pub gzip: bool,
}

impl EncodedRequest {
    /// Encodes and compresses a request; call it on a blocking thread.
    pub fn new(request: &impl Message, gzip: bool) -> Self {
        let plain = request.encode_to_vec();
        let compressed = gzip.then(|| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&plain).and_then(|()| encoder.finish())
        });
        match compressed {
            Some(Ok(body)) => EncodedRequest {
                body: body.into(),
                gzip: true,
            },
            // Writing into memory cannot fail; if it did, the plain body would do as well.
            _ => EncodedRequest {
                body: plain.into(),
                gzip: false,
            },
        }
    }
}

/// The response to a request.
#[derive(Debug, Clone, Default)]
pub struct HttpResponse {
    /// The HTTP status.
    pub status: u16,
    /// The `Retry-After` header as sent.
    pub retry_after: Option<String>,
    /// The decompressed body; of an error response perhaps only the beginning.
    pub body: Bytes,
}

/// An exchange without a usable response. The text is the chain of causes, sanitized.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection, or it broke.
    #[error("no connection ({0})")]
    Unreachable(String),
    /// The request could not be formed.
    #[error("{0}")]
    Unsent(String),
    /// A successful status with a body larger than [`MAX_RESPONSE_BYTES`].
    #[error("the answer is larger than {} bytes", MAX_RESPONSE_BYTES)]
    TooLarge,
}

impl From<reqwest::Error> for TransportError {
    fn from(error: reqwest::Error) -> Self {
        let causes = causes(&error);
        if error.is_builder() {
            TransportError::Unsent(causes)
        } else {
            TransportError::Unreachable(causes)
        }
    }
}

/// A transport that cannot be prepared.
#[derive(Debug, thiserror::Error)]
pub enum TransportSetupError {
    /// The file of CA certificates cannot be used.
    #[error(transparent)]
    Authorities(Box<dyn Error + Send + Sync>),
    /// TLS cannot be set up.
    #[error("{}", causes(.0))]
    Client(#[source] reqwest::Error),
}

/// The future of one exchange.
pub type ResponseFuture<'a> =
    Pin<Box<dyn Future<Output = Result<HttpResponse, TransportError>> + Send + 'a>>;

/// Sends requests to one receiver.
pub trait OtlpTransport: Send + Sync + fmt::Debug {
    /// Posts a body with these headers in addition to the protocol's. Dropping the future cancels
    /// the exchange.
    fn post(&self, request: EncodedRequest, headers: Vec<ResolvedHeader>) -> ResponseFuture<'_>;
}

/// HTTP or HTTPS, without retries of its own, and without redirects, which would send the headers to
/// a host that is not configured.
#[derive(Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
    url: Url,
}

impl HttpTransport {
    /// Prepares the transport; nothing is sent yet.
    ///
    /// # Errors
    /// If the CA certificates cannot be read or TLS cannot be set up.
    pub fn new(target: &Target) -> Result<Self, TransportSetupError> {
        let trusted = target.ca_file.as_deref().map(ca_certificates).transpose();
        let trusted = trusted.map_err(|error| TransportSetupError::Authorities(error.into()))?;
        let settings = HttpSettings {
            // The client of a signal limits the whole attempt.
            timeout: None,
            connect_timeout: Duration::min(target.timeout, CONNECT_TIMEOUT),
            authorities: trusted.unwrap_or_default(),
            ..HttpSettings::default()
        };
        let client = client_builder(settings).and_then(reqwest::ClientBuilder::build);
        let client = client.map_err(TransportSetupError::Client)?;
        let url = target.url.clone();
        Ok(HttpTransport { client, url })
    }

    async fn exchange(
        &self,
        request: EncodedRequest,
        headers: Vec<ResolvedHeader>,
    ) -> Result<HttpResponse, TransportError> {
        let mut post = self.client.post(self.url.clone());
        for header in headers {
            post = post.header(header.name, header.sent);
        }
        post = post.header(CONTENT_TYPE, "application/x-protobuf");
        if request.gzip {
            post = post.header(CONTENT_ENCODING, "gzip");
        }
        let response = post.body(request.body).send().await?;
        let retry_after = response.headers().get(RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok());
        Ok(HttpResponse {
            status: response.status().as_u16(),
            retry_after: retry_after.map(str::to_owned),
            body: body(response).await?,
        })
    }
}

impl OtlpTransport for HttpTransport {
    fn post(&self, request: EncodedRequest, headers: Vec<ResolvedHeader>) -> ResponseFuture<'_> {
        Box::pin(self.exchange(request, headers))
    }
}

/// Reads a body. That of an error response may end early: its status must not be lost.
async fn body(response: reqwest::Response) -> Result<Bytes, TransportError> {
    if !response.status().is_success() {
        return Ok(read_body_prefix(response, MAX_RESPONSE_BYTES).await);
    }
    let body = read_body(response, MAX_RESPONSE_BYTES).await;
    body.map_err(|error| match error {
        BodyError::TooLarge(_) => TransportError::TooLarge,
        BodyError::Http(error) => error.into(),
    })
}
