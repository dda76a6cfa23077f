//! Tallies one script's single events: holds, recordings, ratings, assistants and the like.
use super::render::type_name;
use super::script::{Channel, Detail, Event, NEVER, Role};
use super::tally::{Case, NONE, measured};
use super::tally_queues::told;
use super::truth::{Book, When};

/// Adds every fact of this case's events other than waits and agents' work.
pub(super) fn tally(book: &mut Book, case: &Case<'_>) {
    for channel in &case.script.channels {
        for event in &channel.events {
            finished(book, case, channel, event);
            lasting(book, case, channel, event);
            momentary(book, case, channel, event);
        }
    }
    assisted(book, case);
}

/// Every event, when it is known to have finished, and at the latest with its interaction.
fn finished(book: &mut Book, case: &Case<'_>, channel: &Channel, event: &Event) {
    let result_told = match &event.detail {
        Detail::Queue(detail) | Detail::AgentQueue(detail) => Some(told(event, detail).is_some()),
        Detail::Assistant { .. } => Some(true),
        _ => None,
    };
    let seen = match result_told {
        Some(true) => case.seen(event.settled),
        Some(false) => case.ended,
        None => measured(case, channel, event).map_or(NEVER, |when| when.seen),
    };
    let seen = seen.min(case.ended).max(case.seen(event.seen));
    let told = duration_from(event);
    let end = if told < NEVER && case.seen(told) <= seen {
        event.offset + event.duration
    } else {
        case.script.duration.value
    };
    let when = When {
        seen,
        happened: case.moment(end),
    };
    let labels = [("type", type_name(&event.detail))];
    book.count(when, "vcc_events_total", &labels);
}

/// A rating's duration shows from the first on, though its value comes later.
pub(super) fn duration_from(event: &Event) -> i64 {
    match event.detail {
        Detail::Rating { .. } => event.seen,
        _ => event.settled,
    }
}

/// What is observed by its length.
fn lasting(book: &mut Book, case: &Case<'_>, channel: &Channel, event: &Event) {
    let Some(when) = measured(case, channel, event) else {
        return;
    };
    let medium = ("medium", case.medium);
    let role = ("role", channel.role.name());
    let by = |seen: i64| When {
        seen: when.seen.max(seen),
        ..when
    };
    match event.detail {
        Detail::Held { kind, .. } => book.observe(
            by(case.group_known()),
            "vcc_hold_seconds",
            &[
                medium,
                ("direction", case.direction),
                ("reporting_group", case.group),
                ("kind", kind),
                role,
            ],
            event.duration,
        ),
        Detail::Recording => book.observe(
            by(case.medium_known()),
            "vcc_recording_seconds",
            &[medium, role],
            event.duration,
        ),
        Detail::Monitoring { kind } => book.observe(
            by(case.medium_known()),
            "vcc_monitoring_seconds",
            &[medium, ("kind", kind)],
            event.duration,
        ),
        _ => {}
    }
}

/// What counts when it is seen, or soon after.
fn momentary(book: &mut Book, case: &Case<'_>, channel: &Channel, event: &Event) {
    let happened = case.moment(event.offset);
    let medium = ("medium", case.medium);
    let seen = case.seen(event.seen).max(case.medium_known());
    let when = When { seen, happened };
    let later = |seen: i64| When {
        seen: when.seen.max(seen),
        ..when
    };
    match &event.detail {
        Detail::Applet { kind } => {
            book.count(when, "vcc_applets_total", &[medium, ("applet_type", kind)]);
        }
        Detail::Voicemail { applet } => {
            let labels = [medium, ("applet_type", applet)];
            book.count(when, "vcc_voicemails_total", &labels);
        }
        Detail::DataSource => book.count(when, "vcc_data_source_values_total", &[medium]),
        Detail::DeliveryFailed { kind } => {
            book.count(
                when,
                "vcc_delivery_failures_total",
                &[medium, ("kind", kind)],
            );
        }
        Detail::AudioProblem { classification } => {
            let labels = [medium, ("classification", classification)];
            book.count(when, "vcc_audio_problems_total", &labels);
        }
        Detail::Plan { group } => {
            let whole = event.name.is_some() && group.is_some();
            let when = if whole { when } else { later(case.ended) };
            let labels = [
                medium,
                ("interaction_plan", event.name.as_deref().unwrap_or(NONE)),
                ("reporting_group", group.as_deref().unwrap_or(NONE)),
            ];
            book.count(when, "vcc_interaction_plans_total", &labels);
        }
        Detail::Disposition { name } => {
            let over = case.seen(channel.duration.from).min(case.ended);
            let labels = [medium, ("disposition", name)];
            book.count(later(over), "vcc_dispositions_total", &labels);
        }
        Detail::Rating {
            score: Some(score), ..
        } => {
            let when = later(case.seen(event.settled));
            let text = score.to_string();
            let labels = [medium, ("score", text.as_str())];
            book.count(when, "vcc_call_quality_ratings_total", &labels);
            book.observe(when, "vcc_call_quality_score", &[medium], score * 1_000);
        }
        Detail::Assistant {
            result, messages, ..
        } => {
            let when = When {
                seen: case
                    .seen(event.settled)
                    .min(case.ended)
                    .max(case.medium_known()),
                happened: case.moment(event.offset + event.duration),
            };
            let own = [medium, ("assistant", event.name.as_deref().unwrap_or(NONE))];
            let labels = [own[0], own[1], ("result", result)];
            book.count(when, "vcc_virtual_assistant_sessions_total", &labels);
            book.observe(when, "vcc_virtual_assistant_seconds", &own, event.duration);
            let messages = u64::try_from(*messages).unwrap_or_default();
            book.add(when, "vcc_virtual_assistant_messages_total", &own, messages);
        }
        _ => {}
    }
}

/// An interaction with an assistant, when it has ended.
fn assisted(book: &mut Book, case: &Case<'_>) {
    let channels = &case.script.channels;
    let sessions = channels.iter().flat_map(|channel| &channel.events);
    let last = sessions
        .filter(|event| matches!(event.detail, Detail::Assistant { .. }))
        .max_by_key(|event| event.offset);
    let Some(last) = last else { return };
    let mut agents = channels.iter().filter(|it| it.role == Role::Agent);
    let result = if agents.clone().any(|agent| agent.connected().is_some()) {
        "agent"
    } else if agents.next().is_some() || !case.queues().is_empty() {
        "queued"
    } else {
        "contained"
    };
    let when = When {
        seen: case.ended,
        happened: case.moment(case.script.duration.value),
    };
    let labels = [
        ("medium", case.medium),
        ("assistant", last.name.as_deref().unwrap_or(NONE)),
        ("result", result),
    ];
    book.count(when, "vcc_virtual_assistant_interactions_total", &labels);
}
