//! Care of a state that no exporter runs on: whether it is whole, and taking out the air.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use redb::{CompactionError, Database, ReadTransaction, ReadableDatabase};

use super::error::{OpenError, StoreError};
use super::read::{account_names, filled, read_account};
use super::schema::{self, OPEN, ROWS, SERIES};
use super::{AccountId, CACHE_BYTES, FILE_NAME};
use crate::labels::Dictionary;
use crate::ledger::{Phase, Record};

/// The most faults that are told apart: who has so many has one cause.
const MAX_FAULTS: usize = 20;

/// What a check of a whole state found.
#[derive(Debug, Default)]
pub struct Verified {
    /// Whether the file had to be repaired: it was not closed in order.
    pub repaired: bool,
    /// Interactions that were read.
    pub rows: u64,
    /// Series that were read.
    pub series: u64,
    /// What is wrong, in words; at most as many as are told apart.
    pub faults: Vec<String>,
}

impl Verified {
    fn fault(&mut self, account: &str, what: impl std::fmt::Display) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(format!("account {account}: {what}"));
        }
    }
}

/// Checks the file page by page, then reads everything in it. `progress` hears of every
/// interaction read: how many so far, and how many there should be.
///
/// # Errors
/// If the state is in use, is not ours, or cannot be read at all.
pub fn verify(directory: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<Verified, OpenError> {
    // The database takes a damaged leaf for a bug of its own.
    catch_unwind(AssertUnwindSafe(|| look_through(directory, progress))).unwrap_or_else(|_| {
        let what = "what it holds is damaged".to_owned();
        Err(OpenError::Corrupt(directory.join(FILE_NAME), what))
    })
}

fn look_through(
    directory: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Verified, OpenError> {
    let (mut database, path) = open_alone(directory)?;
    let corrupt =
        |error: &dyn std::fmt::Display| OpenError::Corrupt(path.clone(), error.to_string());
    let mut verified = Verified {
        repaired: !database
            .check_integrity()
            .map_err(|error| corrupt(&error))?,
        ..Verified::default()
    };
    let transaction = database.begin_read().map_err(|error| corrupt(&error))?;
    read_everything(&transaction, &mut verified, progress).map_err(|error| corrupt(&error))?;
    Ok(verified)
}

/// Gives back to the file system what the file no longer needs. Returns its size in bytes before
/// and after.
///
/// # Errors
/// If the state is in use, is not ours, or cannot be rewritten.
pub fn compact(directory: &Path) -> Result<(u64, u64), OpenError> {
    let (mut database, path) = open_alone(directory)?;
    let size = || std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
    let before = size();
    // Each pass moves pages into the gaps that the last one left.
    loop {
        match database.compact() {
            Ok(true) => {}
            Ok(false) => return Ok((before, size())),
            Err(CompactionError::Storage(error)) => {
                return Err(OpenError::database(&path, error.into()));
            }
            Err(error) => return Err(OpenError::Corrupt(path, error.to_string())),
        }
    }
}

/// Opens a state that must exist, without making anything of it: a copy stays a copy.
fn open_alone(directory: &Path) -> Result<(Database, PathBuf), OpenError> {
    let path = directory.join(FILE_NAME);
    let database = Database::builder().set_cache_size(CACHE_BYTES).open(&path);
    let database = database.map_err(|error| OpenError::database(&path, error))?;
    schema::expect(&database, &path)?;
    Ok((database, path))
}

fn read_everything(
    transaction: &ReadTransaction,
    verified: &mut Verified,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), StoreError> {
    for name in account_names(transaction)? {
        let Some(stored) = read_account(transaction, &name)? else {
            continue;
        };
        let id = AccountId(stored.id);
        let rows = read_rows(transaction, &name, id, stored.meta.rows, verified, progress)?;
        if rows != stored.meta.rows {
            let what = format!(
                "{rows} interactions, where {} were counted",
                stored.meta.rows
            );
            verified.fault(&name, what);
        }
        read_series(transaction, &name, id, verified)?;
    }
    Ok(())
}

/// Reads the rows of an account, and holds those that are open against the list of them.
fn read_rows(
    transaction: &ReadTransaction,
    name: &str,
    id: AccountId,
    expected: u64,
    verified: &mut Verified,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<u64, StoreError> {
    let open = transaction.open_table(OPEN)?;
    let (mut rows, mut open_rows) = (0, 0);
    for entry in transaction
        .open_table(ROWS)?
        .range((id.0, 0)..=(id.0, u128::MAX))?
    {
        let (key, value) = entry?;
        rows += 1;
        progress(rows, expected);
        // Which one it is stays here: a guid is a customer's.
        match postcard::from_bytes::<Record>(value.value()) {
            Ok(record) => {
                let is_open = record.phase == Phase::Open;
                open_rows += usize::from(is_open);
                if is_open != open.get(key.value())?.is_some() {
                    verified.fault(
                        name,
                        "an interaction is open in one place and not in the other",
                    );
                }
            }
            Err(error) => verified.fault(name, format_args!("interaction {rows} of them: {error}")),
        }
    }
    let listed = open.range((id.0, 0)..=(id.0, u128::MAX))?.count();
    if listed != open_rows {
        verified.fault(
            name,
            format_args!("{open_rows} open interactions, {listed} listed"),
        );
    }
    verified.rows += rows;
    Ok(rows)
}

fn read_series(
    transaction: &ReadTransaction,
    name: &str,
    id: AccountId,
    verified: &mut Verified,
) -> Result<(), StoreError> {
    let dictionary = filled(Dictionary::default(), transaction, id)?;
    for entry in transaction
        .open_table(SERIES)?
        .range((id.0, "")..(id.0 + 1, ""))?
    {
        let (key, value) = entry?;
        verified.series += 1;
        let (_, key) = key.value();
        match schema::restore(key, value.value(), &dictionary, 0) {
            Ok(Some(_)) => {}
            // Families come and go with versions, labels with the configuration.
            Ok(None) => tracing::info!(
                account = name,
                "a series of a shape this version does not have"
            ),
            Err(error) => verified.fault(name, format_args!("a series: {error}")),
        }
    }
    Ok(())
}
