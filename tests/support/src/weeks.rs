//! Days of simulated traffic with every fault, counted to the unit.

use std::time::Duration;

use vcc_exporter::poller::StartFrom;
use vcc_simulator::{ApiAssumptions, DAY_MS, Faults, SimulatorConfig};

use crate::exposition::BUSINESS;
use crate::simulated_api::{SimulatedApi, config, memory_store, start};
use crate::truth::untrue;

/// Every premise both ways and every setting that matters, chosen by the seed's bits.
fn world(seed: u64, days: u32) -> SimulatorConfig {
    SimulatorConfig {
        seed,
        per_hour: 15.0,
        stop_ms: Some(SimulatorConfig::default().start_ms + i64::from(days) * DAY_MS),
        assumptions: ApiAssumptions {
            processed_returns_ongoing: seed & 1 == 0,
            ongoing_durations_null: seed & 2 == 0,
            reprocessed_leaves_window: seed & 4 == 0,
            past_end_harmless: seed & 8 == 0,
        },
        ..SimulatorConfig::default()
    }
}

/// Plays a history with every fault switched on, and holds every business series to the truth.
pub async fn count_to_the_unit(seed: u64, days: u32) {
    let world = world(seed, days);
    let epoch_ms = world.start_ms;
    let centre = SimulatedApi::new(world);
    centre
        .simulator
        .lock()
        .unwrap()
        .set_faults(Faults::all_transient());
    let interval = Duration::from_secs([60, 30, 300, 900][(seed / 4) as usize % 4]);
    let page_size = [7, 50, 1_000][seed as usize % 3];
    let config = config(interval, page_size, StartFrom::At(epoch_ms));
    let exporter = start(&centre, &memory_store(), &config);
    tokio::time::sleep(Duration::from_secs(u64::from(days) * 24 * 3_600)).await;
    // Ratings and categorisations come days later, and the lost ones expire after a day.
    let quiet_ms = centre.simulator.lock().unwrap().timeline().quiet_from_ms();
    let rest_ms = (quiet_ms - centre.now_ms()).max(0) + 2 * DAY_MS;
    tokio::time::sleep(Duration::from_millis(rest_ms as u64)).await;
    let shown = exporter.shown();
    let truth = centre.truth(epoch_ms);
    exporter.stop().await;
    println!("seed {seed}; play it again alone with VCC_SEEDS={seed} cargo test -p soak truth");
    untrue(&shown, &truth).none();
    // Where ongoing interactions are not returned, none is known that could expire.
    let expected = |family: &str| seed & 1 == 0 || family != "vcc_interactions_expired_total";
    let unheard: Vec<_> = (BUSINESS.iter())
        .filter(|family| expected(family) && truth.count(family, &[]) == 0)
        .collect();
    assert!(unheard.is_empty(), "nothing happened in {unheard:?}");
}
