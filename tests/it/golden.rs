//! One fixed page, and the whole text it leads to: names, labels, escapes, order and figures are a
//! contract, so a change of any byte must be looked at and meant.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use vcc_exporter::clock::Clock;
use vcc_exporter::config::StartFrom;
use vcc_exporter::exporter::rules;
use vcc_exporter::expose::{Coding, FormatKind, Options};
use vcc_exporter::health::{AccountHealth, Health};
use vcc_exporter::poller::reading::{Reading, Step};
use vcc_exporter::poller::window::Window;
use vcc_exporter::poller::{Core, Purpose, Trouble, first_meta};
use vcc_exporter::snapshot::Publisher;
use vcc_exporter::web::Site;

use crate::support::centre::{config, memory_store};
use crate::support::exposition::Exposition;
use crate::support::tools::assert_promtool_is_silent;

const PAGE: &[u8] = include_bytes!("../data/pages/day.json");

/// 2026-03-02T09:00:00Z, an hour before the page's `upTo`.
pub const EPOCH_MS: i64 = 1_772_442_000_000;
pub const HOUR_MS: i64 = 3_600_000;

#[derive(Debug)]
pub struct Still;

impl Clock for Still {
    fn local_ms(&self) -> i64 {
        EPOCH_MS + HOUR_MS
    }
}

/// An account that has read the page, and the surface that shows it.
fn account_with_the_page() -> (Core, Site) {
    with_the_page(Options::default())
}

/// The same, shown in another way.
pub fn with_the_page(options: Options) -> (Core, Site) {
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

fn ledger_text(site: &Site) -> String {
    String::from_utf8(
        site.publisher
            .current()
            .encoded(FormatKind::Text)
            .plain
            .to_vec(),
    )
    .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_page_leads_to_exactly_this_text() {
    let (mut core, site) = account_with_the_page();
    let born = Exposition::parse(&ledger_text(&site));
    for (name, series) in &born.0 {
        let all_zero = series.values().all(|value| value == "0");
        assert!(all_zero, "{name} shows its first increments at once");
    }
    tokio::time::advance(core.rules.hold).await;
    core.release(EPOCH_MS + HOUR_MS).unwrap();
    let text = ledger_text(&site);

    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/metrics.prom");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &text).unwrap();
    }
    let expected = std::fs::read_to_string(&golden).unwrap_or_default();
    let mut lines = text.lines().zip(expected.lines()).enumerate();
    let first = lines.find(|(_, (is, was))| is != was);
    assert!(
        text == expected,
        "the text is no longer that of {}; the first line that differs is {first:#?}, of {} now \
         and {} then. If that is meant, run `UPDATE_GOLDEN=1 cargo test golden` and read the diff",
        golden.display(),
        text.lines().count(),
        expected.lines().count(),
    );
    let shown = Exposition::parse(&text);
    let before = Exposition::parse(&ledger_text(&site));
    assert_eq!(shown.0, before.0, "reading a scrape changes nothing");
}

#[tokio::test(start_paused = true)]
async fn promtool_has_nothing_to_say_about_the_whole_page() {
    let (mut core, site) = account_with_the_page();
    tokio::time::advance(core.rules.hold).await;
    core.release(EPOCH_MS + HOUR_MS).unwrap();
    let parts = site.scrape(FormatKind::Text, Coding::Identity);
    let body: String = parts
        .iter()
        .map(|part| std::str::from_utf8(part).unwrap())
        .collect();
    for name in [
        "vcc_interactions_total{",
        "vcc_holes{",
        "process_cpu_seconds_total ",
    ] {
        assert!(body.contains(name), "the page has no {name}:\n{body}");
    }
    assert_promtool_is_silent(&body);
}
