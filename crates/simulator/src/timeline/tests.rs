use serde_json::Value as Json;

use super::*;
use crate::script::NEVER;
use crate::{ApiAssumptions, DAY_MS, HOUR_MS, Truth};

mod visibility;

fn quiescent(config: SimulatorConfig) -> (Timeline, i64) {
    let config = SimulatorConfig {
        stop_ms: Some(config.start_ms + DAY_MS),
        ..config
    };
    let mut timeline = Timeline::new(config);
    timeline.advance(timeline.config.start_ms + DAY_MS);
    let end = timeline.quiet_from_ms() + 31 * DAY_MS;
    timeline.advance(end);
    (timeline, end)
}

/// The paths at which a later version contradicts an earlier one.
fn contradicted(path: &str, old: &Json, new: &Json, found: &mut Vec<String>) {
    match (old, new) {
        (Json::Object(old), Json::Object(new)) => {
            for (key, value) in old {
                contradicted(
                    &format!("{path}.{key}"),
                    value,
                    new.get(key).unwrap_or(&Json::Null),
                    found,
                );
            }
        }
        (Json::Array(old), Json::Array(new)) => {
            for (index, value) in old.iter().enumerate() {
                contradicted(
                    &format!("{path}.{index}"),
                    value,
                    new.get(index).unwrap_or(&Json::Null),
                    found,
                );
            }
        }
        (Json::Null, _) => {}
        _ if old != new => found.push(path.to_owned()),
        _ => {}
    }
}

fn contradictions(timeline: &Timeline, running: bool) -> Vec<String> {
    let mut found = Vec::new();
    for versions in timeline.all_versions() {
        let versions: Vec<Json> = versions
            .iter()
            .map(|it| serde_json::from_str(it).expect("valid JSON"))
            .collect();
        for pair in versions.windows(2) {
            let mut paths = Vec::new();
            contradicted("", &pair[0], &pair[1], &mut paths);
            let was_ongoing = pair[0]["status"]
                .as_str()
                .is_some_and(|it| it.eq_ignore_ascii_case("ongoing"));
            paths.retain(|path| !(path == ".status" && was_ongoing));
            paths.retain(|path| !(running && was_ongoing && path.ends_with(".duration")));
            found.extend(paths);
        }
    }
    found
}

#[test]
fn versions_never_contradict_each_other_unless_asked_to() {
    let (timeline, _) = quiescent(SimulatorConfig {
        per_hour: 40.0,
        ..SimulatorConfig::default()
    });
    assert_eq!(contradictions(&timeline, false), Vec::<String>::new());
    let assumptions = ApiAssumptions {
        ongoing_durations_null: false,
        ..ApiAssumptions::default()
    };
    let (timeline, _) = quiescent(SimulatorConfig {
        per_hour: 40.0,
        assumptions,
        ..SimulatorConfig::default()
    });
    assert_ne!(
        contradictions(&timeline, false),
        Vec::<String>::new(),
        "running durations change"
    );
    assert_eq!(contradictions(&timeline, true), Vec::<String>::new());
    let (timeline, _) = quiescent(SimulatorConfig {
        contradictions: true,
        ..SimulatorConfig::default()
    });
    assert_ne!(contradictions(&timeline, false), Vec::<String>::new());
}

#[test]
fn the_same_seed_gives_the_same_timeline_and_another_seed_another() {
    let timeline = |seed| {
        quiescent(SimulatorConfig {
            seed,
            per_hour: 30.0,
            ..SimulatorConfig::default()
        })
        .0
        .all_versions()
    };
    assert!(timeline(7) == timeline(7));
    assert!(timeline(7) != timeline(8));
}

#[test]
fn the_number_of_steps_to_a_time_makes_no_difference() {
    let config = SimulatorConfig {
        per_hour: 200.0,
        ..SimulatorConfig::default()
    };
    let end = config.start_ms + 3 * HOUR_MS;
    let mut once = Timeline::new(config.clone());
    let mut often = Timeline::new(config.clone());
    for step in 0..=180 {
        often.advance(config.start_ms + step * 60_000);
    }
    assert!(once.truth(end, config.start_ms) == often.truth(end, config.start_ms));
    let all = |timeline: &Timeline| timeline.window(Include::Processed, config.start_ms, end);
    assert_eq!(all(&once), all(&often));
    assert!(all(&once).len() > 50);
}

#[test]
fn the_final_truth_agrees_with_itself() {
    let (mut timeline, end) = quiescent(SimulatorConfig {
        per_hour: 150.0,
        ..SimulatorConfig::default()
    });
    let truth = timeline.truth(end, 0);
    let kept = timeline.len() as u64;
    let count = |family: &str| truth.count(family, &[]);
    let never_ended = timeline
        .entries
        .values()
        .filter(|entry| entry.closed == NEVER)
        .count() as u64;
    assert!(never_ended > 3, "{never_ended}");
    assert_eq!(count("vcc_interactions_started_total"), kept);
    assert_eq!(count("vcc_interactions_total"), kept - never_ended);
    assert_eq!(
        count("vcc_interaction_duration_seconds"),
        kept - never_ended
    );
    let callbacks = timeline
        .entries
        .values()
        .filter(|entry| entry.arrival.callback)
        .count() as u64;
    assert_eq!(count("vcc_conversations_started_total"), kept - callbacks);
    assert!(
        count("vcc_interactions_expired_total") > never_ended,
        "the lost that were found expired too"
    );
    assert!(
        count("vcc_queue_exits_total") > count("vcc_acd_queue_exits_total"),
        "some waits name two queues"
    );
    assert!(count("vcc_queue_entries_total") >= count("vcc_queue_exits_total"));
    assert!(
        count("vcc_acd_queue_exits_total") > count("vcc_acd_queue_wait_seconds"),
        "some waits have no length"
    );
    let met = count("vcc_service_level_met_total");
    assert!(met > 0 && met < count("vcc_service_level_eligible_total"));
    for path in [
        "handled",
        "abandoned",
        "breakout",
        "agent_unanswered",
        "unconnected",
        "self_service",
        "failed",
        "unknown",
    ] {
        assert!(
            truth.count("vcc_interactions_total", &[("path", path)]) > 0,
            "{path}"
        );
    }
    for kind in ["transfer", "consult"] {
        assert!(
            truth.count("vcc_interactions_transferred_total", &[("kind", kind)]) > 0,
            "{kind}"
        );
    }
    for timing in ["short", "within", "late", "no_target"] {
        assert!(
            truth.count("vcc_queue_exits_total", &[("timing", timing)]) > 0,
            "{timing}"
        );
    }
    for category in ["answered", "abandoned", "breakout", "agent", "unknown"] {
        let queues = truth.count("vcc_acd_queue_wait_seconds", &[("category", category)]);
        let agents = truth.count("vcc_agent_queue_wait_seconds", &[("category", category)]);
        assert!(queues + agents > 0, "{category}");
    }
}

#[test]
fn evicted_interactions_stay_in_the_truth() {
    let config = SimulatorConfig {
        per_hour: 150.0,
        ..SimulatorConfig::default()
    };
    let small = SimulatorConfig {
        max_interactions: 300,
        ..config.clone()
    };
    let (mut large, end) = quiescent(config.clone());
    let (mut small, _) = quiescent(small);
    assert!(small.len() <= 301 && small.evicted.last().is_some());
    // Hundreds of cases wait for days to be categorised, so a timeline of three hundred rejects arrivals.
    let rejected = large
        .truth(end, 0)
        .count("vcc_interactions_started_total", &[])
        - small
            .truth(end, 0)
            .count("vcc_interactions_started_total", &[]);
    let tight = SimulatorConfig {
        max_interactions: 2_500,
        ..config
    };
    let (mut tight, _) = quiescent(tight);
    assert!(rejected > 0 && tight.evicted.last().is_some());
    assert!(large.truth(end, 0) == tight.truth(end, 0));
    let noon = large.config.start_ms + DAY_MS / 2;
    assert!(large.truth(end, noon) == tight.truth(end, noon));
    assert!(large.truth(end, noon) != large.truth(end, 0));
}

#[test]
fn truth_only_grows_and_settling_completes_it() {
    let config = SimulatorConfig {
        per_hour: 200.0,
        ..SimulatorConfig::default()
    };
    let mut timeline = Timeline::new(config.clone());
    let mut last = 0;
    for hour in 1..6 {
        let truth = timeline.truth(config.start_ms + hour * HOUR_MS, config.start_ms);
        let count: u64 = truth.series.iter().map(|series| series.value.count()).sum();
        assert!(count > last);
        last = count;
    }
    let now = config.start_ms + 5 * HOUR_MS;
    timeline.set_running(false);
    let before = timeline.truth(now, 0).count("vcc_interactions_total", &[]);
    timeline.settle(now);
    assert!(timeline.truth(now, 0).count("vcc_interactions_total", &[]) > before);
    let later = timeline.truth(now + 2 * HOUR_MS, 0);
    assert_eq!(
        timeline
            .truth(now + 20 * HOUR_MS, 0)
            .count("vcc_interactions_total", &[]),
        later.count("vcc_interactions_total", &[])
    );
}
