//! The database handle: shared by everything that reads and writes, replaced after a failure.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use redb::{Database, ReadTransaction, ReadableDatabase, WriteTransaction};

use super::error::{OpenError, StoreError};
use super::outbox::{self, OutboxStatus};

/// How the database is opened, the first time and after a failure.
pub(super) type Opener = Box<dyn Fn() -> Result<Database, OpenError> + Send + Sync>;

/// An open database. Whoever uses it holds `database` shared for as long as a transaction lasts;
/// to replace it takes `database` alone, so the file is never opened while an earlier handle still
/// has it locked.
pub(super) struct DatabaseHandle {
    database: RwLock<Option<Database>>,
    /// Whether the present handle must be replaced. Only set by who holds `database`.
    is_broken: AtomicBool,
    /// Held during a write. It is taken before `database`, so that a write that waits for another
    /// which then fails gets the new handle.
    writer: Mutex<()>,
    /// The outbox as of the last write, for who must not wait for the disk.
    outbox: Mutex<OutboxStatus>,
    opener: Opener,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl DatabaseHandle {
    pub(super) fn new(database: Database, opener: Opener) -> Result<DatabaseHandle, StoreError> {
        let outbox = outbox::status(&database.begin_read()?)?;
        Ok(DatabaseHandle {
            database: RwLock::new(Some(database)),
            is_broken: AtomicBool::new(false),
            writer: Mutex::default(),
            outbox: Mutex::new(outbox),
            opener,
        })
    }

    /// The outbox, without a look at the database.
    pub(super) fn outbox(&self) -> OutboxStatus {
        *lock(&self.outbox)
    }

    /// Reads. A value that cannot be understood says nothing against the handle; a disk that fails
    /// leaves it useless.
    pub(super) fn read<T>(
        &self,
        look: impl FnOnce(&ReadTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.with(|database| {
            let outcome = (|| look(&database.begin_read()?))();
            if outcome.as_ref().is_err_and(StoreError::is_of_database) {
                self.is_broken.store(true, Ordering::Release);
            }
            outcome
        })
    }

    pub(super) fn write<T>(
        &self,
        change: impl FnOnce(&WriteTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.write_outbox(|transaction| Ok((change(transaction)?, None)))
    }

    /// The same for a change that says how it leaves the outbox, if it touched it.
    pub(super) fn write_outbox<T>(
        &self,
        change: impl FnOnce(&WriteTransaction) -> Result<(T, Option<OutboxStatus>), StoreError>,
    ) -> Result<T, StoreError> {
        let _writer = lock(&self.writer);
        self.with(|database| {
            let outcome = (|| {
                let transaction = database.begin_write()?;
                let outcome = change(&transaction)?;
                transaction.commit()?;
                Ok(outcome)
            })();
            match outcome {
                Ok((value, outbox)) => {
                    if let Some(outbox) = outbox {
                        *lock(&self.outbox) = outbox;
                    }
                    Ok(value)
                }
                Err(error) => {
                    // What an interrupted write left in memory cannot be trusted.
                    self.is_broken.store(true, Ordering::Release);
                    Err(error)
                }
            }
        })
    }

    fn with<T>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        loop {
            let slot = self.database.read().unwrap_or_else(PoisonError::into_inner);
            match slot.as_ref() {
                Some(database) if !self.is_broken.load(Ordering::Acquire) => {
                    return work(database);
                }
                _ => drop(slot),
            }
            self.reopen()?;
        }
    }

    /// Replaces a handle that is broken, once nobody uses it any more.
    fn reopen(&self) -> Result<(), StoreError> {
        let mut slot = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if slot.is_some() && !self.is_broken.load(Ordering::Acquire) {
            return Ok(());
        }
        // The file is locked until its handle is gone.
        *slot = None;
        let database = (self.opener)().map_err(|error| StoreError::Reopen(error.into()))?;
        // A write that failed may have reached the disk.
        let outbox = outbox::status(&database.begin_read()?)?;
        *lock(&self.outbox) = outbox;
        *slot = Some(database);
        self.is_broken.store(false, Ordering::Release);
        Ok(())
    }
}
