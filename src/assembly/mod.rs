//! The assembly: a checked configuration becomes running accounts and a web surface.

mod error;
mod from_config;
mod outbox;
mod view;

use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::health::{AccountHealth, Health, PollSchedule, StatusInputs};
use crate::live::LivePoller;
use crate::poller::{self, AccountStart, Deps, PollError, Settings};
use vcc_core::ledger::AccountView;
use vcc_exposition::{MetricsSource, Publisher};
use vcc_net::clock::Clock;
use vcc_otlp::{Pipelines, Sources, SpanQueue};
use vcc_store::Store;
use vcc_vonage::{ApiClient, ClientDeps, Transport};
use vcc_web::{Limits, WebSettingsWatcher, router, serve};

pub use self::error::StartError;
pub use self::from_config::{TransportSetupError, client, rules, transport};
pub use self::outbox::StoreOutbox;
pub use self::view::ExporterView;

/// A configured exporter, ready to run: the state is open and every account read.
#[derive(Debug)]
pub struct Exporter {
    view: Arc<ExporterView>,
    accounts: Vec<(AccountStart, Deps, Arc<ApiClient>)>,
    settings: Settings,
    pipelines: Pipelines,
}

/// Prepares the exports over OTLP.
fn pipelines(
    config: &Config,
    view: &Arc<ExporterView>,
    clock: &Arc<dyn Clock>,
) -> Result<Pipelines, StartError> {
    if !config.otlp.is_enabled() {
        return Ok(Pipelines::default());
    }
    let instance_id = view.store.instance_id()?;
    let sources = Sources {
        metrics: Arc::clone(view) as Arc<dyn MetricsSource>,
        outbox: Arc::new(StoreOutbox(Arc::clone(&view.store))),
        instruments: view.health.otlp_metrics(),
        clock: Arc::clone(clock),
    };
    Ok(Pipelines::prepare(&config.otlp, &instance_id, &sources)?)
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
    ) -> Result<Exporter, StartError> {
        let health = Health::new(clock.local_ms())?;
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
    ) -> Result<Exporter, StartError> {
        let rules = Arc::new(rules(config));
        if rules.traces.is_none() {
            // What once waited for a receiver waits for nobody any more.
            store.expire(i64::MAX)?;
        }
        let settings = config.poll.clone();
        let publisher = Arc::new(Publisher::new(config.accounts.len(), config.exposition));
        let started = Instant::now();
        let (mut accounts, mut instruments) = (Vec::new(), Vec::new());
        for (account_index, account) in config.accounts.iter().enumerate() {
            let api_url = account.endpoints.api_url.to_string();
            let stored = poller::load(&store, &account.name, &api_url, &rules, 0)?;
            if let Some((_, account)) = &stored {
                // From the first scrape on: a series must not vanish while the API is asked, or for
                // a moment in a reload.
                publisher.publish(account_index, AccountView::of(account));
            }
            let own = AccountHealth::new(
                &account.name,
                Arc::clone(&health),
                Arc::clone(&clock),
                PollSchedule {
                    interval: settings.interval,
                    behind_ms: settings.behind_ms(),
                },
                PollError::reasons(),
            );
            instruments.push(Arc::clone(&own));
            let deps = ClientDeps {
                transport: Arc::clone(&transport),
                observer: own.clone(),
                clock: Arc::clone(&clock),
            };
            let client = client(account, config.api.retry, deps);
            let start = AccountStart {
                name: account.name.clone(),
                api_url,
                start_from: settings.start_from,
                stored,
            };
            let deps = Deps {
                store: Arc::clone(&store),
                rules: Arc::clone(&rules),
                publisher: Arc::clone(&publisher),
                account_index,
                health: own,
                clock: Arc::clone(&clock),
                started,
            };
            accounts.push((start, deps, Arc::new(client)));
        }
        let telemetry_path = config.web.telemetry_path.clone();
        let site = Arc::new(ExporterView {
            publisher,
            health,
            accounts: instruments,
            store,
            rules,
            telemetry_path,
        });
        Ok(Exporter {
            pipelines: pipelines(config, &site, &clock)?,
            view: site,
            accounts,
            settings,
        })
    }

    /// Exports these spans too, where the configuration says so.
    pub fn set_spans(&mut self, spans: Option<SpanQueue>) {
        self.pipelines.set_spans(spans);
    }

    /// What the web surface is made from.
    pub fn view(&self) -> Arc<ExporterView> {
        Arc::clone(&self.view)
    }

    /// Polls every account, until stopped. A transaction under way is finished first.
    ///
    /// # Errors
    /// Only on a bug; then every account is stopped.
    pub async fn poll(self, stop: CancellationToken) -> Result<(), PollError> {
        let mut tasks = JoinSet::new();
        for (start, deps, client) in self.accounts {
            if !self.settings.ongoing_interval.is_zero() {
                let live = LivePoller {
                    client: Arc::clone(&client),
                    publisher: Arc::clone(&deps.publisher),
                    health: Arc::clone(&deps.health),
                    interval: self.settings.ongoing_interval,
                    page_size: self.settings.page_size,
                    series_limit: deps.rules.family_options.series_limit,
                };
                let stop = stop.clone();
                tasks.spawn(async move {
                    live.run(stop).await;
                    Ok(())
                });
            }
            tasks.spawn(poller::poll(
                start,
                deps,
                client,
                self.settings.clone(),
                stop.clone(),
            ));
        }
        let mut outcome = Ok(());
        while let Some(ended) = tasks.join_next().await {
            let ended = ended.unwrap_or_else(|error| Err(PollError::Crashed(error.to_string())));
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
    pub async fn poll_and_export(mut self, stop: CancellationToken) -> Result<(), StartError> {
        let exporting = std::mem::take(&mut self.pipelines).start();
        let polled = self.poll(stop.clone()).await;
        stop.cancelled().await;
        exporting.finish().await;
        Ok(polled?)
    }

    /// Polls, serves and exports, until stopped.
    ///
    /// # Errors
    /// On a bug in polling.
    pub async fn run(
        self,
        listener: TcpListener,
        stop: CancellationToken,
    ) -> Result<(), StartError> {
        let (routes, settings) = (routes(&self.view), Arc::new(WebSettingsWatcher::open()));
        let serving = serve(listener, routes, settings, Limits::default(), stop.clone());
        let ((), worked) = tokio::join!(serving, self.poll_and_export(stop));
        worked
    }
}

/// The routes of the web server over an exporter's data.
pub fn routes(site: &Arc<ExporterView>) -> Router {
    let status = StatusInputs {
        publisher: Arc::clone(&site.publisher),
        health: Arc::clone(&site.health),
        accounts: site.accounts.clone(),
        metrics_path: site.telemetry_path.clone(),
    };
    let status = Arc::new(move || status.status());
    router(
        &site.telemetry_path,
        Arc::clone(site) as Arc<dyn MetricsSource>,
        status,
    )
}
