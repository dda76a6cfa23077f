//! An interaction that has ended as a trace, if it is one to be kept.
//!
//! What it shows is what counts: its labels are those of the metrics, limits and redaction
//! included, and the observations it may stand for are found by assessing it once more, as if it
//! were seen for the first time.

use std::collections::HashMap;

use crate::catalogue::{Family, Kind as Measure, Label};
use crate::interaction::{
    Channel, Event, EventKind, Guid, Interaction, MAX_DURATION_MS, Role, Status,
};
use crate::labels::{LabelId, Resolver};
use crate::series::SeriesKey;
use crate::tally::{Note, Tally};
use crate::trace::{self, Attribute, Kind, Outgoing, Span, Spans, Trace, TraceId, Value};

use super::account::{Account, Commit};
use super::assess::{Moment, assess};
use super::classify::{category, timing};
use super::queues::shortest_target_ms;
use super::record::Record;
use super::rules::{Rules, TraceRules};

/// How long a trace is worth sending, in milliseconds: what is older, back ends refuse or file
/// where no search finds it.
pub const MAX_AGE_MS: i64 = 24 * 3_600_000;

/// The most spans and span events of one trace. A call of many transfers has a hundred; a record
/// of thousands of parts must not become a gigabyte on its way out.
const MAX_PARTS_SHOWN: usize = 500;

/// The most observations one trace may stand for.
const MAX_OBSERVATIONS: usize = 64;

/// How many earlier interactions of its conversation a trace is linked to. A conversation is a
/// call and its call-back, seldom more.
pub const MAX_LINKS: usize = 8;

/// The trace of an interaction that has just ended, if its end counts and it is kept. `record` is
/// its row.
pub(super) fn trace_of(
    subject: &Interaction<'_>,
    record: &Record,
    account: &Account,
    rules: &Rules,
    moment: &Moment,
) -> Option<Outgoing> {
    let kept = rules.traces.as_ref()?;
    if moment.now_ms - subject.end_ms() > MAX_AGE_MS {
        return None;
    }
    let mut again = Record::new(subject.start_ms, record.horizon_ms);
    again.first_final_ms = record.first_final_ms;
    let mut tally = Tally::new(&account.dictionary, account, &rules.shape);
    tally.journal = Some(Vec::new());
    let moment = Moment {
        recovering: false,
        ..*moment
    };
    assess(subject, &mut again, &mut tally, rules, &moment, &mut |_| {
        false
    });
    let notes = tally.journal.take().unwrap_or_default();
    let moved = |family| {
        let all = notes.iter();
        all.filter_map(move |note| match note {
            Note::Moved(key, by) if key.family == family => Some((*key, *by)),
            _ => None,
        })
    };
    let (own, _) = moved(Family::Interactions).next()?;
    let missed =
        moved(Family::ServiceLevelEligible).count() > moved(Family::ServiceLevelMet).count();
    let id = trace::trace_of(subject.guid);
    let always = missed || subject.status == Status::InternalError;
    if !(always || id.is_sampled(kept.share)) {
        return None;
    }
    let share = if always { 1.0 } else { kept.share };
    let observations = observations(&notes, account);
    let mut draft = Draft {
        subject,
        rules,
        kept,
        resolver: &mut tally.resolver,
        spans: Spans::new(id),
        parts: 0,
    };
    let mut spans = vec![draft.root(id, own, &account.name)];
    for channel in &subject.channels {
        draft.channel(channel, id, &mut spans);
    }
    let more = [
        ("vcc.service_level.missed", Value::Truth(missed)),
        ("vcc.sampled_share", Value::Ratio(share)),
        ("vcc.truncated", Value::Truth(draft.parts > MAX_PARTS_SHOWN)),
    ];
    let more = more.map(|(name, value)| (name.into(), value));
    spans[0].attributes.extend(more);
    Some(Outgoing {
        trace: Trace { id, spans },
        guid: subject.guid,
        conversation: subject.conversation,
        ready_ms: 0,
        observations,
    })
}

/// What the interaction was observed with. How late it was learnt is no property of it; and a
/// series with a label value that is only now admitted has no exemplar yet.
fn observations(notes: &[Note], account: &Account) -> Vec<(SeriesKey, u64)> {
    let of_interest = |note: &Note| match note {
        Note::Moved(key, ms)
            if matches!(key.family.info().kind, Measure::Histogram(_))
                && key.family != Family::FactLateness
                && key.labels().all(|(_, id)| account.dictionary.knows(id)) =>
        {
            Some((*key, *ms))
        }
        _ => None,
    };
    let all = notes.iter().filter_map(of_interest);
    all.take(MAX_OBSERVATIONS).collect()
}

/// A trace under way.
struct Draft<'d, 'r> {
    subject: &'d Interaction<'d>,
    rules: &'d Rules,
    kept: &'d TraceRules,
    resolver: &'d mut Resolver<'r>,
    spans: Spans,
    /// How many channels and events there were so far.
    parts: usize,
}

impl Draft<'_, '_> {
    /// A value as the metrics show it.
    fn shown(&mut self, label: Label, text: Option<&str>) -> Option<String> {
        let id = self.resolver.resolve(label, text)?;
        Some(self.resolver.text(id).to_string())
    }

    fn note(
        &mut self,
        to: &mut Vec<Attribute>,
        name: &'static str,
        label: Label,
        text: Option<&str>,
    ) {
        let shown = self.shown(label, text);
        to.extend(shown.map(|text| (name.into(), Value::Text(text))));
    }

    fn root(&mut self, id: TraceId, own: SeriesKey, account: &str) -> Span {
        let subject = self.subject;
        let mut attributes: Vec<Attribute> = vec![
            ("vcc.account".into(), Value::Text(account.to_owned())),
            (
                "vcc.interaction.guid".into(),
                Value::Text(subject.guid.to_string()),
            ),
        ];
        let conversation = subject.conversation.map(|guid| guid.to_string());
        attributes.extend(conversation.map(|it| ("vcc.conversation.guid".into(), Value::Text(it))));
        for (label, value) in own.labels().filter(|(_, id)| *id != LabelId::ABSENT) {
            let text = self.resolver.text(value).to_string();
            attributes.push((format!("vcc.{}", label.name()).into(), Value::Text(text)));
        }
        for (name, ms) in [
            ("vcc.handle_seconds", subject.handle_ms),
            ("vcc.talk_seconds", subject.talk_ms),
        ] {
            attributes.extend(ms.map(|ms| (name.into(), Value::Millis(ms))));
        }
        let outbound = subject.direction.as_deref() == Some("Outbound");
        let names = [
            (Label::Medium, &subject.medium),
            (Label::Direction, &subject.direction),
        ];
        let mut name = "interaction".to_owned();
        for (label, text) in names {
            if let Some(text) = self.shown(label, text.as_deref()) {
                name.push(' ');
                name.push_str(&text);
            }
        }
        Span {
            id: trace::root_of(id),
            parent: None,
            name,
            kind: if outbound { Kind::Client } else { Kind::Server },
            start_ms: subject.start_ms,
            end_ms: subject.end_ms(),
            attributes,
            events: Vec::new(),
            links: Vec::new(),
            failed: subject.status == Status::InternalError,
        }
    }

    /// Whether there is room for one more part.
    fn has_room(&mut self) -> bool {
        self.parts += 1;
        self.parts <= MAX_PARTS_SHOWN
    }

    fn channel(&mut self, channel: &Channel<'_>, id: TraceId, out: &mut Vec<Span>) {
        if !self.has_room() {
            return;
        }
        let mut attributes = Vec::new();
        let role = self.shown(Label::Role, channel.role.text());
        let role = role.unwrap_or_else(|| "none".to_owned());
        self.note(
            &mut attributes,
            "vcc.end_reason",
            Label::EndReason,
            channel.end_reason.as_deref(),
        );
        self.note(
            &mut attributes,
            "vcc.integration_type",
            Label::IntegrationType,
            channel.integration.as_deref(),
        );
        let handle = channel.handle_ms.map(Value::Millis);
        attributes.extend(handle.map(|it| ("vcc.handle_seconds".into(), it)));
        if self.kept.party_ids && channel.role == Role::Agent {
            self.note(
                &mut attributes,
                "vcc.party.id",
                Label::Agent,
                channel.party_id.as_deref(),
            );
        }
        let ended_with_all = self.subject.end_ms() - self.subject.start_ms - channel.offset_ms;
        let duration_ms = channel.duration_ms.unwrap_or(ended_with_all);
        let mut own = Span {
            parent: Some(trace::root_of(id)),
            ..self.span("channel", channel.id, channel.offset_ms, duration_ms, "")
        };
        own.name = format!("channel {role}");
        own.attributes = attributes;
        let place = out.len();
        out.push(own);
        for event in &channel.events {
            if !self.has_room() {
                return;
            }
            let attributes = self.event(event);
            let name = name(event.kind);
            if let Some(ms) = event.duration_ms {
                let text = event.name.as_deref().unwrap_or_default();
                let mut span = self.span(name, channel.id, event.offset_ms, ms, text);
                span.parent = Some(out[place].id);
                span.attributes = attributes;
                out.push(span);
            } else {
                out[place].events.push(trace::Event {
                    name: name.to_owned(),
                    at_ms: self.subject.start_ms.saturating_add(event.offset_ms),
                    attributes,
                });
            }
        }
    }

    fn span(
        &mut self,
        kind: &'static str,
        channel: u64,
        offset_ms: i64,
        duration_ms: i64,
        name: &str,
    ) -> Span {
        let start_ms = self.subject.start_ms.saturating_add(offset_ms);
        Span {
            id: self.spans.next(channel, kind, offset_ms, name),
            parent: None,
            name: kind.to_owned(),
            kind: Kind::Internal,
            start_ms,
            end_ms: start_ms.saturating_add(duration_ms.clamp(0, MAX_DURATION_MS)),
            attributes: Vec::new(),
            events: Vec::new(),
            links: Vec::new(),
            failed: false,
        }
    }

    fn event(&mut self, event: &Event<'_>) -> Vec<Attribute> {
        let mut out = Vec::new();
        if let Some((name, label)) = of_name(event.kind) {
            self.note(&mut out, name, label, event.name.as_deref());
        }
        if let Some((name, label)) = of_value(event.kind) {
            self.note(&mut out, name, label, event.value.as_deref());
        }
        let messages = event.messages.map(Value::Count);
        out.extend(messages.map(|it| ("vcc.messages".into(), it)));
        let Some(queue) = event.queue.as_deref() else {
            return out;
        };
        let names = queue.virtual_queues.iter();
        let names: Vec<_> = names
            .filter_map(|name| self.shown(Label::VirtualQueue, Some(name)))
            .collect();
        if !names.is_empty() {
            out.push(("vcc.virtual_queue".into(), Value::Text(names.join(", "))));
        }
        let target_ms = shortest_target_ms(queue, self.rules);
        out.extend(target_ms.map(|ms| ("vcc.target_seconds".into(), Value::Millis(ms))));
        let category = category(event.value.as_deref());
        let wait_ms = event.duration_ms.map(|ms| ms.max(0) as u64);
        let timing = timing(category, wait_ms, target_ms, self.rules.short_abandon_ms);
        for (name, word) in [
            ("vcc.category", category.as_str()),
            ("vcc.timing", timing.as_str()),
        ] {
            out.push((name.into(), Value::Text(word.to_owned())));
        }
        out
    }
}

/// What something of this kind is called.
fn name(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Ringing => "ring",
        EventKind::Connected => "talk",
        EventKind::Held => "hold",
        EventKind::Wrap => "wrap",
        EventKind::InteractionPlan => "interaction plan",
        EventKind::Applet => "applet",
        EventKind::Queue => "queue",
        EventKind::AgentQueue => "agent queue",
        EventKind::CallRecording => "recording",
        EventKind::Disposition => "disposition",
        EventKind::CallRating => "rating",
        EventKind::AudioProblemReported => "audio problem",
        EventKind::DataSourceValueAcquired => "data source value",
        EventKind::DeliveryFailed => "delivery failure",
        EventKind::Monitoring => "monitoring",
        EventKind::VirtualAssistant => "virtual assistant",
        EventKind::VoicemailRecording => "voicemail",
        EventKind::Other => "event",
    }
}

/// Under which name and label an event's own name is shown. Where it is not the name of a thing,
/// it is not.
fn of_name(kind: EventKind) -> Option<(&'static str, Label)> {
    match kind {
        EventKind::Queue | EventKind::AgentQueue => Some(("vcc.acd_queue", Label::AcdQueue)),
        EventKind::VirtualAssistant => Some(("vcc.assistant", Label::Assistant)),
        EventKind::InteractionPlan => Some(("vcc.interaction_plan", Label::InteractionPlan)),
        _ => None,
    }
}

/// Under which name and label an event's value is shown.
fn of_value(kind: EventKind) -> Option<(&'static str, Label)> {
    match kind {
        EventKind::Queue | EventKind::AgentQueue | EventKind::VirtualAssistant => {
            Some(("vcc.result", Label::Result))
        }
        EventKind::Held | EventKind::Monitoring | EventKind::DeliveryFailed => {
            Some(("vcc.kind", Label::Type))
        }
        EventKind::InteractionPlan => Some(("vcc.reporting_group", Label::ReportingGroup)),
        EventKind::Applet | EventKind::VoicemailRecording => {
            Some(("vcc.applet_type", Label::AppletType))
        }
        EventKind::Disposition => Some(("vcc.disposition", Label::Disposition)),
        EventKind::CallRating => Some(("vcc.score", Label::Score)),
        EventKind::AudioProblemReported => Some(("vcc.classification", Label::Classification)),
        EventKind::Other => Some(("vcc.type", Label::EventType)),
        _ => None,
    }
}

impl Commit {
    /// The conversations that the traces of this commit belong to.
    pub fn traced_conversations(&self) -> Vec<Guid> {
        let mut all: Vec<_> = self
            .outgoing
            .iter()
            .filter_map(|it| it.conversation)
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Links each trace to the earlier ones of its conversation. `earlier` holds those in the
    /// state, of [`Commit::traced_conversations`].
    pub fn link(&mut self, mut earlier: HashMap<Guid, Vec<Guid>>) {
        for outgoing in &mut self.outgoing {
            let Some(conversation) = outgoing.conversation else {
                continue;
            };
            let known = earlier.entry(conversation).or_default();
            if let Some(root) = outgoing.trace.spans.first_mut() {
                let others = known.iter().filter(|guid| **guid != outgoing.guid);
                root.links = others
                    .map(|guid| trace::trace_of(*guid))
                    .map(|id| (id, trace::root_of(id)))
                    .collect();
            }
            if !known.contains(&outgoing.guid) {
                known.push(outgoing.guid);
            }
            let beyond = known.len().saturating_sub(MAX_LINKS);
            known.drain(..beyond);
        }
        self.traced = earlier.into_iter().collect();
        self.traced
            .sort_unstable_by_key(|(conversation, _)| *conversation);
    }
}
