//! An interaction as a trace: one span for it, one for each of its channels, one for each thing
//! that took time in a channel.
//!
//! This is the shape alone. What of an interaction becomes a trace is the ledger's to say, and how
//! it is sent is `otlp`'s.

mod ids;

use std::borrow::Cow;

use crate::interaction::Guid;
use crate::series::SeriesKey;

pub use ids::{SpanId, Spans, TraceId, root_of, trace_of};

/// The spans of one interaction, its own first.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// Its identity, derived from the interaction's guid.
    pub id: TraceId,
    /// Its spans; the first is the interaction's own.
    pub spans: Vec<Span>,
}

/// Something that took time, or a channel, or the whole interaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Its identity: the same however often the interaction is read.
    pub id: SpanId,
    /// The span it is part of.
    pub parent: Option<SpanId>,
    /// What it is, out of few.
    pub name: String,
    /// Who asked whom.
    pub kind: Kind,
    /// When it began, Unix milliseconds in the API's clock.
    pub start_ms: i64,
    /// When it ended.
    pub end_ms: i64,
    /// What is known of it.
    pub attributes: Vec<Attribute>,
    /// What happened in it and took no time.
    pub events: Vec<Event>,
    /// The interactions it follows.
    pub links: Vec<(TraceId, SpanId)>,
    /// Whether the platform failed in it.
    pub failed: bool,
}

/// Who asked whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Part of an interaction.
    Internal,
    /// The contact centre was asked.
    Server,
    /// The contact centre asked.
    Client,
}

/// Something that took no time.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// What it is, out of few.
    pub name: String,
    /// When it happened.
    pub at_ms: i64,
    /// What is known of it.
    pub attributes: Vec<Attribute>,
}

/// A name and a value.
pub type Attribute = (Cow<'static, str>, Value);

/// What an attribute may be.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A number of things.
    Count(i64),
    /// A duration, shown in seconds.
    Millis(i64),
    /// A share.
    Ratio(f64),
    /// Yes or no.
    Truth(bool),
}

/// A trace on its way out.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingTrace {
    /// The trace.
    pub trace: Trace,
    /// The interaction it is of, and its conversation: what later ones link to.
    pub guid: Guid,
    /// See `guid`.
    pub conversation: Option<Guid>,
    /// When it was ready to be sent, local Unix time in milliseconds.
    pub ready_ms: i64,
    /// The histograms it may stand for as an exemplar, with what was observed in milliseconds.
    pub observations: Vec<(SeriesKey, u64)>,
}
