//! `run`: the sidecar.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::{CommandError, bind, start_log, stop_on_signals};
use crate::assembly::{self, Exporter, StartError, TransportSetupError, routes};
use crate::cli::{LogArgs, RunArgs};
use crate::config::Config;
use crate::health::Health;
use crate::ops::admin_socket;
use crate::ops::systemd;
use vcc_net::clock::{Clock, SystemClock};
use vcc_otlp::SpanQueue;
use vcc_store::Store;
use vcc_vonage::Transport;
use vcc_web::{HotRouter, Limits, ReloadError, ReloadRequest, WebSettingsWatcher, serve};

pub(super) async fn run(args: RunArgs, log: &LogArgs) -> Result<(), CommandError> {
    let (config, state) = read_config(&args)?;
    let web_settings = Arc::new(web_settings(args.web_config_file.as_deref())?);
    let spans = start_log(log, &config.otlp);
    let stop = stop_on_signals()?;
    let clock = Arc::new(SystemClock);
    let health = Health::new(clock.local_ms()).map_err(CommandError::run)?;
    let shared = Shared {
        store: Arc::new(Store::open(&state).map_err(CommandError::run)?),
        health,
        clock,
        spans,
    };
    let transport = assembly::transport(&config).map_err(CommandError::run)?;
    let exporter = shared
        .prepare(&config, &transport)
        .map_err(CommandError::run)?;
    shared.health.configured(true, shared.clock.local_ms());
    let listener = bind(config.web.listen_address).await?;
    // Not the configured address: with port 0 the system chose the port.
    let listen = listener.local_addr().map_err(CommandError::run)?;
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"), %listen,
        accounts = config.accounts.len(), state = %state.display(), "running"
    );
    let router = HotRouter::new(routes(&exporter.view()));
    let (reload_requests, reloads) = reload_requests()?;
    let service = router.service(args.enable_lifecycle.then_some(reload_requests));
    tokio::spawn(systemd::run_watchdog(stop.clone()));
    let admin = serve_admin_socket(&state, Arc::clone(&shared.store), stop.clone());
    let running = Running {
        args: &args,
        shared,
        router,
        config,
        transport,
        state: state.clone(),
    };
    let work = async {
        let outcome = running.poll_and_export(exporter, reloads, &stop).await;
        stop.cancel();
        outcome
    };
    let serving = serve(
        listener,
        service,
        web_settings,
        Limits::default(),
        stop.clone(),
    );
    let ((), outcome, ()) = tokio::join!(serving, work, admin);
    outcome.map_err(CommandError::run)
}

/// How the web server is protected; without a file it is open, over plain HTTP.
pub(super) fn web_settings(file: Option<&Path>) -> Result<WebSettingsWatcher, CommandError> {
    Ok(file.map_or_else(
        || Ok(WebSettingsWatcher::open()),
        WebSettingsWatcher::from_file,
    )?)
}

/// The configuration with the flags applied, and the directory of the state.
fn read_config(args: &RunArgs) -> Result<(Config, PathBuf), CommandError> {
    let mut config = load(&args.config_file)?;
    config.apply(args.overrides());
    let file = args.config_file.display().to_string();
    let state = config.state_path(&file).map_err(|error| vec![error])?;
    let state = state.to_owned();
    Ok((config, state))
}

struct Shared {
    store: Arc<Store>,
    health: Arc<Health>,
    clock: Arc<SystemClock>,
    spans: Option<SpanQueue>,
}

impl Shared {
    fn prepare(
        &self,
        config: &Config,
        transport: &Arc<dyn Transport>,
    ) -> Result<Exporter, StartError> {
        let mut exporter = Exporter::with_shared_health(
            config,
            Arc::clone(&self.store),
            Arc::clone(transport),
            Arc::clone(&self.clock) as Arc<dyn Clock>,
            Arc::clone(&self.health),
        )?;
        exporter.set_spans(self.spans.clone());
        Ok(exporter)
    }
}

/// Why a reload was rejected.
#[derive(Debug, thiserror::Error)]
enum ReloadProblem {
    #[error(transparent)]
    Config(#[from] CommandError),
    #[error("state.path and web.listen_address change only with a restart")]
    NeedsRestart,
    #[error(transparent)]
    Transport(#[from] TransportSetupError),
    #[error(transparent)]
    Start(#[from] StartError),
}

/// The exporter under its current configuration, replaced in a reload.
struct Running<'a> {
    args: &'a RunArgs,
    shared: Shared,
    router: HotRouter,
    config: Config,
    /// Its transport. The files it was made from may be gone by now.
    transport: Arc<dyn Transport>,
    /// The directory of the state, which a reload cannot change.
    state: PathBuf,
}

impl Running<'_> {
    /// Runs until stopped, with the newest valid configuration.
    async fn poll_and_export(
        mut self,
        mut exporter: Exporter,
        mut reloads: mpsc::Receiver<ReloadRequest>,
        stop: &CancellationToken,
    ) -> Result<(), StartError> {
        loop {
            let generation = stop.child_token();
            let mut work = tokio::spawn(exporter.poll_and_export(generation.clone()));
            let (next, request) = loop {
                tokio::select! {
                    ended = &mut work => return join_result(ended),
                    Some(request) = reloads.recv() => match self.read_again() {
                        Ok(next) => break (next, request),
                        Err(problem) => self.reject_reload(request, problem),
                    },
                }
            };
            // One state has one exporter: the next begins when this one has ended.
            generation.cancel();
            join_result(work.await)?;
            exporter = self.activate(next, request)?;
            self.router.replace(routes(&exporter.view()));
        }
    }

    /// The next configuration and its transport. Whatever can fail fails here, while the exporter
    /// still runs.
    fn read_again(&self) -> Result<(Config, Arc<dyn Transport>), ReloadProblem> {
        let (config, state) = read_config(self.args)?;
        if state != self.state || config.web.listen_address != self.config.web.listen_address {
            return Err(ReloadProblem::NeedsRestart);
        }
        let transport = assembly::transport(&config)?;
        Ok((config, transport))
    }

    /// The exporter of a new configuration, or of the old one if the new one does not fit the state.
    fn activate(
        &mut self,
        (next, transport): (Config, Arc<dyn Transport>),
        request: ReloadRequest,
    ) -> Result<Exporter, StartError> {
        match self.shared.prepare(&next, &transport) {
            Ok(exporter) => {
                (self.config, self.transport) = (next, transport);
                let now_ms = self.shared.clock.local_ms();
                self.shared.health.configured(true, now_ms);
                tracing::info!(
                    accounts = self.config.accounts.len(),
                    "the configuration was taken over"
                );
                // The client may have hung up.
                let _ = request.send(Ok(()));
                Ok(exporter)
            }
            Err(problem) => {
                self.reject_reload(request, problem);
                self.shared.prepare(&self.config, &self.transport)
            }
        }
    }

    fn reject_reload(&self, request: ReloadRequest, problem: impl Into<ReloadProblem>) {
        let problem = problem.into();
        let now_ms = self.shared.clock.local_ms();
        self.shared.health.configured(false, now_ms);
        tracing::error!(
            "the configuration was not taken over, the one before goes on; a restart would fail: \
             {problem}"
        );
        let _ = request.send(Err(ReloadError(problem.into())));
    }
}

/// A channel of requests to reload; SIGHUP sends one.
fn reload_requests()
-> Result<(mpsc::Sender<ReloadRequest>, mpsc::Receiver<ReloadRequest>), CommandError> {
    let (requests, reloads) = mpsc::channel(1);
    let mut hangup = signal(SignalKind::hangup()).map_err(CommandError::run)?;
    let of_signal = requests.clone();
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            // The outcome is in the log.
            let (request, _) = oneshot::channel();
            if of_signal.send(request).await.is_err() {
                return;
            }
        }
    });
    Ok((requests, reloads))
}

fn join_result(
    ended: Result<Result<(), StartError>, tokio::task::JoinError>,
) -> Result<(), StartError> {
    ended.unwrap_or_else(|error| Err(error.into()))
}

/// Serves the admin socket. Without it the exporter does everything else.
async fn serve_admin_socket(state: &Path, store: Arc<Store>, stop: CancellationToken) {
    let served = match admin_socket::listen(state) {
        Ok(listener) => admin_socket::serve(listener, store, stop).await,
        Err(error) => Err(error),
    };
    if let Err(error) = served {
        tracing::warn!(
            %error, socket = %state.join(admin_socket::SOCKET).display(),
            "nobody can listen here: the state cannot be backed up while the exporter runs"
        );
    }
}

/// Loads and checks a configuration file; secrets may come from the environment.
pub(super) fn load(path: &Path) -> Result<Config, CommandError> {
    Ok(Config::load(path, &|name| std::env::var(name).ok())?)
}
