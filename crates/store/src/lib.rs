//! The durable state: one redb file, one transaction per page, one writer.
//!
//! Nothing here decides what counts. It writes what a [`Commit`](vcc_core::ledger::Commit) says, and reads it back.
//! In reading order:
//!
//! * `schema`: the stored structs with explicit codes for every enumeration, and the migration from the
//!   version before;
//! * `create`, `handle` and `open`: a new file, the database handle, lent for one transaction at a time, and how a file is opened,
//!   recognised and migrated;
//! * `write`, `read` and `prefetch`: a commit, an account as a whole, and what a page needs to know;
//! * `outbox`: traces that wait for their receiver;
//! * `reader`: read-only access, for `explain`;
//! * `identity`, `info`, `backup` and `maintenance`: what the command `state` does.
#![warn(missing_docs)]

mod backup;
mod create;
mod database_handle;
mod error;
mod identity;
mod info;
mod maintenance;
mod open;
mod outbox;
mod prefetch;
mod read;
mod reader;
mod schema;
mod write;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata, WriteTransaction};

pub use backup::{backup, reset_counters};
pub use error::{OpenError, StoreError};
pub use info::{AccountInfo, Info};
pub use maintenance::{Verified, compact, verify};
pub use outbox::{OUTBOX_LIMIT, OutboxKey, OutboxStatus, QueuedTrace};
pub use reader::ReadOnlyStore;
pub use schema::{EncodingError, StoredKind, reencode};

use database_handle::{DatabaseHandle, Opener};
use open::DetectedSchema;
use read::{read_account, read_whole, scan};
use schema::account::decode_account;
use schema::{ACCOUNTS, SERIES};
use vcc_core::interaction::Guid;
use vcc_core::labels::LabelInterner;
use vcc_core::ledger::{Account, AccountMeta, EvictionScan, Record, Rules};
use write::write_account;

/// The database's file within the state directory.
pub const FILE_NAME: &str = "ledger.redb";

/// What the database may keep of itself in memory. A poll touches a few recent leaves; 32 MiB
/// hold them many times over, and memory does not grow with the ledger.
const CACHE_BYTES: usize = 32 << 20;

/// An account's number in the store's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountId(u32);

/// An account as it was read from the state.
#[derive(Debug)]
pub struct Loaded {
    /// Its number.
    pub id: AccountId,
    /// Its present.
    pub account: Account,
    /// The families that start anew, because their definition has changed.
    pub restarted: Vec<&'static str>,
}

/// The open state. Cheap to share; writers queue.
pub struct Store {
    handle: DatabaseHandle,
    path: PathBuf,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the state in a directory, which is made if need be.
    ///
    /// # Errors
    /// If another process has it open, or it is not a state this version can read. It is never
    /// reset.
    pub fn open(directory: &Path) -> Result<Store, OpenError> {
        std::fs::create_dir_all(directory).map_err(|e| OpenError::io(directory, e))?;
        let path = directory.join(FILE_NAME);
        open::begin(directory, &path)?;
        // Opened for writing, even a file that is then refused would be changed.
        open::inspect(&path)?;
        let file = path.clone();
        let opener = move || open::open_file(&file);
        let database = opener()?;
        open::prepare(&database, &path)?;
        Store::new(database, path, Box::new(opener))
    }

    /// Opens a state whose database comes from elsewhere than a plain file; an empty one begins.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with(path: PathBuf, opener: Opener) -> Result<Store, OpenError> {
        let database = opener()?;
        let found = open::detect_schema(&database);
        if found.map_err(|error| OpenError::corrupt(&path, error))? == DetectedSchema::Empty {
            open::begin_in(&database, &path)?;
        }
        open::prepare(&database, &path)?;
        Store::new(database, path, opener)
    }

    fn new(database: redb::Database, path: PathBuf, opener: Opener) -> Result<Store, OpenError> {
        match DatabaseHandle::new(database, opener) {
            Ok(handle) => Ok(Store { handle, path }),
            Err(error) => Err(OpenError::corrupt(&path, error)),
        }
    }

    /// Where the database is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn read<T>(
        &self,
        look: impl FnOnce(&ReadTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.handle.read(look)
    }

    fn write<T>(
        &self,
        change: impl FnOnce(&WriteTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.handle.write(change)
    }

    /// What the ledger has of each interaction.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn rows(&self, id: AccountId, guids: &[Guid]) -> Result<Vec<Option<Record>>, StoreError> {
        self.read(|transaction| read::rows(transaction, id, guids))
    }

    /// A stretch of rows, and the conversations beside them, for the search for what is too old.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn scan(&self, id: AccountId, from: Guid, rows: u64) -> Result<EvictionScan, StoreError> {
        self.read(|transaction| scan(transaction, id, from, rows))
    }

    /// The API an account was read from, if the state has it. Nothing is written.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn api_url(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.read(|transaction| Ok(read_account(transaction, name)?.map(|(_, meta)| meta.api_url)))
    }

    /// Reads an account that is in the state. Families whose definition has changed start anew.
    ///
    /// # Errors
    /// If the state cannot be read, or the change cannot be stored.
    pub fn load_account(
        &self,
        name: &str,
        rules: &Rules,
        monotonic_ms: u64,
    ) -> Result<Option<Loaded>, StoreError> {
        let read = self.read(|transaction| read_whole(transaction, name, rules, monotonic_ms))?;
        let Some((id, mut account, redefined)) = read else {
            return Ok(None);
        };
        let names: Vec<_> = redefined.iter().map(|family| family.info().name).collect();
        let definitions = rules.definitions();
        if account.meta.definitions != definitions {
            account.meta.definitions = definitions;
            self.restart_families(id, &account, &names)?;
        }
        Ok(Some(Loaded {
            id,
            account,
            restarted: names,
        }))
    }

    fn restart_families(
        &self,
        id: AccountId,
        account: &Account,
        families: &[&str],
    ) -> Result<(), StoreError> {
        self.write(|transaction| {
            let mut table = transaction.open_table(SERIES)?;
            for family in families {
                let (from, to) = schema::family_range(family);
                table.retain_in((id.0, from.as_str())..(id.0, to.as_str()), |_, _| false)?;
            }
            drop(table);
            write_account(transaction, &account.name, id, &account.meta)
        })
    }

    /// Stores a new account.
    ///
    /// # Errors
    /// If it cannot be made durable.
    pub fn create_account(
        &self,
        name: &str,
        rules: &Rules,
        meta: AccountMeta,
    ) -> Result<(AccountId, Account), StoreError> {
        let account = Account::new(
            name,
            meta,
            LabelInterner::new(rules.label_limits.clone(), Arc::clone(&rules.renames)),
        );
        let id = self.write(|transaction| {
            let table = transaction.open_table(ACCOUNTS)?;
            // An attempt that seemed to fail may have reached the disk: its number is taken up
            // again, because a number skipped now would be given to the next account as well.
            let known = table.get(name)?;
            let known = known
                .map(|value| decode_account(value.value()))
                .transpose()?;
            let next = table.len()? as u32;
            let id = AccountId(known.map_or(next, |(id, _)| id));
            drop(table);
            write_account(transaction, name, id, &account.meta)?;
            Ok(id)
        })?;
        Ok((id, account))
    }

    /// The identifier of this state: a UUID made with it, the same for ever.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn instance_id(&self) -> Result<String, StoreError> {
        let id = self.read(identity::stored)?;
        // Every way to open a state gives it one.
        Ok(id.ok_or(EncodingError::Missing("identifier"))?)
    }

    /// What is in the state, in figures.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn info(&self) -> Result<Info, StoreError> {
        self.read(|transaction| info::info(transaction, &self.path))
    }

    /// The file's size in bytes; 0 if it is no file.
    pub fn size_bytes(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |metadata| metadata.len())
    }

    /// Bytes available on the file system the state is on.
    pub fn available_bytes(&self) -> Option<u64> {
        let stat = rustix::fs::statvfs(self.path.parent()?).ok()?;
        Some(stat.f_bavail.saturating_mul(stat.f_frsize))
    }
}
