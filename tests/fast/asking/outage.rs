//! Long outages, late starts, wide windows: everything is read, window by window.

use std::sync::{Arc, Mutex};

use vcc_exporter::poller::window::MAX_WIDTH_MS;
use vcc_net::clock::Clock;
use vcc_simulator::{Faults, SimulatorConfig};
use vcc_vonage::transport::ResponseFuture;
use vcc_vonage::{Operation, Request, Transport};

use super::*;
use vcc_test_support::fake_api::{Asked, pass};
use vcc_test_support::simulated_api::{SimulatedApi, SimulatedTransport};

/// Interactions that were open too long while nobody looked are found ended, never expired. Which
/// interaction of a conversation is seen first depends on when one looks, and so does whether a
/// channel without an end for an hour is taken as ended for no reason given; how many conversations
/// and ended channels there are does not.
const DEPENDS: [&str; 3] = [
    "vcc_interactions_expired_total",
    "vcc_conversations_started_total",
    "vcc_channels_ended_total",
];

/// Notes what is asked of a centre, and tells its time.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) centre: Arc<SimulatedApi>,
    asked: Mutex<Vec<Asked>>,
}

impl Watched {
    pub(super) fn new(centre: &Arc<SimulatedApi>) -> Arc<Self> {
        Arc::new(Watched {
            centre: Arc::clone(centre),
            asked: Mutex::default(),
        })
    }

    pub(super) fn exporter(
        self: &Arc<Self>,
        store: &Arc<vcc_store::Store>,
        config: &Config,
    ) -> RunningExporter {
        RunningExporter::start(
            Arc::clone(self) as Arc<dyn Transport>,
            Arc::clone(self) as Arc<dyn Clock>,
            store,
            config,
        )
    }

    /// The widths of the windows asked for.
    fn widths(&self) -> Vec<i64> {
        let asked = self.asked.lock().unwrap();
        asked
            .iter()
            .filter_map(|asked| Some(asked.end_ms? - asked.start_ms))
            .collect()
    }
}

impl Transport for Watched {
    fn send(&self, request: Request) -> ResponseFuture<'_> {
        if request.operation == Operation::Interactions {
            let mut asked = self.asked.lock().unwrap();
            let number = asked.len();
            asked.push(Asked::of(&request, self.centre.now_ms(), number));
        }
        Box::pin(async move {
            SimulatedTransport(Arc::clone(&self.centre))
                .send(request)
                .await
        })
    }
}

impl Clock for Watched {
    fn local_ms(&self) -> i64 {
        let skew = self
            .centre
            .local_skew_ms
            .load(std::sync::atomic::Ordering::Relaxed);
        self.centre.now_ms() + skew
    }
}

/// A quiet centre that lives for so many days.
fn world(seed: u64, days: i64) -> SimulatorConfig {
    let start_ms = SimulatorConfig::default().start_ms;
    SimulatorConfig {
        seed,
        per_hour: 2.0,
        stop_ms: Some(start_ms + days * DAY_MS),
        ..SimulatorConfig::default()
    }
}

/// As the other settings, asking every five minutes: these tests live for weeks.
fn patient(page_size: u32, start_from: StartFrom) -> Config {
    let mut config = settings(page_size, start_from);
    config.poll.interval = Duration::from_secs(300);
    config
}

/// Waits until it has caught up; whether it ever said that it had to.
async fn caught_up(exporter: &RunningExporter) -> bool {
    let mut said = false;
    for turn in 0..2_000 {
        let shown = exporter.shown();
        let gauge = shown.0.get("vcc_catchup_in_progress");
        match gauge
            .and_then(|samples| samples.values().next())
            .map(String::as_str)
        {
            Some("1") => said = true,
            Some("0") => return said,
            _ => {}
        }
        // At first it may be quick.
        let pause_ms = if turn < 100 { 20 } else { 10_000 };
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
    }
    panic!("still behind after hours:\n{}", exporter.text());
}

fn assert_true(exporter: &RunningExporter, centre: &Arc<SimulatedApi>, epoch_ms: i64) {
    let truth = centre.truth(epoch_ms);
    let shown = exporter.shown();
    assert_eq!(shown.differences(&truth, &DEPENDS), Vec::<String>::new());
    for family in &DEPENDS[1..] {
        let (shown, truth) = (shown.sum(family, &[]), truth.count(family, &[]) as f64);
        assert_eq!(shown, truth, "{family}");
    }
    assert!(
        truth.count(ENDED, &[]) > 100,
        "this centre was too quiet to say anything"
    );
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_forty_days_is_made_up_to_the_unit() {
    let world = world(11, 43);
    let epoch_ms = world.start_ms;
    let centre = SimulatedApi::new(world);
    let watched = Watched::new(&centre);
    let (store, config) = (memory_store(), patient(1_000, StartFrom::At(epoch_ms)));
    let before = watched.exporter(&store, &config);
    pass(24 * HOUR).await;
    before.stop().await;
    pass(40 * 24 * HOUR).await;
    let after = watched.exporter(&store, &config);
    assert!(caught_up(&after).await, "it did not say that it catches up");
    assert_eq!(after.value("vcc_catchup_in_progress", &[]), 0.0);
    pass(12 * 24 * HOUR).await;
    assert_true(&after, &centre, epoch_ms);
    assert!(watched.widths().iter().all(|width| *width <= MAX_WIDTH_MS));
    assert!(
        watched
            .widths()
            .iter()
            .any(|width| *width > MAX_WIDTH_MS - HOUR_MS)
    );
    assert_eq!(
        after.value("vcc_facts_rejected_total", &[("reason", "too_old")]),
        0.0
    );
    assert_eq!(after.value("vcc_recovered_facts_total", &[]), 0.0);
    after.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_start_seventy_days_back_counts_everything_since() {
    let world = world(12, 69);
    let epoch_ms = world.start_ms;
    let centre = SimulatedApi::at(epoch_ms + 70 * DAY_MS, world);
    let watched = Watched::new(&centre);
    let ago = StartFrom::Ago(Duration::from_secs(70 * 24 * HOUR));
    let exporter = watched.exporter(&memory_store(), &patient(100, ago));
    assert!(caught_up(&exporter).await);
    // An hour after it was first seen so, what never quite ends is taken as ended.
    pass(2 * HOUR).await;
    // The stored epoch is what the API's clock showed at the first answer.
    let epoch = exporter.value("vcc_exporter_epoch_timestamp_seconds", &[]);
    let stored_ms = (epoch * 1_000.0).round() as i64;
    assert!(
        (stored_ms - epoch_ms).abs() < 1_000,
        "{stored_ms} for {epoch_ms}"
    );
    assert_true(&exporter, &centre, stored_ms);
    assert!(watched.widths().iter().all(|width| *width <= MAX_WIDTH_MS));
    assert_eq!(exporter.value("vcc_facts_rejected_total", &[]), 0.0);
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn windows_the_server_finds_too_large_are_halved_until_it_answers() {
    let world = world(13, 28);
    let epoch_ms = world.start_ms;
    let centre = SimulatedApi::at(epoch_ms + 30 * DAY_MS, world);
    let faults = Faults {
        large_window_501_days: Some(3.0),
        ..Faults::default()
    };
    centre.simulator.lock().unwrap().set_faults(faults);
    let watched = Watched::new(&centre);
    let exporter = watched.exporter(&memory_store(), &settings(1_000, StartFrom::At(epoch_ms)));
    assert!(caught_up(&exporter).await);
    // An hour after it was first seen so, what never quite ends is taken as ended.
    pass(2 * HOUR).await;
    assert_true(&exporter, &centre, epoch_ms);
    assert!(exporter.value("vcc_poll_failures_total", &[("reason", "server_error")]) >= 2.0);
    assert_eq!(exporter.value("vcc_unread_windows", &[]), 0.0);
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_local_clock_that_is_wrong_changes_no_number() {
    for skew_ms in [-10 * MINUTE_MS, 10 * MINUTE_MS, 30 * HOUR_MS] {
        let mut world = world(14, 2);
        world.per_hour = 20.0;
        let epoch_ms = world.start_ms;
        let centre = SimulatedApi::new(world);
        centre
            .local_skew_ms
            .store(skew_ms, std::sync::atomic::Ordering::Relaxed);
        let watched = Watched::new(&centre);
        let exporter = watched.exporter(&memory_store(), &patient(50, StartFrom::At(epoch_ms)));
        pass(24 * HOUR).await;
        // It is set right, or wrong the other way, while all goes on.
        centre
            .local_skew_ms
            .store(-skew_ms, std::sync::atomic::Ordering::Relaxed);
        pass(14 * 24 * HOUR).await;
        assert_true(&exporter, &centre, epoch_ms);
        let skew = exporter.value("vcc_api_clock_skew_seconds", &[]);
        assert!(
            (skew - skew_ms as f64 / 1_000.0).abs() < 1.0,
            "{skew} for {skew_ms}"
        );
        exporter.stop().await;
    }
}
