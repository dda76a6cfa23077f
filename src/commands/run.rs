//! `run`: the sidecar.

use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{Failure, bind, start_log, stop_on_signals};
use crate::cli::{LogArgs, RunArgs};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::control;
use crate::exporter::{Exporter, transport};
use crate::service_manager;
use crate::store::Store;

pub(super) async fn run(args: RunArgs, log: &LogArgs) -> Result<(), Failure> {
    let mut config = load(&args.config_file)?;
    config.apply(args.overrides());
    let spans = start_log(log, &config.otlp);
    let file = args.config_file.display().to_string();
    let state = config
        .state_path(&file)
        .map_err(|error| vec![error])?
        .to_owned();
    let stop = stop_on_signals()?;
    let store = Arc::new(Store::open(&state).map_err(Failure::run)?);
    let transport = transport(&config.poll).map_err(Failure::run)?;
    let clock = Arc::new(SystemClock);
    let mut exporter =
        Exporter::prepare(&config, Arc::clone(&store), transport, clock).map_err(Failure::run)?;
    exporter.trace(spans);
    let listener = bind(config.web.listen_address).await?;
    // Not the configured one: with port 0 nobody else can say where it is.
    let listen = listener.local_addr().map_err(Failure::run)?;
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"), %listen,
        accounts = config.accounts.len(), state = %state.display(), "running"
    );
    tokio::spawn(service_manager::attend(stop.clone()));
    let asked = attend_control(&state, store, stop.clone());
    let (ended, ()) = tokio::join!(exporter.run(listener, stop), asked);
    ended.map_err(Failure::run)
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
