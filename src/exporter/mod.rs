//! The assembly: a checked configuration becomes running accounts and a web surface.

mod from_config;

use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::api::{ApiClient, Transport};
use crate::clock::Clock;
use crate::config::Config;
use crate::health::{AccountHealth, Health, StatusInputs};
use crate::otlp::{Collected, Outlets};
use crate::poller::{self, Parts, Settings, Trouble, Watch};
use crate::snapshot::{AccountView, Publisher};
use crate::store::Store;
use crate::web::{Limits, Site, WebSettingsWatcher, router, serve};

pub use self::from_config::{TransportSetupError, client, rules, transport};

/// A configured exporter, ready to run: the state is open and every account read.
#[derive(Debug)]
pub struct Exporter {
    site: Arc<Site>,
    accounts: Vec<(Parts, Arc<ApiClient>)>,
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
        Exporter::with_shared_health(config, store, transport, clock, health)
    }

    /// The same with the instruments of an exporter that has ended: the process's counters go on.
    ///
    /// # Errors
    /// As [`Exporter::prepare`].
    pub fn with_shared_health(
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
        let settings = config.poll.clone();
        let publisher = Arc::new(Publisher::new(config.accounts.len(), config.exposition));
        let started = Instant::now();
        let (mut accounts, mut instruments) = (Vec::new(), Vec::new());
        for (place, account) in config.accounts.iter().enumerate() {
            let api_url = account.endpoints.api_url.to_string();
            let stored =
                poller::load(&store, &account.name, &api_url, &rules, 0).map_err(failure)?;
            if let Some((_, account)) = &stored {
                // From the first scrape on: a series must not vanish while the API is asked, or for
                // a moment in a reload.
                publisher.publish(place, AccountView::of(account));
            }
            let own = AccountHealth::new(
                &account.name,
                Arc::clone(&health),
                Arc::clone(&clock),
                settings.interval,
                settings.behind_ms(),
                Trouble::reasons(),
            );
            instruments.push(Arc::clone(&own));
            let client = client(
                account,
                config.api.retry,
                Arc::clone(&transport),
                own.clone(),
            );
            let parts = Parts {
                store: Arc::clone(&store),
                stored,
                name: account.name.clone(),
                api_url,
                start_from: settings.start_from,
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
            if !self.settings.ongoing_interval.is_zero() {
                let watch = Watch {
                    client: Arc::clone(&client),
                    publisher: Arc::clone(&parts.publisher),
                    health: Arc::clone(&parts.health),
                    interval: self.settings.ongoing_interval,
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
    pub async fn poll_and_export(mut self, stop: CancellationToken) -> Result<(), StartFailure> {
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
        let (routes, settings) = (routes(&self.site), Arc::new(WebSettingsWatcher::open()));
        let serving = serve(listener, routes, settings, Limits::default(), stop.clone());
        let ((), worked) = tokio::join!(serving, self.poll_and_export(stop));
        worked
    }
}

/// The routes of the web server over an exporter's data.
pub fn routes(site: &Arc<Site>) -> Router {
    let status = StatusInputs {
        publisher: Arc::clone(&site.publisher),
        health: Arc::clone(&site.health),
        accounts: site.accounts.clone(),
        metrics_path: site.telemetry_path.clone(),
    };
    let status = Arc::new(move || status.status());
    router(&site.telemetry_path, Arc::clone(site), status)
}
