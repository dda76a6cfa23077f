//! Series of version 1.

use serde::Deserialize;

use super::{EncodingError, from_bytes, to_buffer};
use crate::schema::series::{StoredExponentialBuckets, StoredSeries};

#[derive(Deserialize)]
struct Series {
    start_ms: i64,
    released: bool,
    total: u64,
    buckets: Vec<u64>,
}

#[derive(Deserialize)]
struct Native {
    schema: i8,
    zero: u64,
    buckets: Vec<(i16, u64)>,
}

/// A series of version 1 in version 2. Its exponential buckets stood behind it, or, at first,
/// nothing.
pub(in crate::schema) fn series<'b>(
    bytes: &[u8],
    buffer: &'b mut Vec<u8>,
) -> Result<&'b [u8], EncodingError> {
    let (series, rest) = postcard::take_from_bytes::<Series>(bytes)?;
    let native: Option<Native> = match rest {
        [] => None,
        rest => from_bytes(rest)?,
    };
    let stored = StoredSeries {
        start_ms: series.start_ms,
        released: series.released,
        total: series.total,
        buckets: series.buckets.into(),
        exponential: native.map(|native| StoredExponentialBuckets {
            schema: native.schema,
            zero: native.zero,
            buckets: native.buckets.into(),
        }),
    };
    to_buffer(&stored, buffer)
}
