//! `run`: the sidecar.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::{Failure, bind, start_log, stop_on_signals};
use crate::api::Transport;
use crate::cli::{LogArgs, RunArgs};
use crate::config::Config;
use crate::control;
use crate::exporter::{Exporter, StartError, transport};
use crate::health::Health;
use crate::net::clock::{Clock, SystemClock};
use crate::otlp::SpanReceiver;
use crate::service_manager;
use crate::store::Store;
use crate::web::{Access, Limits, Reload, Shown, router, serve};

pub(super) async fn run(args: RunArgs, log: &LogArgs) -> Result<(), Failure> {
    let (config, state) = configured(&args)?;
    let access = Arc::new(access(args.web_config_file.as_deref())?);
    let spans = start_log(log, &config.otlp);
    let stop = stop_on_signals()?;
    let clock = Arc::new(SystemClock);
    let health = Health::new(clock.local_ms()).map_err(Failure::run)?;
    let ground = Ground {
        store: Arc::new(Store::open(&state).map_err(Failure::run)?),
        health,
        clock,
        spans,
    };
    let road = transport(&config).map_err(Failure::run)?;
    let exporter = ground.prepare(&config, &road).map_err(Failure::run)?;
    ground.health.configured(true, ground.clock.local_ms());
    let listener = bind(config.web.listen_address).await?;
    // Not the configured one: with port 0 nobody else can say where it is.
    let listen = listener.local_addr().map_err(Failure::run)?;
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"), %listen,
        accounts = config.accounts.len(), state = %state.display(), "running"
    );
    let shown = Shown::new(router(exporter.site()));
    let (wishes, reloads) = wishes()?;
    let routes = shown.service(args.enable_lifecycle.then_some(wishes));
    tokio::spawn(service_manager::attend(stop.clone()));
    let control = attend_control(&state, Arc::clone(&ground.store), stop.clone());
    let running = Running {
        args: &args,
        ground,
        shown,
        config,
        road,
        state: state.clone(),
    };
    let work = async {
        let worked = running.work(exporter, reloads, &stop).await;
        stop.cancel();
        worked
    };
    let serving = serve(listener, routes, access, Limits::default(), stop.clone());
    let ((), worked, ()) = tokio::join!(serving, work, control);
    worked.map_err(Failure::run)
}

/// On which terms others are served; without a file everybody is, over plain HTTP.
pub(super) fn access(file: Option<&Path>) -> Result<Access, Failure> {
    Ok(file.map_or_else(|| Ok(Access::open()), Access::of_file)?)
}

/// The configuration under the flags, and where the state is.
fn configured(args: &RunArgs) -> Result<(Config, PathBuf), Failure> {
    let mut config = load(&args.config_file)?;
    config.apply(args.overrides());
    let file = args.config_file.display().to_string();
    let state = config.state_path(&file).map_err(|error| vec![error])?;
    let state = state.to_owned();
    Ok((config, state))
}

/// What outlives a reload.
struct Ground {
    store: Arc<Store>,
    health: Arc<Health>,
    clock: Arc<SystemClock>,
    spans: Option<SpanReceiver>,
}

impl Ground {
    fn prepare(&self, config: &Config, road: &Arc<dyn Transport>) -> Result<Exporter, StartError> {
        let mut exporter = Exporter::succeed(
            config,
            Arc::clone(&self.store),
            Arc::clone(road),
            Arc::clone(&self.clock) as Arc<dyn Clock>,
            Arc::clone(&self.health),
        )?;
        exporter.trace(self.spans.clone());
        Ok(exporter)
    }
}

/// An exporter that can be followed by another one with another configuration.
struct Running<'a> {
    args: &'a RunArgs,
    ground: Ground,
    shown: Shown,
    /// The configuration in force.
    config: Config,
    /// The way to the API under it. The files it was made of may be gone by now.
    road: Arc<dyn Transport>,
    /// The state's directory, which stays for as long as the process.
    state: PathBuf,
}

impl Running<'_> {
    /// Works until stopped, with the newest configuration that is right.
    async fn work(
        mut self,
        mut exporter: Exporter,
        mut reloads: mpsc::Receiver<Reload>,
        stop: &CancellationToken,
    ) -> Result<(), StartError> {
        loop {
            let generation = stop.child_token();
            let mut work = tokio::spawn(exporter.work(generation.clone()));
            let (next, wish) = loop {
                tokio::select! {
                    ended = &mut work => return flat(ended),
                    Some(wish) = reloads.recv() => match self.read_again() {
                        Ok(next) => break (next, wish),
                        Err(problem) => self.refuse(wish, problem),
                    },
                }
            };
            // One state has one exporter: the next begins when this one has ended.
            generation.cancel();
            flat(work.await)?;
            exporter = self.follow(next, wish)?;
            self.shown.show(router(exporter.site()));
        }
    }

    /// The next configuration and the way to the API under it. All that can fail fails here, while
    /// the exporter still works.
    fn read_again(&self) -> Result<(Config, Arc<dyn Transport>), String> {
        let (config, state) = configured(self.args).map_err(|problem| problem.to_string())?;
        if state != self.state || config.web.listen_address != self.config.web.listen_address {
            return Err("state.path and web.listen_address change only with a restart".to_owned());
        }
        let road = transport(&config).map_err(|problem| problem.to_string())?;
        Ok((config, road))
    }

    /// The exporter of a new configuration; or of the old one, if the new one does not fit the
    /// state.
    fn follow(
        &mut self,
        (next, road): (Config, Arc<dyn Transport>),
        wish: Reload,
    ) -> Result<Exporter, StartError> {
        match self.ground.prepare(&next, &road) {
            Ok(exporter) => {
                (self.config, self.road) = (next, road);
                let now_ms = self.ground.clock.local_ms();
                self.ground.health.configured(true, now_ms);
                tracing::info!(
                    accounts = self.config.accounts.len(),
                    "the configuration was taken over"
                );
                // Nobody need wait for the answer.
                let _ = wish.send(Ok(()));
                Ok(exporter)
            }
            Err(problem) => {
                self.refuse(wish, problem.to_string());
                self.ground.prepare(&self.config, &self.road)
            }
        }
    }

    fn refuse(&self, wish: Reload, problem: String) {
        let now_ms = self.ground.clock.local_ms();
        self.ground.health.configured(false, now_ms);
        tracing::error!(
            "the configuration was not taken over, the one before goes on; a restart would fail: \
             {problem}"
        );
        let _ = wish.send(Err(problem));
    }
}

/// Wishes for a reload, of which SIGHUP is one.
fn wishes() -> Result<(mpsc::Sender<Reload>, mpsc::Receiver<Reload>), Failure> {
    let (wishes, reloads) = mpsc::channel(1);
    let mut hangup = signal(SignalKind::hangup()).map_err(Failure::run)?;
    let of_signal = wishes.clone();
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            // What comes of it is in the log.
            let (wish, _) = oneshot::channel();
            if of_signal.send(wish).await.is_err() {
                return;
            }
        }
    });
    Ok((wishes, reloads))
}

fn flat(ended: Result<Result<(), StartError>, tokio::task::JoinError>) -> Result<(), StartError> {
    ended.unwrap_or_else(|error| Err(error.into()))
}

/// Answers what is asked on the socket in the directory of the state. Without one the exporter does
/// all else.
async fn attend_control(state: &Path, store: Arc<Store>, stop: CancellationToken) {
    let served = match control::listen(state) {
        Ok(listener) => control::serve(listener, store, stop).await,
        Err(error) => Err(error),
    };
    if let Err(error) = served {
        tracing::warn!(
            %error, socket = %state.join(control::SOCKET).display(),
            "nobody can listen here: the state cannot be backed up while the exporter runs"
        );
    }
}

/// Loads and checks a configuration file; secrets may come from the environment.
pub(super) fn load(path: &Path) -> Result<Config, Failure> {
    Ok(Config::load(path, &|name| std::env::var(name).ok())?)
}
