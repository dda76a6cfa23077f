//! From the bytes of an earlier version to those of this one.

use redb::{Key, ReadTransaction, ReadableTable, TableDefinition, TableError, WriteTransaction};

use super::series::SEPARATOR;
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
    rename_family(new, RENAMED_IN_2)?;
    rewrite(old, new, OUTBOX, v1::trace)
}

/// A ledger family that got another name in version 2. Series are stored under the name of their family.
const RENAMED_IN_2: (&str, &str) = (
    "vcc_api_meta_disagreements_total",
    "vcc_api_page_meta_mismatches_total",
);

/// Moves the series of a family to its new name, in every account.
fn rename_family(new: &WriteTransaction, (from, to): (&str, &str)) -> Result<(), StoreError> {
    let mut table = new.open_table(SERIES)?;
    let mut moved = Vec::new();
    for entry in table.iter()? {
        let (key, value) = entry?;
        let (account, name) = key.value();
        let Some(labels) = name.strip_prefix(from) else {
            continue;
        };
        if labels.is_empty() || labels.starts_with(SEPARATOR) {
            moved.push((
                account,
                name.to_owned(),
                format!("{to}{labels}"),
                value.value().to_vec(),
            ));
        }
    }
    for (account, old_name, new_name, value) in moved {
        table.remove((account, old_name.as_str()))?;
        table.insert((account, new_name.as_str()), value.as_slice())?;
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use redb::backends::InMemoryBackend;
    use redb::{Database, ReadableDatabase};

    use super::*;

    #[test]
    fn the_series_of_a_renamed_family_move_and_no_others() {
        let database = Database::builder()
            .create_with_backend(InMemoryBackend::new())
            .unwrap();
        let (from, to) = RENAMED_IN_2;
        let write = database.begin_write().unwrap();
        let mut table = write.open_table(SERIES).unwrap();
        for (key, value) in [
            (format!("{from}{SEPARATOR}count"), b"a"),
            (format!("{from}_other{SEPARATOR}count"), b"b"),
            (format!("vcc_a{SEPARATOR}{from}"), b"c"),
        ] {
            table.insert((7, key.as_str()), value.as_slice()).unwrap();
        }
        drop(table);
        rename_family(&write, RENAMED_IN_2).unwrap();
        write.commit().unwrap();
        let read = database.begin_read().unwrap();
        let table = read.open_table(SERIES).unwrap();
        let at = |key: &str| {
            table
                .get((7, key))
                .unwrap()
                .map(|value| value.value().to_vec())
        };
        assert_eq!(
            at(&format!("{to}{SEPARATOR}count")).as_deref(),
            Some(&b"a"[..])
        );
        assert_eq!(at(&format!("{from}{SEPARATOR}count")), None);
        assert_eq!(
            at(&format!("{from}_other{SEPARATOR}count")).as_deref(),
            Some(&b"b"[..])
        );
        assert_eq!(
            at(&format!("vcc_a{SEPARATOR}{from}")).as_deref(),
            Some(&b"c"[..])
        );
    }
}
