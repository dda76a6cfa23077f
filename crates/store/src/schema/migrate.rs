//! From the bytes of an earlier version to those of this one.

use redb::{Key, ReadTransaction, ReadableTable, TableDefinition, TableError, WriteTransaction};

use super::{EncodingError, META, OUTBOX, ROWS, SCHEMA, SCHEMA_VERSION, SERIES, TRACED, v1};
use crate::error::StoreError;
use crate::identity;

/// Rewrites a state of version `from`, which [`super::OLDEST_VERSION`] must not be above, as one of
/// this version. `old` shows the state as it was when `new` began.
///
/// Rows are read and written one by one, so memory does not grow with the state, and all of it is
/// one transaction: interrupted, the state is still of its old version.
pub(crate) fn migrate(
    old: &ReadTransaction,
    new: &WriteTransaction,
    from: u32,
) -> Result<(), StoreError> {
    if from < 2 {
        from_1(old, new)?;
    }
    new.open_table(META)?.insert(SCHEMA, SCHEMA_VERSION)?;
    Ok(())
}

fn from_1(old: &ReadTransaction, new: &WriteTransaction) -> Result<(), StoreError> {
    // Version 1 did not have these at first.
    new.open_table(OUTBOX)?;
    new.open_table(TRACED)?;
    identity::ensure(new)?;
    rewrite(old, new, ROWS, v1::record)?;
    rewrite(old, new, SERIES, v1::series)?;
    rewrite(old, new, OUTBOX, v1::trace)
}

/// Puts a value into a buffer as this version encodes it.
type Convert = for<'b> fn(&[u8], &'b mut Vec<u8>) -> Result<&'b [u8], EncodingError>;

fn rewrite<K: Key + 'static>(
    old: &ReadTransaction,
    new: &WriteTransaction,
    table: TableDefinition<'_, K, &'static [u8]>,
    convert: Convert,
) -> Result<(), StoreError> {
    let old = match old.open_table(table) {
        Err(TableError::TableDoesNotExist(_)) => return Ok(()),
        old => old?,
    };
    let (mut new, mut buffer) = (new.open_table(table)?, Vec::new());
    for entry in old.iter()? {
        let (key, value) = entry?;
        new.insert(key.value(), convert(value.value(), &mut buffer)?)?;
    }
    Ok(())
}
