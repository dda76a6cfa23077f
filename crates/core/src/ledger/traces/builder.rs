//! Builds the spans of a trace.

use crate::catalogue::Label;
use crate::interaction::{
    Channel, Event, Interaction, MAX_DURATION_MS, QueueDetails, Role, Status,
};
use crate::labels::{LabelId, Resolver};
use crate::series::SeriesKey;
use crate::trace::{self, Attribute, Kind, Span, SpanId, Spans, TraceId, Value};

use super::super::classify::{category, timing};
use super::super::rules::{Rules, TraceRules};
use super::names::{name, of_name, of_value};

/// The most spans and span events of one trace. A call of many transfers has a hundred; a record
/// of thousands of parts must not become a gigabyte on its way out.
const MAX_PARTS_SHOWN: usize = 500;

/// What the interaction's own span shows besides the interaction.
pub(super) struct Root<'d> {
    /// The series of ended interactions that it counts under.
    pub(super) series: SeriesKey,
    pub(super) account: &'d str,
    pub(super) service_level_missed: bool,
    /// The share of such interactions that become traces, 0 to 1.
    pub(super) sampled_share: f64,
}

pub(super) struct TraceBuilder<'d, 'r> {
    subject: &'d Interaction<'d>,
    rules: &'d Rules,
    kept: &'d TraceRules,
    resolver: &'d mut Resolver<'r>,
    /// How many channels and events there were so far.
    parts: usize,
}

/// What identifies a span within its trace, and its time relative to the interaction's start.
struct Part<'t> {
    channel: u64,
    kind: &'static str,
    name: &'t str,
    offset_ms: i64,
    duration_ms: i64,
}

impl<'d, 'r> TraceBuilder<'d, 'r> {
    pub(super) fn new(
        subject: &'d Interaction<'d>,
        rules: &'d Rules,
        kept: &'d TraceRules,
        resolver: &'d mut Resolver<'r>,
    ) -> Self {
        TraceBuilder {
            subject,
            rules,
            kept,
            resolver,
            parts: 0,
        }
    }

    /// The spans of the trace, the interaction's own first.
    pub(super) fn build(mut self, id: TraceId, root: &Root<'_>) -> Vec<Span> {
        let mut ids = Spans::new(id);
        let own = self.root(id, root);
        let parent = own.id;
        let mut spans = vec![own];
        for channel in &self.subject.channels {
            self.channel(channel, parent, &mut ids, &mut spans);
        }
        let more = [
            (
                "vcc.service_level.missed",
                Value::Truth(root.service_level_missed),
            ),
            ("vcc.sampled_share", Value::Ratio(root.sampled_share)),
            ("vcc.truncated", Value::Truth(self.parts > MAX_PARTS_SHOWN)),
        ];
        let more = more.map(|(name, value)| (name.into(), value));
        spans[0].attributes.extend(more);
        spans
    }

    /// A value as the metrics show it.
    fn shown(&mut self, label: Label, text: Option<&str>) -> Option<String> {
        let id = self.resolver.resolve(label, text)?;
        Some(self.resolver.text(id).to_string())
    }

    /// Adds an attribute, unless its value is null.
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

    fn root(&mut self, id: TraceId, root: &Root<'_>) -> Span {
        let subject = self.subject;
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
            attributes: self.root_attributes(root),
            events: Vec::new(),
            links: Vec::new(),
            failed: subject.status == Status::InternalError,
        }
    }

    fn root_attributes(&self, root: &Root<'_>) -> Vec<Attribute> {
        let subject = self.subject;
        let mut attributes: Vec<Attribute> = vec![
            ("vcc.account".into(), Value::Text(root.account.to_owned())),
            (
                "vcc.interaction.guid".into(),
                Value::Text(subject.guid.to_string()),
            ),
        ];
        let conversation = subject.conversation.map(|guid| guid.to_string());
        attributes.extend(conversation.map(|it| ("vcc.conversation.guid".into(), Value::Text(it))));
        let labels = root.series.labels();
        for (label, value) in labels.filter(|(_, id)| *id != LabelId::DROPPED) {
            let text = self.resolver.text(value).to_string();
            attributes.push((format!("vcc.{}", label.name()).into(), Value::Text(text)));
        }
        for (name, ms) in [
            ("vcc.handle_seconds", subject.handle_ms),
            ("vcc.talk_seconds", subject.talk_ms),
        ] {
            attributes.extend(ms.map(|ms| (name.into(), Value::Millis(ms))));
        }
        attributes
    }

    /// Takes the room of one more part, if there is any.
    fn has_room(&mut self) -> bool {
        self.parts += 1;
        self.parts <= MAX_PARTS_SHOWN
    }

    fn channel(
        &mut self,
        channel: &Channel<'_>,
        parent: SpanId,
        ids: &mut Spans,
        out: &mut Vec<Span>,
    ) {
        if !self.has_room() {
            return;
        }
        let attributes = self.channel_attributes(channel);
        let role = self.shown(Label::Role, channel.role.text());
        let role = role.unwrap_or_else(|| "none".to_owned());
        let ended_with_all = self.subject.end_ms() - self.subject.start_ms - channel.offset_ms;
        let part = Part {
            channel: channel.id,
            kind: "channel",
            name: "",
            offset_ms: channel.offset_ms,
            duration_ms: channel.duration_ms.unwrap_or(ended_with_all),
        };
        let place = out.len();
        out.push(Span {
            name: format!("channel {role}"),
            ..self.span(&part, ids, parent, attributes)
        });
        let parent = out[place].id;
        for event in &channel.events {
            if !self.has_room() {
                return;
            }
            let attributes = self.event_attributes(event);
            let kind = name(event.kind);
            if let Some(duration_ms) = event.duration_ms {
                let part = Part {
                    channel: channel.id,
                    kind,
                    name: event.name.as_deref().unwrap_or_default(),
                    offset_ms: event.offset_ms,
                    duration_ms,
                };
                out.push(self.span(&part, ids, parent, attributes));
            } else {
                out[place].events.push(trace::Event {
                    name: kind.to_owned(),
                    at_ms: self.subject.start_ms.saturating_add(event.offset_ms),
                    attributes,
                });
            }
        }
    }

    fn channel_attributes(&mut self, channel: &Channel<'_>) -> Vec<Attribute> {
        let mut out = Vec::new();
        self.note(
            &mut out,
            "vcc.end_reason",
            Label::EndReason,
            channel.end_reason.as_deref(),
        );
        self.note(
            &mut out,
            "vcc.integration_type",
            Label::IntegrationType,
            channel.integration.as_deref(),
        );
        let handle = channel.handle_ms.map(Value::Millis);
        out.extend(handle.map(|it| ("vcc.handle_seconds".into(), it)));
        if self.kept.party_ids && channel.role == Role::Agent {
            let id = channel.party_id.as_deref();
            self.note(&mut out, "vcc.party.id", Label::Agent, id);
        }
        out
    }

    fn span(
        &self,
        part: &Part<'_>,
        ids: &mut Spans,
        parent: SpanId,
        attributes: Vec<Attribute>,
    ) -> Span {
        let start_ms = self.subject.start_ms.saturating_add(part.offset_ms);
        let duration_ms = part.duration_ms.clamp(0, MAX_DURATION_MS);
        Span {
            id: ids.next(part.channel, part.kind, part.offset_ms, part.name),
            parent: Some(parent),
            name: part.kind.to_owned(),
            kind: Kind::Internal,
            start_ms,
            end_ms: start_ms.saturating_add(duration_ms),
            attributes,
            events: Vec::new(),
            links: Vec::new(),
            failed: false,
        }
    }

    fn event_attributes(&mut self, event: &Event<'_>) -> Vec<Attribute> {
        let mut out = Vec::new();
        if let Some((name, label)) = of_name(event.kind) {
            self.note(&mut out, name, label, event.name.as_deref());
        }
        if let Some((name, label)) = of_value(event.kind) {
            self.note(&mut out, name, label, event.value.as_deref());
        }
        let messages = event.messages.map(Value::Count);
        out.extend(messages.map(|it| ("vcc.messages".into(), it)));
        if let Some(queue) = event.queue.as_deref() {
            self.queue_attributes(event, queue, &mut out);
        }
        out
    }

    fn queue_attributes(
        &mut self,
        event: &Event<'_>,
        queue: &QueueDetails<'_>,
        out: &mut Vec<Attribute>,
    ) {
        let names = queue.virtual_queues.iter();
        let names: Vec<_> = names
            .filter_map(|name| self.shown(Label::VirtualQueue, Some(name)))
            .collect();
        if !names.is_empty() {
            out.push(("vcc.virtual_queue".into(), Value::Text(names.join(", "))));
        }
        let target_ms = self.rules.shortest_target_ms(queue);
        out.extend(target_ms.map(|ms| ("vcc.target_seconds".into(), Value::Millis(ms))));
        let category = category(event.value.as_deref());
        let wait_ms = event.duration_ms.map(|ms| ms.max(0) as u64);
        let timing = timing(category, wait_ms, target_ms, self.rules.short_abandon_ms);
        for (name, text) in [
            ("vcc.category", category.as_str()),
            ("vcc.timing", timing.as_str()),
        ] {
            out.push((name.into(), Value::Text(text.to_owned())));
        }
    }
}
