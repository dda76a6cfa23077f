//! A look at the state that changes nothing of it, not even the mark of a copy.

use std::path::{Path, PathBuf};

use redb::{DatabaseError, ReadOnlyDatabase, ReadableDatabase};

use super::error::{OpenError, StoreError};
use super::info::{Info, info};
use super::open::require_current;
use super::{AccountId, FILE_NAME, read};
use vcc_core::ledger::{Account, Rules};

/// A state opened for reading only.
pub struct ReadOnlyStore {
    pub(super) database: ReadOnlyDatabase,
    path: PathBuf,
}

impl std::fmt::Debug for ReadOnlyStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl ReadOnlyStore {
    /// Opens the state in a directory.
    ///
    /// # Errors
    /// If another process has it open, if it was not closed in order, or if it is not a state this
    /// version can read.
    pub fn open(directory: &Path) -> Result<ReadOnlyStore, OpenError> {
        let path = directory.join(FILE_NAME);
        let database = ReadOnlyDatabase::open(&path).map_err(|error| match error {
            DatabaseError::RepairAborted => OpenError::Unclean(path.clone()),
            error => OpenError::database(&path, error),
        })?;
        require_current(&database, &path)?;
        Ok(ReadOnlyStore { database, path })
    }

    /// The accounts of the state.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn accounts(&self) -> Result<Vec<String>, StoreError> {
        read::account_names(&self.database.begin_read()?)
    }

    /// What is in the state, in figures.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn info(&self) -> Result<Info, StoreError> {
        info(&self.database.begin_read()?, &self.path)
    }

    /// Reads an account as an exporter with these rules would go on with it.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn load_account(
        &self,
        name: &str,
        rules: &Rules,
    ) -> Result<Option<(AccountId, Account)>, StoreError> {
        let read = read::read_whole(&self.database.begin_read()?, name, rules, 0)?;
        Ok(read.map(|(id, account, _)| (id, account)))
    }
}
