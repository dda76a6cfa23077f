//! A history to look at: two contact centres played in virtual time, their exporter's pages as a
//! Prometheus would have scraped them, written into the storage of a real one.
//!
//! Dashboards and rules look at hours, days and the same hour last week. Shortening a day would
//! change what they show, so it is time that passes faster: nothing here waits for anything.

mod plot;
mod recorder;
pub mod remote;
mod server;

use std::sync::Arc;
use std::time::Duration;

use vcc_exposition::{ContentEncoding, FormatKind, MetricsSource};
use vcc_simulator::Truth;
use vcc_vonage::transport::ResponseFuture;
use vcc_vonage::{Request, Transport};

use super::running_exporter::RunningExporter;
use super::simulated_api::{LocalClock, SimulatedApi, SimulatedTransport, memory_store};

pub use plot::{ACCOUNTS, INTERVAL, NOW_MS, TODAY_MS};
use plot::{BEGIN_MS, Phase};
pub use recorder::Recorder;
pub use server::Serving;

/// What happened, as it was scraped and as it truly was.
#[derive(Debug)]
pub struct History {
    /// Every scrape.
    pub scrapes: Recorder,
    /// The truth about each account.
    pub accounts: Vec<Account>,
}

/// The truth about one account.
#[derive(Debug)]
pub struct Account {
    /// What had truly happened when the day began, as far as it was visible.
    pub this_morning: Truth,
    /// What has truly happened by now.
    pub now: Truth,
}

/// Plays the whole history.
pub fn play() -> History {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(played())
}

async fn played() -> History {
    let centres: Vec<_> = (ACCOUNTS.iter())
        .map(|account| SimulatedApi::at(BEGIN_MS, plot::world(account)))
        .collect();
    let centres: Arc<[Arc<SimulatedApi>]> = centres.into();
    let store = memory_store();
    let mut scrapes = Recorder::default();
    let mut this_morning = Vec::new();
    for phase in plot::PHASES {
        let clock = Arc::new(LocalClock(Arc::clone(&centres[0])));
        let transport = Arc::new(SimulatedTransports(Arc::clone(&centres)));
        let exporter = RunningExporter::start(transport, clock, &store, &plot::config(&phase));
        scrapes.started_ms = centres[0].now_ms();
        record(&phase, &centres, &exporter, &mut scrapes, &mut this_morning).await;
        exporter.stop().await;
    }
    let now = centres.iter().map(|centre| plot::truth(centre));
    let accounts = this_morning.into_iter().zip(now);
    History {
        scrapes,
        accounts: accounts
            .map(|(this_morning, now)| Account { this_morning, now })
            .collect(),
    }
}

/// Scrapes one phase.
async fn record(
    phase: &Phase,
    centres: &[Arc<SimulatedApi>],
    exporter: &RunningExporter,
    recorder: &mut Recorder,
    this_morning: &mut Vec<Truth>,
) {
    let every_ms = phase.interval.as_millis() as i64;
    let mut next_ms = (centres[0].now_ms() / every_ms + 1) * every_ms;
    while next_ms <= phase.until_ms {
        let pause_ms = next_ms - centres[0].now_ms();
        tokio::time::sleep(Duration::from_millis(pause_ms as u64)).await;
        let now_ms = next_ms;
        next_ms += every_ms;
        for (account, centre) in ACCOUNTS.iter().zip(centres) {
            let mut simulator = centre.simulator.lock().unwrap();
            let faults = plot::faults(account, now_ms);
            if *simulator.faults() != faults {
                simulator.set_faults(faults);
            }
        }
        let parts = exporter
            .site
            .scrape(FormatKind::OpenMetrics, ContentEncoding::Identity);
        let page: Vec<&str> = (parts.iter())
            .map(|part| std::str::from_utf8(part).unwrap())
            .collect();
        recorder.take(now_ms, &page.concat());
        if now_ms == TODAY_MS {
            this_morning.extend(centres.iter().map(|centre| plot::truth(centre)));
        }
    }
}

/// The transport to every centre, by the host that is asked for.
#[derive(Debug)]
struct SimulatedTransports(Arc<[Arc<SimulatedApi>]>);

impl Transport for SimulatedTransports {
    fn send(&self, request: Request) -> ResponseFuture<'_> {
        let host = request.url.host_str().unwrap_or_default();
        let place = ACCOUNTS
            .iter()
            .position(|account| plot::host(account) == host);
        let transport = SimulatedTransport(Arc::clone(&self.0[place.unwrap()]));
        Box::pin(async move { transport.send(request).await })
    }
}
