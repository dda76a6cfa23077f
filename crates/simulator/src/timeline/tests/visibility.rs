//! What is visible when: lags, stalls and windows.
use super::*;

#[test]
fn a_lagging_timeline_shows_the_same_later() {
    let config = SimulatorConfig {
        per_hour: 600.0,
        day_length_ms: 0,
        ..SimulatorConfig::default()
    };
    let now = config.start_ms + HOUR_MS;
    let (mut prompt, mut late) = (Timeline::new(config.clone()), Timeline::new(config));
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
fn a_stalled_timeline_shows_nothing_new_and_then_all_that_happened_meanwhile() {
    let config = SimulatorConfig {
        per_hour: 600.0,
        day_length_ms: 0,
        ..SimulatorConfig::default()
    };
    let (stalled, resumed) = (config.start_ms + HOUR_MS, config.start_ms + 2 * HOUR_MS);
    let (mut prompt, mut timeline) = (Timeline::new(config.clone()), Timeline::new(config));
    let before = timeline.truth(stalled, 0);
    let latest_ms = timeline.latest_update_ms();
    timeline.set_stalled(true);
    let started = |truth: &Truth| truth.count("vcc_interactions_started_total", &[]);
    let meanwhile = timeline.truth(resumed, 0);
    assert_eq!(started(&meanwhile), started(&before));
    assert_eq!(timeline.latest_update_ms(), latest_ms);
    assert!(
        timeline
            .window(Include::Processed, stalled, resumed)
            .is_empty()
    );
    timeline.set_stalled(false);
    let after = timeline.truth(resumed + 1, 0);
    assert_eq!(started(&after), started(&prompt.truth(resumed + 1, 0)));
    assert!(timeline.latest_update_ms() > latest_ms);
    assert!(
        timeline
            .window(Include::Processed, resumed, resumed + 2)
            .len()
            > 100
    );
}

#[test]
fn no_ongoing_interaction_is_known_where_processed_returns_none() {
    let assumptions = ApiAssumptions {
        processed_returns_ongoing: false,
        ..ApiAssumptions::default()
    };
    let config = SimulatorConfig {
        per_hour: 200.0,
        assumptions,
        ..SimulatorConfig::default()
    };
    let now = config.start_ms + 6 * HOUR_MS;
    let mut timeline = Timeline::new(config.clone());
    let truth = timeline.truth(now, 0);
    let found = timeline.window(Include::Processed, config.start_ms, now);
    assert_eq!(
        found.len() as u64,
        truth.count("vcc_interactions_started_total", &[])
    );
    assert!(
        found.len()
            < timeline
                .window(Include::Started, config.start_ms, now)
                .len()
    );
    for id in found {
        let item: Json =
            serde_json::from_str(&timeline.item(id).expect("an item")).expect("valid JSON");
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
        let assumptions = ApiAssumptions {
            past_end_harmless,
            ..ApiAssumptions::default()
        };
        let config = SimulatorConfig {
            per_hour: 600.0,
            day_length_ms: 0,
            assumptions,
            ..SimulatorConfig::default()
        };
        let mut timeline = Timeline::new(config.clone());
        let gained = (60..90).any(|minute| {
            let now = config.start_ms + minute * 60_000;
            timeline.advance(now);
            let before = timeline.window(Include::Processed, now - 60_000, now);
            timeline.advance(now + 60_000);
            let after = timeline.window(Include::Processed, now - 60_000, now);
            after.iter().any(|id| !before.contains(id))
        });
        assert_eq!(gained, !past_end_harmless);
    }
}

#[test]
fn a_window_includes_what_started_or_what_also_ended_in_it() {
    let config = SimulatorConfig {
        per_hour: 300.0,
        day_length_ms: 0,
        ..SimulatorConfig::default()
    };
    let mut timeline = Timeline::new(config.clone());
    timeline.advance(config.start_ms + 10 * HOUR_MS);
    let (from, to) = (config.start_ms + 4 * HOUR_MS, config.start_ms + 5 * HOUR_MS);
    let expected = |ends_too: bool| -> Vec<Id> {
        let mut found: Vec<_> = timeline
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
    assert_eq!(timeline.window(Include::Started, from, to), expected(false));
    assert_eq!(
        timeline.window(Include::StartedOrEnded, from, to),
        expected(true)
    );
    assert!(expected(true).len() > expected(false).len());
}
