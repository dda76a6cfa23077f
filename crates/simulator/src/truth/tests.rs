//! Compares the truth, counted from the scripts, with a count of the JSON that the API shows.
mod recount;

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{Series, Truth, Value};
use crate::{ApiAssumptions, DAY_MS, HOUR_MS, SimulatorConfig, Timeline};
use recount::{COUNTED, Count, counted, list};

fn reported(truth: &Truth) -> Count {
    let mut count = Count::default();
    for Series {
        family,
        labels,
        value,
    } in &truth.series
    {
        let mut facts = match value {
            Value::Counter { value } => vec![0; usize::try_from(*value).expect("a small number")],
            Value::Histogram {
                count,
                sum_ms,
                observations,
            } => {
                assert_eq!(*count, observations.values().sum::<u64>());
                assert_eq!(
                    *sum_ms,
                    observations
                        .iter()
                        .map(|(ms, times)| ms * times.cast_signed())
                        .sum::<i64>()
                );
                observations
                    .iter()
                    .flat_map(|(ms, times)| (0..*times).map(|_| *ms))
                    .collect()
            }
        };
        facts.sort_unstable();
        if COUNTED.contains(&family.as_str()) {
            count.series.insert((family.clone(), labels.clone()), facts);
        }
    }
    count
}

fn assert_truth_is_what_is_shown(timeline: &mut Timeline, now_ms: i64) {
    let reported = reported(&timeline.truth(now_ms, 0)).series;
    let mut counted = counted(timeline, now_ms).series;
    counted.values_mut().for_each(|facts| facts.sort_unstable());
    let names: BTreeSet<&String> = reported.keys().map(|(family, _)| family).collect();
    assert_eq!(names.len(), COUNTED.len(), "{names:?}");
    for (series, facts) in &reported {
        assert_eq!(counted.get(series), Some(facts), "{series:?} at {now_ms}");
    }
    for series in counted.keys() {
        assert!(
            reported.contains_key(series),
            "{series:?} is not in the truth at {now_ms}"
        );
    }
}

#[test]
fn the_final_truth_is_what_a_count_of_the_last_versions_gives() {
    let start_ms = SimulatorConfig::default().start_ms;
    let hard = ApiAssumptions {
        ongoing_durations_null: false,
        past_end_harmless: false,
        ..ApiAssumptions::default()
    };
    for (seed, assumptions) in [(1, ApiAssumptions::default()), (2, hard)] {
        let stop_ms = Some(start_ms + DAY_MS);
        let config = SimulatorConfig {
            seed,
            stop_ms,
            assumptions,
            per_hour: 150.0,
            ..SimulatorConfig::default()
        };
        assert_truth_is_what_is_shown(&mut Timeline::new(config), start_ms + 40 * DAY_MS);
    }
}

#[test]
fn the_truth_of_any_moment_is_what_a_count_of_the_versions_shown_then_gives() {
    let config = SimulatorConfig {
        per_hour: 240.0,
        day_length_ms: 0,
        ..SimulatorConfig::default()
    };
    let start_ms = config.start_ms;
    let mut timeline = Timeline::new(config);
    for minute in (181..300).step_by(23) {
        assert_truth_is_what_is_shown(&mut timeline, start_ms + minute * 60_000);
    }
}

#[test]
fn the_truth_of_a_tiny_and_fast_timeline_is_what_a_count_gives() {
    let config = SimulatorConfig {
        queues: 1,
        groups: 1,
        media: 1,
        agents: 1,
        time_scale: 0.02,
        per_hour: 600.0,
        day_length_ms: 20 * 60_000,
        ..SimulatorConfig::default()
    };
    let now_ms = config.start_ms + 3 * HOUR_MS;
    assert_truth_is_what_is_shown(&mut Timeline::new(config), now_ms);
}

#[test]
fn a_contradiction_changes_nothing_that_was_final() {
    let truth = |contradictions| {
        let config = SimulatorConfig {
            contradictions,
            ..SimulatorConfig::default()
        };
        let stop_ms = Some(config.start_ms + DAY_MS);
        let end_ms = config.start_ms + 40 * DAY_MS;
        Timeline::new(SimulatorConfig { stop_ms, ..config }).truth(end_ms, 0)
    };
    assert!(truth(true) == truth(false));
}

#[test]
fn truth_is_written_with_integer_milliseconds() {
    let config = SimulatorConfig::default();
    let truth =
        Timeline::new(config.clone()).truth(config.start_ms + 12 * HOUR_MS, config.start_ms);
    let json = serde_json::to_value(&truth).expect("JSON");
    assert_eq!(json["as_of"], "2026-01-01T12:00:00.000Z");
    assert_eq!(json["epoch"], "2026-01-01T00:00:00.000Z");
    let series = |family: &str| {
        list(&json["series"])
            .iter()
            .find(|it| it["family"] == family)
            .expect(family)
            .clone()
    };
    let started = series("vcc_interactions_started_total");
    assert!(started["value"].as_u64() > Some(0) && started["labels"]["medium"].is_string());
    let waits = series("vcc_acd_queue_wait_seconds");
    let observations = waits["observations"].as_object().expect("a map");
    assert!(observations.keys().all(|ms| ms.parse::<i64>().is_ok()));
    assert_eq!(
        waits["count"].as_u64(),
        observations.values().map(Json::as_u64).sum()
    );
    assert!(waits["sum_ms"].is_i64() || waits["sum_ms"].is_u64());
}
