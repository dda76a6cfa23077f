//! The formats: projections of a snapshot, without any say in what is counted.
//!
//! `project` walks what is kept and tells a [`Format`] of each family and its points; `text`,
//! `openmetrics`, `protobuf` and the OTLP exporter each write them down in their own way.

mod body;
mod gzip;
mod negotiate;
mod openmetrics;
mod point;
mod project;
mod protobuf;
mod text;
mod wire;

pub use body::{Encoded, Options, Present};
pub use negotiate::{Chosen, Coding, FormatKind, TEXT, choose};
pub use point::{Distribution, Format, Head, Measure, Number, Point, Shown};
pub use project::{gauges, instruments, ledger};
