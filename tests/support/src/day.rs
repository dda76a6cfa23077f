//! The fixed page, taken in at a fixed moment.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use vcc_exporter::clock::Clock;
use vcc_exporter::config::StartFrom;
use vcc_exporter::exporter::rules;
use vcc_exporter::expose::{FormatKind, Options};
use vcc_exporter::health::{AccountHealth, Health};
use vcc_exporter::poller::reading::{Reading, Step};
use vcc_exporter::poller::window::Window;
use vcc_exporter::poller::{Core, Purpose, Trouble, first_meta};
use vcc_exporter::snapshot::Publisher;
use vcc_exporter::web::Site;

use crate::simulated_api::{config, memory_store};

const PAGE: &[u8] = include_bytes!("../../data/pages/day.json");

/// 2026-03-02T09:00:00Z, an hour before the page's `upTo`.
pub const EPOCH_MS: i64 = 1_772_442_000_000;
pub const HOUR_MS: i64 = 3_600_000;

/// Everything a format can show beside what it must.
pub const ALL: Options = Options {
    native_histograms: true,
    created_samples: true,
};

#[derive(Debug)]
pub struct Still;

impl Clock for Still {
    fn local_ms(&self) -> i64 {
        EPOCH_MS + HOUR_MS
    }
}

/// An account that has read the page and still holds it, and the surface that shows it.
pub fn held(options: Options) -> (Core, Site) {
    let config = config(Duration::from_secs(15), 1_000, StartFrom::At(EPOCH_MS));
    let rules = Arc::new(rules(&config));
    let (store, publisher) = (memory_store(), Arc::new(Publisher::new(1, options)));
    let (clock, health) = (Arc::new(Still), Health::new(EPOCH_MS).unwrap());
    let interval = config.poll.interval;
    let own = AccountHealth::new(
        "acme",
        Arc::clone(&health),
        clock.clone(),
        interval,
        HOUR_MS,
        Trouble::reasons(),
    );
    let meta = first_meta("http://127.0.0.1:1/", EPOCH_MS, EPOCH_MS + HOUR_MS, &rules);
    let (id, account) = store.create_account("acme", &rules, meta).unwrap();
    let mut core = Core {
        account,
        id,
        store: Arc::clone(&store),
        rules: Arc::clone(&rules),
        publisher: Arc::clone(&publisher),
        place: 0,
        health: Arc::clone(&own),
        clock,
        started: Instant::now(),
        unsure: false,
    };
    let window = Window {
        start_ms: EPOCH_MS,
        end_ms: EPOCH_MS + HOUR_MS - 2_000,
    };
    let (mut reading, limit) = (Reading::new(window, 1_000), 1_000);
    let (body, now) = (Bytes::from_static(PAGE), Instant::now());
    let step = core.take(&body, now, 1, limit, &mut reading, &Purpose::Forward);
    assert_eq!(step.unwrap(), Step::Done(window.end_ms));
    let site = Site {
        publisher,
        health,
        accounts: vec![own],
        store,
        rules,
        telemetry_path: "/metrics".to_owned(),
    };
    (core, site)
}

/// The surface once the account shows what it held.
pub async fn shown(options: Options) -> Site {
    let (mut core, site) = held(options);
    tokio::time::advance(core.rules.hold).await;
    core.release(EPOCH_MS + HOUR_MS).unwrap();
    site
}

/// The ledger's part of a body.
pub fn ledger(site: &Site, format: FormatKind) -> Bytes {
    site.publisher.current().encoded(format).plain.clone()
}

/// The same of a text format.
pub fn ledger_text(site: &Site, format: FormatKind) -> String {
    String::from_utf8(ledger(site, format).to_vec()).unwrap()
}
