//! What the ledger already holds of an interaction.

use std::fmt::Write;

use super::format::{moment, name, series, span};
use vcc_core::catalogue::{Family, Label};
use vcc_core::interaction::{EventKind, Interaction, Role};
use vcc_core::labels::LabelInterner;
use vcc_core::ledger::{
    ChannelFact, ChannelRecord, EventFact, EventRecord, FinalLabels, InteractionFact, Phase, Record,
};

const OF_INTERACTION: [(InteractionFact, &str); 8] = [
    (InteractionFact::Started, "started"),
    (InteractionFact::Conversation, "conversation"),
    (InteractionFact::Ended, "ended"),
    (InteractionFact::Duration, "duration"),
    (InteractionFact::Talk, "talk"),
    (InteractionFact::Handle, "handle"),
    (InteractionFact::Categorized, "categorized"),
    (InteractionFact::Expired, "expired"),
];

const OF_CHANNEL: [(ChannelFact, &str); 4] = [
    (ChannelFact::End, "channel_end"),
    (ChannelFact::Offer, "offer"),
    (ChannelFact::Handle, "agent_handle"),
    (ChannelFact::Attempt, "outbound_attempt"),
];

pub(super) fn held(
    out: &mut String,
    record: Option<&Record>,
    of: &Interaction<'_>,
    dictionary: &LabelInterner,
) {
    let _ = writeln!(out, "\n  The ledger holds");
    let Some(record) = record else {
        let _ = writeln!(out, "    nothing of it");
        return;
    };
    let phase = match record.phase {
        Phase::Open => "open: this version is joined with what is known of it",
        Phase::Closed => "ended: only late facts can follow",
        Phase::Expired => "expired without an end; it may still end",
    };
    let _ = writeln!(out, "    it is {phase}");
    let _ = writeln!(out, "    last news at {}", moment(record.last_update_ms()));
    if let Some(frozen) = &record.final_labels {
        let labels = frozen_labels(frozen, dictionary);
        let series = series(Family::InteractionDuration, &labels);
        let labels = series.trim_start_matches(Family::InteractionDuration.info().name);
        let _ = writeln!(out, "    its labels are frozen: {labels}");
    }
    let settled: Vec<_> = (OF_INTERACTION.iter())
        .filter(|(fact, _)| record.is_processed(*fact))
        .map(|(_, word)| (*word).to_owned())
        .collect();
    settled_line(out, "the interaction", &settled);
    counted(out, record);
    for mark in &record.channels {
        channel(out, mark, of);
    }
}

fn settled_line(out: &mut String, whose: &str, facts: &[String]) {
    if !facts.is_empty() {
        let _ = writeln!(out, "    settled of {whose}: {}", facts.join(", "));
    }
}

fn frozen_labels(
    frozen: &FinalLabels,
    dictionary: &LabelInterner,
) -> Vec<(Label, std::sync::Arc<str>)> {
    [
        (Label::Medium, frozen.medium),
        (Label::Direction, frozen.direction),
        (Label::Outcome, frozen.outcome),
        (Label::VirtualQueue, frozen.virtual_queue),
        (Label::ReportingGroup, frozen.reporting_group),
    ]
    .map(|(label, id)| (label, dictionary.text(id)))
    .into()
}

fn counted(out: &mut String, record: &Record) {
    let [duration, talk, handle, categorized] = record.counted;
    for (word, ms) in [("duration", duration), ("talk", talk), ("handle", handle)] {
        if let Some(ms) = ms {
            let _ = writeln!(out, "    {word} counted as {}", span(ms));
        }
    }
    if let Some(ms) = categorized {
        let _ = writeln!(out, "    categorized counted as {}", moment(ms));
    }
}

fn channel(out: &mut String, mark: &ChannelRecord, of: &Interaction<'_>) {
    let place = (of.channels.iter()).position(|channel| channel.id as u32 == mark.channel);
    let whose = match place {
        Some(index) => match &of.channels[index].role {
            Role::Absent => format!("#{}", index + 1),
            role => format!("#{} {}", index + 1, name(role.text().unwrap_or_default())),
        },
        None => "a channel this version lacks".to_owned(),
    };
    let mut facts: Vec<_> = (OF_CHANNEL.iter())
        .filter(|(fact, _)| mark.is_processed(*fact))
        .map(|(_, word)| (*word).to_owned())
        .collect();
    facts.extend(mark.events.iter().filter_map(event));
    settled_line(out, &whose, &facts);
}

/// An event by its type, and what of it is settled.
fn event(mark: &EventRecord) -> Option<String> {
    let [seen, done, measured, extra] = words(mark.kind);
    let facts = [
        (EventFact::Seen, seen),
        (EventFact::Done, done),
        (EventFact::Measured, measured),
        (EventFact::Extra, extra),
        (EventFact::Finished, "event"),
    ];
    let settled: Vec<_> = (facts.into_iter())
        .filter(|(fact, _)| mark.is_processed(*fact))
        .map(|(_, word)| word)
        .collect();
    let name = match mark.kind {
        EventKind::Other => "an event of unknown type",
        kind => kind.name(),
    };
    (!settled.is_empty()).then(|| format!("{name} ({})", settled.join(", ")))
}

/// The words for an event's facts: at first sight, with its result, its duration, its list.
fn words(kind: EventKind) -> [&'static str; 4] {
    match kind {
        EventKind::Queue => ["queue_entry", "queue_exit", "wait", "skill"],
        EventKind::AgentQueue => ["", "agent_queue_exit", "agent_queue_wait", ""],
        EventKind::VirtualAssistant => [
            "",
            "assistant_session",
            "assistant_time",
            "assistant_messages",
        ],
        EventKind::Ringing => ["", "", "ring", ""],
        EventKind::Held => ["", "", "hold", ""],
        EventKind::Wrap => ["", "", "agent_wrap", ""],
        EventKind::CallRecording => ["", "", "recording", ""],
        EventKind::Monitoring => ["", "", "monitoring", ""],
        EventKind::InteractionPlan => ["plan", "", "", ""],
        EventKind::Applet => ["applet", "", "", ""],
        EventKind::Disposition => ["disposition", "", "", ""],
        EventKind::CallRating => ["rating", "", "", ""],
        EventKind::AudioProblemReported => ["audio_problem", "", "", ""],
        EventKind::DataSourceValueAcquired => ["data_value", "", "", ""],
        EventKind::DeliveryFailed => ["delivery_failure", "", "", ""],
        EventKind::VoicemailRecording => ["voicemail", "", "", ""],
        EventKind::Connected | EventKind::Other => ["", "", "", ""],
    }
}
