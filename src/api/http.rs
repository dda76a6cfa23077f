//! The real [`Transport`]: HTTP and HTTPS over the network.
//!
//! It knows nothing above one exchange: no retries, no tokens, no pace.
use std::error::Error;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER,
};
use reqwest::{Certificate, NoProxy, redirect, retry};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::refusal::sanitise;
use super::transport::{Exchange, Request, Response, Transport, TransportError};

/// How a request is introduced to the API's operators.
pub const USER_AGENT: &str = concat!("vcc-exporter/", env!("CARGO_PKG_VERSION"));

/// The vendor asks integrations to name themselves in this header.
pub const EXTERNAL_ID: (&str, &str) = ("x-external-id", "vcc-exporter");

/// The largest decompressed page that is accepted. A page of 5,000 busy
/// interactions is about 10 MiB, so what is six times that is not a page; and
/// a body and its decoded form still fit a small container.
pub const MAX_BODY_BYTES: usize = 64 << 20;

/// How much of an error answer is kept: its message is short, and a status
/// must not be lost because a proxy decorates it with a web page.
pub const MAX_ERROR_BODY_BYTES: usize = 16 << 10;

/// The patience with one whole exchange. Gateways in front of the API give up
/// after about a minute, so a longer wait is for nobody.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// The patience with name lookup, TCP and TLS; they take a second or fail.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The bounds of [`HttpTransport`].
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// From the first byte of the lookup to the last of the body.
    pub timeout: Duration,
    /// For the connection alone.
    pub connect_timeout: Duration,
    /// For the decompressed body of a good answer.
    pub max_body_bytes: usize,
    /// Which proxy is used.
    pub proxy: Proxy,
    /// Authorities that are believed besides those of the system.
    pub authorities: Vec<Certificate>,
    /// Whether TLS is spoken at all. Without, no authority is looked for.
    pub speaks_tls: bool,
}

/// Which proxy requests go through.
#[derive(Debug, Clone)]
pub enum Proxy {
    /// The one of the environment's variables, if there is one.
    Environment,
    /// None.
    Direct,
    /// This one.
    Through {
        /// Where it is.
        url: Url,
        /// What to tell it: a user and a password.
        credentials: Option<(String, SecretString)>,
        /// What is reached without it: hosts, domains and networks, with commas between them.
        except: String,
    },
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            timeout: TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
            max_body_bytes: MAX_BODY_BYTES,
            proxy: Proxy::Environment,
            authorities: Vec::new(),
            speaks_tls: true,
        }
    }
}

/// HTTP and HTTPS over the network: no cookies, no redirects, no retries of
/// its own (they would escape the budget), gzip, every bound set.
#[derive(Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
    max_body_bytes: usize,
}

impl HttpTransport {
    /// Prepares the client; nothing is sent yet.
    pub fn new(settings: HttpSettings) -> Result<Self, TransportError> {
        let external_id = (
            HeaderName::from_static(EXTERNAL_ID.0),
            HeaderValue::from_static(EXTERNAL_ID.1),
        );
        let unusable = |error| TransportError::Other(causes(&error));
        let builder = through(settings.proxy, reqwest::Client::builder()).map_err(unusable)?;
        let builder = match settings.speaks_tls {
            true => builder.tls_certs_merge(settings.authorities),
            false => builder.tls_certs_only([]),
        };
        let client = builder
            .user_agent(USER_AGENT)
            .default_headers(HeaderMap::from_iter([external_id]))
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .gzip(true)
            .timeout(settings.timeout)
            .connect_timeout(settings.connect_timeout)
            .build()
            .map_err(unusable)?;
        Ok(Self {
            client,
            max_body_bytes: settings.max_body_bytes,
        })
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
                whole_body(response, self.max_body_bytes).await?
            } else {
                error_body(response).await
            },
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
    fn send(&self, request: Request) -> Exchange<'_> {
        Box::pin(self.exchange(request))
    }
}

fn through(
    proxy: Proxy,
    builder: reqwest::ClientBuilder,
) -> reqwest::Result<reqwest::ClientBuilder> {
    let (url, credentials, except) = match proxy {
        Proxy::Environment => return Ok(builder),
        Proxy::Direct => return Ok(builder.no_proxy()),
        Proxy::Through {
            url,
            credentials,
            except,
        } => (url, credentials, except),
    };
    let mut proxy = reqwest::Proxy::all(url)?.no_proxy(NoProxy::from_string(&except));
    if let Some((user, password)) = credentials {
        proxy = proxy.basic_auth(&user, password.expose_secret());
    }
    Ok(builder.proxy(proxy))
}

/// Reads the authorities that are believed besides those of the system.
///
/// # Errors
/// In words, naming the file.
pub(crate) fn authorities(path: &Path) -> Result<Vec<Certificate>, String> {
    let unusable = |error: String| format!("{} is unusable: {error}", path.display());
    let pem = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    let found = Certificate::from_pem_bundle(&pem).map_err(|error| unusable(causes(&error)))?;
    if found.is_empty() {
        return Err(unusable("it holds no certificate".to_owned()));
    }
    Ok(found)
}

/// Counts what has been decompressed, so neither a wrong `Content-Length` nor
/// a gzip bomb gets past the limit; a chunk is a few KiB.
async fn whole_body(
    mut response: reqwest::Response,
    limit: usize,
) -> Result<Bytes, TransportError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(classify)? {
        if body.len() + chunk.len() > limit {
            return Err(TransportError::TooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

/// Reads the beginning of an error's body, and forgives its end.
async fn error_body(mut response: reqwest::Response) -> Bytes {
    let mut body = Vec::new();
    while body.len() < MAX_ERROR_BODY_BYTES
        && let Ok(Some(chunk)) = response.chunk().await
    {
        body.extend_from_slice(&chunk);
    }
    body.truncate(MAX_ERROR_BODY_BYTES);
    body.into()
}

fn redirect_host(response: &reqwest::Response) -> Option<String> {
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    let url = response.url().join(location).ok()?;
    Some(sanitise(url.host_str()?, &[]))
}

fn classify(error: reqwest::Error) -> TransportError {
    let causes = causes(&error);
    // A connection that timed out is also a timeout, but the advice for it is
    // that of a connection.
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

/// The chain of causes without the client's own layer, whose texts contain the
/// address and its query.
pub(crate) fn causes(error: &reqwest::Error) -> String {
    let chain = std::iter::successors(error.source(), |&cause| cause.source());
    let texts: Vec<String> = chain
        .filter(|cause| !cause.is::<reqwest::Error>())
        .map(ToString::to_string)
        .collect();
    sanitise(&texts.join(": "), &[])
}
