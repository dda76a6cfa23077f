//! Facts about an interaction as a whole.
use std::collections::BTreeSet;

use super::NONE;
use super::collector::{FactTime, TruthCollector};
use super::observed::{ObservedScript, category, reported_result};
use crate::script::{Channel, NEVER, Role, ScenarioKind, Script, StatusStyle};
use crate::settings::DAY_MS;

pub(super) fn add(collector: &mut TruthCollector, observed: &ObservedScript<'_>) {
    started(collector, observed);
    ended(collector, observed);
    transferred_or_requeued(collector, observed);
    categorized(collector, observed);
    expired(collector, observed);
}

fn started(collector: &mut TruthCollector, observed: &ObservedScript<'_>) {
    let manager = observed.script.manager;
    let manager_known = if manager.is_some() {
        observed.seen(0)
    } else {
        observed.ended
    };
    let happened = observed.script.start_ms;
    let kind = [
        ("medium", observed.medium),
        ("direction", observed.direction),
    ];
    let when = FactTime {
        seen: observed.kind_known().max(manager_known),
        happened,
    };
    let labels = [
        kind[0],
        kind[1],
        ("medium_manager", manager.unwrap_or(NONE)),
    ];
    collector.count(when, "vcc_interactions_started_total", &labels);
    // A callback belongs to the conversation of the call that requested it.
    if observed.script.kind != ScenarioKind::Callback {
        collector.count(
            FactTime {
                seen: observed.kind_known(),
                happened,
            },
            "vcc_conversations_started_total",
            &kind,
        );
    }
}

fn ended(collector: &mut TruthCollector, observed: &ObservedScript<'_>) {
    let script = observed.script;
    let happened = observed.moment(script.duration.value);
    let when = FactTime {
        seen: observed.ended,
        happened,
    };
    let waits = observed.queues();
    let queue = waits.last().and_then(|(_, detail)| detail.queues.first());
    let five = [
        ("medium", observed.medium),
        ("direction", observed.direction),
        ("outcome", script.outcome.value.unwrap_or(NONE)),
        ("virtual_queue", queue.map_or(NONE, String::as_str)),
        ("reporting_group", observed.group),
    ];
    let mut labels = five.to_vec();
    labels.push(("path", path(observed)));
    labels.push(("medium_manager", script.manager.unwrap_or(NONE)));
    collector.count(when, "vcc_interactions_total", &labels);
    collector.observe(
        when,
        "vcc_interaction_duration_seconds",
        &five,
        script.duration.value,
    );
    let late = [
        (&script.handle, "vcc_interaction_handle_seconds"),
        (&script.talk, "vcc_interaction_talk_seconds"),
    ];
    for (value, family) in late {
        if let Some(known) = value {
            let when = FactTime {
                seen: observed.ended.max(observed.seen(known.from)),
                happened,
            };
            collector.observe(when, family, &five, known.value);
        }
    }
    let talks = script.agents().filter_map(Channel::connected);
    if let Some(first) = talks.map(|(from, _)| from).min() {
        let kind = &five[..2];
        collector.observe(when, "vcc_interaction_time_to_agent_seconds", kind, first);
    }
}

fn transferred_or_requeued(collector: &mut TruthCollector, observed: &ObservedScript<'_>) {
    let when = FactTime {
        seen: observed.ended,
        happened: observed.moment(observed.script.duration.value),
    };
    let group = [
        ("medium", observed.medium),
        ("direction", observed.direction),
        ("reporting_group", observed.group),
    ];
    if let Some(kind) = transfer(observed.script) {
        let labels = [group[0], group[1], group[2], ("kind", kind)];
        collector.count(when, "vcc_interactions_transferred_total", &labels);
    }
    if observed.queues().len() >= 2 {
        collector.count(when, "vcc_interactions_requeued_total", &group);
    }
}

fn categorized(collector: &mut TruthCollector, observed: &ObservedScript<'_>) {
    let Some(moment) = observed.script.categorized else {
        return;
    };
    let when = FactTime {
        seen: observed.seen(moment).max(observed.medium_known()),
        happened: observed.moment(moment),
    };
    let labels = [("medium", observed.medium)];
    collector.count(when, "vcc_interactions_categorized_total", &labels);
}

/// Open without an update for longer than its medium allows: counted once, when that time is over.
fn expired(collector: &mut TruthCollector, observed: &ObservedScript<'_>) {
    let bound = if observed.medium.starts_with("Phone") {
        DAY_MS
    } else {
        30 * DAY_MS
    };
    let open = observed
        .versions
        .iter()
        .filter(|version| version.seen_ms < observed.ended);
    let silent = open.map(|version| {
        let next = observed
            .versions
            .iter()
            .map(|it| it.seen_ms)
            .find(|next| *next > version.seen_ms);
        (
            version.seen_ms + bound,
            next.unwrap_or(NEVER).min(observed.ended),
        )
    });
    let first = silent
        .filter(|(over, next)| over < next)
        .map(|(over, _)| over)
        .min();
    if let Some(over) = first {
        let labels = [
            ("medium", observed.medium),
            ("direction", observed.direction),
        ];
        collector.count(
            FactTime {
                seen: over,
                happened: over,
            },
            "vcc_interactions_expired_total",
            &labels,
        );
    }
}

/// The path of the interaction; the order of the conditions is part of its definition.
fn path(observed: &ObservedScript<'_>) -> &'static str {
    let script = observed.script;
    let agent_connected = script.agents().any(|channel| channel.connected().is_some());
    let external =
        |channel: &Channel| channel.role == Role::External && channel.connected().is_some();
    let outbound = observed.direction == "Outbound";
    let party_connected = script.channels.iter().any(external);
    let waits = observed.queues();
    let last = waits
        .last()
        .map(|(event, detail)| category(reported_result(event, detail)));
    if script.status == StatusStyle::Failed {
        "failed"
    } else if agent_connected && (!outbound || party_connected) {
        "handled"
    } else if last == Some("abandoned") {
        "abandoned"
    } else if last == Some("breakout") {
        "breakout"
    } else if outbound && agent_connected {
        "unconnected"
    } else if script.agents().next().is_some() {
        "agent_unanswered"
    } else if outbound {
        "unconnected"
    } else if waits.is_empty() {
        "self_service"
    } else {
        "unknown"
    }
}

/// If two distinct agents were connected: a consultation if the first one stayed longest, else a transfer.
fn transfer(script: &Script) -> Option<&'static str> {
    let mut talks: Vec<_> = script
        .agents()
        .filter_map(|channel| {
            channel
                .connected()
                .map(|(from, to)| (from, to, &channel.party))
        })
        .collect();
    talks.sort_by_key(|(from, ..)| *from);
    let distinct: BTreeSet<_> = talks.iter().map(|(_, _, party)| party).collect();
    if distinct.len() < 2 {
        return None;
    }
    let first_until = talks
        .iter()
        .filter(|(_, _, party)| *party == talks[0].2)
        .map(|(_, to, _)| *to)
        .max()?;
    let others_until = talks
        .iter()
        .filter(|(_, _, party)| *party != talks[0].2)
        .map(|(_, to, _)| *to)
        .max()?;
    Some(if first_until > others_until {
        "consult"
    } else {
        "transfer"
    })
}
