//! An interaction and what happened in it, in the order of time.

use std::fmt::Write;

use super::format::{moment, name, quoted, span, span_if_known};
use vcc_core::interaction::{
    Channel, Event, EventKind, Interaction, QueueDetails, Role, Status, Text,
};

pub(super) fn heading(out: &mut String, of: &Interaction<'_>) {
    let status = match of.status {
        Status::Ongoing => "Ongoing",
        Status::Completed => "Completed",
        Status::InternalError => "InternalError",
        Status::Unknown => "status absent or unknown",
    };
    let _ = writeln!(out, "Interaction {}", of.guid);
    let text = |text: &Option<Text<'_>>| match text {
        Some(text) => quoted(text),
        None => "none".to_owned(),
    };
    let lines = [
        ("status", status.to_owned()),
        ("medium", text(&of.medium)),
        ("direction", text(&of.direction)),
        ("outcome", text(&of.outcome)),
        ("reporting group", text(&of.reporting_group)),
        ("medium manager", text(&of.medium_manager)),
        ("start", moment(of.start_ms)),
        ("duration", span_if_known(of.duration_ms)),
        ("handle time", span_if_known(of.handle_ms)),
        ("talk time", span_if_known(of.talk_ms)),
    ];
    for (key, value) in lines {
        let _ = writeln!(out, "  {key:<16} {value}");
    }
    if let Some(time) = of.categorized {
        let time = time.map_or_else(|()| "a text that is no time".to_owned(), moment);
        let _ = writeln!(out, "  {:<16} {time}", "categorized");
    }
}

/// Writes its channels and their events, by their offsets.
pub(super) fn timeline(out: &mut String, of: &Interaction<'_>) {
    let mut lines: Vec<(i64, String)> = Vec::new();
    for (index, channel) in of.channels.iter().enumerate() {
        let whose = whose(of, index);
        lines.push((
            channel.offset_ms,
            format!("{whose} begins: {}", end(channel)),
        ));
        for event in &channel.events {
            lines.push((event.offset_ms, format!("{whose} {}", said(event))));
        }
    }
    let _ = writeln!(out, "\n  Timeline");
    if lines.is_empty() {
        let _ = writeln!(out, "    no channels");
    }
    // Stable: of what happens in the same moment, the API's order stays.
    lines.sort_by_key(|(offset_ms, _)| *offset_ms);
    for (offset_ms, line) in lines {
        let _ = writeln!(out, "    {:>11}  {line}", span(offset_ms));
    }
}

/// A channel by its place and its role, and whether its agent had one before.
fn whose(of: &Interaction<'_>, index: usize) -> String {
    let channel = &of.channels[index];
    let role = match &channel.role {
        Role::Absent => "no role".to_owned(),
        role => name(role.text().unwrap_or_default()),
    };
    let earlier = of.channels[..index].iter();
    let same = |other: &Channel<'_>| channel.party.is_some() && other.party == channel.party;
    match earlier.clone().position(same) {
        Some(first) => format!("#{} {role} (who is #{} too)", index + 1, first + 1),
        None => format!("#{} {role}", index + 1),
    }
}

fn end(channel: &Channel<'_>) -> String {
    let mut text = match channel.duration_ms {
        Some(ms) => format!("lasts {}", span(ms)),
        None => "its duration is not known".to_owned(),
    };
    if let Some(reason) = &channel.end_reason {
        let _ = write!(text, ", ends {}", quoted(reason));
    }
    if let Some(ms) = channel.handle_ms {
        let _ = write!(text, ", handle time {}", span(ms));
    }
    if let Some(integration) = &channel.integration {
        let _ = write!(text, ", integration {}", quoted(integration));
    }
    text
}

fn said(event: &Event<'_>) -> String {
    let mut text = match (event.kind, &event.value) {
        (EventKind::Other, None) => "event without a type".to_owned(),
        (EventKind::Other, Some(kind)) => format!("event of unknown type {}", quoted(kind)),
        (kind, _) => kind.name().to_owned(),
    };
    if let Some(name) = &event.name {
        let _ = write!(text, " {}", quoted(name));
    }
    if let Some(ms) = event.duration_ms {
        let _ = write!(text, ", lasts {}", span(ms));
    }
    if let (Some(value), Some(key)) = (&event.value, value_key(event.kind)) {
        let _ = write!(text, ", {key} {}", quoted(value));
    }
    if let Some(count) = event.messages {
        let _ = write!(text, ", {count} messages");
    }
    if let Some(queue) = &event.queue {
        queue_names(&mut text, queue);
    }
    text
}

/// What an event's value is called in the API.
fn value_key(kind: EventKind) -> Option<&'static str> {
    match kind {
        EventKind::Queue | EventKind::AgentQueue | EventKind::VirtualAssistant => Some("result"),
        EventKind::Held | EventKind::Monitoring | EventKind::DeliveryFailed => Some("type"),
        EventKind::Disposition => Some("disposition"),
        EventKind::CallRating | EventKind::AudioProblemReported => Some("classification"),
        EventKind::Applet | EventKind::VoicemailRecording => Some("appletType"),
        EventKind::InteractionPlan => Some("reportingGroup"),
        _ => None,
    }
}

fn queue_names(text: &mut String, queue: &QueueDetails<'_>) {
    let list = |names: &[Text<'_>]| {
        let names: Vec<_> = names.iter().map(|name| quoted(name)).collect();
        names.join(", ")
    };
    if !queue.virtual_queues.is_empty() {
        let _ = write!(text, ", virtual queues {}", list(&queue.virtual_queues));
    }
    for (name, ms) in &queue.targets {
        let _ = write!(text, ", target of {} {}", quoted(name), span(*ms));
    }
    if !queue.skills.is_empty() {
        let _ = write!(text, ", skills {}", list(&queue.skills));
    }
}
