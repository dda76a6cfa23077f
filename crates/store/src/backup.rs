//! Copies of the state, and what it means to open one.
//!
//! A copy holds counters as they were. Shown again later, lower than they have been since, they
//! would look like a reset from millions. So a copy is marked, and opening it lets every series
//! begin at 0 with a new start; the ledger stays, and nothing counts twice.

use std::path::{Path, PathBuf};

use redb::{
    Database, Key, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition, Value,
    WriteTransaction,
};

use super::create::create_atomically;
use super::error::{OpenError, StoreError};
use super::identity::IDENTITY;
use super::schema::account::{decode_account, encode_account};
use super::schema::{
    ACCOUNTS, BACKUP, CONVERSATIONS, LABELS, META, OPEN, OUTBOX, ROWS, SCHEMA, SCHEMA_VERSION,
    SERIES, TRACED,
};
use super::{FILE_NAME, Store};

/// Copies the state into a directory, marked as a copy. Returns the file written.
///
/// # Errors
/// If the state cannot be read or the copy cannot be made durable. An existing file is refused.
pub fn backup(store: &Store, to: &Path) -> Result<PathBuf, OpenError> {
    std::fs::create_dir_all(to).map_err(|e| OpenError::io(to, e))?;
    let path = to.join(FILE_NAME);
    let exists = || {
        let exists = std::io::Error::new(std::io::ErrorKind::AlreadyExists, "the file exists");
        OpenError::io(&path, exists)
    };
    if path.exists() {
        return Err(exists());
    }
    let copied = |database: &Database| {
        // A failure of the copy says nothing against the handle of the state: it is a value here.
        let copied = store.read(|from| Ok(copy(from, database)));
        copied
            .flatten()
            .map_err(|error| OpenError::stored(&path, error))
    };
    match create_atomically(to, &path, copied)? {
        true => Ok(path),
        false => Err(exists()),
    }
}

fn copy(from: &ReadTransaction, to: &Database) -> Result<(), StoreError> {
    let into = to.begin_write()?;
    copy_table(from, &into, ACCOUNTS)?;
    copy_table(from, &into, LABELS)?;
    copy_table(from, &into, SERIES)?;
    copy_table(from, &into, ROWS)?;
    copy_table(from, &into, OPEN)?;
    copy_table(from, &into, CONVERSATIONS)?;
    copy_table(from, &into, TRACED)?;
    // What the original sends as well is the same trace to whoever receives it twice.
    copy_table(from, &into, OUTBOX)?;
    copy_table(from, &into, IDENTITY)?;
    let mut meta = into.open_table(META)?;
    meta.insert(SCHEMA, SCHEMA_VERSION)?;
    meta.insert(BACKUP, 1)?;
    drop(meta);
    into.commit()?;
    Ok(())
}

fn copy_table<K: Key + 'static, V: Value + 'static>(
    from: &ReadTransaction,
    into: &WriteTransaction,
    definition: TableDefinition<'_, K, V>,
) -> Result<(), StoreError> {
    let from = from.open_table(definition)?;
    let mut into = into.open_table(definition)?;
    for entry in from.iter()? {
        let (key, value) = entry?;
        into.insert(key.value(), value.value())?;
    }
    Ok(())
}

/// Lets every series of the state begin anew: what must be done after a volume was restored in a
/// way the exporter could not notice. `account` limits it to one. Returns the accounts' names.
///
/// # Errors
/// If the state cannot be read or written.
pub fn reset_counters(store: &Store, account: Option<&str>) -> Result<Vec<String>, StoreError> {
    store.write(|transaction| restart(transaction, account))
}

/// Opens a copy for good: its series begin anew and its mark goes, in one transaction.
pub(super) fn open_backup(database: &Database) -> Result<(), StoreError> {
    let marked = database
        .begin_read()?
        .open_table(META)?
        .get(BACKUP)?
        .is_some();
    if marked {
        let transaction = database.begin_write()?;
        let accounts = restart(&transaction, None)?;
        transaction.open_table(META)?.remove(BACKUP)?;
        transaction.commit()?;
        tracing::warn!(
            accounts = accounts.join(","),
            "the state is a backup: every counter begins at 0 again, and nothing it already \
             counted will count again"
        );
    }
    Ok(())
}

fn restart(transaction: &WriteTransaction, only: Option<&str>) -> Result<Vec<String>, StoreError> {
    let mut table = transaction.open_table(ACCOUNTS)?;
    let mut accounts = Vec::new();
    for entry in table.iter()? {
        let (name, value) = entry?;
        let stored = decode_account(value.value())?;
        if only.is_none_or(|only| only == name.value()) {
            accounts.push((name.value().to_owned(), stored));
        }
    }
    let mut series = transaction.open_table(SERIES)?;
    for (name, (id, meta)) in &mut accounts {
        series.retain_in((*id, "")..(*id + 1, ""), |_, _| false)?;
        meta.counting_since_ms = meta.cursor_ms;
        table.insert(name.as_str(), encode_account(*id, meta)?.as_slice())?;
    }
    Ok(accounts.into_iter().map(|(name, _)| name).collect())
}
