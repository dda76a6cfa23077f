//! The counting rules over the public API, without a poller: a page's bytes, the ledger, a commit.

mod bounds;
mod corrections;
mod ending;
mod epoch;
mod facts;
mod hostile_labels;
mod identity;
mod labels;
mod material;
mod paths;
mod queues;
mod shape;
mod versions;
mod waits;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;
use vcc_simulator::{HOUR_MS, SimulatorConfig, Timeline};

use vcc_test_support::ledger_harness::LedgerHarness;

use material::{Past, simulated, tricky};

static PASTS: LazyLock<Vec<Past>> =
    LazyLock::new(|| (0..4).map(simulated).chain([tricky()]).collect());

/// A page: how many versions are on it, and whether the exporter is killed after its commit.
type PageOf = (usize, bool);

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// The counters are a function of which versions were read. In which order they came, how often,
    /// on which pages, and after which of these the exporter was killed does not change any of them.
    #[test]
    fn any_order_any_repetition_any_pages_and_any_kills_count_the_same(
        past in prop_oneof![3 => 0_usize..4, 2 => Just(4)],
        picks in prop::collection::vec(any::<Index>(), 1..500),
        pages in prop::collection::vec((1_usize..60, any::<bool>()), 1..6),
    ) {
        let past = &PASTS[past];
        let picks: Vec<_> = picks.iter().map(|index| index.index(past.versions.len())).collect();
        let once: Vec<_> = picks.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let in_order = counted(past, &once, &[(25, false)]).business();
        prop_assert_eq!(counted(past, &picks, &pages).business(), in_order);
    }

    /// The same over whole histories, in which nothing of any interaction is missing.
    #[test]
    fn a_whole_history_shuffled_twice_over_counts_the_same(
        past in 0_usize..5,
        keys in prop::collection::vec(any::<u32>(), 700),
        pages in prop::collection::vec((1_usize..200, any::<bool>()), 1..4),
    ) {
        let past = &PASTS[past];
        let mut order: Vec<_> = (0..past.versions.len()).chain(0..past.versions.len()).collect();
        order.sort_by_key(|index| keys[index % keys.len()].wrapping_mul(*index as u32 | 1));
        let in_order: Vec<_> = (0..past.versions.len()).collect();
        let expected = counted(past, &in_order, &[(25, false)]).business();
        prop_assert_eq!(counted(past, &order, &pages).business(), expected);
    }
}

/// Counts these versions in this order, so many a page, then lets time settle and expire the rest.
fn counted(past: &Past, order: &[usize], pages: &[PageOf]) -> LedgerHarness {
    let mut ledger = LedgerHarness::since(past.epoch_ms);
    let mut rest = order;
    for (size, killed) in pages.iter().copied().cycle() {
        let (page, after) = rest.split_at(size.clamp(1, rest.len()));
        ledger.take_texts(page.iter().map(|index| &past.versions[*index]));
        if killed {
            ledger.reopen();
        }
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    for hours in [2, 23, 24 * 31] {
        ledger.pass(hours * HOUR_MS);
    }
    ledger
}

/// The material is what it is meant to be: a property over too little would hold of anything.
#[test]
fn the_tricky_past_moves_nearly_every_family_and_holds_no_contradiction() {
    let past = &PASTS[4];
    let all: Vec<_> = (0..past.versions.len()).collect();
    let ledger = counted(past, &all, &[(25, true)]);
    let business = ledger.business();
    let families: BTreeSet<_> = business.keys().map(|(name, _)| name.as_str()).collect();
    assert!(
        past.versions.len() > 150 && families.len() > 60,
        "{families:?}"
    );
    assert_eq!(ledger.value("vcc_interaction_corrections_total", &[]), 0.0);
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
            (&all, &[(40, false)][..]),
            (&backwards, &[(7, true), (90, false)]),
            (&all, &[(usize::MAX, false)]),
        ] {
            let ledger = counted(&past, order, pages);
            let differences = ledger.shown().differences(&truth, &TIMED);
            assert_eq!(differences, Vec::<String>::new(), "seed {}", 70 + number);
            assert_eq!(ledger.value("vcc_interaction_corrections_total", &[]), 0.0);
            for name in TIMED {
                assert_eq!(
                    ledger.value(name, &[]),
                    truth.count(name, &[]) as f64,
                    "{name}"
                );
            }
        }
    }
}
