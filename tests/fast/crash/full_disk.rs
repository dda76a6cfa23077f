//! A disk without space under a running exporter.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use vcc_exporter::poller::StartFrom;
use vcc_simulator::{DAY_MS, SimulatorConfig};

use vcc_test_support::disk::Disk;
use vcc_test_support::samples::{self, is_stored, unlike};
use vcc_test_support::simulated_api::{SimulatedApi, config, start};
use vcc_test_support::truth::untrue;

const FAILURES: &str = "vcc_exporter_state_commit_failures_total";
const CURSOR: &str = "vcc_cursor_timestamp_seconds";
const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test(start_paused = true)]
async fn a_full_disk_stops_the_numbers_and_loses_none() {
    let world = SimulatorConfig {
        seed: 5,
        per_hour: 30.0,
        day_length_ms: 0,
        ..SimulatorConfig::default()
    };
    let epoch_ms = world.start_ms;
    let centre = SimulatedApi::new(world);
    let disk = Disk::default();
    let store = Arc::new(disk.open().unwrap());
    let config = config(Duration::from_secs(45), 10, StartFrom::At(epoch_ms));
    let exporter = start(&centre, &store, &config);
    for round in 0..6 {
        sleep(HOUR + Duration::from_secs(round * 7)).await;
        let before = exporter.shown();
        disk.set_full(true);
        let mut failures = before.sum(FAILURES, &[]);
        for minutes in [2, 10, 30] {
            sleep(Duration::from_secs(minutes * 60)).await;
            let now = exporter.shown();
            let moved = unlike(&now, &before, |name| is_stored(name) || name == CURSOR);
            samples::none(&moved, &format!("round {round}"));
            assert!(
                now.sum(FAILURES, &[]) > failures,
                "round {round}: it goes on failing"
            );
            failures = now.sum(FAILURES, &[]);
            assert!(now.sum("vcc_poll_failures_total", &[("reason", "state")]) > 0.0);
        }
        disk.set_full(false);
        sleep(Duration::from_secs(120)).await;
        assert!(exporter.shown().sum(CURSOR, &[]) > before.sum(CURSOR, &[]));
    }
    let quiet_ms = {
        let mut simulator = centre.simulator.lock().unwrap();
        simulator.set_running(false, centre.now_ms());
        simulator.timeline().quiet_from_ms() - centre.now_ms()
    };
    sleep(Duration::from_millis((quiet_ms.max(0) + 2 * DAY_MS) as u64)).await;
    let shown = exporter.shown();
    let truth = centre.truth(epoch_ms);
    exporter.stop().await;
    untrue(&shown, &truth).none();
}

#[tokio::test(start_paused = true)]
async fn a_stop_does_not_wait_for_space() {
    let world = SimulatorConfig::default();
    let epoch_ms = world.start_ms;
    let centre = SimulatedApi::new(world);
    sleep(HOUR).await;
    let disk = Disk::default();
    let store = Arc::new(disk.open().unwrap());
    let mut config = config(HOUR, 1_000, StartFrom::At(epoch_ms));
    config.rules.warmup = Duration::from_secs(600);
    let exporter = start(&centre, &store, &config);
    sleep(Duration::from_secs(60)).await;
    disk.set_full(true);
    // Ten minutes later the release of the new series fails, and the next poll is far away.
    sleep(Duration::from_secs(900)).await;
    assert!(exporter.shown().sum(FAILURES, &[]) > 0.0);
    let began = Instant::now();
    exporter.stop().await;
    assert!(began.elapsed() < Duration::from_secs(1), "of virtual time");
}
