//! Generates the script of an arrival: its scenario, the anomalies of real records, and its versions.
use super::anomalies::{add_anomalies, delay_labels, truncate};
use super::builder::ScriptBuilder;
use super::{kinds, names};
use crate::rng::SimRng;
use crate::script::{Arrival, Channel, Contradiction, Known, NEVER, ScenarioKind, Script};
use crate::settings::{HOUR_MS, SimulatorConfig};

const SCENARIO_STREAM: u64 = 1;
const CALLBACK_STREAM: u64 = 2;

/// The script of this arrival, the same for the same configuration.
pub(crate) fn generate_script(config: &SimulatorConfig, arrival: Arrival) -> Script {
    let mut rng = SimRng::new(config.seed, SCENARIO_STREAM, arrival.number);
    let kind = match rng.weighted(&kinds::WEIGHTS) {
        ScenarioKind::Lost | ScenarioKind::LostAndFound if !config.losses => ScenarioKind::Answered,
        kind => kind,
    };
    let first = generate_kind(config, rng, kind, arrival.at_ms);
    if !arrival.callback {
        return first;
    }
    let rng = SimRng::new(config.seed, CALLBACK_STREAM, arrival.number);
    let start_ms = first.start_ms + first.callback_after.unwrap_or(HOUR_MS);
    let mut second = generate_kind(config, rng, ScenarioKind::Callback, start_ms);
    second.conversation = first.conversation;
    second
}

fn generate_kind(
    config: &SimulatorConfig,
    mut rng: SimRng,
    kind: ScenarioKind,
    start_ms: i64,
) -> Script {
    let medium = match kind {
        ScenarioKind::AssistantOnly | ScenarioKind::AssistantEscalated => names::WEBCHAT,
        ScenarioKind::Case => names::Names(config).case_medium(&mut rng),
        ScenarioKind::Callback => names::CALLBACK,
        ScenarioKind::Lost if rng.chance(0.2) => names::WEBCHAT,
        _ => names::PHONE,
    };
    let scenario = if kind == ScenarioKind::Lost && medium == names::WEBCHAT {
        ScenarioKind::AssistantEscalated
    } else {
        kind
    };
    let mut builder = ScriptBuilder::begin(config, rng, kind, start_ms, medium);
    kinds::write(&mut builder, scenario);
    let ScriptBuilder {
        mut script,
        mut rng,
        ..
    } = builder;
    summarize(&mut script, &mut rng);
    delay_labels(&mut script, &mut rng);
    add_anomalies(&mut script, &mut rng);
    truncate(&mut script, &mut rng);
    for channel in &mut script.channels {
        channel
            .events
            .sort_by_key(|event| (event.seen, event.offset));
    }
    script.channels.sort_by_key(|channel| channel.offset);
    script.versions = versions(&script, &mut rng);
    if config.contradictions && kind != ScenarioKind::Lost && rng.chance(0.25) {
        contradict(&mut script, &mut rng);
    }
    script
}

/// Derives the values of the interaction as a whole from its channels.
fn summarize(script: &mut Script, rng: &mut SimRng) {
    let closed = script
        .channels
        .iter()
        .map(|it| it.offset + it.duration.value)
        .max()
        .unwrap_or_default();
    script.duration = Known::new(closed, closed);
    script.outcome.from = closed;
    let handle = script
        .agents()
        .filter_map(|it| it.handle.as_ref()?.as_ref());
    let handle: i64 = handle.map(|it| it.value).sum();
    let talks: Vec<_> = script.agents().filter_map(Channel::connected).collect();
    if !talks.is_empty() {
        let late = |rng: &mut SimRng| {
            closed
                + if rng.chance(0.1) {
                    rng.between(1_000, 90_000)
                } else {
                    0
                }
        };
        let talk = talks.iter().map(|(from, to)| to - from).sum();
        script.talk = Some(Known::new(talk, late(rng)));
        script.handle = (!rng.chance(0.02)).then(|| Known::new(handle, late(rng)));
    }
    if rng.chance(0.3) {
        let after = if rng.chance(0.5) {
            rng.between(1_000, HOUR_MS)
        } else {
            rng.between(HOUR_MS, 144 * HOUR_MS)
        };
        script.categorized = Some(closed + after);
    }
}

/// When the API publishes a version, each a little after a value became known.
fn versions(script: &Script, rng: &mut SimRng) -> Vec<i64> {
    let mut moments = Vec::new();
    script
        .clone()
        .for_each_moment(&mut |moment| moments.push(*moment));
    moments.extend(script.categorized);
    moments.retain(|moment| (1..NEVER).contains(moment));
    moments.sort_unstable();
    moments.dedup();
    let mut versions = Vec::new();
    // A lost interaction, or a call followed by a callback, needs a version before it is lost or followed.
    let seen_early = matches!(
        script.kind,
        ScenarioKind::Lost | ScenarioKind::LostAndFound | ScenarioKind::CallbackRequest
    );
    if seen_early || rng.chance(0.9) {
        versions.push(rng.between(200, 1_500));
    }
    let last = moments.last().copied();
    for moment in moments {
        let delay = rng.between(100, 3_000);
        // Without a version at the end, an update days later would be the first to report the end.
        if rng.chance(0.3) || moment == script.duration.from || Some(moment) == last {
            versions.push(moment + delay);
        }
    }
    versions.sort_unstable();
    versions.dedup();
    versions
}

fn contradict(script: &mut Script, rng: &mut SimRng) {
    let what = rng.pick(&[
        Contradiction::Offsets,
        Contradiction::Start,
        Contradiction::Duration,
    ]);
    let at = script.versions.last().copied().unwrap_or_default() + rng.between(5_000, 60_000);
    script.versions.push(at);
    script.contradiction = Some(Known::new(what, at));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scripts(count: u64) -> Vec<Script> {
        let config = SimulatorConfig::default();
        (0..count)
            .map(|number| {
                let arrival = Arrival {
                    number,
                    at_ms: config.start_ms,
                    callback: false,
                };
                generate_script(&config, arrival)
            })
            .collect()
    }

    #[test]
    fn the_first_channel_has_the_interactions_guid_which_begins_with_its_start() {
        for script in scripts(500) {
            assert_eq!(script.guid, script.channels[0].guid, "{:?}", script.kind);
            let high =
                i64::from_str_radix(&script.guid.replace('-', "")[..12], 16).expect("hex digits");
            assert_eq!(high, script.start_ms);
        }
    }

    #[test]
    fn every_kind_occurs_and_its_events_end_within_the_interaction() {
        let scripts = scripts(5_000);
        for (_, kind) in kinds::WEIGHTS {
            assert!(
                scripts.iter().any(|script| script.kind == kind),
                "{kind:?} never occurs"
            );
        }
        for script in scripts {
            for event in script.channels.iter().flat_map(|channel| &channel.events) {
                assert!(
                    event.duration >= 0,
                    "{:?} left open in {:?}",
                    event.detail,
                    script.kind
                );
                assert!(
                    event.offset + event.duration <= script.duration.value,
                    "{:?}",
                    script.kind
                );
            }
        }
    }

    #[test]
    fn labels_never_become_known_after_the_end_of_the_interaction() {
        for script in scripts(3_000) {
            let closed = script.duration.from;
            assert!(script.medium.from <= closed && script.direction.from <= closed);
            assert!(script.outcome.from <= closed && script.group.from <= closed);
        }
    }

    #[test]
    fn the_last_version_reports_every_value_that_becomes_known() {
        for script in scripts(3_000) {
            let last = *script.versions.last().expect("at least one version");
            let mut latest = 0;
            script.clone().for_each_moment(&mut |moment| {
                if *moment < NEVER {
                    latest = latest.max(*moment);
                }
            });
            assert!(last >= latest, "{:?}: {last} of {latest}", script.kind);
        }
    }
}
