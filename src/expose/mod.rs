//! The formats: projections of a snapshot, without any say in what is counted.

mod gzip;
mod text;

pub use gzip::Compressed;
pub use text::{CONTENT_TYPE, Encoded, Gauge, Labels, write_gauges};
