//! Exposition: a snapshot as bytes, in the formats that scrapers ask for.
//!
//! In reading order: [`Publisher`] swaps in an immutable [`Snapshot`] after each durable commit,
//! and [`MetricsSource`] adds the metrics that are computed for one scrape. `visit` walks both and
//! passes each family and its samples to a [`MetricsEncoder`]; `text`, `openmetrics`, `protobuf`
//! and the OTLP exporter are the encoders. `body` joins the encoded snapshot, which is cached with
//! its compressed forms, with the live part. `negotiate` reads `Accept` and `Accept-Encoding`.
//!
//! Nothing here decides what is counted.
#![warn(missing_docs)]

mod body;
mod gzip;
mod negotiate;
mod openmetrics;
mod proto_writer;
mod protobuf;
mod sample;
mod snapshot;
mod source;
mod text;
mod visit;

pub use body::{Encoded, LiveMetrics, Options};
pub use negotiate::{ContentEncoding, FormatKind, Negotiated, TEXT, choose};
pub use sample::{
    FamilyHeader, HistogramValue, MetricType, MetricsEncoder, Number, Sample, SampleValue,
};
pub use snapshot::{Publisher, Snapshot};
pub use source::MetricsSource;
pub use visit::{gauges, instruments, ledger};
