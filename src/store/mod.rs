//! The ledger on disk: one embedded database, one durable transaction per commit, one writer.
//!
//! Nothing here decides anything: it writes what a [`Commit`] says and reads it back.

mod backup;
mod care;
mod error;
mod identity;
mod info;
mod outbox;
mod prefetch;
mod read;
mod reader;
mod schema;
mod write;

use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use redb::{
    Database, ReadOnlyDatabase, ReadTransaction, ReadableDatabase, ReadableTable,
    ReadableTableMetadata, WriteTransaction,
};

pub use backup::{backup, new_epoch};
pub use care::{Verified, compact, verify};
pub use error::{OpenError, StoreError};
pub use info::{AccountInfo, Info};
pub use outbox::{OUTBOX_LIMIT, Place, Waiting};
pub use reader::Reader;

use crate::interaction::Guid;
use crate::labels::Dictionary;
use crate::ledger::{Account, Commit, Meta, Record, Rules, Scanned};
use read::{read_account, read_whole, scan};
use schema::{ACCOUNTS, Found, LABELS, SERIES, StoredAccount, StoredSeries};
use write::{write_account, write_rows};

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

type Opener = Box<dyn Fn() -> Result<Database, OpenError> + Send + Sync>;

/// The open state. Cheap to share; writers queue inside the database.
pub struct Store {
    database: RwLock<Option<Arc<Database>>>,
    opener: Opener,
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
        begin(directory, &path)?;
        // Opened for writing, even a file that is then refused would be changed. A state that was
        // not closed in order cannot be looked at in this way; it is when it has been repaired.
        if let Ok(database) = ReadOnlyDatabase::open(&path) {
            schema::expect(&database, &path)?;
        }
        let file = path.clone();
        let opener = move || {
            let database = Database::builder()
                .set_cache_size(CACHE_BYTES)
                .create(&file);
            database.map_err(|error| OpenError::database(&file, error))
        };
        let database = opener()?;
        schema::prepare(&database, &path)?;
        Ok(Store::new(database, path, Box::new(opener)))
    }

    /// Opens a state whose database comes from elsewhere than a plain file; an empty one begins.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with(path: PathBuf, opener: Opener) -> Result<Store, OpenError> {
        let database = opener()?;
        if schema::recognise(&database, &path)? == Found::Empty {
            schema::begin(&database, &path)?;
        }
        schema::prepare(&database, &path)?;
        Ok(Store::new(database, path, opener))
    }

    fn new(database: Database, path: PathBuf, opener: Opener) -> Store {
        Store {
            database: RwLock::new(Some(Arc::new(database))),
            opener,
            path,
        }
    }

    /// Where the database is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The database; after a failed write it is opened afresh, because what an interrupted write
    /// left in memory cannot be trusted.
    fn database(&self) -> Result<Arc<Database>, StoreError> {
        let broken = || StoreError::Reopen("its lock was poisoned".to_owned());
        if let Some(database) = self.database.read().map_err(|_| broken())?.as_ref() {
            return Ok(Arc::clone(database));
        }
        let mut slot = self.database.write().map_err(|_| broken())?;
        if slot.is_none() {
            let database =
                (self.opener)().map_err(|error| StoreError::Reopen(error.to_string()))?;
            *slot = Some(Arc::new(database));
        }
        slot.as_ref().map(Arc::clone).ok_or_else(broken)
    }

    fn close_broken(&self) {
        if let Ok(mut slot) = self.database.write() {
            *slot = None;
        }
    }

    /// Runs one durable transaction.
    fn write<T>(
        &self,
        change: impl FnOnce(&WriteTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let database = self.database()?;
        let outcome = (|| {
            let transaction = database.begin_write()?;
            let value = change(&transaction)?;
            transaction.commit()?;
            Ok(value)
        })();
        drop(database);
        if outcome.is_err() {
            self.close_broken();
        }
        outcome
    }

    /// Makes a commit durable: all of it or nothing. Returns how many waiting traces had to give
    /// way to its own.
    ///
    /// # Errors
    /// If it could not be made durable; the state is then as it was.
    pub fn commit(
        &self,
        id: AccountId,
        account: &Account,
        commit: &Commit,
    ) -> Result<u64, StoreError> {
        self.write(|transaction| {
            write_rows(transaction, id, commit)?;
            let given_way = outbox::write(transaction, id, commit)?;
            let mut labels = transaction.open_table(LABELS)?;
            for (index, (label, text)) in commit.admitted.iter().enumerate() {
                let number = (account.dictionary.len() + index) as u32;
                labels.insert((id.0, number), (label.name(), &**text))?;
            }
            drop(labels);
            let mut table = transaction.open_table(SERIES)?;
            let (mut key, mut value) = (String::new(), Vec::new());
            for series in &commit.series {
                let value = schema::encode(&StoredSeries::of(series), &mut value)?;
                table.insert((id.0, schema::series_key(series, &mut key)), value)?;
            }
            drop(table);
            if let Some(meta) = &commit.meta {
                write_account(transaction, &account.name, id, meta)?;
            }
            Ok(given_way)
        })
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
    pub fn scan(&self, id: AccountId, from: Guid, rows: u64) -> Result<Scanned, StoreError> {
        self.read(|transaction| scan(transaction, id, from, rows))
    }

    /// Reads; after a failure the database is opened afresh, because it would fail for ever.
    fn read<T>(
        &self,
        look: impl FnOnce(&ReadTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let database = self.database()?;
        let outcome = (|| look(&database.begin_read()?))();
        drop(database);
        if outcome.is_err() {
            self.close_broken();
        }
        outcome
    }

    /// The API an account was read from, if the state has it. Nothing is written.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn api_url(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.read(|transaction| {
            Ok(read_account(transaction, name)?.map(|stored| stored.meta.api_url))
        })
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
        meta: Meta,
    ) -> Result<(AccountId, Account), StoreError> {
        let account = Account::new(
            name,
            meta,
            Dictionary::new(rules.label_limits.clone(), Arc::clone(&rules.renames)),
        );
        let id = self.write(|transaction| {
            let table = transaction.open_table(ACCOUNTS)?;
            // An attempt that seemed to fail may have reached the disk: its number is taken up
            // again, because a number skipped now would be given to the next account as well.
            let known = table
                .get(name)?
                .map(|value| postcard::from_bytes::<StoredAccount>(value.value()))
                .transpose()?;
            let next = table.len()? as u32;
            let id = AccountId(known.map_or(next, |stored| stored.id));
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
        let id = identity::read(&*self.database()?)?;
        // Every way to open a state gives it one.
        id.ok_or_else(|| StoreError::Encoding("the state has no identifier".to_owned()))
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

/// Makes a new state if there is none. It gets its name only when it is whole, so an empty file of
/// that name is a loss, not a beginning, and is refused.
fn begin(directory: &Path, path: &Path) -> Result<(), OpenError> {
    let io = |error| OpenError::io(path, error);
    if path.try_exists().map_err(io)? {
        return match std::fs::metadata(path).map_err(io)?.len() {
            0 => Err(OpenError::Corrupt(
                path.to_owned(),
                "it is empty".to_owned(),
            )),
            _ => Ok(()),
        };
    }
    // If somebody else was first meanwhile, theirs is the state.
    whole(directory, path, |database| schema::begin(database, path)).map(drop)
}

/// Makes a database that gets its name only when it is whole and durable, unless something of that
/// name is there by then; whether it got it.
fn whole(
    directory: &Path,
    path: &Path,
    fill: impl FnOnce(&Database) -> Result<(), OpenError>,
) -> Result<bool, OpenError> {
    let io = |error| OpenError::io(path, error);
    let unborn = tempfile::Builder::new()
        .prefix(FILE_NAME)
        .suffix(".new")
        .tempfile_in(directory)
        .map_err(io)?;
    let database =
        Database::create(unborn.path()).map_err(|error| OpenError::database(path, error))?;
    fill(&database)?;
    drop(database);
    match unborn.persist_noclobber(path) {
        Ok(_) => {}
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(false),
        Err(error) => return Err(io(error.error)),
    }
    // The name is durable once the directory is.
    std::fs::File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(io)?;
    Ok(true)
}
