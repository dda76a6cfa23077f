//! The [`Transport`] over HTTP and HTTPS.
//!
//! It makes single exchanges: retries, tokens and the rate limit are above it.

use bytes::Bytes;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER,
};
use secrecy::ExposeSecret;

use super::transport::{Request, Response, ResponseFuture, Transport, TransportError};
use vcc_net::http::{BodyError, HttpSettings, causes, client_builder, read_body, read_body_prefix};
use vcc_net::sanitize::sanitize_for_log;

/// The header in which the vendor asks integrations to name themselves.
pub const EXTERNAL_ID: (&str, &str) = ("x-external-id", "vcc-exporter");

/// The largest decompressed page that is accepted. A page of 5,000 busy interactions is about
/// 10 MiB, so a body six times as large is not a page; and a body and its decoded form still fit
/// into a small container.
pub const MAX_BODY_BYTES: usize = 64 << 20;

/// How much of the body of an error is read: its message is short, and its status must not be lost
/// because a proxy adds a web page to it.
pub const MAX_ERROR_BODY_BYTES: usize = 16 << 10;

/// HTTP and HTTPS over the network.
#[derive(Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
    max_body_bytes: usize,
}

impl HttpTransport {
    /// Prepares the client, which accepts bodies of up to [`MAX_BODY_BYTES`]. Nothing is sent yet.
    ///
    /// # Errors
    /// If the proxy or TLS cannot be set up.
    pub fn new(settings: HttpSettings) -> Result<Self, TransportError> {
        let external_id = (
            HeaderName::from_static(EXTERNAL_ID.0),
            HeaderValue::from_static(EXTERNAL_ID.1),
        );
        let headers = HeaderMap::from_iter([external_id]);
        let client = client_builder(settings)
            .and_then(|builder| builder.default_headers(headers).build())
            .map_err(|error| TransportError::Other(causes(&error)))?;
        Ok(Self {
            client,
            max_body_bytes: MAX_BODY_BYTES,
        })
    }

    /// The same with another limit of the decompressed body.
    pub fn with_max_body_bytes(self, max_body_bytes: usize) -> Self {
        Self {
            max_body_bytes,
            ..self
        }
    }

    async fn exchange(&self, request: Request) -> Result<Response, TransportError> {
        let response = self.outgoing(request)?.send().await.map_err(classify)?;
        let status = response.status();
        if status.is_redirection() {
            let to_host = redirect_host(&response);
            return Err(TransportError::RefusedRedirect { to_host });
        }
        let header = |name| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
        Ok(Response {
            status: status.as_u16(),
            retry_after: header(RETRY_AFTER),
            content_type: header(CONTENT_TYPE),
            body: if status.is_success() {
                self.body(response).await?
            } else {
                read_body_prefix(response, MAX_ERROR_BODY_BYTES).await
            },
        })
    }

    async fn body(&self, response: reqwest::Response) -> Result<Bytes, TransportError> {
        let body = read_body(response, self.max_body_bytes).await;
        body.map_err(|error| match error {
            BodyError::TooLarge(limit) => TransportError::TooLarge { limit },
            BodyError::Http(error) => classify(error),
        })
    }

    fn outgoing(&self, request: Request) -> Result<reqwest::RequestBuilder, TransportError> {
        let mut outgoing = self
            .client
            .request(request.method, request.url)
            .header(ACCEPT, request.accept);
        if let Some(authorization) = request.authorization {
            let mut value = HeaderValue::from_str(authorization.expose_secret())
                .map_err(|_| TransportError::Other("the token does not fit a header".into()))?;
            // Keeps the HTTP libraries from printing it at their trace level.
            value.set_sensitive(true);
            outgoing = outgoing.header(AUTHORIZATION, value);
        }
        if let Some(content_type) = request.content_type {
            outgoing = outgoing.header(CONTENT_TYPE, content_type);
        }
        if let Some(body) = request.body {
            outgoing = outgoing.body(body.expose_secret().to_owned());
        }
        Ok(outgoing)
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: Request) -> ResponseFuture<'_> {
        Box::pin(self.exchange(request))
    }
}

fn redirect_host(response: &reqwest::Response) -> Option<String> {
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    let url = response.url().join(location).ok()?;
    Some(sanitize_for_log(url.host_str()?, &[]))
}

fn classify(error: reqwest::Error) -> TransportError {
    let causes = causes(&error);
    // A connection that timed out is also a timeout, but the advice for a connection fits better.
    if error.is_connect() {
        TransportError::Connect(causes)
    } else if error.is_timeout() {
        TransportError::Timeout
    } else if error.is_builder() {
        TransportError::Other(causes)
    } else {
        TransportError::Interrupted(causes)
    }
}
