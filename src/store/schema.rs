//! How the state is stored: tables, keys, encodings and their version.
//!
//! Series are stored under the names of their family and the texts of their labels, so that they
//! survive any change of the catalogue's order.

use std::borrow::Cow;
use std::path::Path;

use redb::{Database, ReadableDatabase, TableDefinition, TableError, WriteTransaction};
use serde::{Deserialize, Serialize};

use super::error::{OpenError, StoreError};
use super::identity;
use crate::catalogue::{Family, Kind, Label};
use crate::labels::{Dictionary, LabelSet};
use crate::ledger::Meta;
use crate::series::{Histogram, Native, Series, SeriesKey, Value};

/// The version of everything in this file and of the encodings it names.
pub(super) const SCHEMA_VERSION: u32 = 1;

/// What is true of the whole state: see the keys below.
pub(super) const META: TableDefinition<'_, &str, u32> = TableDefinition::new("vcc-exporter");
/// Key of the schema version.
pub(super) const SCHEMA: &str = "schema";
/// Key that is there if the state is an unopened backup.
pub(super) const BACKUP: &str = "backup";
/// Accounts by name.
pub(super) const ACCOUNTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("accounts");
/// Admitted label values: (account, number) to (label, text).
pub(super) const LABELS: TableDefinition<'_, (u32, u32), (&str, &str)> =
    TableDefinition::new("labels");
/// Series: (account, key) to value.
pub(super) const SERIES: TableDefinition<'_, (u32, &str), &[u8]> = TableDefinition::new("series");
/// The ledger's rows: (account, guid) to record.
pub(super) const ROWS: TableDefinition<'_, (u32, u128), &[u8]> = TableDefinition::new("rows");
/// The open interactions: (account, guid).
pub(super) const OPEN: TableDefinition<'_, (u32, u128), ()> = TableDefinition::new("open");
/// Conversations seen: (account, guid) to the second they were last seen in.
pub(super) const CONVERSATIONS: TableDefinition<'_, (u32, u128), u32> =
    TableDefinition::new("conversations");

/// Traces that wait to be sent: (when they were ready, account, trace) to spans. The oldest come
/// first, whosever they are.
pub(super) const OUTBOX: TableDefinition<'_, (i64, u32, [u8; 16]), &[u8]> =
    TableDefinition::new("outbox");
/// Conversations with the interactions of theirs that were traced last: (account, guid) to guids.
pub(super) const TRACED: TableDefinition<'_, (u32, u128), &[u8]> = TableDefinition::new("traced");

/// An account as it is stored.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredAccount {
    pub(super) id: u32,
    pub(super) meta: Meta,
}

/// A series as it is stored; a histogram's exponential buckets follow, unless it was written before
/// they were kept.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredSeries<'s> {
    start_ms: i64,
    released: bool,
    /// A counter's value, or a histogram's sum.
    total: u64,
    /// A histogram's buckets.
    buckets: Cow<'s, [u64]>,
}

impl<'s> StoredSeries<'s> {
    /// A series, and its exponential buckets, as they are stored behind one another.
    pub(super) fn of(series: &'s Series) -> (Self, Option<&'s Native>) {
        let (total, buckets, native) = match &series.value {
            Value::Counter(value) => (*value, Cow::default(), None),
            Value::Histogram(histogram) => (
                histogram.sum_ms,
                Cow::Borrowed(&*histogram.buckets),
                Some(&histogram.native),
            ),
        };
        let stored = StoredSeries {
            start_ms: series.start_ms,
            released: series.released,
            total,
            buckets,
        };
        (stored, native)
    }
}

/// What separates the parts of a series' key; label texts hold no control characters.
const SEPARATOR: char = '\u{1f}';

/// Writes the key of a series: its family's name and its label texts.
pub(super) fn series_key<'k>(series: &Series, key: &'k mut String) -> &'k str {
    key.clear();
    key.push_str(series.key.family.info().name);
    for text in series.labels.iter() {
        key.push(SEPARATOR);
        key.push_str(text);
    }
    key
}

/// Encodes a value into a buffer used before: a commit encodes thousands.
pub(super) fn encode<'b>(
    value: &impl Serialize,
    buffer: &'b mut Vec<u8>,
) -> Result<&'b [u8], postcard::Error> {
    buffer.clear();
    *buffer = postcard::to_extend(value, std::mem::take(buffer))?;
    Ok(buffer)
}

/// The range of the keys of a family.
pub(super) fn family_range(family: &str) -> (String, String) {
    // No name is a prefix of another up to the separator, and a family may have no labels at all.
    (family.to_owned(), format!("{family}{}", '\u{20}'))
}

/// A stored series, if the catalogue still has its family in that shape.
pub(super) fn restore(
    key: &str,
    stored: &[u8],
    dictionary: &Dictionary,
    monotonic_ms: u64,
) -> Result<Option<Series>, StoreError> {
    let (stored, rest) = postcard::take_from_bytes::<StoredSeries<'_>>(stored)?;
    let native = match rest {
        [] => None,
        rest => postcard::from_bytes::<Option<Native>>(rest)?,
    };
    Ok(restored(key, stored, native, dictionary, monotonic_ms))
}

fn restored(
    key: &str,
    stored: StoredSeries<'_>,
    native: Option<Native>,
    dictionary: &Dictionary,
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
                native: native?,
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
        released: stored.released,
        held_since_ms: monotonic_ms,
    })
}

/// The open label of a name.
pub(super) fn label_by_name(name: &str) -> Result<Label, StoreError> {
    Label::open_by_name(name)
        .ok_or_else(|| StoreError::Encoding(format!("an unknown label {name:?}")))
}

/// Begins a new state in an empty database.
pub(super) fn begin(database: &Database, path: &Path) -> Result<(), OpenError> {
    create_tables(database).map_err(|error| OpenError::Corrupt(path.to_owned(), error.to_string()))
}

/// Makes sure that an existing state is ours and readable, gives an older one what it lacks, and
/// opens a backup for good.
pub(super) fn prepare(database: &Database, path: &Path) -> Result<(), OpenError> {
    expect(database, path)?;
    complete(database)
        .and_then(|()| super::backup::open_backup(database))
        .map_err(|error| OpenError::Corrupt(path.to_owned(), error.to_string()))
}

/// Gives an older state what it lacks.
fn complete(database: &Database) -> Result<(), StoreError> {
    let outbox = database.begin_read()?.open_table(OUTBOX);
    let lacks_outbox = matches!(outbox, Err(TableError::TableDoesNotExist(_)));
    if lacks_outbox || identity::read(database)?.is_none() {
        let transaction = database.begin_write()?;
        create_later_tables(&transaction)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Refuses what is not a state of this version: also nothing at all, which is what an interrupted
/// copy leaves behind.
pub(super) fn expect(database: &impl ReadableDatabase, path: &Path) -> Result<(), OpenError> {
    match recognise(database, path)? {
        Found::Empty => Err(OpenError::Corrupt(
            path.to_owned(),
            "it holds nothing".to_owned(),
        )),
        _ => Ok(()),
    }
}

/// Refuses what another program, or a later version, has written.
pub(super) fn recognise(database: &impl ReadableDatabase, path: &Path) -> Result<Found, OpenError> {
    let broken = |error: StoreError| OpenError::Corrupt(path.to_owned(), error.to_string());
    match found_schema(database).map_err(broken)? {
        Found::Foreign => Err(OpenError::Foreign(path.to_owned())),
        Found::Version(other) if other != SCHEMA_VERSION => {
            Err(OpenError::Newer(path.to_owned(), other))
        }
        found => Ok(found),
    }
}

/// What a database holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing.
    Empty,
    /// Something else.
    Foreign,
    /// A state of this version.
    Version(u32),
}

fn found_schema(database: &impl ReadableDatabase) -> Result<Found, StoreError> {
    let transaction = database.begin_read()?;
    if transaction.list_tables()?.next().is_none() {
        return Ok(Found::Empty);
    }
    let table = match transaction.open_table(META) {
        Ok(table) => table,
        Err(TableError::TableDoesNotExist(_) | TableError::TableTypeMismatch { .. }) => {
            return Ok(Found::Foreign);
        }
        Err(error) => return Err(error.into()),
    };
    let version = table.get(SCHEMA)?.map(|value| value.value());
    Ok(version.map_or(Found::Foreign, Found::Version))
}

fn create_tables(database: &Database) -> Result<(), StoreError> {
    let transaction = database.begin_write()?;
    transaction
        .open_table(META)?
        .insert(SCHEMA, SCHEMA_VERSION)?;
    transaction.open_table(ACCOUNTS)?;
    transaction.open_table(LABELS)?;
    transaction.open_table(SERIES)?;
    transaction.open_table(ROWS)?;
    transaction.open_table(OPEN)?;
    transaction.open_table(CONVERSATIONS)?;
    create_later_tables(&transaction)?;
    transaction.commit()?;
    Ok(())
}

/// What came after the first tables; a state made before gets it when it is opened.
fn create_later_tables(transaction: &WriteTransaction) -> Result<(), StoreError> {
    transaction.open_table(OUTBOX)?;
    transaction.open_table(TRACED)?;
    identity::ensure(transaction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn series(family: Family) -> Series {
        let mut value = Value::zero(family);
        value.add(7);
        if let Kind::Histogram(bounds) = family.info().kind {
            value.observe(bounds, 1_234);
        }
        let key = SeriesKey::new(family, &LabelSet::new());
        let none: Arc<str> = "none".into();
        Series {
            key,
            labels: key.labels().map(|_| Arc::clone(&none)).collect(),
            value,
            start_ms: 5,
            released: true,
            held_since_ms: 0,
        }
    }

    /// Before exponential buckets were kept, a series was stored without them. A histogram without
    /// them cannot go on; everything else does.
    #[test]
    fn series_from_before_exponential_buckets_are_read_and_only_histograms_are_lost() {
        for family in [Family::Interactions, Family::QueueWait] {
            let series = series(family);
            let mut key = String::new();
            let key = series_key(&series, &mut key);
            let read = |bytes: &[u8]| restore(key, bytes, &Dictionary::default(), 0).unwrap();
            let now = postcard::to_stdvec(&StoredSeries::of(&series)).unwrap();
            assert_eq!(read(&now).map(|it| it.value), Some(series.value.clone()));
            let before = postcard::to_stdvec(&StoredSeries::of(&series).0).unwrap();
            let goes_on = family == Family::Interactions;
            assert_eq!(read(&before).is_some(), goes_on, "{family:?}");
        }
    }
}
