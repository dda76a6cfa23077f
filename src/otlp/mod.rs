//! OpenTelemetry: the metrics pushed, interactions as traces, and the exporter's own traces, over
//! OTLP.
//!
//! One way is spoken, protobuf over HTTP (<https://opentelemetry.io/docs/specs/otlp/#otlphttp>);
//! every receiver has it, a Collector's on port 4318. The files stand in the order of an export:
//! what is said ([`metrics`], [`resource_spans`], [`resource`]), where to and how ([`target`]), by which road ([`wire`]),
//! what the answer means ([`answer`]), and the attempt as a whole, with when the next one is due
//! ([`client`]). Who asks for one is [`mod@push`] for the metrics, [`interactions`] for the
//! outbox, and [`traces`] for the spans that [`collect()`] hands over.

pub mod answer;
pub mod client;
mod collect;
pub mod interactions;
pub mod metrics;
mod outlets;
pub mod push;
pub mod resource;
pub mod resource_spans;
pub mod target;
pub mod traces;
pub mod wire;

pub use client::Client;
pub use collect::{Collected, collect};
pub use outlets::{Outlets, Running};
pub use push::Push;
pub use target::{Header, Signal, Target};
