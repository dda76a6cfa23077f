//! Counting begins in the middle of the traffic: what happened before the epoch does not count,
//! what happened after it does, and some interactions have both.

use std::time::Duration;

use vcc_exporter::poller::StartFrom;
use vcc_simulator::{DAY_MS, HOUR_MS, SimulatorConfig};

use vcc_test_support::simulated_api::{SimulatedApi, config, memory_store, start};

/// What happened since the epoch depends here on what was seen of the time before it: a callback
/// belongs to a call that may have been over by then, and an interaction that has been silent
/// since before the epoch expires unseen. The exporter never hears of either, the truth knows both.
const IGNORED: [&str; 2] = [
    "vcc_conversations_started_total",
    "vcc_interactions_expired_total",
];

#[tokio::test(start_paused = true)]
async fn an_epoch_in_the_middle_of_the_traffic_divides_it_to_the_unit() {
    for seed in 1..=3 {
        let start_ms = SimulatorConfig::default().start_ms;
        let epoch_ms = start_ms + 2 * HOUR_MS + seed as i64 * 1_234_567;
        let world = SimulatorConfig {
            seed,
            per_hour: 1_200.0,
            day_length_ms: 0,
            stop_ms: Some(epoch_ms + HOUR_MS / 2),
            ..SimulatorConfig::default()
        };
        let centre = SimulatedApi::at(epoch_ms + HOUR_MS / 4, world);
        let (interval, start_from) = (Duration::from_secs(60), StartFrom::At(epoch_ms));
        let exporter = start(&centre, &memory_store(), &config(interval, 200, start_from));
        tokio::time::sleep(Duration::from_secs(3_600)).await;
        let quiet_ms = centre.simulator.lock().unwrap().timeline().quiet_from_ms();
        let rest_ms = (quiet_ms - centre.now_ms()).max(0) + DAY_MS;
        tokio::time::sleep(Duration::from_millis(rest_ms as u64)).await;
        let differences = exporter
            .shown()
            .differences(&centre.truth(epoch_ms), &IGNORED);
        exporter.stop().await;
        assert_eq!(differences, Vec::<String>::new(), "seed {seed}");
    }
}
