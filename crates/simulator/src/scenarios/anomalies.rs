//! Makes records differ as real ones do: late labels, odd spellings, missing ends, and updates that stop.
use crate::rng::SimRng;
use crate::script::{Detail, Event, NEVER, Role, ScenarioKind, Script, StatusStyle};
use crate::settings::HOUR_MS;

/// Some labels become known late or stay null; none becomes known after the interaction has ended.
pub(super) fn delay_labels(script: &mut Script, rng: &mut SimRng) {
    let closed = script.duration.value;
    let queued = script
        .channels
        .iter()
        .flat_map(|it| &it.events)
        .find(|it| matches!(it.detail, Detail::Queue(_)));
    let at_queue = queued.map_or(0, |event| event.offset);
    match rng.index(40) {
        0 => script.group.value = None,
        1 => {
            script.mapping = None;
            script.group.value = None;
        }
        2..=6 => script.group.from = at_queue.min(closed),
        7 | 8 => script.group.from = closed,
        _ => {}
    }
    if rng.chance(0.02) {
        script.outcome.value = None;
    }
    let anomaly = rng.index(200);
    if matches!(script.kind, ScenarioKind::Lost | ScenarioKind::LostAndFound) {
        // Its facts must not wait for labels, because no later version will have them.
        if let Some(mapping) = &script.mapping {
            script
                .group
                .value
                .get_or_insert_with(|| mapping.plan.replace(" Plan", ""));
        }
        script.group.from = 0;
        return;
    }
    match anomaly {
        0 => script.medium.value = None,
        1..=3 => script.medium.from = closed,
        4 => script.direction.value = None,
        5..=7 => script.direction.from = closed,
        8..=11 => script.manager = None,
        _ => {}
    }
}

/// Odd letter case, missing fields, undocumented types, ends that are reported late or never.
pub(super) fn add_anomalies(script: &mut Script, rng: &mut SimRng) {
    let closed = script.duration.value;
    let lost = matches!(script.kind, ScenarioKind::Lost | ScenarioKind::LostAndFound);
    script.status = match rng.index(50) {
        _ if script.kind == ScenarioKind::Failed => StatusStyle::Failed,
        0 if !lost => StatusStyle::Absent,
        1 => StatusStyle::OddCase,
        _ => StatusStyle::Usual,
    };
    alter_channels(script, rng);
    if rng.chance(0.04)
        && let Some(channel) = script.channels.last_mut()
    {
        channel.duration.from = closed + rng.between(1_000, 100_000);
    }
    if script.kind == ScenarioKind::Unended {
        omit_agents_end(script);
    }
    if script.kind == ScenarioKind::ResultNeverReported {
        omit_queue_results(script, rng);
    }
}

fn alter_channels(script: &mut Script, rng: &mut SimRng) {
    for channel in &mut script.channels {
        match rng.index(40) {
            0 => channel.odd_case = true,
            1 => channel.integration = Some("Salesforce"),
            2 if channel.role == Role::External => channel.handle = None,
            3 if script.kind == ScenarioKind::Answered => {
                channel.party = Some("CCRConnect".to_owned())
            }
            4 if script.kind == ScenarioKind::Answered => channel.party = None,
            5 => {
                let middle = channel.offset + channel.duration.value / 2;
                channel.events.push(Event {
                    offset: middle,
                    seen: middle,
                    name: None,
                    duration: 0,
                    settled: middle,
                    detail: Detail::Undocumented,
                });
            }
            6 => channel.end_reason = "Teleported",
            _ => {}
        }
    }
}

/// The end of the last agent's channel never becomes known.
fn omit_agents_end(script: &mut Script) {
    let mut channels = script.channels.iter_mut().rev();
    let Some(channel) = channels.find(|it| it.role == Role::Agent) else {
        return;
    };
    let end = channel.offset + channel.duration.value;
    channel.duration.from = NEVER;
    channel.handle = Some(None);
    let events = channel.events.iter_mut();
    for event in events.filter(|event| event.settled == end) {
        event.settled = NEVER;
    }
}

/// The results of waits never become known, and in half of the interactions neither do their durations.
fn omit_queue_results(script: &mut Script, rng: &mut SimRng) {
    let duration_reported = rng.chance(0.5);
    for event in script.channels.iter_mut().flat_map(|it| &mut it.events) {
        if let Detail::Queue(queue) = &mut event.detail {
            queue.result = None;
            if !duration_reported {
                event.settled = NEVER;
            }
        }
    }
}

/// A lost interaction stops being updated; what would become known later does so a day or two later, or never.
pub(super) fn truncate(script: &mut Script, rng: &mut SimRng) {
    let silent = rng.between(script.duration.value / 5, script.duration.value - 1);
    let found = match script.kind {
        ScenarioKind::Lost => NEVER,
        ScenarioKind::LostAndFound => silent + rng.between(25 * HOUR_MS, 40 * HOUR_MS),
        _ => return,
    };
    script.categorized = None;
    // Nor may its waits wait for the names of their queues.
    for event in script.channels.iter_mut().flat_map(|it| &mut it.events) {
        if let Detail::Queue(queue) = &mut event.detail {
            event.name.get_or_insert_with(|| "ACD1".to_owned());
            if queue.queues.is_empty() {
                queue.queues.push("Overflow Queue".to_owned());
            }
        }
    }
    script.for_each_moment(&mut |moment| {
        if *moment > silent {
            *moment = found;
        }
    });
}
