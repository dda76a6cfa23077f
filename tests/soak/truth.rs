//! The product's promise: every business series equals what really happened, to the unit.
//!
//! A history is chosen by its seed. `VCC_SEEDS=17 cargo test -p soak truth` plays one again alone.

use vcc_test_support::weeks::count_to_the_unit;

/// How long each history has traffic.
const DAYS: u32 = 7;

/// The seeds to play: one from the environment, else a quarter of the sixteen that between them
/// answer the four open premises in every way. Quarters run side by side.
fn seeds(quarter: u64) -> Vec<u64> {
    match std::env::var("VCC_SEEDS") {
        Ok(list) => (list.split(','))
            .map(|seed| seed.trim().parse().unwrap())
            .filter(|seed: &u64| seed % 4 == quarter)
            .collect(),
        Err(_) => (1..=16).filter(|seed| seed % 4 == quarter).collect(),
    }
}

async fn weeks(quarter: u64) {
    for seed in seeds(quarter) {
        count_to_the_unit(seed, DAYS).await;
    }
}

#[tokio::test(start_paused = true)]
async fn weeks_with_every_fault_are_counted_to_the_unit_1() {
    weeks(1).await;
}

#[tokio::test(start_paused = true)]
async fn weeks_with_every_fault_are_counted_to_the_unit_2() {
    weeks(2).await;
}

#[tokio::test(start_paused = true)]
async fn weeks_with_every_fault_are_counted_to_the_unit_3() {
    weeks(3).await;
}

#[tokio::test(start_paused = true)]
async fn weeks_with_every_fault_are_counted_to_the_unit_4() {
    weeks(0).await;
}
