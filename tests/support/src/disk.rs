//! A disk whose power can be cut: it knows which writes were synced and which were only promised.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::RngExt;
use redb::{Database, StorageBackend};
use vcc_store::{OpenError, Store};

/// A disk. Clones are the same disk.
#[derive(Debug, Clone, Default)]
pub struct Disk(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    /// What certainly survives a power cut.
    synced: Vec<u8>,
    /// What a running process reads back.
    current: Vec<u8>,
    /// How often a database was opened on it, or tried to be.
    openings: u64,
    /// What has changed between the two, in order.
    unsynced: Vec<Change>,
    /// Writes, changes of length and syncs so far.
    steps: u64,
    /// The step that fails.
    broken_step: Option<u64>,
    /// Whether everything after the failed step fails too, because the power is gone.
    power_gone: bool,
    full: bool,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner")
            .field("len", &self.current.len())
            .field("steps", &self.steps)
            .finish_non_exhaustive()
    }
}

impl Inner {
    /// Whether the power went with a step that has passed.
    fn is_dark(&self) -> bool {
        self.power_gone && self.broken_step.is_some_and(|broken| self.steps > broken)
    }
}

#[derive(Debug, Clone)]
enum Change {
    Write(u64, Vec<u8>),
    Length(u64),
}

impl Change {
    fn apply(&self, image: &mut Vec<u8>) {
        match self {
            Change::Write(offset, data) => {
                let (from, to) = (*offset as usize, *offset as usize + data.len());
                // A file system lengthens the file for a write whose change of length was lost.
                if image.len() < to {
                    image.resize(to, 0);
                }
                image[from..to].copy_from_slice(data);
            }
            Change::Length(len) => image.resize(*len as usize, 0),
        }
    }
}

impl Disk {
    /// A disk with a database's bytes on it.
    pub fn of(image: Vec<u8>) -> Self {
        let disk = Disk::default();
        disk.inner().synced.clone_from(&image);
        disk.inner().current = image;
        disk
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens the state on this disk; the store opens it again by itself after a failure.
    pub fn open(&self) -> Result<Store, OpenError> {
        let (disk, path) = (self.clone(), PathBuf::from("disk"));
        let opener = move || {
            disk.inner().openings += 1;
            let backend = Head(disk.clone());
            let database = Database::builder().create_with_backend(backend);
            database.map_err(|error| OpenError::Corrupt("disk".into(), error.into()))
        };
        Store::open_with(path, Box::new(opener))
    }

    /// How often the state on this disk was opened, the first time included.
    pub fn openings(&self) -> u64 {
        self.inner().openings
    }

    /// An equal disk of its own.
    pub fn copy(&self) -> Self {
        Disk::of(self.inner().current.clone())
    }

    /// The state's bytes as a running process reads them.
    pub fn database(&self) -> Database {
        let backend = Head(self.copy());
        Database::builder().create_with_backend(backend).unwrap()
    }

    /// From now on the step of this number (0 is the next one) fails, and, if the power is gone
    /// with it, everything after it.
    pub fn fail_at(&self, step: u64, power_gone: bool) {
        let mut inner = self.inner();
        inner.broken_step = Some(inner.steps + step);
        inner.power_gone = power_gone;
    }

    /// Whether there is no space left.
    pub fn set_full(&self, full: bool) {
        self.inner().full = full;
    }

    /// The disk as it is found after a power cut: of what was not synced, each whole write is
    /// there with this probability.
    pub fn after_power_cut(&self, survival: f64, rng: &mut impl RngExt) -> Self {
        let inner = self.inner();
        let mut image = inner.synced.clone();
        for change in &inner.unsynced {
            if rng.random_bool(survival) {
                change.apply(&mut image);
            }
        }
        Disk::of(image)
    }

    fn step(&self) -> io::Result<MutexGuard<'_, Inner>> {
        let mut inner = self.inner();
        let step = inner.steps;
        inner.steps += 1;
        match inner.broken_step {
            Some(broken) if step == broken || (step > broken && inner.power_gone) => {
                Err(io::Error::other("the test broke this step"))
            }
            _ => Ok(inner),
        }
    }

    fn change(&self, change: Change) -> io::Result<()> {
        let outcome = self.step();
        let mut inner = match outcome {
            Ok(inner) => inner,
            Err(error) => {
                // A write that reported a failure may have reached the disk all the same.
                let mut inner = self.inner();
                if inner.broken_step == Some(inner.steps - 1) {
                    inner.unsynced.push(change);
                }
                return Err(error);
            }
        };
        if inner.full {
            return Err(io::ErrorKind::StorageFull.into());
        }
        change.apply(&mut inner.current);
        inner.unsynced.push(change);
        Ok(())
    }
}

/// One opening of the disk.
#[derive(Debug)]
struct Head(Disk);

impl StorageBackend for Head {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.inner().current.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let inner = self.0.inner();
        if inner.is_dark() {
            return Err(io::Error::other("the power is gone"));
        }
        let (from, to) = (offset as usize, offset as usize + out.len());
        let bytes = inner.current.get(from..to);
        let bytes = bytes.ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.change(Change::Length(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut inner = self.0.step()?;
        let Inner {
            synced, unsynced, ..
        } = &mut *inner;
        for change in unsynced.drain(..) {
            change.apply(synced);
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.change(Change::Write(offset, data.to_vec()))
    }
}
