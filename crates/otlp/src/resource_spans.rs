//! Traces of interactions as messages of `opentelemetry.proto.trace.v1`.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link, SpanKind};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status, status};

use super::proto::{nanos, scope};
use vcc_core::trace::{self, Kind, Trace, TraceId, Value};

/// W3C Trace Context level 2: `sampled` and `random`, because the ids are as good as random.
const FLAGS: u32 = 0b11;

/// Traces as one request.
pub fn request(
    resource: &Resource,
    traces: impl IntoIterator<Item = Trace>,
) -> ExportTraceServiceRequest {
    let spans = traces.into_iter().flat_map(|trace| {
        let id = trace.id;
        trace.spans.into_iter().map(move |of| span(id, of))
    });
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(resource.clone()),
            scope_spans: vec![ScopeSpans {
                scope: Some(scope()),
                spans: spans.collect(),
                schema_url: String::new(),
            }],
            schema_url: String::new(),
        }],
    }
}

fn span(id: TraceId, of: trace::Span) -> Span {
    Span {
        trace_id: id.0.to_vec(),
        span_id: of.id.0.to_vec(),
        parent_span_id: of.parent.map_or(Vec::new(), |parent| parent.0.to_vec()),
        flags: FLAGS,
        name: of.name,
        kind: match of.kind {
            Kind::Internal => SpanKind::Internal,
            Kind::Server => SpanKind::Server,
            Kind::Client => SpanKind::Client,
        } as i32,
        start_time_unix_nano: nanos(of.start_ms),
        end_time_unix_nano: nanos(of.end_ms),
        attributes: attributes(of.attributes),
        events: of.events.into_iter().map(event).collect(),
        links: of.links.into_iter().map(link).collect(),
        status: of.failed.then(|| Status {
            code: status::StatusCode::Error as i32,
            message: "the platform says that the interaction failed".to_owned(),
        }),
        ..Span::default()
    }
}

fn event(of: trace::Event) -> Event {
    Event {
        time_unix_nano: nanos(of.at_ms),
        name: of.name,
        attributes: attributes(of.attributes),
        ..Event::default()
    }
}

fn link((trace, span): (TraceId, trace::SpanId)) -> Link {
    Link {
        trace_id: trace.0.to_vec(),
        span_id: span.0.to_vec(),
        flags: FLAGS,
        ..Link::default()
    }
}

fn attributes(of: Vec<trace::Attribute>) -> Vec<KeyValue> {
    let attribute = |(name, value): trace::Attribute| KeyValue {
        key: name.into_owned(),
        value: Some(AnyValue {
            value: Some(match value {
                Value::Text(text) => any_value::Value::StringValue(text),
                Value::Count(count) => any_value::Value::IntValue(count),
                Value::Millis(ms) => any_value::Value::DoubleValue(ms as f64 / 1_000.0),
                Value::Ratio(share) => any_value::Value::DoubleValue(share),
                Value::Truth(yes) => any_value::Value::BoolValue(yes),
            }),
        }),
        ..KeyValue::default()
    };
    of.into_iter().map(attribute).collect()
}
