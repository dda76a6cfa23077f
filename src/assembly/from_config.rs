//! What the assembly makes of a configuration beyond handing each part its settings: the transport,
//! whose files are read here, the clients, and rules that depend on several blocks.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::config::{Account, Config, is_loopback};
use vcc_core::ledger::Rules;
use vcc_net::http::{Proxy, ca_certificates};
use vcc_net::secret::read_secret;
use vcc_vonage::{ApiClient, ClientDeps, HttpTransport, RetrySettings, Transport};

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why the transport cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TransportSetupError {
    /// The file of CA certificates is unusable.
    #[error("api.ca_file: {0}")]
    CaFile(#[source] Cause),
    /// The file of the proxy's credentials is unusable.
    #[error("api.proxy_credentials_file: {} is unusable: {cause}", path.display())]
    ProxyCredentials {
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        cause: Cause,
    },
    /// The HTTP client cannot be made.
    #[error(
        "the way to the API cannot be prepared: {0}. If it lacks the certificates of authorities, \
         install them (ca-certificates)"
    )]
    Client(#[source] Cause),
}

/// The transport to the real API.
///
/// # Errors
/// TLS cannot be set up, or a file of CA certificates or credentials cannot be read.
pub fn transport(config: &Config) -> Result<Arc<dyn Transport>, TransportSetupError> {
    let endpoints = config.accounts.iter().map(|account| &account.endpoints);
    let urls: Vec<_> = endpoints
        .flat_map(|endpoints| [&endpoints.api_url, &endpoints.token_url])
        .collect();
    let mut settings = config.api.http.clone();
    match &mut settings.proxy {
        Proxy::Through { credentials, .. } => {
            let file = config.api.proxy_credentials_file.as_deref();
            *credentials = file.map(proxy_credentials).transpose()?;
        }
        // The environment's proxy is for other machines.
        proxy @ Proxy::Environment if urls.iter().all(|url| is_loopback(url)) => {
            *proxy = Proxy::Direct;
        }
        Proxy::Environment | Proxy::Direct => {}
    }
    if let Some(file) = &config.api.ca_file {
        settings.authorities =
            ca_certificates(file).map_err(|cause| TransportSetupError::CaFile(cause.into()))?;
    }
    // Where TLS is never used, as with a simulated API, CA certificates need not be installed.
    settings.speaks_tls =
        may_be_over_tls(&settings.proxy) || urls.iter().any(|url| url.scheme() != "http");
    let transport =
        HttpTransport::new(settings).map_err(|cause| TransportSetupError::Client(cause.into()))?;
    Ok(Arc::new(transport))
}

/// Whether a proxy may itself be reached over TLS.
fn may_be_over_tls(proxy: &Proxy) -> bool {
    match proxy {
        Proxy::Direct => false,
        Proxy::Through { .. } => true,
        Proxy::Environment => std::env::vars_os().any(|(name, value)| {
            let [name, value] = [name, value].map(|it| it.to_ascii_lowercase());
            name.to_string_lossy().ends_with("_proxy")
                && value.to_string_lossy().starts_with("https:")
        }),
    }
}

/// The user and the password in a file.
fn proxy_credentials(path: &Path) -> Result<(String, SecretString), TransportSetupError> {
    let unusable = |cause: Cause| TransportSetupError::ProxyCredentials {
        path: path.to_owned(),
        cause,
    };
    let text = read_secret(path).map_err(|cause| unusable(cause.into()))?;
    let pair = text.expose_secret().split_once(':');
    let pair = pair.map(|(user, password)| (user.to_owned(), password.into()));
    pair.ok_or_else(|| unusable("it does not hold user:password".into()))
}

/// The client of one account.
pub fn client(account: &Account, retry: RetrySettings, deps: ClientDeps) -> ApiClient {
    let (endpoints, credentials) = (account.endpoints.clone(), account.credentials.clone());
    ApiClient::new(endpoints, credentials, retry, deps)
}

/// The counting rules in force.
pub fn rules(config: &Config) -> Rules {
    let mut rules = config.rules.clone();
    // A new series is shown at 0 for at least two pushes, so that a receiver sees the 0 even if a
    // push is late.
    if let Some(metrics) = &config.otlp.metrics
        && !rules.warmup.is_zero()
    {
        rules.warmup = rules.warmup.max(metrics.interval * 2);
    }
    let traces = config.otlp.traces.as_ref();
    rules.traces = traces.and_then(|traces| traces.interactions.clone());
    rules
}
