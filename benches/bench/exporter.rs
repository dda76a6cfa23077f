//! The exporter's own parts around a state on disk, as `run` puts them together.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use vcc_exporter::clock::SystemClock;
use vcc_exporter::config::Config;
use vcc_exporter::expose::Options;
use vcc_exporter::health::{AccountHealth, Health};
use vcc_exporter::ledger::{Meta, Rules};
use vcc_exporter::poller::reading::Reading;
use vcc_exporter::poller::window::Window;
use vcc_exporter::poller::{Core, Purpose, Trouble};
use vcc_exporter::snapshot::Publisher;
use vcc_exporter::store::Store;
use vcc_exporter::web::Site;

use super::pages::{PAGE, START_MS, UP_TO_MS};

const NAME: &str = "acme";
const URL: &str = "http://127.0.0.1:1/";

fn rules() -> Rules {
    vcc_exporter::exporter::rules(&Config::defaults(Vec::new()))
}

/// The account in a state, which is made if it is not there.
pub fn open(directory: &Path) -> Core {
    let store = Arc::new(Store::open(directory).unwrap());
    let rules = rules();
    let (id, account) = match store.load_account(NAME, &rules, 0).unwrap() {
        Some(loaded) => (loaded.id, loaded.account),
        None => {
            let meta = Meta::new(URL, START_MS - 1, UP_TO_MS, &rules);
            store.create_account(NAME, &rules, meta).unwrap()
        }
    };
    let clock = Arc::new(SystemClock);
    let (interval, behind_ms) = (Duration::from_secs(15), 300_000);
    let health = Health::new(0).unwrap();
    Core {
        account,
        id,
        store,
        rules: Arc::new(rules),
        publisher: Arc::new(Publisher::new(1, Options::default())),
        place: 0,
        health: AccountHealth::new(
            NAME,
            health,
            clock.clone(),
            interval,
            behind_ms,
            Trouble::reasons(),
        ),
        clock,
        started: Instant::now(),
        unsure: false,
    }
}

/// Takes a page in, durably: what the poller does with the bytes of a response.
pub fn take(core: &mut Core, body: &Bytes) {
    let window = Window {
        start_ms: START_MS,
        end_ms: UP_TO_MS,
    };
    let limit = PAGE as u32;
    let mut reading = Reading::new(window, limit);
    let received = Instant::now();
    core.take(body, received, 1, limit, &mut reading, &Purpose::Forward)
        .unwrap();
}

/// The web surface of an account.
pub fn site(core: &Core) -> Arc<Site> {
    Arc::new(Site {
        publisher: Arc::clone(&core.publisher),
        health: Health::new(0).unwrap(),
        accounts: vec![Arc::clone(&core.health)],
        store: Arc::clone(&core.store),
        rules: Arc::clone(&core.rules),
        telemetry_path: "/metrics".to_owned(),
    })
}
