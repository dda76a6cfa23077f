//! Care of a state that no exporter runs on: whether it is whole, and taking out the air.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use redb::{CompactionError, Database, ReadTransaction, ReadableDatabase};

use super::error::{OpenError, StoreError};
use super::open::require_current;
use super::read::{account_names, filled, read_account};
use super::schema::{self, OPEN, ROWS, SERIES};
use super::{AccountId, CACHE_BYTES, FILE_NAME};
use vcc_core::labels::LabelInterner;
use vcc_core::ledger::Phase;

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
        Err(OpenError::corrupt(&directory.join(FILE_NAME), what))
    })
}

fn look_through(
    directory: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Verified, OpenError> {
    let (mut database, path) = open_alone(directory)?;
    let intact = database.check_integrity();
    let mut verified = Verified {
        repaired: !intact.map_err(|error| OpenError::corrupt(&path, error))?,
        ..Verified::default()
    };
    let transaction = database.begin_read();
    let transaction = transaction.map_err(|error| OpenError::corrupt(&path, error))?;
    let mut check = Check {
        transaction: &transaction,
        verified: &mut verified,
        progress,
    };
    check
        .everything()
        .map_err(|error| OpenError::corrupt(&path, error))?;
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
            Err(error) => return Err(OpenError::corrupt(&path, error)),
        }
    }
}

/// Opens a state that must exist, without making anything of it: a copy stays a copy.
fn open_alone(directory: &Path) -> Result<(Database, PathBuf), OpenError> {
    let path = directory.join(FILE_NAME);
    let database = Database::builder().set_cache_size(CACHE_BYTES).open(&path);
    let database = database.map_err(|error| OpenError::database(&path, error))?;
    require_current(&database, &path)?;
    Ok((database, path))
}

/// A check of everything that can be read.
struct Check<'a> {
    transaction: &'a ReadTransaction,
    verified: &'a mut Verified,
    /// Called with the rows read of an account and those expected.
    progress: &'a mut dyn FnMut(u64, u64),
}

impl Check<'_> {
    fn everything(&mut self) -> Result<(), StoreError> {
        for name in account_names(self.transaction)? {
            let Some((id, meta)) = read_account(self.transaction, &name)? else {
                continue;
            };
            let rows = self.rows(&name, id, meta.rows)?;
            if rows != meta.rows {
                let what = format!("{rows} interactions, where {} were counted", meta.rows);
                self.verified.fault(&name, what);
            }
            self.series(&name, id)?;
        }
        Ok(())
    }

    /// Reads the rows of an account, and holds those that are open against the list of them.
    fn rows(&mut self, name: &str, id: AccountId, expected: u64) -> Result<u64, StoreError> {
        let open = self.transaction.open_table(OPEN)?;
        let table = self.transaction.open_table(ROWS)?;
        let (mut rows, mut open_rows) = (0, 0);
        for entry in table.range((id.0, 0)..=(id.0, u128::MAX))? {
            let (key, value) = entry?;
            rows += 1;
            (self.progress)(rows, expected);
            // Which one it is stays here: a guid is a customer's.
            match schema::decode_record(value.value()) {
                Ok(record) => {
                    let is_open = record.phase == Phase::Open;
                    open_rows += usize::from(is_open);
                    if is_open != open.get(key.value())?.is_some() {
                        let what = "an interaction is open in one place and not in the other";
                        self.verified.fault(name, what);
                    }
                }
                Err(error) => {
                    let what = format_args!("interaction {rows} of them: {error}");
                    self.verified.fault(name, what);
                }
            }
        }
        let listed = open.range((id.0, 0)..=(id.0, u128::MAX))?.count();
        if listed != open_rows {
            let what = format_args!("{open_rows} open interactions, {listed} listed");
            self.verified.fault(name, what);
        }
        self.verified.rows += rows;
        Ok(rows)
    }

    fn series(&mut self, name: &str, id: AccountId) -> Result<(), StoreError> {
        let dictionary = filled(LabelInterner::default(), self.transaction, id)?;
        let table = self.transaction.open_table(SERIES)?;
        for entry in table.range((id.0, "")..(id.0 + 1, ""))? {
            let (key, value) = entry?;
            self.verified.series += 1;
            let (_, key) = key.value();
            match schema::decode_series(key, value.value(), &dictionary, 0) {
                Ok(Some(_)) => {}
                // Families come and go with versions, labels with the configuration.
                Ok(None) => tracing::info!(
                    account = name,
                    "a series of a shape this version does not have"
                ),
                Err(error) => self.verified.fault(name, format_args!("a series: {error}")),
            }
        }
        Ok(())
    }
}
