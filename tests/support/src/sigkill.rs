//! The program is killed with SIGKILL again and again within one history.
//!
//! It reads over a real socket through a gate, and the moment of each kill is a request: before
//! it is answered, or a random while after. Each life finds the API's clock some minutes further
//! on. Afterwards the history is read to its end in virtual time, from the same state.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use tempfile::TempDir;
use tokio::runtime::Builder;
use url::Url;
use vcc_exporter::poller::StartFrom;
use vcc_net::clock::{Clock, SystemClock};
use vcc_simulator::{DAY_MS, Faults, HOUR_MS, Simulator, SimulatorConfig, serve};
use vcc_store::Store;

use crate::binary::binary;
use crate::exposition::Exposition;
use crate::gate::Gate;
use crate::process::{Process, write_config};
use crate::samples::{self, gone_down, is_stored, unlike};
use crate::simulated_api::{SimulatedApi, config, start};
use crate::truth::untrue;

/// How often the cursor is looked at until it has moved, and the pause between two looks.
const TRIES: u32 = 4_000;
const PAUSE: Duration = Duration::from_millis(10);
const CURSOR: &str = "vcc_cursor_timestamp_seconds";

struct History {
    directory: TempDir,
    config_file: PathBuf,
    simulator: Arc<Mutex<Simulator>>,
    gate: Gate,
    rng: Pcg64Mcg,
    /// What was shown last, and whether the state cannot have changed since.
    shown: Exposition,
    exact: bool,
    skew_ms: i64,
    unread_ms: i64,
    kills: u32,
    requests: u32,
    whole_windows: u32,
    ends: u64,
}

impl History {
    async fn begin(seed: u64) -> Self {
        // Before the world begins, which moves on meanwhile.
        binary();
        let world = SimulatorConfig {
            seed,
            start_ms: SystemClock.local_ms() - HOUR_MS / 2,
            per_hour: 240.0,
            day_length_ms: 0,
            ..SimulatorConfig::default()
        };
        let start_ms = world.start_ms;
        let simulator = Arc::new(Mutex::new(Simulator::new(world)));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gate = Gate::before(listener.local_addr().unwrap()).await;
        tokio::spawn(serve(
            listener,
            Arc::clone(&simulator),
            std::future::pending(),
        ));
        let directory = tempfile::tempdir().unwrap();
        let start = chrono::DateTime::from_timestamp_millis(start_ms).unwrap();
        let more = format!(
            "poll:\n  interval: 5s\n  ongoing_interval: 0s\n  page_size: 10\n  requests_per_minute: 160\n  \
             start_from: \"{}\"\n",
            start.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
        );
        let config_file = write_config(directory.path(), &gate.url, &more);
        History {
            directory,
            config_file,
            simulator,
            gate,
            rng: Pcg64Mcg::seed_from_u64(seed),
            shown: Exposition::default(),
            exact: false,
            skew_ms: 0,
            unread_ms: HOUR_MS / 2,
            kills: 0,
            requests: 0,
            whole_windows: 0,
            ends: 0,
        }
    }

    /// One life of the program, from its start to a kill.
    async fn life(&mut self) {
        let passed_ms = self.rng.random_range(3..=15) * 60_000;
        self.skew_ms += passed_ms;
        self.unread_ms += passed_ms;
        self.simulator.lock().unwrap().set_faults(Faults {
            clock_skew_ms: self.skew_ms,
            token_expiry: 0.02,
            duplicate_items: 0.05,
            drift: 0.05,
            ..Faults::default()
        });
        let process = Process::run(&self.config_file).await;
        // What the exporter hears of more than an hour late may expire later than in truth.
        let must_read = self.unread_ms > 25 * 60_000;
        let fatal = match must_read || self.rng.random_bool(0.2) {
            true => u32::MAX,
            false => self.rng.random_range(1..=14),
        };
        let (mut seen, mut gap, mut released) = (HashSet::new(), Duration::ZERO, Instant::now());
        for number in 1.. {
            let arrival = self.gate.next().await;
            self.requests += 1;
            gap = gap.max(released.elapsed().min(Duration::from_millis(100)));
            if number == 1 {
                self.born(&process).await;
            }
            // The first page is looked at a second time when a window has been read.
            let last_page = !seen.insert(arrival.line.clone());
            if number < fatal && !last_page {
                if self.rng.random_bool(0.2) {
                    self.look(&process).await;
                }
                released = Instant::now();
                arrival.let_through();
                continue;
            }
            // A request that waits at the gate means that nothing is being committed.
            let read_on = last_page && (must_read || self.rng.random_bool(0.3));
            self.exact = !read_on && self.rng.random_bool(0.3);
            if self.exact {
                self.look(&process).await;
            } else if read_on {
                arrival.let_through();
                self.read_on(&process).await;
                self.unread_ms = 0;
                self.whole_windows += 1;
            } else {
                arrival.let_through();
                let linger = gap.mul_f64(self.rng.random_range(0.0..1.3));
                let began = Instant::now();
                while began.elapsed() < linger {
                    tokio::task::yield_now().await;
                }
                if self.rng.random_bool(0.3) {
                    self.look(&process).await;
                }
            }
            process.kill().await;
            self.kills += 1;
            self.gate.forget();
            return;
        }
    }

    /// Lets the window be read to its end: it is read once more if it grew meanwhile.
    async fn read_on(&mut self, process: &Process) {
        for _ in 0..TRIES {
            self.requests += self.gate.let_all_through();
            let before = self.shown.sum(CURSOR, &[]);
            self.look(process).await;
            if before > 0.0 && self.shown.sum(CURSOR, &[]) > before {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("the cursor stands still");
    }

    /// A new life shows what the last one showed, or what it committed after that.
    async fn born(&mut self, process: &Process) {
        let before = self.shown.clone();
        self.look(process).await;
        if self.exact {
            let found = unlike(&self.shown, &before, is_stored);
            samples::none(&found, &format!("after {} kills", self.kills));
        }
    }

    async fn look(&mut self, process: &Process) {
        let shown = process.scrape().await;
        let found = gone_down(&self.shown, &shown);
        samples::none(&found, &format!("after {} kills", self.kills));
        self.shown = shown;
    }

    /// Reads the history to its end, in virtual time, from the state as the last kill left it.
    async fn finish(&mut self) {
        let mut empty = Simulator::new(SimulatorConfig::default());
        std::mem::swap(&mut empty, &mut self.simulator.lock().unwrap());
        let centre = SimulatedApi::over(SystemClock.local_ms(), empty);
        let epoch_ms = centre
            .simulator
            .lock()
            .unwrap()
            .timeline()
            .config()
            .start_ms;
        let store = Arc::new(Store::open(&self.directory.path().join("state")).unwrap());
        let interval = Duration::from_secs(300);
        let mut config = config(interval, 200, StartFrom::At(epoch_ms));
        config.accounts[0].endpoints.api_url = Url::parse(&self.gate.url).unwrap();
        config.rules.warmup = Duration::ZERO;
        let exporter = start(&centre, &store, &config);
        // Two hours with traffic, so that the state is worked on and not only drained.
        tokio::time::sleep(Duration::from_secs(2 * 3_600)).await;
        let quiet_ms = {
            let mut simulator = centre.simulator.lock().unwrap();
            simulator.set_running(false, centre.now_ms());
            simulator.timeline().quiet_from_ms() - simulator.server_ms(centre.now_ms())
        };
        tokio::time::sleep(Duration::from_millis((quiet_ms.max(0) + 2 * DAY_MS) as u64)).await;
        let shown = exporter.shown();
        let found = gone_down(&self.shown, &shown);
        samples::none(&found, "after the last kill");
        let truth = centre.truth(epoch_ms);
        exporter.stop().await;
        self.ends = truth.count("vcc_interactions_total", &[]);
        // Enough of both for the kills to have met them.
        assert!(self.ends > 17 * u64::from(self.kills) && self.whole_windows > 2);
        untrue(&shown, &truth).none();
    }
}

/// Kills it so many times, and holds what it counted in the end to the truth.
pub fn count_through_kills(seed: u64, kills: u32) {
    let sockets = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let mut history = sockets.block_on(async {
        let mut history = History::begin(seed).await;
        while history.kills < kills {
            history.life().await;
        }
        history
    });
    let virtual_time = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build();
    virtual_time.unwrap().block_on(history.finish());
    drop(sockets);
    println!(
        "{} kills, {} requests, {} windows read to their end; {} interactions ended",
        history.kills, history.requests, history.whole_windows, history.ends
    );
}
