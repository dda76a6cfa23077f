//! The counting rules over the public API, without a poller: a page's bytes, the ledger, a commit.

mod attack;
mod bounds;
mod corrections;
mod ending;
mod epoch;
mod facts;
mod identity;
mod labels;
mod paths;
mod queues;
mod shape;
mod versions;
mod waits;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;
use vcc_simulator::{ApiAssumptions, HOUR_MS, SimulatorConfig, Timeline};

use crate::support::desk::Desk;

/// A contact centre of which everything has happened: its versions, each interaction's in order.
struct Past {
    versions: Vec<String>,
    epoch_ms: i64,
}

/// Four small pasts: every answer to the two assumptions that change what a version says. The epoch
/// lies in the middle, so that some facts are before it.
static PASTS: LazyLock<Vec<Past>> = LazyLock::new(|| (0..4).map(past).collect());

fn past(number: u64) -> Past {
    let config = SimulatorConfig {
        seed: 40 + number,
        per_hour: 12.0,
        day_length_ms: 0,
        assumptions: ApiAssumptions {
            processed_returns_ongoing: true,
            ongoing_durations_null: number & 1 == 0,
            ..ApiAssumptions::default()
        },
        ..SimulatorConfig::default()
    };
    let start_ms = config.start_ms;
    let mut timeline = Timeline::new(config);
    timeline.advance(start_ms + 4 * HOUR_MS);
    timeline.settle(start_ms + 4 * HOUR_MS);
    let hours = if number & 2 == 0 { 0 } else { 2 };
    Past {
        versions: timeline.all_versions().concat(),
        epoch_ms: start_ms + hours * HOUR_MS,
    }
}

/// Counts these versions in this order, so many a page, then lets time settle and expire the rest.
fn told(past: &Past, order: &[usize], pages: &[usize]) -> Desk {
    let mut desk = Desk::since(past.epoch_ms);
    let mut rest = order;
    let mut pages = pages.iter().copied().cycle();
    while !rest.is_empty() {
        let size = pages.next().unwrap_or(1).clamp(1, rest.len());
        let (page, after) = rest.split_at(size);
        desk.take_texts(page.iter().map(|index| &past.versions[*index]));
        rest = after;
    }
    for hours in [2, 23, 24 * 31] {
        desk.pass(hours * HOUR_MS);
    }
    desk
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Twice equals once: the numbers are a function of which versions were seen.
    #[test]
    fn any_order_any_repetition_and_any_pages_count_the_same(
        number in 0_usize..4,
        picks in prop::collection::vec(any::<Index>(), 1..500),
        pages in prop::collection::vec(1_usize..60, 1..6),
    ) {
        let past = &PASTS[number];
        let picks: Vec<_> = picks.iter().map(|index| index.index(past.versions.len())).collect();
        let once: Vec<_> = picks.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let in_order = told(past, &once, &[25]).business();
        prop_assert_eq!(told(past, &picks, &pages).business(), in_order);
    }

    /// The same over whole histories, in which nothing of any interaction is missing.
    #[test]
    fn a_whole_history_told_backwards_or_shuffled_counts_the_same(
        number in 0_usize..4,
        keys in prop::collection::vec(any::<u32>(), 700),
        pages in prop::collection::vec(1_usize..200, 1..4),
    ) {
        let past = &PASTS[number];
        let mut order: Vec<_> = (0..past.versions.len()).chain(0..past.versions.len()).collect();
        order.sort_by_key(|index| keys[index % keys.len()].wrapping_mul(*index as u32 | 1));
        let in_order: Vec<_> = (0..past.versions.len()).collect();
        let expected = told(past, &in_order, &[25]).business();
        prop_assert_eq!(told(past, &order, &pages).business(), expected);
    }
}

#[test]
fn a_history_told_in_order_backwards_or_at_once_is_the_truth() {
    const TIMED: [&str; 2] = [
        "vcc_interactions_expired_total",
        "vcc_conversations_started_total",
    ];
    for number in 0..4 {
        let config = SimulatorConfig {
            seed: 70 + number,
            per_hour: 60.0,
            ..SimulatorConfig::default()
        };
        let (start_ms, end_ms) = (config.start_ms, config.start_ms + 4 * HOUR_MS);
        let mut timeline = Timeline::new(config);
        timeline.advance(end_ms);
        timeline.set_running(false);
        timeline.settle(end_ms);
        let epoch_ms = start_ms + number as i64 * HOUR_MS;
        let past = Past {
            versions: timeline.all_versions().concat(),
            epoch_ms,
        };
        let truth = timeline.truth(end_ms + 60 * 24 * HOUR_MS, epoch_ms);
        let all: Vec<_> = (0..past.versions.len()).collect();
        let backwards: Vec<_> = all.iter().rev().copied().collect();
        for (order, pages) in [
            (&all, &[40][..]),
            (&backwards, &[7, 90]),
            (&all, &[usize::MAX]),
        ] {
            let desk = told(&past, order, pages);
            let differences = desk.shown().differences(&truth, &TIMED);
            assert_eq!(differences, Vec::<String>::new(), "seed {}", 70 + number);
            assert_eq!(desk.value("vcc_interaction_corrections_total", &[]), 0.0);
            for name in TIMED {
                assert_eq!(
                    desk.value(name, &[]),
                    truth.count(name, &[]) as f64,
                    "{name}"
                );
            }
        }
    }
}
