//! A contact centre in virtual time: the simulator, and exporters that read it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use redb::Database;
use redb::backends::InMemoryBackend;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;
use url::Url;
use vcc_exporter::config::{Account, Config};
use vcc_exporter::poller::StartFrom;
use vcc_net::clock::Clock;
use vcc_net::secret::SecretSource;
use vcc_simulator::{Call, Delivery, Simulator, SimulatorConfig, Truth};
use vcc_store::Store;
use vcc_vonage::transport::ResponseFuture;
use vcc_vonage::{Credentials, Endpoints, Request, Response, Transport, TransportError};

use super::running_exporter::RunningExporter;

/// The simulator and the time in which it is asked.
#[derive(Debug)]
pub struct SimulatedApi {
    pub simulator: Mutex<Simulator>,
    start_ms: i64,
    began: Instant,
    /// How far the exporter's local clock is ahead of true time.
    pub local_skew_ms: AtomicI64,
    /// How many pages were asked for.
    pub requests: AtomicI64,
}

impl SimulatedApi {
    /// A world that begins now; time is paused and passes with tokio's.
    pub fn new(world: SimulatorConfig) -> Arc<Self> {
        Self::at(world.start_ms, world)
    }

    /// A world looked at from a later moment on.
    pub fn at(now_ms: i64, world: SimulatorConfig) -> Arc<Self> {
        Self::over(now_ms, Simulator::new(world))
    }

    /// A simulator that has a history already.
    pub fn over(now_ms: i64, simulator: Simulator) -> Arc<Self> {
        Arc::new(SimulatedApi {
            simulator: Mutex::new(simulator),
            start_ms: now_ms,
            began: Instant::now(),
            local_skew_ms: AtomicI64::new(0),
            requests: AtomicI64::new(0),
        })
    }

    /// True time in Unix milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.start_ms + self.began.elapsed().as_millis() as i64
    }

    /// What an exporter that began to count at the epoch must show once it has read everything.
    pub fn truth(&self, epoch_ms: i64) -> Truth {
        self.simulator
            .lock()
            .unwrap()
            .truth(self.now_ms(), epoch_ms)
    }

    fn answer(&self, request: &Request) -> vcc_simulator::Reply {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let call = Call {
            method: request.method.as_str(),
            path: request.url.path(),
            query: request.url.query().unwrap_or_default(),
            accept: Some(request.accept),
            authorization: request
                .authorization
                .as_ref()
                .map(|secret| secret.expose_secret()),
            content_type: request.content_type,
            body: request
                .body
                .as_ref()
                .map_or(&[], |secret| secret.expose_secret().as_bytes()),
        };
        self.simulator.lock().unwrap().answer(&call, self.now_ms())
    }
}

/// The transport to the simulator: no sockets, so that time can be paused.
#[derive(Debug)]
pub struct SimulatedTransport(pub Arc<SimulatedApi>);

impl Transport for SimulatedTransport {
    fn send(&self, request: Request) -> ResponseFuture<'_> {
        Box::pin(async move {
            // A request takes a moment, so that the pages of a window are asked at different times.
            tokio::time::sleep(Duration::from_millis(40)).await;
            let reply = self.0.answer(&request);
            match reply.delivery {
                Delivery::Whole => {}
                Delivery::Delayed(pause) => tokio::time::sleep(pause).await,
                Delivery::Truncated(_) => {
                    return Err(TransportError::Interrupted("cut off".to_owned()));
                }
            }
            let header = |name: &str| {
                let mut headers = reply.headers.iter();
                headers
                    .find(|(n, _)| n.eq_ignore_ascii_case(name))
                    .map(|(_, value)| value.clone())
            };
            Ok(Response {
                status: reply.status,
                retry_after: header("retry-after"),
                content_type: header("content-type"),
                body: reply.body,
            })
        })
    }
}

/// The clock of the exporter's host.
#[derive(Debug)]
pub struct LocalClock(pub Arc<SimulatedApi>);

impl Clock for LocalClock {
    fn local_ms(&self) -> i64 {
        self.0.now_ms() + self.0.local_skew_ms.load(Ordering::Relaxed)
    }
}

/// A state that lives in memory.
pub fn memory_store() -> Arc<Store> {
    let opener = || {
        Ok(Database::builder()
            .create_with_backend(InMemoryBackend::new())
            .unwrap())
    };
    Arc::new(Store::open_with(PathBuf::from("memory"), Box::new(opener)).unwrap())
}

/// The configuration of an exporter of the simulated account.
pub fn config(interval: Duration, page_size: u32, start_from: StartFrom) -> Config {
    let mut config = Config::defaults(vec![Account {
        name: "acme".to_owned(),
        endpoints: Endpoints {
            api_url: Url::parse("http://127.0.0.1:1/").unwrap(),
            token_url: Url::parse("http://127.0.0.1:1/Auth/connect/token").unwrap(),
        },
        credentials: Credentials {
            client_id: "simulated".to_owned(),
            secret: SecretSource::Value(SecretString::from("simulated")),
        },
    }]);
    config.poll.interval = interval;
    config.poll.page_size = page_size;
    config.poll.start_from = start_from;
    config.rules.family_options.series_limit = 1_000_000;
    // What is going on now has tests of its own; elsewhere it would only take part of the budget.
    config.poll.ongoing_interval = Duration::ZERO;
    config
}

/// Starts an exporter of the simulated account.
pub fn start(centre: &Arc<SimulatedApi>, store: &Arc<Store>, config: &Config) -> RunningExporter {
    let transport = Arc::new(SimulatedTransport(Arc::clone(centre)));
    let clock = Arc::new(LocalClock(Arc::clone(centre)));
    RunningExporter::start(transport, clock, store, config)
}
