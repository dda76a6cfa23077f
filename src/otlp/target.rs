//! What is sent, where to, and how: the settings of one signal's requests.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::net::secret::{SecretSource, read_secret};

/// A kind of telemetry: a closed list, because it is a metric label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// The families of `/metrics`.
    Metrics,
    /// Spans.
    Traces,
}

impl Signal {
    /// Every signal.
    pub const ALL: [Signal; 2] = [Signal::Metrics, Signal::Traces];

    /// The value of the `signal` label.
    pub fn as_str(self) -> &'static str {
        match self {
            Signal::Metrics => "metrics",
            Signal::Traces => "traces",
        }
    }

    /// What is added to the address of a receiver of every signal:
    /// <https://opentelemetry.io/docs/specs/otlp/#otlphttp-request>.
    pub fn path(self) -> &'static str {
        match self {
            Signal::Metrics => "/v1/metrics",
            Signal::Traces => "/v1/traces",
        }
    }
}

/// Where the requests of one signal go, and how.
#[derive(Debug, Clone)]
pub struct Target {
    /// The whole address; it holds no secret.
    pub url: Url,
    /// What is sent beside the body.
    pub headers: Vec<Header>,
    /// Whether bodies are compressed with gzip.
    pub gzip: bool,
    /// The longest one request may take: 1 s to 5 min.
    pub timeout: Duration,
    /// Authorities that are trusted beside those of the system, as PEM.
    pub ca_file: Option<PathBuf>,
}

/// A header and where its value comes from; it is shown nowhere.
#[derive(Debug, Clone)]
pub struct Header {
    /// Its name.
    pub name: HeaderName,
    /// Its value, or the file it is read from at each export.
    pub value: SecretSource,
}

impl Header {
    /// Its value now.
    ///
    /// # Errors
    /// In words, without the value, if it cannot be read or does not fit a header.
    pub fn read(&self) -> Result<Filled, String> {
        let value = match &self.value {
            SecretSource::Value(value) => value.clone(),
            SecretSource::File(path) => read_secret(path)
                .map_err(|cause| format!("{} cannot be read ({cause})", path.display()))?,
        };
        let mut sent = HeaderValue::from_str(value.expose_secret())
            .map_err(|_| format!("the value of the header {} does not fit one", self.name))?;
        // Keeps the HTTP libraries from printing it at their trace level.
        sent.set_sensitive(true);
        Ok(Filled {
            name: self.name.clone(),
            sent,
            value,
        })
    }
}

/// A header with its value.
pub struct Filled {
    /// Its name.
    pub name: HeaderName,
    /// Its value as it is sent.
    pub sent: HeaderValue,
    value: SecretString,
}

impl Filled {
    /// The texts a receiver might repeat: the value, and what follows a scheme such as `Bearer`.
    pub fn secrets(&self) -> impl Iterator<Item = SecretString> {
        let token = self.value.expose_secret().rsplit_once(' ');
        let token = token.map(|(_, token)| SecretString::from(token));
        std::iter::once(self.value.clone()).chain(token)
    }
}

impl fmt::Debug for Filled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filled")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
