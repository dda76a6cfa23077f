//! What a checked configuration means to the parts: each gets its own settings, and knows nothing of
//! the file.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;

use super::StartError;
use crate::api::{
    ApiClient, ClientDeps, Credentials, Endpoints, HttpTransport, RetrySettings, Transport,
};
use crate::catalogue::{Family, Label};
use crate::config::{self, Config, SecretRef, is_loopback};
use crate::expose::Options;
use crate::ledger::Rules;
use crate::net::http::{HttpSettings, Proxy, ca_certificates};
use crate::net::secret::{SecretSource, read_secret};
use crate::poller::{Settings, StartFrom};
use crate::tally::Shape;

/// What no proxy is asked for: http is allowed on this machine because nobody else reads it.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.0/8", "::1"];

/// The transport to the real API.
///
/// # Errors
/// If TLS cannot be set up, or a file of authorities or credentials cannot be read.
pub fn transport(config: &Config) -> Result<Arc<dyn Transport>, StartError> {
    let accounts = config.accounts.iter();
    let asked: Vec<_> = accounts
        .flat_map(|of| [&of.api_url, &of.token_url])
        .collect();
    let proxy = match proxy(&config.api.proxy)? {
        // The environment's proxy is for what is elsewhere.
        Proxy::Environment if asked.iter().all(|url| is_loopback(url)) => Proxy::Direct,
        proxy => proxy,
    };
    let authorities = config.api.ca_file.as_deref().map(ca_certificates);
    let authorities = authorities.transpose();
    let settings = HttpSettings {
        timeout: config.poll.timeout,
        authorities: authorities
            .map_err(|problem| StartError::Transport(format!("api.ca_file: {problem}")))?
            .unwrap_or_default(),
        // Where nobody is asked over TLS, as with a simulated API, authorities need not be there.
        speaks_tls: may_be_over_tls(&proxy) || asked.iter().any(|url| url.scheme() != "http"),
        proxy,
        ..HttpSettings::default()
    };
    let transport = HttpTransport::new(settings).map_err(|error| {
        StartError::Transport(format!(
            "the way to the API cannot be prepared: {error}. If it lacks the certificates of \
             authorities, install them (ca-certificates)"
        ))
    })?;
    Ok(Arc::new(transport))
}

/// Whether a proxy may itself be asked over TLS.
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

fn proxy(configured: &config::Proxy) -> Result<Proxy, StartError> {
    let (url, file, except) = match configured {
        config::Proxy::Environment => return Ok(Proxy::Environment),
        config::Proxy::Direct => return Ok(Proxy::Direct),
        config::Proxy::Through {
            url,
            credentials_file,
            except,
        } => (url, credentials_file, except),
    };
    let credentials = file.as_ref().map(|path| {
        let unusable = |problem: &dyn std::fmt::Display| {
            let path = path.display();
            StartError::Transport(format!(
                "api.proxy_credentials_file: {path} is unusable: {problem}"
            ))
        };
        let text = read_secret(path).map_err(|error| unusable(&error))?;
        let pair = text.expose_secret().split_once(':');
        let pair = pair.map(|(user, password)| (user.to_owned(), password.into()));
        pair.ok_or_else(|| unusable(&"it does not hold user:password"))
    });
    Ok(Proxy::Through {
        url: url.clone(),
        credentials: credentials.transpose()?,
        except: LOOPBACK
            .into_iter()
            .chain(except.iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join(","),
    })
}

/// The client of one account.
pub fn client(account: &config::Account, retry: RetrySettings, deps: ClientDeps) -> ApiClient {
    let endpoints = Endpoints {
        api_url: account.api_url.clone(),
        token_url: account.token_url.clone(),
    };
    let secret = match &account.secret {
        SecretRef::File(path) => SecretSource::File(path.clone()),
        SecretRef::Value(secret) => SecretSource::Value(secret.clone()),
    };
    let credentials = Credentials {
        client_id: account.client_id.clone(),
        secret,
    };
    ApiClient::new(endpoints, credentials, retry, deps)
}

pub(super) fn start_from(configured: config::StartFrom) -> StartFrom {
    match configured {
        config::StartFrom::Now => StartFrom::Now,
        config::StartFrom::Ago(ago) => StartFrom::Ago(ms(ago)),
        config::StartFrom::At(at_ms) => StartFrom::At(at_ms),
    }
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

pub(super) fn settings(poll: &config::Poll) -> Settings {
    Settings {
        interval: poll.interval,
        page_size: poll.page_size,
        overlap_ms: ms(poll.overlap),
        reread_interval_ms: ms(poll.reread_interval),
        reread_span_ms: ms(poll.reread_span),
    }
}

/// The counting rules a configuration means.
pub fn rules(config: &Config) -> Rules {
    let level = &config.service_level;
    let limits = config.metrics.label_limits.iter();
    Rules {
        short_abandon_ms: ms(level.short_abandon),
        count_breakouts: level.count_breakouts,
        default_target_ms: level.default_target.map(ms),
        targets: level
            .targets
            .iter()
            .map(|(queue, target)| (queue.clone(), ms(*target)))
            .collect(),
        objective: level.objective,
        retention_ms: ms(config.ledger.retention),
        expire_ms: ms(config.ledger.expire_after),
        expire_phone_ms: ms(config.ledger.expire_phone_after),
        shape: shape(&config.metrics),
        renames: Arc::new(config.metrics.rename.clone()),
        label_limits: limits
            .filter_map(|(name, limit)| Some((Label::open_by_name(name)?, *limit)))
            .collect(),
        hold: hold(config),
        traces: config
            .otlp
            .traces
            .as_ref()
            .and_then(|traces| traces.interactions.clone()),
    }
}

/// How long a new series is shown at 0: at least twice the time from one push to the next, so that
/// a receiver sees the 0 even if a push is late.
fn hold(config: &Config) -> Duration {
    let hold = config.metrics.new_series_hold;
    match &config.otlp.metrics {
        Some(metrics) if !hold.is_zero() => hold.max(metrics.interval * 2),
        _ => hold,
    }
}

/// The formats as the operator wants them.
pub(super) fn options(metrics: &config::Metrics) -> Options {
    Options {
        native_histograms: metrics.native_histograms,
        created_samples: metrics.created_samples,
    }
}

/// The families as the operator wants them.
fn shape(metrics: &config::Metrics) -> Shape {
    let narrowed = metrics.labels.iter().map(|(family, kept)| {
        let five = family.info().labels.iter().copied();
        let dropped = five.filter(|label| Label::FIVE.contains(label) && !kept.contains(label));
        (*family, dropped.collect())
    });
    let off = [Family::PerAgentOffers, Family::PerAgentHandle];
    Shape {
        series_limit: metrics.series_limit,
        dropped: narrowed.collect(),
        off: off.into_iter().filter(|_| !metrics.per_agent).collect(),
    }
}
