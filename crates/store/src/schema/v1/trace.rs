//! Traces of version 1.

use std::borrow::Cow;

use serde::Deserialize;

use super::{EncodingError, code, from_bytes, to_buffer};
use crate::schema::trace::{
    COUNT, MILLIS, RATIO, StoredAttribute, StoredSpan, StoredSpanEvent, StoredTrace, TEXT, TRUTH,
};

#[derive(Deserialize)]
struct Trace<'a> {
    id: [u8; 16],
    #[serde(borrow)]
    spans: Vec<Span<'a>>,
}

#[derive(Deserialize)]
struct Span<'a> {
    id: [u8; 8],
    parent: Option<[u8; 8]>,
    name: &'a str,
    kind: u32,
    start_ms: i64,
    end_ms: i64,
    #[serde(borrow)]
    attributes: Vec<(&'a str, Value<'a>)>,
    events: Vec<SpanEvent<'a>>,
    links: Vec<([u8; 16], [u8; 8])>,
    failed: bool,
}

#[derive(Deserialize)]
struct SpanEvent<'a> {
    name: &'a str,
    at_ms: i64,
    #[serde(borrow)]
    attributes: Vec<(&'a str, Value<'a>)>,
}

#[derive(Deserialize)]
enum Value<'a> {
    Text(&'a str),
    Count(i64),
    Millis(i64),
    Ratio(f64),
    Truth(bool),
}

/// A trace of version 1 in version 2.
pub(in crate::schema) fn trace<'b>(
    bytes: &[u8],
    buffer: &'b mut Vec<u8>,
) -> Result<&'b [u8], EncodingError> {
    let trace: Trace<'_> = from_bytes(bytes)?;
    let spans = trace.spans.into_iter().map(span);
    let stored = StoredTrace {
        id: trace.id,
        spans: spans.collect::<Result<_, _>>()?,
    };
    to_buffer(&stored, buffer)
}

fn span(span: Span<'_>) -> Result<StoredSpan<'_>, EncodingError> {
    let events = span.events.into_iter().map(|event| StoredSpanEvent {
        name: Cow::Borrowed(event.name),
        at_ms: event.at_ms,
        attributes: attributes(event.attributes),
    });
    Ok(StoredSpan {
        id: span.id,
        parent: span.parent,
        name: Cow::Borrowed(span.name),
        kind: code("span kind", span.kind, 3)?,
        start_ms: span.start_ms,
        end_ms: span.end_ms,
        attributes: attributes(span.attributes),
        events: events.collect(),
        links: span.links,
        failed: span.failed,
    })
}

fn attributes<'a>(attributes: Vec<(&'a str, Value<'a>)>) -> Vec<StoredAttribute<'a>> {
    let each = attributes.into_iter().map(|(name, value)| {
        let (kind, text, number, ratio) = match value {
            Value::Text(text) => (TEXT, text, 0, 0.0),
            Value::Count(number) => (COUNT, "", number, 0.0),
            Value::Millis(number) => (MILLIS, "", number, 0.0),
            Value::Ratio(ratio) => (RATIO, "", 0, ratio),
            Value::Truth(is_true) => (TRUTH, "", i64::from(is_true), 0.0),
        };
        StoredAttribute {
            name: Cow::Borrowed(name),
            kind,
            text: Cow::Borrowed(text),
            number,
            ratio,
        }
    });
    each.collect()
}
