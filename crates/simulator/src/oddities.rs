//! What sets a record apart from its neighbours: late labels, odd spellings, missing ends, and getting lost.
use super::config::HOUR_MS;
use super::dice::Dice;
use super::make::for_moments;
use super::script::{Detail, Event, Kind, NEVER, Role, Script, StatusStyle};

/// Some labels are known late, some never; all are as known as they get when the interaction ends.
pub(super) fn blur_labels(script: &mut Script, dice: &mut Dice) {
    let closed = script.duration.value;
    let queued = script
        .channels
        .iter()
        .flat_map(|it| &it.events)
        .find(|it| matches!(it.detail, Detail::Queue(_)));
    let at_queue = queued.map_or(0, |event| event.offset);
    match dice.index(40) {
        0 => script.group.value = None,
        1 => {
            script.mapping = None;
            script.group.value = None;
        }
        2..=6 => script.group.from = at_queue.min(closed),
        7 | 8 => script.group.from = closed,
        _ => {}
    }
    if dice.chance(0.02) {
        script.outcome.value = None;
    }
    let oddity = dice.index(200);
    if matches!(script.kind, Kind::Lost | Kind::LostAndFound) {
        // What is never heard of again would otherwise wait for ever for its labels.
        if let Some(mapping) = &script.mapping {
            script
                .group
                .value
                .get_or_insert_with(|| mapping.plan.replace(" Plan", ""));
        }
        script.group.from = 0;
        return;
    }
    match oddity {
        0 => script.medium.value = None,
        1..=3 => script.medium.from = closed,
        4 => script.direction.value = None,
        5..=7 => script.direction.from = closed,
        8..=11 => script.manager = None,
        _ => {}
    }
}

/// Records are not all alike: other letter case, missing fields, unknown types, ends that come late or never.
pub(super) fn oddities(script: &mut Script, dice: &mut Dice) {
    let closed = script.duration.value;
    let lost = matches!(script.kind, Kind::Lost | Kind::LostAndFound);
    script.status = match dice.index(50) {
        _ if script.kind == Kind::Failed => StatusStyle::Failed,
        0 if !lost => StatusStyle::Absent,
        1 => StatusStyle::OddCase,
        _ => StatusStyle::Usual,
    };
    for channel in &mut script.channels {
        match dice.index(40) {
            0 => channel.odd_case = true,
            1 => channel.integration = Some("Salesforce"),
            2 if channel.role == Role::External => channel.handle = None,
            3 if script.kind == Kind::Answered => channel.party = Some("CCRConnect".to_owned()),
            4 if script.kind == Kind::Answered => channel.party = None,
            5 => {
                let middle = channel.offset + channel.duration.value / 2;
                channel.events.push(Event {
                    offset: middle,
                    seen: middle,
                    name: None,
                    duration: 0,
                    settled: middle,
                    detail: Detail::Unheard,
                });
            }
            6 => channel.end_reason = "Teleported",
            _ => {}
        }
    }
    if dice.chance(0.04)
        && let Some(channel) = script.channels.last_mut()
    {
        channel.duration.from = closed + dice.between(1_000, 100_000);
    }
    if script.kind == Kind::Unended
        && let Some(channel) = script
            .channels
            .iter_mut()
            .rev()
            .find(|it| it.role == Role::Agent)
    {
        let end = channel.offset + channel.duration.value;
        channel.duration.from = NEVER;
        channel.handle = Some(None);
        for event in channel
            .events
            .iter_mut()
            .filter(|event| event.settled == end)
        {
            event.settled = NEVER;
        }
    }
    if script.kind == Kind::ResultNeverTold {
        let duration_told = dice.chance(0.5);
        for event in script.channels.iter_mut().flat_map(|it| &mut it.events) {
            if let Detail::Queue(queue) = &mut event.detail {
                queue.result = None;
                if !duration_told {
                    event.settled = NEVER;
                }
            }
        }
    }
}

/// A lost interaction falls silent; what would have become known later does so in a day or two, or never.
pub(super) fn lose(script: &mut Script, dice: &mut Dice) {
    let silent = dice.between(script.duration.value / 5, script.duration.value - 1);
    let found = match script.kind {
        Kind::Lost => NEVER,
        Kind::LostAndFound => silent + dice.between(25 * HOUR_MS, 40 * HOUR_MS),
        _ => return,
    };
    script.categorized = None;
    // Nor may it wait for ever for the name of a queue that it never tells.
    for event in script.channels.iter_mut().flat_map(|it| &mut it.events) {
        if let Detail::Queue(queue) = &mut event.detail {
            event.name.get_or_insert_with(|| "ACD1".to_owned());
            if queue.queues.is_empty() {
                queue.queues.push("Overflow Queue".to_owned());
            }
        }
    }
    for_moments(script, &mut |moment| {
        if *moment > silent {
            *moment = found;
        }
    });
}
