//! OTLP export: metrics, interactions as traces, and spans of the exporter's own work.
//!
//! The transport is protobuf over HTTP (<https://opentelemetry.io/docs/specs/otlp/#otlphttp>), which
//! every receiver supports, a Collector on port 4318. The files in the order of an export:
//!
//! - [`Settings`] and [`target`]: what is exported, where to and with which headers;
//! - [`metrics`], [`resource_spans`], [`resource`]: the messages;
//! - [`transport`], [`response`], [`error`]: one HTTP exchange and the meaning of its response;
//! - [`Client`]: one attempt, counted in [`ExportCounters`] and logged;
//! - [`mod@push`] (metrics), [`trace_exporter`] (the outbox of interactions) and [`self_spans`] (own
//!   spans, from [`collect()`]): when to export;
//! - [`Pipelines`]: all of them, from start to shutdown.
#![warn(missing_docs)]

mod client;
mod data_points;
pub mod error;
mod export_counters;
pub mod metrics;
mod pipelines;
mod proto;
pub mod push;
pub mod resource;
pub mod resource_spans;
pub mod response;
pub mod self_spans;
mod settings;
mod span_queue;
pub mod target;
pub mod trace_exporter;
pub mod transport;

pub use client::{Client, ClientError};
pub use export_counters::{DropReason, ExportCounters};
pub use pipelines::{Pipelines, RunningPipelines, Sources};
pub use push::Push;
pub use settings::{MetricsSettings, Settings, TraceSettings};
pub use span_queue::{SpanLayer, SpanQueue, collect};
pub use target::{Header, Signal, Target};
pub use trace_exporter::{OutboxError, QueuedTraces, TraceOutbox};
