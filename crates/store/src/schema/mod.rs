//! How the state is stored: tables, keys, encodings and their version.
//!
//! What is encoded are the structs of this module's files, never a type of the ledger itself, so a
//! renamed field or a reordered enumeration of the ledger leaves every stored byte as it is.
//! Enumerations are stored as numbers (`codes`), series and labels under their names.
//!
//! A change of a stored struct or of what a code means needs a new [`SCHEMA_VERSION`], a frozen
//! copy of the present structs beside `v1`, and a step in `migrate`.

pub(super) mod account;
mod codes;
mod error;
mod interaction;
mod migrate;
mod record;
mod series;
mod trace;
mod v1;

#[cfg(test)]
mod tests;

use redb::TableDefinition;
use serde::{Deserialize, Serialize};

pub use error::EncodingError;
pub(super) use migrate::migrate;
pub(super) use record::{decode_header, decode_record, encode_record};
pub(super) use series::{decode_series, encode_series, family_range, label_by_name, series_key};
pub(super) use trace::{decode_guids, decode_trace, encode_guids, encode_trace};

/// The version of everything in this module.
pub(super) const SCHEMA_VERSION: u32 = 2;
/// The oldest version that [`migrate`] understands.
pub(super) const OLDEST_VERSION: u32 = 1;

/// What is true of the whole state: see the keys below.
pub(super) const META: TableDefinition<'_, &str, u32> = TableDefinition::new("vcc-exporter");
/// Key of the schema version.
pub(super) const SCHEMA: &str = "schema";
/// Key that is there if the state is an unopened backup.
pub(super) const BACKUP: &str = "backup";
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

/// Encodes a stored struct into a buffer used before: a commit encodes thousands.
fn to_buffer<'b>(
    value: &impl Serialize,
    buffer: &'b mut Vec<u8>,
) -> Result<&'b [u8], EncodingError> {
    buffer.clear();
    *buffer = postcard::to_extend(value, std::mem::take(buffer))?;
    Ok(buffer)
}

/// Reads a stored struct that takes up all of these bytes.
fn from_bytes<'b, T: Deserialize<'b>>(bytes: &'b [u8]) -> Result<T, EncodingError> {
    match postcard::take_from_bytes(bytes)? {
        (value, []) => Ok(value),
        (_, rest) => Err(EncodingError::Trailing(rest.len())),
    }
}

/// What bytes are read as by [`reencode`].
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub enum StoredKind {
    /// An account.
    Account,
    /// A series.
    Series,
    /// A row of the ledger.
    Record,
    /// A trace in the outbox.
    Trace,
    /// The interactions traced of a conversation.
    Guids,
}

/// Reads a stored value and writes it again, for tests with bytes nobody wrote.
///
/// # Errors
/// If the bytes are no such value.
#[doc(hidden)]
pub fn reencode(kind: StoredKind, bytes: &[u8]) -> Result<Vec<u8>, EncodingError> {
    let mut buffer = Vec::new();
    match kind {
        StoredKind::Account => {
            let (id, meta) = account::decode_account(bytes)?;
            return account::encode_account(id, &meta);
        }
        StoredKind::Series => series::reencode(bytes, &mut buffer)?,
        StoredKind::Record => encode_record(&decode_record(bytes)?, &mut buffer)?,
        StoredKind::Trace => encode_trace(&decode_trace(bytes)?, &mut buffer)?,
        StoredKind::Guids => encode_guids(&decode_guids(bytes)?, &mut buffer)?,
    };
    Ok(buffer)
}
