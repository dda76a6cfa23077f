//! The assembly: a checked configuration becomes running accounts and a web surface.

use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::api::{
    ApiClient, Credentials, Endpoints, HttpSettings, HttpTransport, RetrySettings, SecretSource,
    Transport,
};
use crate::catalogue::{Family, Label};
use crate::clock::Clock;
use crate::config::{self, Config, SecretRef};
use crate::expose::Options;
use crate::health::{AccountHealth, Health};
use crate::ledger::Rules;
use crate::otlp::{Collected, Outlets};
use crate::poller::{self, Parts, Settings, StartFrom, Trouble, Watch};
use crate::snapshot::Publisher;
use crate::store::Store;
use crate::tally::Shape;
use crate::web::{Site, router};

/// How long connections may take to finish after a stop.
const DRAIN: Duration = Duration::from_secs(5);

/// A configured exporter, ready to run: the state is open and every account read.
#[derive(Debug)]
pub struct Exporter {
    site: Arc<Site>,
    accounts: Vec<(Parts, Arc<ApiClient>)>,
    /// How often what is going on now is looked at; zero for never.
    ongoing_interval: Duration,
    settings: Settings,
    outlets: Outlets,
}

/// Why the exporter cannot start, in words.
#[derive(Debug)]
pub struct StartFailure(pub String);

impl std::fmt::Display for StartFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartFailure {}

fn failure(error: impl std::fmt::Display) -> StartFailure {
    StartFailure(error.to_string())
}

impl Exporter {
    /// Reads every account from the state.
    ///
    /// # Errors
    /// If the state cannot be read, or belongs to other APIs than configured.
    pub fn prepare(
        config: &Config,
        store: Arc<Store>,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
    ) -> Result<Exporter, StartFailure> {
        let health = Health::new(clock.local_ms()).map_err(failure)?;
        Exporter::succeed(config, store, transport, clock, health)
    }

    /// The same with the instruments of an exporter that has ended: the process's counters go on.
    ///
    /// # Errors
    /// As [`Exporter::prepare`].
    pub fn succeed(
        config: &Config,
        store: Arc<Store>,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        health: Arc<Health>,
    ) -> Result<Exporter, StartFailure> {
        let rules = Arc::new(rules(config));
        if rules.traces.is_none() {
            // What once waited for a receiver waits for nobody any more.
            store.expire(i64::MAX).map_err(failure)?;
        }
        let settings = settings(&config.poll);
        let publisher = Arc::new(Publisher::new(
            config.accounts.len(),
            options(&config.metrics),
        ));
        let started = Instant::now();
        let (mut accounts, mut instruments) = (Vec::new(), Vec::new());
        for (place, account) in config.accounts.iter().enumerate() {
            let api_url = account.api_url.to_string();
            let stored =
                poller::load(&store, &account.name, &api_url, &rules, 0).map_err(failure)?;
            let own = AccountHealth::new(
                &account.name,
                Arc::clone(&health),
                Arc::clone(&clock),
                settings.interval,
                settings.behind_ms(),
                Trouble::reasons(),
            );
            instruments.push(Arc::clone(&own));
            let retry = RetrySettings {
                requests_per_minute: config.poll.requests_per_minute,
                ..RetrySettings::default()
            };
            let client = client(account, retry, Arc::clone(&transport), own.clone());
            let parts = Parts {
                store: Arc::clone(&store),
                stored,
                name: account.name.clone(),
                api_url,
                start_from: start_from(config.poll.start_from),
                rules: Arc::clone(&rules),
                publisher: Arc::clone(&publisher),
                place,
                health: own,
                clock: Arc::clone(&clock),
                started,
            };
            accounts.push((parts, Arc::new(client)));
        }
        let telemetry_path = config.web.telemetry_path.clone();
        let site = Arc::new(Site {
            publisher,
            health,
            accounts: instruments,
            store,
            rules,
            telemetry_path,
        });
        Ok(Exporter {
            outlets: Outlets::prepare(&config.otlp, &site, &clock).map_err(failure)?,
            site,
            accounts,
            ongoing_interval: config.poll.ongoing_interval,
            settings,
        })
    }

    /// Exports these spans too, where the configuration says so.
    pub fn trace(&mut self, spans: Option<Collected>) {
        self.outlets.trace(spans);
    }

    /// What the web surface is made from.
    pub fn site(&self) -> Arc<Site> {
        Arc::clone(&self.site)
    }

    /// Polls every account, until stopped. A transaction under way is finished first.
    ///
    /// # Errors
    /// Only on a bug; then every account is stopped.
    pub async fn poll(self, stop: CancellationToken) -> Result<(), Trouble> {
        let mut tasks = JoinSet::new();
        for (parts, client) in self.accounts {
            if !self.ongoing_interval.is_zero() {
                let watch = Watch {
                    client: Arc::clone(&client),
                    publisher: Arc::clone(&parts.publisher),
                    health: Arc::clone(&parts.health),
                    interval: self.ongoing_interval,
                    page_size: self.settings.page_size,
                    series_limit: parts.rules.shape.series_limit,
                };
                let stop = stop.clone();
                tasks.spawn(async move {
                    watch.run(stop).await;
                    Ok(())
                });
            }
            tasks.spawn(poller::poll(
                parts,
                client,
                self.settings.clone(),
                stop.clone(),
            ));
        }
        let mut outcome = Ok(());
        while let Some(ended) = tasks.join_next().await {
            let ended = ended.unwrap_or_else(|error| Err(Trouble::Crashed(error.to_string())));
            if ended.is_err() {
                stop.cancel();
                outcome = ended;
            }
        }
        outcome
    }

    /// Polls and exports, until stopped; then exports what is left.
    ///
    /// # Errors
    /// On a bug in polling.
    pub async fn work(mut self, stop: CancellationToken) -> Result<(), StartFailure> {
        let exporting = std::mem::take(&mut self.outlets).start();
        let polled = self.poll(stop.clone()).await.map_err(failure);
        stop.cancelled().await;
        exporting.finish().await;
        polled
    }

    /// Polls, serves and exports, until stopped.
    ///
    /// # Errors
    /// On a bug in polling.
    pub async fn run(
        self,
        listener: TcpListener,
        stop: CancellationToken,
    ) -> Result<(), StartFailure> {
        let routes = router(self.site());
        let (served, worked) = tokio::join!(serve(listener, routes, stop.clone()), self.work(stop));
        served.and(worked)
    }
}

/// Serves until stopped, and then for a moment those who are being answered.
///
/// # Errors
/// If serving fails.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    stop: CancellationToken,
) -> Result<(), StartFailure> {
    let stopped = stop.clone().cancelled_owned();
    let server = axum::serve(listener, routes).with_graceful_shutdown(stopped);
    let mut server = tokio::spawn(server.into_future());
    tokio::select! {
        ended = &mut server => return ended.map_err(failure)?.map_err(failure),
        () = stop.cancelled() => {}
    }
    // A client that keeps its connection open must not keep the process.
    let _ = tokio::time::timeout(DRAIN, server).await;
    Ok(())
}

/// The transport to the real API.
///
/// # Errors
/// If TLS cannot be set up.
pub fn transport(poll: &config::Poll) -> Result<Arc<dyn Transport>, StartFailure> {
    let settings = HttpSettings {
        timeout: poll.timeout,
        ..HttpSettings::default()
    };
    Ok(Arc::new(HttpTransport::new(settings).map_err(failure)?))
}

/// The client of one account.
pub fn client(
    account: &config::Account,
    retry: RetrySettings,
    transport: Arc<dyn Transport>,
    observer: Arc<dyn crate::api::Observer>,
) -> ApiClient {
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
    ApiClient::new(endpoints, credentials, transport, retry, observer)
}

fn start_from(configured: config::StartFrom) -> StartFrom {
    match configured {
        config::StartFrom::Now => StartFrom::Now,
        config::StartFrom::Ago(ago) => StartFrom::Ago(ms(ago)),
        config::StartFrom::At(at_ms) => StartFrom::At(at_ms),
    }
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn settings(poll: &config::Poll) -> Settings {
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
fn options(metrics: &config::Metrics) -> Options {
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
