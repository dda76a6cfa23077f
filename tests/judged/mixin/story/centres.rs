//! Simulated contact centres that live fast, and one exporter of them all.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;
use vcc_exporter::assembly::{Exporter, transport};
use vcc_exporter::config::{Account, Config};
use vcc_net::clock::SystemClock;
use vcc_net::secret::SecretSource;
use vcc_simulator::{Simulator, SimulatorConfig, serve};
use vcc_vonage::{Credentials, Endpoints};

use vcc_test_support::http;
use vcc_test_support::simulated_api::memory_store;

/// How often the exporter asks; the rules are made for a poll every fifteen seconds.
const POLL: Duration = Duration::from_millis(500);

/// Contact centres behind their APIs, and the exporter that reads them. All end with it.
pub struct Centres {
    /// Where the exporter listens.
    pub exporter: SocketAddr,
    apis: Vec<(&'static str, SocketAddr)>,
    _stop: DropGuard,
}

impl Centres {
    /// Opens a contact centre for each of these accounts.
    pub async fn open(accounts: &[&'static str]) -> Self {
        let stop = CancellationToken::new();
        let mut apis = Vec::new();
        for (seed, account) in (1..).zip(accounts) {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            apis.push((*account, listener.local_addr().unwrap()));
            let simulator = Arc::new(Mutex::new(Simulator::new(world(seed))));
            tokio::spawn(serve(listener, simulator, stop.clone().cancelled_owned()));
        }
        let config = config(&apis);
        let road = transport(&config).unwrap();
        let clock = Arc::new(SystemClock);
        let exporter = Exporter::prepare(&config, memory_store(), road, clock).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(exporter.run(listener, stop.clone()));
        Centres {
            exporter: address,
            apis,
            _stop: stop.drop_guard(),
        }
    }

    /// Tells the simulator of an account something, as a person would.
    pub async fn tell(&self, account: &str, control: &str, body: &'static str) {
        let known = self.apis.iter().find(|(name, _)| *name == account);
        let (_, api) = known.unwrap();
        let request = http::client().put(format!("http://{api}/-/{control}"));
        let answer = request.body(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }
}

/// A contact centre with steady traffic whose calls take seconds. Nobody waits past a target, as
/// no target is shorter than five seconds, and nothing is lost, which would look like somebody
/// who waits for ever.
fn world(seed: u64) -> SimulatorConfig {
    SimulatorConfig {
        seed,
        start_ms: chrono::Utc::now().timestamp_millis() - 60_000,
        per_hour: 18_000.0,
        day_length_ms: 0,
        time_scale: 0.02,
        queues: 2,
        losses: false,
        ..SimulatorConfig::default()
    }
}

fn config(apis: &[(&'static str, SocketAddr)]) -> Config {
    let account = |(name, api): &(&'static str, SocketAddr)| {
        let url = |path: &str| Url::parse(&format!("http://{api}{path}")).unwrap();
        Account {
            name: (*name).to_owned(),
            endpoints: Endpoints {
                api_url: url(""),
                token_url: url("/Auth/connect/token"),
            },
            credentials: Credentials {
                client_id: "simulated".to_owned(),
                secret: SecretSource::Value(SecretString::from("simulated")),
            },
        }
    };
    let mut config = Config::defaults(apis.iter().map(account).collect());
    config.poll.interval = POLL;
    config.poll.ongoing_interval = POLL;
    config.poll.overlap_ms = 2_000;
    config.api.retry.requests_per_minute = 10_000;
    config.rules.warmup = Duration::from_secs(2);
    // Some records bear no target of their own.
    config.rules.default_target_ms = Some(5_000);
    config
}
