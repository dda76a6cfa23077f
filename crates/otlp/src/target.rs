//! Where a signal is sent, and with which headers.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use vcc_net::secret::{SecretSource, read_secret};

/// A kind of telemetry: the `signal` label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Signal {
    /// The families of `/metrics`.
    Metrics,
    /// Spans.
    Traces,
}

impl Signal {
    /// The value of the label.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The path that is appended to the base URL of a receiver:
    /// <https://opentelemetry.io/docs/specs/otlp/#otlphttp-request>.
    pub fn path(self) -> &'static str {
        match self {
            Signal::Metrics => "/v1/metrics",
            Signal::Traces => "/v1/traces",
        }
    }
}

/// Where the requests of one signal are sent, and how.
#[derive(Debug, Clone)]
pub struct Target {
    /// The whole URL; it contains no secret.
    pub url: Url,
    /// Headers in addition to the protocol's.
    pub headers: Vec<Header>,
    /// Whether bodies are compressed with gzip.
    pub gzip: bool,
    /// The longest time for one request: 1 s to 5 min.
    pub timeout: Duration,
    /// A PEM file of CA certificates that are trusted in addition to the system's.
    pub ca_file: Option<PathBuf>,
}

/// A header and the source of its value.
#[derive(Debug, Clone)]
pub struct Header {
    /// Its name.
    pub name: HeaderName,
    /// Its value, or the file from which it is read at each export.
    pub value: SecretSource,
}

/// A header whose value cannot be used; the message does not contain it.
#[derive(Debug, thiserror::Error)]
pub enum HeaderError {
    /// The file cannot be read.
    #[error("{} cannot be read ({cause})", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: Box<dyn Error + Send + Sync>,
    },
    /// The value has characters that are invalid in a header.
    #[error("the value of the header {0} does not fit one")]
    Invalid(HeaderName),
}

impl Header {
    /// Reads the current value.
    ///
    /// # Errors
    /// If it cannot be read or is invalid in a header.
    pub fn resolve(&self) -> Result<ResolvedHeader, HeaderError> {
        let value = match &self.value {
            SecretSource::Value(value) => value.clone(),
            SecretSource::File(path) => {
                read_secret(path).map_err(|cause| HeaderError::Unreadable {
                    path: path.clone(),
                    cause: cause.into(),
                })?
            }
        };
        let mut sent = HeaderValue::from_str(value.expose_secret())
            .map_err(|_| HeaderError::Invalid(self.name.clone()))?;
        // Keeps the HTTP libraries from printing it at their trace level.
        sent.set_sensitive(true);
        Ok(ResolvedHeader {
            name: self.name.clone(),
            sent,
            value,
        })
    }
}

/// A header with its value.
pub struct ResolvedHeader {
    /// Its name.
    pub name: HeaderName,
    /// The value as it is sent.
    pub sent: HeaderValue,
    value: SecretString,
}

impl ResolvedHeader {
    /// The texts that a receiver could repeat in a message: the value, and the part after a scheme
    /// such as `Bearer`.
    pub fn secrets(&self) -> impl Iterator<Item = SecretString> {
        let token = self.value.expose_secret().rsplit_once(' ');
        let token = token.map(|(_, token)| SecretString::from(token));
        std::iter::once(self.value.clone()).chain(token)
    }
}

impl fmt::Debug for ResolvedHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResolvedHeader")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
