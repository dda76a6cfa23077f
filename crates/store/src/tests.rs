//! What happens to the database handle when a read or a write fails.

#![allow(
    clippy::disallowed_methods,
    reason = "a thread that waits for a lock shows no sign of it, so the test gives it time"
)]

use std::io;
use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

use redb::backends::{FileBackend, InMemoryBackend};
use redb::{BackendError, Database, StorageBackend};

use super::error::{OpenError, StoreError};
use super::schema::{ACCOUNTS, META};
use super::{FILE_NAME, Store};

/// A file whose reads fail on demand. It is locked as any other database file.
#[derive(Debug)]
struct Flaky {
    file: FileBackend,
    broken: Arc<AtomicBool>,
}

type Range = Bound<u64>;

impl StorageBackend for Flaky {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(io::Error::other("the test broke this read"));
        }
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Range, end: Range) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Range, end: Range) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Range, end: Range) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Range, end: Range) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Range, end: Range) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Range, end: Range) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}

/// A store on a real file, and the switch that makes its reads fail. Nothing is cached, so that
/// every read reaches the file.
fn flaky_store(directory: &Path) -> (Store, Arc<AtomicBool>) {
    let path = directory.join(FILE_NAME);
    let broken = Arc::new(AtomicBool::new(false));
    let (file, switch) = (path.clone(), Arc::clone(&broken));
    let opener = move || {
        let options = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&file);
        let options = options.map_err(|error| OpenError::io(&file, error))?;
        let backend = Flaky {
            file: FileBackend::new(options).map_err(|error| OpenError::database(&file, error))?,
            broken: Arc::clone(&switch),
        };
        let database = Database::builder()
            .set_cache_size(0)
            .create_with_backend(backend);
        database.map_err(|error| OpenError::database(&file, error))
    };
    let store = Store::open_with(path, Box::new(opener)).unwrap();
    (store, broken)
}

/// A read fails while a commit is under way: the next operation must not open the file a second
/// time, which the commit's handle still locks.
#[test]
fn a_failed_read_during_a_commit_does_not_lock_the_state_against_itself() {
    let directory = tempfile::tempdir().unwrap();
    let (store, broken) = flaky_store(directory.path());
    let (entered, in_commit) = mpsc::channel();
    let (leave, may_leave) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let store = &store;
        let commit = scope.spawn(move || {
            store.write(|transaction| {
                transaction.open_table(META)?.insert("test", 1)?;
                entered.send(()).unwrap();
                may_leave.recv().unwrap();
                Ok(())
            })
        });
        in_commit.recv().unwrap();
        broken.store(true, Ordering::Relaxed);
        let failed = store.info();
        assert!(matches!(failed, Err(StoreError::Database(_))), "{failed:?}");
        broken.store(false, Ordering::Relaxed);
        // While the commit still holds the old handle.
        let next = scope.spawn(|| store.info());
        std::thread::sleep(std::time::Duration::from_millis(200));
        leave.send(()).unwrap();
        // The database refuses everything after a failed read, so this commit fails too.
        assert!(commit.join().unwrap().is_err());
        next.join().unwrap().unwrap();
    });
    store.info().unwrap();
    store.write(|_| Ok(())).unwrap();
}

/// What a failing disk leaves in memory is useless; a value that cannot be understood is not.
#[test]
fn only_a_failure_of_the_database_replaces_the_handle() {
    let openings = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&openings);
    let opener = move || {
        counted.fetch_add(1, Ordering::Relaxed);
        let backend = InMemoryBackend::new();
        Ok(Database::builder().create_with_backend(backend).unwrap())
    };
    let store = Store::open_with("memory".into(), Box::new(opener)).unwrap();
    store
        .write(|transaction| {
            transaction
                .open_table(ACCOUNTS)?
                .insert("acme", &[0xff][..])?;
            Ok(())
        })
        .unwrap();
    for _ in 0..3 {
        let unreadable = store.api_url("acme");
        assert!(
            matches!(unreadable, Err(StoreError::Encoding(_))),
            "{unreadable:?}"
        );
    }
    assert_eq!(openings.load(Ordering::Relaxed), 1, "after failed reads");
    let refused: Result<(), _> = store.write(|_| Err(StoreError::AccountGone));
    assert!(refused.is_err());
    // This opener's next database is another, empty one.
    assert!(store.api_url("acme").is_err());
    assert_eq!(openings.load(Ordering::Relaxed), 2, "after a failed write");
}

/// A reader that takes its time keeps its handle; who needs a new one waits for it.
#[test]
fn a_handle_is_replaced_once_its_readers_are_done() {
    let directory = tempfile::tempdir().unwrap();
    let (store, _) = flaky_store(directory.path());
    let (entered, in_read) = mpsc::channel();
    let (leave, may_leave) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let store = &store;
        let reader = scope.spawn(move || {
            store.read(|transaction| {
                entered.send(()).unwrap();
                may_leave.recv().unwrap();
                Ok(transaction.open_table(META)?.get("schema")?.is_some())
            })
        });
        in_read.recv().unwrap();
        let refused: Result<(), _> = store.write(|_| Err(StoreError::AccountGone));
        assert!(refused.is_err());
        let next = scope.spawn(|| store.info());
        std::thread::sleep(std::time::Duration::from_millis(200));
        assert!(!next.is_finished(), "it waits for the reader");
        leave.send(()).unwrap();
        assert!(
            reader.join().unwrap().unwrap(),
            "the reader read to its end"
        );
        next.join().unwrap().unwrap();
    });
}

#[test]
fn errors_keep_their_causes() {
    use std::error::Error;
    let error = StoreError::from(redb::StorageError::Corrupted("page 7".to_owned()));
    assert_eq!(error.to_string(), "the state failed: DB corrupted: page 7");
    assert_eq!(error.source().unwrap().to_string(), "DB corrupted: page 7");
    let error = OpenError::corrupt(Path::new("x"), error);
    assert!(error.source().unwrap().source().is_some());
}
