//! An HTTP client from its settings, bounded bodies, and what an error of it may say.

use std::error::Error as _;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use reqwest::{Certificate, ClientBuilder, NoProxy, redirect, retry};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use url::Url;

use super::sanitize::sanitize_for_log;

/// The `User-Agent` header of every request.
pub const USER_AGENT: &str = concat!("vcc-exporter/", env!("CARGO_PKG_VERSION"));

/// The default time limit of a whole exchange. Gateways in front of the API give up after about a
/// minute, so waiting longer gains nothing.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// The time limit of name lookup, TCP and TLS together: they take a second or fail.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The settings of an HTTP client.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// From the start of the name lookup to the last byte of the body. `None` where the caller limits the
    /// exchange itself.
    pub timeout: Option<Duration>,
    /// For the connection alone.
    pub connect_timeout: Duration,
    /// The proxy to use.
    pub proxy: Proxy,
    /// CA certificates trusted in addition to the system's.
    pub authorities: Vec<Certificate>,
    /// Whether TLS is used at all. If not, the system's CA certificates are not loaded.
    pub speaks_tls: bool,
}

/// Which proxy requests go through.
#[derive(Debug, Clone)]
pub enum Proxy {
    /// The one of the environment variables, if they name one.
    Environment,
    /// None.
    Direct,
    /// This one.
    Through {
        /// Its URL.
        url: Url,
        /// User and password for it.
        credentials: Option<(String, SecretString)>,
        /// Hosts, domains and networks that are reached directly, separated by commas.
        except: String,
    },
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            timeout: Some(TIMEOUT),
            connect_timeout: CONNECT_TIMEOUT,
            proxy: Proxy::Environment,
            authorities: Vec::new(),
            speaks_tls: true,
        }
    }
}

/// A client builder with every limit set: no cookies, no redirects (they would carry credentials to
/// a host that nobody configured), no retries of its own (they would escape the rate limit), gzip.
///
/// # Errors
/// If the proxy's URL cannot be used.
pub fn client_builder(settings: HttpSettings) -> reqwest::Result<ClientBuilder> {
    let builder = with_proxy(settings.proxy, reqwest::Client::builder())?;
    let builder = match settings.speaks_tls {
        true => builder.tls_certs_merge(settings.authorities),
        false => builder.tls_certs_only([]),
    };
    let builder = builder
        .user_agent(USER_AGENT)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .gzip(true)
        .connect_timeout(settings.connect_timeout);
    Ok(match settings.timeout {
        Some(timeout) => builder.timeout(timeout),
        None => builder,
    })
}

fn with_proxy(proxy: Proxy, builder: ClientBuilder) -> reqwest::Result<ClientBuilder> {
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

/// A file that holds no usable CA certificates.
#[derive(Debug, Error)]
#[error("{} is unusable: {cause}", .path.display())]
pub struct CaFileError {
    path: PathBuf,
    #[source]
    cause: CaFileErrorCause,
}

#[derive(Debug, Error)]
enum CaFileErrorCause {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("{}", causes(.0))]
    NotPem(#[from] reqwest::Error),
    #[error("it holds no certificate")]
    Empty,
}

/// Reads CA certificates from a PEM file.
pub fn ca_certificates(path: &Path) -> Result<Vec<Certificate>, CaFileError> {
    parse_ca_file(path).map_err(|cause| CaFileError {
        path: path.to_owned(),
        cause,
    })
}

fn parse_ca_file(path: &Path) -> Result<Vec<Certificate>, CaFileErrorCause> {
    let certificates = Certificate::from_pem_bundle(&std::fs::read(path)?)?;
    if certificates.is_empty() {
        return Err(CaFileErrorCause::Empty);
    }
    Ok(certificates)
}

/// Why a body was not read to its end.
#[derive(Debug, Error)]
pub enum BodyError {
    /// The decompressed body is larger than the limit, in bytes.
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    /// The connection broke.
    #[error("{}", causes(.0))]
    Http(#[from] reqwest::Error),
}

/// Reads a whole body of at most `limit` bytes. Decompressed bytes are counted, so neither a wrong
/// `Content-Length` nor a gzip bomb gets past the limit by more than a chunk of a few KiB.
///
/// # Errors
/// If the body is larger, or the connection breaks.
pub async fn read_body(mut response: reqwest::Response, limit: usize) -> Result<Bytes, BodyError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > limit {
            return Err(BodyError::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

/// Reads the first `limit` bytes of a body, or what arrives of them before the connection breaks.
pub async fn read_body_prefix(mut response: reqwest::Response, limit: usize) -> Bytes {
    let mut body = Vec::new();
    while body.len() < limit
        && let Ok(Some(chunk)) = response.chunk().await
    {
        body.extend_from_slice(&chunk);
    }
    body.truncate(limit);
    body.into()
}

/// The sanitised causes of an error, outermost first, without reqwest's own layer, whose text
/// contains the URL and its query.
pub fn causes(error: &reqwest::Error) -> String {
    let chain = std::iter::successors(error.source(), |&cause| cause.source());
    let texts: Vec<String> = chain
        .filter(|cause| !cause.is::<reqwest::Error>())
        .map(ToString::to_string)
        .collect();
    sanitize_for_log(&texts.join(": "), &[])
}
