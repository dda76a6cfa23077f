//! A series as it is stored: under the name of its family and the texts of its labels, so that it
//! survives any change of the catalogue's order.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{EncodingError, from_bytes, to_buffer};
use vcc_core::catalogue::{Family, Kind, Label};
use vcc_core::labels::{LabelInterner, LabelSet};
use vcc_core::series::{ExponentialBuckets, Histogram, Series, SeriesKey, Value};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredSeries<'a> {
    pub(super) start_ms: i64,
    pub(super) released: bool,
    /// A counter's value, or a histogram's sum in milliseconds.
    pub(super) total: u64,
    pub(super) buckets: Cow<'a, [u64]>,
    /// A histogram's exponential buckets. Version 1 did not have them at first.
    pub(super) exponential: Option<StoredExponentialBuckets<'a>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredExponentialBuckets<'a> {
    pub(super) schema: i8,
    pub(super) zero: u64,
    pub(super) buckets: Cow<'a, [(i16, u64)]>,
}

impl<'a> From<&'a ExponentialBuckets> for StoredExponentialBuckets<'a> {
    fn from(native: &'a ExponentialBuckets) -> Self {
        StoredExponentialBuckets {
            schema: native.schema(),
            zero: native.zero(),
            buckets: Cow::Borrowed(native.buckets()),
        }
    }
}

impl TryFrom<StoredExponentialBuckets<'_>> for ExponentialBuckets {
    type Error = EncodingError;

    fn try_from(stored: StoredExponentialBuckets<'_>) -> Result<Self, EncodingError> {
        let buckets = stored.buckets.into_owned();
        ExponentialBuckets::from_parts(stored.schema, stored.zero, buckets)
            .ok_or(EncodingError::Buckets)
    }
}

/// What separates the parts of a series' key; label texts hold no control characters.
/// Between the name of a family and the texts of a series' labels, in a stored key.
pub(super) const SEPARATOR: char = '\u{1f}';

/// Writes the key of a series: its family's name and its label texts.
pub(crate) fn series_key<'k>(series: &Series, key: &'k mut String) -> &'k str {
    key.clear();
    key.push_str(series.key.family.info().name);
    for text in series.labels.iter() {
        key.push(SEPARATOR);
        key.push_str(text);
    }
    key
}

/// The range of the keys of a family.
pub(crate) fn family_range(family: &str) -> (String, String) {
    // No name is a prefix of another up to the separator, and a family may have no labels at all.
    (family.to_owned(), format!("{family}{}", '\u{20}'))
}

pub(crate) fn encode_series<'b>(
    series: &Series,
    buffer: &'b mut Vec<u8>,
) -> Result<&'b [u8], EncodingError> {
    let (total, buckets, exponential) = match &series.value {
        Value::Counter(value) => (*value, Cow::default(), None),
        Value::Histogram(histogram) => (
            histogram.sum_ms,
            Cow::Borrowed(&*histogram.buckets),
            Some(StoredExponentialBuckets::from(&histogram.exponential)),
        ),
    };
    let stored = StoredSeries {
        start_ms: series.start_ms,
        released: series.revealed,
        total,
        buckets,
        exponential,
    };
    to_buffer(&stored, buffer)
}

/// A stored series, if the catalogue still has its family in that shape.
pub(crate) fn decode_series(
    key: &str,
    bytes: &[u8],
    dictionary: &LabelInterner,
    monotonic_ms: u64,
) -> Result<Option<Series>, EncodingError> {
    let mut stored: StoredSeries<'_> = from_bytes(bytes)?;
    let native = stored
        .exponential
        .take()
        .map(ExponentialBuckets::try_from)
        .transpose()?;
    Ok(restored(key, stored, native, dictionary, monotonic_ms))
}

/// See [`super::reencode`]: without a key nothing says which family a series is of.
pub(super) fn reencode<'b>(
    bytes: &[u8],
    buffer: &'b mut Vec<u8>,
) -> Result<&'b [u8], EncodingError> {
    let mut stored: StoredSeries<'_> = from_bytes(bytes)?;
    let native = stored
        .exponential
        .take()
        .map(ExponentialBuckets::try_from)
        .transpose()?;
    stored.exponential = native.as_ref().map(Into::into);
    to_buffer(&stored, buffer)
}

fn restored(
    key: &str,
    stored: StoredSeries<'_>,
    native: Option<ExponentialBuckets>,
    dictionary: &LabelInterner,
    monotonic_ms: u64,
) -> Option<Series> {
    let mut parts = key.split(SEPARATOR);
    let family = Family::by_name(parts.next()?)?;
    let mut set = LabelSet::new();
    let mut labels = Vec::new();
    for label in family.info().labels {
        let text = parts.next()?;
        set = set.with(*label, dictionary.id_of(family, *label, text)?);
        labels.push(text.into());
    }
    let value = match family.info().kind {
        Kind::Histogram(bounds) if stored.buckets.len() == bounds.len() + 1 => {
            Value::Histogram(Histogram {
                buckets: stored.buckets.into(),
                sum_ms: stored.total,
                exponential: native?,
            })
        }
        Kind::Counter if stored.buckets.is_empty() => Value::Counter(stored.total),
        _ => return None,
    };
    Some(Series {
        key: SeriesKey::new(family, &set),
        labels: labels.into(),
        value,
        start_ms: stored.start_ms,
        revealed: stored.released,
        warmup_since_ms: monotonic_ms,
    })
}

/// The open label of a name.
pub(crate) fn label_by_name(name: &str) -> Result<Label, EncodingError> {
    Label::open_by_name(name).ok_or_else(|| EncodingError::UnknownLabel(name.to_owned()))
}
