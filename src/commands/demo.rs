//! `demo`: a simulated contact centre and the exporter that reads it, in one process, over HTTP.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;
use tokio::net::TcpListener;
use url::Url;

use super::{CommandError, bind, print_stdout, start_log, stop_on_signals};
use crate::assembly::{Exporter, transport};
use crate::cli::{DemoArgs, LogArgs};
use crate::config::{Account, Config, otlp_from_env};
use crate::poller::StartFrom;
use vcc_net::clock::{Clock, SystemClock};
use vcc_net::secret::SecretSource;
use vcc_simulator::{HOUR_MS, Simulator, SimulatorConfig, serve};
use vcc_store::Store;
use vcc_vonage::{Credentials, Endpoints};

/// Seconds a new series is shown at 0: short enough to see numbers soon, long enough for a
/// Prometheus that scrapes every second.
const HOLD: Duration = Duration::from_secs(3);

/// What a newcomer needs to see the numbers as dashboards. The paths are those of the repository.
const DASHBOARDS: &str = "\
To see the dashboards, with Prometheus, Grafana and the alerts around a demo of their own:\n\
\n  docker compose -f deploy/compose.yaml up\n\
\nOr in a Grafana of yours, whose Prometheus scrapes these metrics: Dashboards > New > Import,\n\
and upload each dashboards/*.json. The rules for Prometheus are dashboards/rules/*.yml.";

pub(super) async fn demo(args: DemoArgs, log: &LogArgs) -> Result<(), CommandError> {
    let otlp = otlp_from_env(&|name| std::env::var(name).ok())?;
    let spans = start_log(log, &otlp);
    let stop = stop_on_signals()?;
    let api = bind_api(&args).await?;
    let api_address = api.local_addr().map_err(CommandError::run)?;
    let simulated = simulator_config(args.seed);
    let mut config = config(&args, &simulated, api_address)?;
    config.otlp = otlp;
    let simulator = Arc::new(Mutex::new(Simulator::new(simulated)));
    let serving = tokio::spawn(serve(api, simulator, stop.clone().cancelled_owned()));

    let (state, _throw_away) = state_directory(args.state_path)?;
    let store = Arc::new(Store::open(&state).map_err(CommandError::run)?);
    let transport = transport(&config).map_err(CommandError::run)?;
    let clock = Arc::new(SystemClock);
    let mut exporter =
        Exporter::prepare(&config, store, transport, clock).map_err(CommandError::run)?;
    exporter.set_spans(spans);
    let listener = bind(config.web.listen_address).await?;
    let address = listener.local_addr().map_err(CommandError::run)?;
    print_stdout(&format!(
        "A simulated contact centre is running, and its numbers are at\n\
         \n  http://{address}/           a page to look at\n  \
         http://{address}/metrics    what Prometheus scrapes\n\
         \n  http://{api_address}/-/truth     what really happened, tallied without the exporter\n  \
         http://{api_address}/-/          how to let its API stall or a queue run out of agents\n\
         \n{DASHBOARDS}\n\
         \nCtrl-C ends it."
    ));
    let outcome = exporter
        .run(listener, stop)
        .await
        .map_err(CommandError::run);
    let _ = serving.await;
    outcome
}

/// The simulated API listens one port above the exporter's, because a kept state knows its API by
/// its address. Without a state to keep any other port does as well.
async fn bind_api(args: &DemoArgs) -> Result<TcpListener, CommandError> {
    let port = args.listen_address.port();
    let beside = SocketAddr::from((
        Ipv4Addr::LOCALHOST,
        if port == 0 { 0 } else { port.wrapping_add(1) },
    ));
    match bind(beside).await {
        Err(_) if args.state_path.is_none() => {
            bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await
        }
        bound => bound,
    }
}

/// A busy centre whose day passes in twenty minutes and whose calls are short. It already has an
/// hour of history, so that there is something to see at once.
fn simulator_config(seed: u64) -> SimulatorConfig {
    let now_ms = SystemClock.local_ms();
    SimulatorConfig {
        seed,
        start_ms: now_ms - HOUR_MS,
        watched_from_ms: now_ms,
        per_hour: 3_600.0,
        day_length_ms: 20 * 60_000,
        time_scale: 0.2,
        ..SimulatorConfig::default()
    }
}

fn config(
    args: &DemoArgs,
    simulated: &SimulatorConfig,
    api: SocketAddr,
) -> Result<Config, CommandError> {
    let url = |path: &str| Url::parse(&format!("http://{api}{path}")).map_err(CommandError::run);
    let account = Account {
        name: "demo".to_owned(),
        endpoints: Endpoints {
            api_url: url("")?,
            token_url: url("/Auth/connect/token")?,
        },
        credentials: Credentials {
            client_id: simulated.client_id.clone(),
            secret: SecretSource::Value(SecretString::from(simulated.client_secret.clone())),
        },
    };
    let mut config = Config::defaults(vec![account]);
    config.poll.interval = Duration::from_secs(1);
    // A call is over in a minute here; once every few seconds shows who waits.
    config.poll.ongoing_interval = Duration::from_secs(5);
    config.poll.start_from = StartFrom::Ago(Duration::from_secs(3_600));
    config.rules.warmup = HOLD;
    config.web.listen_address = args.listen_address;
    Ok(config)
}

/// The directory of the state, with its guard if it is temporary.
fn state_directory(
    kept: Option<PathBuf>,
) -> Result<(PathBuf, Option<tempfile::TempDir>), CommandError> {
    match kept {
        Some(path) => Ok((path, None)),
        None => {
            let directory = tempfile::tempdir().map_err(CommandError::run)?;
            Ok((directory.path().to_owned(), Some(directory)))
        }
    }
}
