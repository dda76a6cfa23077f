//! Makes the script of a numbered interaction: its story, the oddities of real records, and its versions.
//!
//! A script is a function of the world's configuration and the ticket, so a world keeps tickets and makes
//! scripts again when it needs them.
use super::config::{HOUR_MS, WorldConfig};
use super::dice::Dice;
use super::names;
use super::oddities::{blur_labels, lose, oddities};
use super::plot::Plot;
use super::script::{Contradiction, Kind, Known, NEVER, Role, Script};
use super::stories;

/// Which interaction: the arrival's number and time, and whether it is the callback that follows the arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Ticket {
    pub(super) number: u64,
    pub(super) arrival_ms: i64,
    pub(super) callback: bool,
}

const STORY_DICE: u64 = 1;
const CALLBACK_DICE: u64 = 2;

/// How often each kind occurs.
const KINDS: [(u32, Kind); 20] = [
    (330, Kind::Answered),
    (100, Kind::AbandonedInQueue),
    (80, Kind::Breakout),
    (80, Kind::SelfService),
    (50, Kind::Requeued),
    (50, Kind::Transferred),
    (25, Kind::Conference),
    (40, Kind::AgentQueued),
    (60, Kind::Outbound),
    (30, Kind::OutboundUnconnected),
    (25, Kind::Internal),
    (60, Kind::AssistantOnly),
    (50, Kind::AssistantEscalated),
    (35, Kind::Case),
    (30, Kind::CallbackRequest),
    (10, Kind::Failed),
    (8, Kind::ResultNeverTold),
    (6, Kind::Unended),
    (6, Kind::Lost),
    (4, Kind::LostAndFound),
];

/// Makes the script of this ticket.
pub(super) fn script(config: &WorldConfig, ticket: Ticket) -> Script {
    let mut dice = Dice::new(config.seed, STORY_DICE, ticket.number);
    let kind = match dice.weighted(&KINDS) {
        Kind::Lost | Kind::LostAndFound if !config.losses => Kind::Answered,
        kind => kind,
    };
    let first = told(config, dice, kind, ticket.arrival_ms);
    if !ticket.callback {
        return first;
    }
    let dice = Dice::new(config.seed, CALLBACK_DICE, ticket.number);
    let start_ms = first.start_ms + first.callback_after.unwrap_or(HOUR_MS);
    let mut second = told(config, dice, Kind::Callback, start_ms);
    second.conversation = first.conversation;
    second
}

fn told(config: &WorldConfig, mut dice: Dice, kind: Kind, start_ms: i64) -> Script {
    let medium = match kind {
        Kind::AssistantOnly | Kind::AssistantEscalated => names::WEBCHAT,
        Kind::Case => names::Names(config).case_medium(&mut dice),
        Kind::Callback => names::CALLBACK,
        Kind::Lost if dice.chance(0.2) => names::WEBCHAT,
        _ => names::PHONE,
    };
    let mut plot = Plot::begin(config, dice, kind, start_ms, medium);
    let told_as = if kind == Kind::Lost && medium == names::WEBCHAT {
        Kind::AssistantEscalated
    } else {
        kind
    };
    stories::tell(&mut plot, told_as);
    let Plot {
        mut script,
        mut dice,
        ..
    } = plot;
    conclude(&mut script, &mut dice);
    blur_labels(&mut script, &mut dice);
    oddities(&mut script, &mut dice);
    lose(&mut script, &mut dice);
    for channel in &mut script.channels {
        channel
            .events
            .sort_by_key(|event| (event.seen, event.offset));
    }
    script.channels.sort_by_key(|channel| channel.offset);
    script.versions = versions(&script, &mut dice);
    if config.contradictions && kind != Kind::Lost && dice.chance(0.25) {
        contradict(&mut script, &mut dice);
    }
    script
}

/// Derives what an interaction says as a whole from its channels.
fn conclude(script: &mut Script, dice: &mut Dice) {
    let closed = script
        .channels
        .iter()
        .map(|it| it.offset + it.duration.value)
        .max()
        .unwrap_or_default();
    script.duration = Known::new(closed, closed);
    script.outcome.from = closed;
    let agents = || {
        script
            .channels
            .iter()
            .filter(|channel| channel.role == Role::Agent)
    };
    let handle: i64 = agents()
        .filter_map(|it| it.handle.as_ref()?.as_ref())
        .map(|it| it.value)
        .sum();
    let talks: Vec<_> = agents()
        .filter_map(super::script::Channel::connected)
        .collect();
    if !talks.is_empty() {
        let late = |dice: &mut Dice| {
            closed
                + if dice.chance(0.1) {
                    dice.between(1_000, 90_000)
                } else {
                    0
                }
        };
        let talk = talks.iter().map(|(from, to)| to - from).sum();
        script.talk = Some(Known::new(talk, late(dice)));
        script.handle = (!dice.chance(0.02)).then(|| Known::new(handle, late(dice)));
    }
    if dice.chance(0.3) {
        let after = if dice.chance(0.5) {
            dice.between(1_000, HOUR_MS)
        } else {
            dice.between(HOUR_MS, 144 * HOUR_MS)
        };
        script.categorized = Some(closed + after);
    }
}

/// Visits every moment at which something becomes known.
pub(super) fn for_moments(script: &mut Script, visit: &mut dyn FnMut(&mut i64)) {
    visit(&mut script.medium.from);
    visit(&mut script.direction.from);
    visit(&mut script.outcome.from);
    visit(&mut script.group.from);
    visit(&mut script.duration.from);
    for known in script.handle.iter_mut().chain(&mut script.talk) {
        visit(&mut known.from);
    }
    for channel in &mut script.channels {
        visit(&mut channel.duration.from);
        if let Some(Some(handle)) = &mut channel.handle {
            visit(&mut handle.from);
        }
        for event in &mut channel.events {
            visit(&mut event.seen);
            visit(&mut event.settled);
        }
    }
}

/// The moments at which the API publishes a version, each a little after something became known.
fn versions(script: &Script, dice: &mut Dice) -> Vec<i64> {
    let mut moments = Vec::new();
    for_moments(&mut script.clone(), &mut |moment| moments.push(*moment));
    moments.extend(script.categorized);
    moments.retain(|moment| (1..NEVER).contains(moment));
    moments.sort_unstable();
    moments.dedup();
    let mut versions = Vec::new();
    // A lost interaction or the first half of a pair must be seen before it is lost or followed.
    let seen_early = matches!(
        script.kind,
        Kind::Lost | Kind::LostAndFound | Kind::CallbackRequest
    );
    if seen_early || dice.chance(0.9) {
        versions.push(dice.between(200, 1_500));
    }
    let last = moments.last().copied();
    for moment in moments {
        let delay = dice.between(100, 3_000);
        // Without a version at the end, news days later would be the first to tell that it ended.
        if dice.chance(0.3) || moment == script.duration.from || Some(moment) == last {
            versions.push(moment + delay);
        }
    }
    versions.sort_unstable();
    versions.dedup();
    versions
}

fn contradict(script: &mut Script, dice: &mut Dice) {
    let what = dice.pick(&[
        Contradiction::Offsets,
        Contradiction::Start,
        Contradiction::Duration,
    ]);
    let at = script.versions.last().copied().unwrap_or_default() + dice.between(5_000, 60_000);
    script.versions.push(at);
    script.contradiction = Some(Known::new(what, at));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scripts(count: u64) -> Vec<Script> {
        let config = WorldConfig::default();
        (0..count)
            .map(|number| {
                script(
                    &config,
                    Ticket {
                        number,
                        arrival_ms: config.start_ms,
                        callback: false,
                    },
                )
            })
            .collect()
    }

    #[test]
    fn the_first_channel_bears_the_interactions_guid_and_the_guid_its_start() {
        for script in scripts(500) {
            assert_eq!(script.guid, script.channels[0].guid, "{:?}", script.kind);
            let high =
                i64::from_str_radix(&script.guid.replace('-', "")[..12], 16).expect("hex digits");
            assert_eq!(high, script.start_ms);
        }
    }

    #[test]
    fn every_story_is_told_and_ends_within_its_own_time() {
        let told = scripts(5_000);
        for (_, kind) in KINDS {
            assert!(
                told.iter().any(|script| script.kind == kind),
                "{kind:?} never occurs"
            );
        }
        for script in told {
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
    fn labels_are_as_known_as_they_get_when_the_interaction_ends() {
        for script in scripts(3_000) {
            let closed = script.duration.from;
            assert!(script.medium.from <= closed && script.direction.from <= closed);
            assert!(script.outcome.from <= closed && script.group.from <= closed);
        }
    }

    #[test]
    fn the_last_version_tells_all_that_is_ever_known() {
        for script in scripts(3_000) {
            let last = *script.versions.last().expect("at least one version");
            let mut latest = 0;
            for_moments(&mut script.clone(), &mut |moment| {
                if *moment < NEVER {
                    latest = latest.max(*moment);
                }
            });
            assert!(last >= latest, "{:?} tells {last} of {latest}", script.kind);
        }
    }
}
