//! Facts about single events other than waits and agents' work: holds, recordings, ratings, assistants.
use super::NONE;
use super::collector::{FactTime, TruthCollector};
use super::observed::{ObservedScript, duration_from, reported_result};
use crate::script::{Channel, Detail, Event, NEVER};

pub(super) fn add(collector: &mut TruthCollector, observed: &ObservedScript<'_>) {
    for channel in &observed.script.channels {
        for event in &channel.events {
            finished(collector, observed, channel, event);
            lasting(collector, observed, channel, event);
            momentary(collector, observed, channel, event);
        }
    }
    assisted(collector, observed);
}

/// Every event counts when it is known to have finished, at the latest when its interaction has ended.
fn finished(
    collector: &mut TruthCollector,
    observed: &ObservedScript<'_>,
    channel: &Channel,
    event: &Event,
) {
    let result_reported = match &event.detail {
        Detail::Queue(detail) | Detail::AgentQueue(detail) => {
            Some(reported_result(event, detail).is_some())
        }
        Detail::Assistant { .. } => Some(true),
        _ => None,
    };
    let seen = match result_reported {
        Some(true) => observed.seen(event.settled),
        Some(false) => observed.ended,
        None => observed
            .measured(channel, event)
            .map_or(NEVER, |when| when.seen),
    };
    let seen = seen.min(observed.ended).max(observed.seen(event.seen));
    let reported = duration_from(event);
    let end = if reported < NEVER && observed.seen(reported) <= seen {
        event.offset + event.duration
    } else {
        observed.script.duration.value
    };
    let when = FactTime {
        seen,
        happened: observed.moment(end),
    };
    let labels = [("type", event.detail.type_name())];
    collector.count(when, "vcc_events_total", &labels);
}

/// Events whose duration is observed.
fn lasting(
    collector: &mut TruthCollector,
    observed: &ObservedScript<'_>,
    channel: &Channel,
    event: &Event,
) {
    let Some(when) = observed.measured(channel, event) else {
        return;
    };
    let medium = ("medium", observed.medium);
    let role = ("role", channel.role.name());
    let by = |seen: i64| FactTime {
        seen: when.seen.max(seen),
        ..when
    };
    match event.detail {
        Detail::Held { kind, .. } => collector.observe(
            by(observed.group_known()),
            "vcc_hold_seconds",
            &[
                medium,
                ("direction", observed.direction),
                ("reporting_group", observed.group),
                ("kind", kind),
                role,
            ],
            event.duration,
        ),
        Detail::Recording => collector.observe(
            by(observed.medium_known()),
            "vcc_recording_seconds",
            &[medium, role],
            event.duration,
        ),
        Detail::Monitoring { kind } => collector.observe(
            by(observed.medium_known()),
            "vcc_monitoring_seconds",
            &[medium, ("kind", kind)],
            event.duration,
        ),
        _ => {}
    }
}

/// Events that count when they are seen, or when a detail of them is.
fn momentary(
    collector: &mut TruthCollector,
    observed: &ObservedScript<'_>,
    channel: &Channel,
    event: &Event,
) {
    let happened = observed.moment(event.offset);
    let medium = ("medium", observed.medium);
    let seen = observed.seen(event.seen).max(observed.medium_known());
    let when = FactTime { seen, happened };
    let later = |seen: i64| FactTime {
        seen: when.seen.max(seen),
        ..when
    };
    match &event.detail {
        Detail::Applet { kind } => {
            collector.count(when, "vcc_applets_total", &[medium, ("applet_type", kind)]);
        }
        Detail::Voicemail { applet } => {
            let labels = [medium, ("applet_type", applet)];
            collector.count(when, "vcc_voicemails_total", &labels);
        }
        Detail::DataSource => collector.count(when, "vcc_data_source_values_total", &[medium]),
        Detail::DeliveryFailed { kind } => {
            collector.count(
                when,
                "vcc_delivery_failures_total",
                &[medium, ("kind", kind)],
            );
        }
        Detail::AudioProblem { classification } => {
            let labels = [medium, ("classification", classification)];
            collector.count(when, "vcc_audio_problems_total", &labels);
        }
        Detail::Plan { group } => {
            let whole = event.name.is_some() && group.is_some();
            let when = if whole { when } else { later(observed.ended) };
            let labels = [
                medium,
                ("interaction_plan", event.name.as_deref().unwrap_or(NONE)),
                ("reporting_group", group.as_deref().unwrap_or(NONE)),
            ];
            collector.count(when, "vcc_interaction_plans_total", &labels);
        }
        Detail::Disposition { name } => {
            let labels = [medium, ("disposition", name)];
            collector.count(
                later(observed.channel_ended(channel)),
                "vcc_dispositions_total",
                &labels,
            );
        }
        Detail::Rating {
            score: Some(score), ..
        } => {
            let when = later(observed.seen(event.settled));
            let text = score.to_string();
            let labels = [medium, ("score", text.as_str())];
            collector.count(when, "vcc_call_quality_ratings_total", &labels);
            collector.observe(when, "vcc_call_quality_score", &[medium], score * 1_000);
        }
        Detail::Assistant {
            result, messages, ..
        } => {
            let when = FactTime {
                seen: observed
                    .seen(event.settled)
                    .min(observed.ended)
                    .max(observed.medium_known()),
                happened: observed.moment(event.offset + event.duration),
            };
            let own = [medium, ("assistant", event.name.as_deref().unwrap_or(NONE))];
            let labels = [own[0], own[1], ("result", result)];
            collector.count(when, "vcc_virtual_assistant_sessions_total", &labels);
            collector.observe(when, "vcc_virtual_assistant_seconds", &own, event.duration);
            let messages = u64::try_from(*messages).unwrap_or_default();
            collector.add(when, "vcc_virtual_assistant_messages_total", &own, messages);
        }
        _ => {}
    }
}

/// An interaction with a virtual assistant counts when it has ended.
fn assisted(collector: &mut TruthCollector, observed: &ObservedScript<'_>) {
    let channels = &observed.script.channels;
    let sessions = channels.iter().flat_map(|channel| &channel.events);
    let last = sessions
        .filter(|event| matches!(event.detail, Detail::Assistant { .. }))
        .max_by_key(|event| event.offset);
    let Some(last) = last else { return };
    let mut agents = observed.script.agents();
    let result = if agents.clone().any(|agent| agent.connected().is_some()) {
        "agent"
    } else if agents.next().is_some() || !observed.queues().is_empty() {
        "queued"
    } else {
        "contained"
    };
    let when = FactTime {
        seen: observed.ended,
        happened: observed.moment(observed.script.duration.value),
    };
    let labels = [
        ("medium", observed.medium),
        ("assistant", last.name.as_deref().unwrap_or(NONE)),
        ("result", result),
    ];
    collector.count(when, "vcc_virtual_assistant_interactions_total", &labels);
}
