//! A trace that waits to be sent, and the interactions traced of a conversation, as stored.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::codes::{Coded, decoded};
use super::{EncodingError, from_bytes, to_buffer};
use vcc_core::interaction::Guid;
use vcc_core::trace::{Attribute, Event, Span, SpanId, Trace, TraceId, Value};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredTrace<'a> {
    pub(super) id: [u8; 16],
    pub(super) spans: Vec<StoredSpan<'a>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredSpan<'a> {
    pub(super) id: [u8; 8],
    pub(super) parent: Option<[u8; 8]>,
    pub(super) name: Cow<'a, str>,
    pub(super) kind: u8,
    pub(super) start_ms: i64,
    pub(super) end_ms: i64,
    pub(super) attributes: Vec<StoredAttribute<'a>>,
    pub(super) events: Vec<StoredSpanEvent<'a>>,
    /// Trace and span of each.
    pub(super) links: Vec<([u8; 16], [u8; 8])>,
    pub(super) failed: bool,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredSpanEvent<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) at_ms: i64,
    pub(super) attributes: Vec<StoredAttribute<'a>>,
}

/// A name and a value; `kind` says which of the fields after it is the value, the others are empty.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredAttribute<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) kind: u8,
    pub(super) text: Cow<'a, str>,
    pub(super) number: i64,
    pub(super) ratio: f64,
}

pub(super) const TEXT: u8 = 1;
pub(super) const COUNT: u8 = 2;
pub(super) const MILLIS: u8 = 3;
pub(super) const RATIO: u8 = 4;
/// 1 for yes, 0 for no.
pub(super) const TRUTH: u8 = 5;

pub(crate) fn encode_trace<'b>(
    trace: &Trace,
    buffer: &'b mut Vec<u8>,
) -> Result<&'b [u8], EncodingError> {
    let stored = StoredTrace {
        id: trace.id.0,
        spans: trace.spans.iter().map(StoredSpan::from).collect(),
    };
    to_buffer(&stored, buffer)
}

pub(crate) fn decode_trace(bytes: &[u8]) -> Result<Trace, EncodingError> {
    let stored: StoredTrace<'_> = from_bytes(bytes)?;
    Ok(Trace {
        id: TraceId(stored.id),
        spans: stored
            .spans
            .into_iter()
            .map(span)
            .collect::<Result<_, _>>()?,
    })
}

impl<'a> From<&'a Span> for StoredSpan<'a> {
    fn from(span: &'a Span) -> Self {
        let links = span.links.iter();
        StoredSpan {
            id: span.id.0,
            parent: span.parent.map(|id| id.0),
            name: Cow::Borrowed(&span.name),
            kind: span.kind.code(),
            start_ms: span.start_ms,
            end_ms: span.end_ms,
            attributes: span.attributes.iter().map(Into::into).collect(),
            events: span.events.iter().map(Into::into).collect(),
            links: links.map(|(trace, span)| (trace.0, span.0)).collect(),
            failed: span.failed,
        }
    }
}

impl<'a> From<&'a Event> for StoredSpanEvent<'a> {
    fn from(event: &'a Event) -> Self {
        StoredSpanEvent {
            name: Cow::Borrowed(&event.name),
            at_ms: event.at_ms,
            attributes: event.attributes.iter().map(Into::into).collect(),
        }
    }
}

impl<'a> From<&'a Attribute> for StoredAttribute<'a> {
    fn from((name, value): &'a Attribute) -> Self {
        let (kind, text, number, ratio) = match value {
            Value::Text(text) => (TEXT, text.as_str(), 0, 0.0),
            Value::Count(number) => (COUNT, "", *number, 0.0),
            Value::Millis(number) => (MILLIS, "", *number, 0.0),
            Value::Ratio(ratio) => (RATIO, "", 0, *ratio),
            Value::Truth(is_true) => (TRUTH, "", i64::from(*is_true), 0.0),
        };
        StoredAttribute {
            name: Cow::Borrowed(name),
            kind,
            text: Cow::Borrowed(text),
            number,
            ratio,
        }
    }
}

fn span(stored: StoredSpan<'_>) -> Result<Span, EncodingError> {
    let events = stored.events.into_iter().map(event);
    let links = stored.links.into_iter();
    Ok(Span {
        id: SpanId(stored.id),
        parent: stored.parent.map(SpanId),
        name: stored.name.into_owned(),
        kind: decoded(stored.kind)?,
        start_ms: stored.start_ms,
        end_ms: stored.end_ms,
        attributes: attributes(stored.attributes)?,
        events: events.collect::<Result<_, _>>()?,
        links: links
            .map(|(trace, span)| (TraceId(trace), SpanId(span)))
            .collect(),
        failed: stored.failed,
    })
}

fn event(stored: StoredSpanEvent<'_>) -> Result<Event, EncodingError> {
    Ok(Event {
        name: stored.name.into_owned(),
        at_ms: stored.at_ms,
        attributes: attributes(stored.attributes)?,
    })
}

fn attributes(stored: Vec<StoredAttribute<'_>>) -> Result<Vec<Attribute>, EncodingError> {
    let each = stored.into_iter().map(|stored| {
        let value = match stored.kind {
            TEXT => Value::Text(stored.text.into_owned()),
            COUNT => Value::Count(stored.number),
            MILLIS => Value::Millis(stored.number),
            RATIO => Value::Ratio(stored.ratio),
            TRUTH => Value::Truth(stored.number != 0),
            kind => {
                return Err(EncodingError::UnknownCode {
                    what: "kind of attribute",
                    code: kind.into(),
                });
            }
        };
        Ok((Cow::Owned(stored.name.into_owned()), value))
    });
    each.collect()
}

pub(crate) fn encode_guids<'b>(
    guids: &[Guid],
    buffer: &'b mut Vec<u8>,
) -> Result<&'b [u8], EncodingError> {
    let stored: Vec<u128> = guids.iter().map(|guid| guid.0).collect();
    to_buffer(&stored, buffer)
}

pub(crate) fn decode_guids(bytes: &[u8]) -> Result<Vec<Guid>, EncodingError> {
    let stored: Vec<u128> = from_bytes(bytes)?;
    Ok(stored.into_iter().map(Guid).collect())
}
