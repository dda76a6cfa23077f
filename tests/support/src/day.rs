//! The fixed page, taken in at a fixed moment.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use vcc_core::ledger::AccountMeta;
use vcc_exporter::assembly::ExporterView;
use vcc_exporter::assembly::rules;
use vcc_exporter::health::{AccountHealth, Health, PollSchedule};
use vcc_exporter::poller::page_order::{PageOrder, Step};
use vcc_exporter::poller::window::Window;
use vcc_exporter::poller::{Deps, Ingestor, PageRequest, PollError, ReadMode, StartFrom};
use vcc_exposition::{FormatKind, Options, Publisher};
use vcc_net::clock::Clock;

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
pub fn held(options: Options) -> (Ingestor, ExporterView) {
    let config = config(Duration::from_secs(15), 1_000, StartFrom::At(EPOCH_MS));
    let rules = Arc::new(rules(&config));
    let (store, publisher) = (memory_store(), Arc::new(Publisher::new(1, options)));
    let (clock, health) = (Arc::new(Still), Health::new(EPOCH_MS).unwrap());
    let interval = config.poll.interval;
    let own = AccountHealth::new(
        "acme",
        Arc::clone(&health),
        clock.clone(),
        PollSchedule {
            interval,
            behind_ms: HOUR_MS,
        },
        PollError::reasons(),
    );
    let meta = AccountMeta::new("http://127.0.0.1:1/", EPOCH_MS, EPOCH_MS + HOUR_MS, &rules);
    let (id, account) = store.create_account("acme", &rules, meta).unwrap();
    let deps = Deps {
        store: Arc::clone(&store),
        rules: Arc::clone(&rules),
        publisher: Arc::clone(&publisher),
        account_index: 0,
        health: Arc::clone(&own),
        clock,
        started: Instant::now(),
    };
    let mut core = Ingestor::new(account, id, deps);
    let window = Window {
        start_ms: EPOCH_MS,
        end_ms: EPOCH_MS + HOUR_MS - 2_000,
    };
    let request = PageRequest {
        body: Bytes::from_static(PAGE),
        received: Instant::now(),
        number: 1,
        limit: 1_000,
    };
    let mut reader = PageOrder::new(window, request.limit);
    let step = core.ingest_page(&request, &mut reader, &ReadMode::Forward);
    assert_eq!(step.unwrap(), Step::Done(window.end_ms));
    let site = ExporterView {
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
pub async fn shown(options: Options) -> ExporterView {
    let (mut core, site) = held(options);
    tokio::time::advance(core.deps.rules.warmup).await;
    core.release(EPOCH_MS + HOUR_MS).unwrap();
    site
}

/// The ledger's part of a body.
pub fn ledger(site: &ExporterView, format: FormatKind) -> Bytes {
    site.publisher.current().encoded(format).plain.clone()
}

/// The same of a text format.
pub fn ledger_text(site: &ExporterView, format: FormatKind) -> String {
    String::from_utf8(ledger(site, format).to_vec()).unwrap()
}
