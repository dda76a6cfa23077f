use serde_json::Value as Json;

use super::*;
use crate::script::NEVER;
use crate::{DAY_MS, HOUR_MS, Premises, Truth};

fn quiescent(config: WorldConfig) -> (World, i64) {
    let config = WorldConfig {
        stop_ms: Some(config.start_ms + DAY_MS),
        ..config
    };
    let mut world = World::new(config);
    world.advance(world.config.start_ms + DAY_MS);
    let end = world.quiet_from_ms() + 31 * DAY_MS;
    world.advance(end);
    (world, end)
}

/// The paths at which a later version takes back what an earlier one said.
fn taken_back(path: &str, old: &Json, new: &Json, found: &mut Vec<String>) {
    match (old, new) {
        (Json::Object(old), Json::Object(new)) => {
            for (key, value) in old {
                taken_back(
                    &format!("{path}.{key}"),
                    value,
                    new.get(key).unwrap_or(&Json::Null),
                    found,
                );
            }
        }
        (Json::Array(old), Json::Array(new)) => {
            for (index, value) in old.iter().enumerate() {
                taken_back(
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

fn contradictions(world: &World, running: bool) -> Vec<String> {
    let mut found = Vec::new();
    for versions in world.all_versions() {
        let versions: Vec<Json> = versions
            .iter()
            .map(|it| serde_json::from_str(it).expect("valid JSON"))
            .collect();
        for pair in versions.windows(2) {
            let mut paths = Vec::new();
            taken_back("", &pair[0], &pair[1], &mut paths);
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
    let (world, _) = quiescent(WorldConfig {
        per_hour: 40.0,
        ..WorldConfig::default()
    });
    assert_eq!(contradictions(&world, false), Vec::<String>::new());
    let premises = Premises {
        ongoing_durations_null: false,
        ..Premises::default()
    };
    let (world, _) = quiescent(WorldConfig {
        per_hour: 40.0,
        premises,
        ..WorldConfig::default()
    });
    assert_ne!(
        contradictions(&world, false),
        Vec::<String>::new(),
        "running durations change"
    );
    assert_eq!(contradictions(&world, true), Vec::<String>::new());
    let (world, _) = quiescent(WorldConfig {
        contradictions: true,
        ..WorldConfig::default()
    });
    assert_ne!(contradictions(&world, false), Vec::<String>::new());
}

#[test]
fn the_same_seed_gives_the_same_world_and_another_seed_another() {
    let world = |seed| {
        quiescent(WorldConfig {
            seed,
            per_hour: 30.0,
            ..WorldConfig::default()
        })
        .0
        .all_versions()
    };
    assert!(world(7) == world(7));
    assert!(world(7) != world(8));
}

#[test]
fn how_often_time_is_told_makes_no_difference() {
    let config = WorldConfig {
        per_hour: 200.0,
        ..WorldConfig::default()
    };
    let end = config.start_ms + 3 * HOUR_MS;
    let mut once = World::new(config.clone());
    let mut often = World::new(config.clone());
    for step in 0..=180 {
        often.advance(config.start_ms + step * 60_000);
    }
    assert!(once.truth(end, config.start_ms) == often.truth(end, config.start_ms));
    let all = |world: &World| world.window(Include::Processed, config.start_ms, end);
    assert_eq!(all(&once), all(&often));
    assert!(all(&once).len() > 50);
}

#[test]
fn the_final_truth_agrees_with_itself() {
    let (mut world, end) = quiescent(WorldConfig {
        per_hour: 150.0,
        ..WorldConfig::default()
    });
    let truth = world.truth(end, 0);
    let kept = world.len() as u64;
    let count = |family: &str| truth.count(family, &[]);
    let never_ended = world
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
    let callbacks = world
        .entries
        .values()
        .filter(|entry| entry.ticket.callback)
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
fn what_a_small_world_forgot_is_still_true() {
    let config = WorldConfig {
        per_hour: 150.0,
        ..WorldConfig::default()
    };
    let small = WorldConfig {
        max_interactions: 300,
        ..config.clone()
    };
    let (mut large, end) = quiescent(config.clone());
    let (mut small, _) = quiescent(small);
    assert!(small.len() <= 301 && !small.forgotten.is_empty());
    // Hundreds of cases wait for days to be categorised, so that a world of three hundred must refuse arrivals.
    let refused = large
        .truth(end, 0)
        .count("vcc_interactions_started_total", &[])
        - small
            .truth(end, 0)
            .count("vcc_interactions_started_total", &[]);
    let tight = WorldConfig {
        max_interactions: 2_500,
        ..config
    };
    let (mut tight, _) = quiescent(tight);
    assert!(refused > 0 && !tight.forgotten.is_empty());
    assert!(large.truth(end, 0) == tight.truth(end, 0));
    let noon = large.config.start_ms + DAY_MS / 2;
    assert!(large.truth(end, noon) == tight.truth(end, noon));
    assert!(large.truth(end, noon) != large.truth(end, 0));
}

#[test]
fn truth_only_grows_and_settling_tells_it_at_once() {
    let config = WorldConfig {
        per_hour: 200.0,
        ..WorldConfig::default()
    };
    let mut world = World::new(config.clone());
    let mut last = 0;
    for hour in 1..6 {
        let truth = world.truth(config.start_ms + hour * HOUR_MS, config.start_ms);
        let count: u64 = truth.series.iter().map(|series| series.value.count()).sum();
        assert!(count > last);
        last = count;
    }
    let now = config.start_ms + 5 * HOUR_MS;
    world.set_running(false);
    let before = world.truth(now, 0).count("vcc_interactions_total", &[]);
    world.settle(now);
    assert!(world.truth(now, 0).count("vcc_interactions_total", &[]) > before);
    let later = world.truth(now + 2 * HOUR_MS, 0);
    assert_eq!(
        world
            .truth(now + 20 * HOUR_MS, 0)
            .count("vcc_interactions_total", &[]),
        later.count("vcc_interactions_total", &[])
    );
}

#[test]
fn a_lagging_world_shows_the_same_later() {
    let config = WorldConfig {
        per_hour: 600.0,
        day_length_ms: 0,
        ..WorldConfig::default()
    };
    let now = config.start_ms + HOUR_MS;
    let (mut prompt, mut late) = (World::new(config.clone()), World::new(config));
    late.set_lag_ms(60_000);
    let prompt = prompt.truth(now, 0);
    let started = |truth: &Truth| truth.count("vcc_interactions_started_total", &[]);
    assert!(started(&late.truth(now, 0)) < started(&prompt));
    late.set_lag_ms(0);
    // What the lag held back is processed when it ends, not when it would have been without.
    late.advance(now + 1);
    assert!(late.window(Include::Processed, now, now + 2).len() > 2);
}

#[test]
fn a_stalled_world_shows_nothing_new_and_then_all_that_happened_meanwhile() {
    let config = WorldConfig {
        per_hour: 600.0,
        day_length_ms: 0,
        ..WorldConfig::default()
    };
    let (stalled, resumed) = (config.start_ms + HOUR_MS, config.start_ms + 2 * HOUR_MS);
    let (mut prompt, mut world) = (World::new(config.clone()), World::new(config));
    let before = world.truth(stalled, 0);
    let latest_ms = world.latest_update_ms();
    world.set_stalled(true);
    let started = |truth: &Truth| truth.count("vcc_interactions_started_total", &[]);
    let meanwhile = world.truth(resumed, 0);
    assert_eq!(started(&meanwhile), started(&before));
    assert_eq!(world.latest_update_ms(), latest_ms);
    assert!(
        world
            .window(Include::Processed, stalled, resumed)
            .is_empty()
    );
    world.set_stalled(false);
    let after = world.truth(resumed + 1, 0);
    assert_eq!(started(&after), started(&prompt.truth(resumed + 1, 0)));
    assert!(world.latest_update_ms() > latest_ms);
    assert!(world.window(Include::Processed, resumed, resumed + 2).len() > 100);
}

#[test]
fn no_ongoing_interaction_is_known_where_processed_returns_none() {
    let premises = Premises {
        processed_returns_ongoing: false,
        ..Premises::default()
    };
    let config = WorldConfig {
        per_hour: 200.0,
        premises,
        ..WorldConfig::default()
    };
    let now = config.start_ms + 6 * HOUR_MS;
    let mut world = World::new(config.clone());
    let truth = world.truth(now, 0);
    let found = world.window(Include::Processed, config.start_ms, now);
    assert_eq!(
        found.len() as u64,
        truth.count("vcc_interactions_started_total", &[])
    );
    assert!(found.len() < world.window(Include::Started, config.start_ms, now).len());
    for id in found {
        let item: Json =
            serde_json::from_str(&world.item(id).expect("an item")).expect("valid JSON");
        assert!(
            !item["status"]
                .as_str()
                .is_some_and(|it| it.eq_ignore_ascii_case("ongoing")),
            "{item}"
        );
    }
}

#[test]
fn a_window_that_is_over_gains_items_only_where_its_end_may_not_lie_in_the_past() {
    for past_end_harmless in [true, false] {
        let premises = Premises {
            past_end_harmless,
            ..Premises::default()
        };
        let config = WorldConfig {
            per_hour: 600.0,
            day_length_ms: 0,
            premises,
            ..WorldConfig::default()
        };
        let mut world = World::new(config.clone());
        let gained = (60..90).any(|minute| {
            let now = config.start_ms + minute * 60_000;
            world.advance(now);
            let before = world.window(Include::Processed, now - 60_000, now);
            world.advance(now + 60_000);
            let after = world.window(Include::Processed, now - 60_000, now);
            after.iter().any(|id| !before.contains(id))
        });
        assert_eq!(gained, !past_end_harmless);
    }
}

#[test]
fn a_window_includes_what_started_or_what_also_ended_in_it() {
    let config = WorldConfig {
        per_hour: 300.0,
        day_length_ms: 0,
        ..WorldConfig::default()
    };
    let mut world = World::new(config.clone());
    world.advance(config.start_ms + 10 * HOUR_MS);
    let (from, to) = (config.start_ms + 4 * HOUR_MS, config.start_ms + 5 * HOUR_MS);
    let expected = |ends_too: bool| -> Vec<Id> {
        let mut found: Vec<_> = world
            .entries
            .iter()
            .filter(|(_, entry)| {
                let end = entry.start_ms + entry.duration_ms;
                let last = entry
                    .visible
                    .len()
                    .checked_sub(1)
                    .map(|index| entry.versions[index]);
                let ended = last.is_some_and(|at| at >= entry.closed) && (from..to).contains(&end);
                (from..to).contains(&entry.start_ms) || ends_too && ended
            })
            .map(|(id, entry)| (entry.start_ms, *id))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, id)| id).collect()
    };
    assert_eq!(world.window(Include::Started, from, to), expected(false));
    assert_eq!(
        world.window(Include::StartedOrEnded, from, to),
        expected(true)
    );
    assert!(expected(true).len() > expected(false).len());
}
