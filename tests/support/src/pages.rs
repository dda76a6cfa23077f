//! Pages of a simulated world without an exporter, and the blocking half of one to feed them to.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use url::Url;
use vcc_core::ledger::{AccountMeta, Rules};
use vcc_exporter::assembly;
use vcc_exporter::config::Config;
use vcc_exporter::health::{AccountHealth, Health, PollSchedule};
use vcc_exporter::poller::page_order::{PageOrder, Step};
use vcc_exporter::poller::window::Window;
use vcc_exporter::poller::{Deps, IngestError, Ingestor, PageRequest, PollError, ReadMode};
use vcc_exposition::{FormatKind, Options, Publisher};
use vcc_net::clock::{Clock, SystemClock};
use vcc_simulator::{Call, Simulator, SimulatorConfig};
use vcc_store::{Loaded, Store};
use vcc_vonage::PageQuery;

use super::exposition::Exposition;

pub const ACCOUNT: &str = "acme";
/// More than any window here holds, so that each window is one page and moves the cursor.
pub const LIMIT: u32 = 2_000;

/// The rules of a default configuration, without a hold: what counts is shown.
pub fn rules() -> Arc<Rules> {
    let mut config = Config::defaults(Vec::new());
    config.rules.warmup = Duration::ZERO;
    Arc::new(assembly::rules(&config))
}

/// The one page of everything a world processed between two moments, asked for shortly after.
pub fn page(simulator: &mut Simulator, window: Window) -> Bytes {
    let now_ms = window.end_ms + 2_000;
    let world = simulator.timeline().config().clone();
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}&scope=stats",
        world.client_id, world.client_secret
    );
    let reply = simulator.answer(
        &Call {
            method: "POST",
            path: "/Auth/connect/token",
            query: "",
            accept: None,
            authorization: None,
            content_type: Some("application/x-www-form-urlencoded"),
            body: form.as_bytes(),
        },
        now_ms,
    );
    let token: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    let query = PageQuery {
        start_ms: window.start_ms,
        end_ms: Some(window.end_ms),
        page: 1,
        limit: LIMIT,
    };
    let url = query.url(&Url::parse("http://127.0.0.1/").unwrap());
    let reply = simulator.answer(
        &Call {
            method: "GET",
            path: url.path(),
            query: url.query().unwrap(),
            accept: Some("application/vnd.newvoicemedia.v3+json"),
            authorization: Some(&format!(
                "Bearer {}",
                token["access_token"].as_str().unwrap()
            )),
            content_type: None,
            body: b"",
        },
        now_ms,
    );
    assert_eq!(reply.status, 200);
    reply.body
}

/// A world and its windows from the start on, a stretch of minutes each.
pub fn pages(world: SimulatorConfig, minutes: &[i64]) -> Vec<(Window, Bytes)> {
    let mut start_ms = world.start_ms;
    let mut simulator = Simulator::new(world);
    let windows = minutes.iter().map(|minutes| {
        let end_ms = start_ms + minutes * 60_000;
        let window = Window { start_ms, end_ms };
        start_ms = end_ms;
        (window, page(&mut simulator, window))
    });
    windows.collect()
}

/// Stores a new account whose epoch is the world's start.
pub fn create(store: &Store, world: &SimulatorConfig) {
    let rules = rules();
    let meta = AccountMeta::new("http://127.0.0.1/", world.start_ms, world.start_ms, &rules);
    store.create_account(ACCOUNT, &rules, meta).unwrap();
}

/// The blocking half of a poller, fresh from the state.
pub fn core(store: &Arc<Store>) -> Ingestor {
    let rules = rules();
    let Loaded { id, account, .. } = store.load_account(ACCOUNT, &rules, 0).unwrap().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let health = Health::new(clock.local_ms()).unwrap();
    let interval = Duration::from_secs(15);
    let deps = Deps {
        store: Arc::clone(store),
        rules,
        publisher: Arc::new(Publisher::new(1, Options::default())),
        account_index: 0,
        health: AccountHealth::new(
            ACCOUNT,
            health,
            Arc::clone(&clock),
            PollSchedule {
                interval,
                behind_ms: 0,
            },
            PollError::reasons(),
        ),
        clock,
        started: Instant::now(),
    };
    let core = Ingestor::new(account, id, deps);
    core.publish();
    core
}

/// Takes in a window of one page.
pub fn take(core: &mut Ingestor, (window, body): &(Window, Bytes)) -> Result<Step, IngestError> {
    let mut reader = PageOrder::new(*window, LIMIT);
    let request = PageRequest {
        body: body.clone(),
        received: Instant::now(),
        number: 1,
        limit: LIMIT,
    };
    core.ingest_page(&request, &mut reader, &ReadMode::Forward)
}

/// What readers are shown.
pub fn shown(core: &Ingestor) -> Exposition {
    let text = core
        .deps
        .publisher
        .current()
        .encoded(FormatKind::Text)
        .plain
        .clone();
    Exposition::parse(std::str::from_utf8(&text).unwrap())
}
