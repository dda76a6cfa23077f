//! OpenTelemetry: the metrics pushed, and the exporter's own traces, over OTLP.
//!
//! One way is spoken, protobuf over HTTP (<https://opentelemetry.io/docs/specs/otlp/#otlphttp>);
//! every receiver has it, a Collector's on port 4318.

pub mod metrics;
pub mod resource;
