//! The exporter's own parts around a state on disk, as `run` puts them together.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use vcc_core::ledger::{AccountMeta, Rules};
use vcc_exporter::assembly::ExporterView;
use vcc_exporter::config::Config;
use vcc_exporter::health::{AccountHealth, Health, PollSchedule};
use vcc_exporter::poller::page_order::PageOrder;
use vcc_exporter::poller::window::Window;
use vcc_exporter::poller::{Deps, Ingestor, PageRequest, PollError, ReadMode};
use vcc_exposition::{Options, Publisher};
use vcc_net::clock::SystemClock;
use vcc_store::Store;

use super::pages::{PAGE, START_MS, UP_TO_MS};

const NAME: &str = "acme";
const URL: &str = "http://127.0.0.1:1/";

fn rules() -> Rules {
    vcc_exporter::assembly::rules(&Config::defaults(Vec::new()))
}

/// The account in a state, which is made if it is not there.
pub fn open(directory: &Path) -> Ingestor {
    let store = Arc::new(Store::open(directory).unwrap());
    let rules = rules();
    let (id, account) = match store.load_account(NAME, &rules, 0).unwrap() {
        Some(loaded) => (loaded.id, loaded.account),
        None => {
            let meta = AccountMeta::new(URL, START_MS - 1, UP_TO_MS, &rules);
            store.create_account(NAME, &rules, meta).unwrap()
        }
    };
    let clock = Arc::new(SystemClock);
    let (interval, behind_ms) = (Duration::from_secs(15), 300_000);
    let health = Health::new(0).unwrap();
    let deps = Deps {
        store,
        rules: Arc::new(rules),
        publisher: Arc::new(Publisher::new(1, Options::default())),
        account_index: 0,
        health: AccountHealth::new(
            NAME,
            health,
            clock.clone(),
            PollSchedule {
                interval,
                behind_ms,
            },
            PollError::reasons(),
        ),
        clock,
        started: Instant::now(),
    };
    Ingestor::new(account, id, deps)
}

/// Takes a page in, durably: what the poller does with the bytes of a response.
pub fn take(core: &mut Ingestor, body: &Bytes) {
    let window = Window {
        start_ms: START_MS,
        end_ms: UP_TO_MS,
    };
    let request = PageRequest {
        body: body.clone(),
        received: Instant::now(),
        number: 1,
        limit: PAGE as u32,
    };
    let mut reader = PageOrder::new(window, request.limit);
    core.ingest_page(&request, &mut reader, &ReadMode::Forward)
        .unwrap();
}

/// The web surface of an account.
pub fn site(core: &Ingestor) -> Arc<ExporterView> {
    Arc::new(ExporterView {
        publisher: Arc::clone(&core.deps.publisher),
        health: Health::new(0).unwrap(),
        accounts: vec![Arc::clone(&core.deps.health)],
        store: Arc::clone(&core.deps.store),
        rules: Arc::clone(&core.deps.rules),
        telemetry_path: "/metrics".to_owned(),
    })
}
