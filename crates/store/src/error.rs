//! What can go wrong with the state, in words for whoever has to mend it.

use std::path::{Path, PathBuf};

use redb::{DatabaseError, StorageError};

use super::schema::{EncodingError, OLDEST_VERSION, SCHEMA_VERSION};

/// What is wrong with a file: an error of the database, or a sentence.
pub(crate) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a state cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error(
        "the state {path} is in use by another process: two exporters on one state would count \
         everything twice. Stop the other one, or give this one a state.path of its own",
        path = .0.display()
    )]
    Locked(PathBuf),
    /// The file is not a database, or is damaged.
    #[error(
        "the state {path} cannot be read ({cause}). It is left as it is. Restore a backup, or move the \
         file away to count anew from state to state",
        path = .0.display(),
        cause = .1
    )]
    Corrupt(PathBuf, #[source] Cause),
    /// The database is not one of ours.
    #[error(
        "{path} is a database of another program. It is left as it is. Set state.path to a directory \
         of the exporter's own",
        path = .0.display()
    )]
    Foreign(PathBuf),
    /// It was not closed in order and must be repaired before it can be read.
    #[error(
        "the state {path} was not closed in order. Start the exporter on it, or copy it with \
         `vcc-exporter state backup`: both repair it",
        path = .0.display()
    )]
    Unclean(PathBuf),
    /// It was written by a version too old to be migrated.
    #[error(
        "the state {path} has schema version {found}, and this vcc-exporter migrates version \
         {oldest} or later. It is left as it is. Start an earlier vcc-exporter on it that \
         migrates version {found}, then this one",
        path = .0.display(),
        found = .1,
        oldest = OLDEST_VERSION
    )]
    Older(PathBuf, u32),
    /// It was written by an earlier version and must be migrated before it can be read.
    #[error(
        "the state {path} has schema version {found}, written by an earlier vcc-exporter than this one. \
         It is left as it is. Start the exporter on it, which migrates it to version \
         {present}",
        path = .0.display(),
        found = .1,
        present = SCHEMA_VERSION
    )]
    Unmigrated(PathBuf, u32),
    /// It was written by a later version.
    #[error(
        "the state {path} has schema version {found}, written by a later vcc-exporter than this one. It \
         is left as it is. Run that version, or restore a backup made before the upgrade",
        path = .0.display(),
        found = .1
    )]
    Newer(PathBuf, u32),
    /// The file system refused.
    #[error(
        "the state {path} cannot be opened: {cause}. Check that the directory exists and that this user \
         may write to it",
        path = .0.display(),
        cause = .1
    )]
    Io(PathBuf, #[source] std::io::Error),
}

impl OpenError {
    pub(super) fn io(path: &Path, error: std::io::Error) -> Self {
        OpenError::Io(path.to_owned(), error)
    }

    pub(super) fn corrupt(path: &Path, cause: impl Into<Cause>) -> Self {
        OpenError::Corrupt(path.to_owned(), cause.into())
    }

    /// A failure of the disk, such as no space left, says nothing against the file.
    pub(super) fn stored(path: &Path, error: StoreError) -> Self {
        match error {
            StoreError::Database(redb::Error::Io(error)) if !tells_of_damage(&error) => {
                OpenError::io(path, error)
            }
            other => OpenError::corrupt(path, other),
        }
    }

    pub(super) fn database(path: &Path, error: DatabaseError) -> Self {
        match error {
            DatabaseError::DatabaseAlreadyOpen => OpenError::Locked(path.to_owned()),
            DatabaseError::Storage(StorageError::Io(error)) if !tells_of_damage(&error) => {
                OpenError::io(path, error)
            }
            other => OpenError::corrupt(path, other),
        }
    }
}

/// Whether the content of the file is at fault.
fn tells_of_damage(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{InvalidData, UnexpectedEof};
    matches!(error.kind(), InvalidData | UnexpectedEof)
}

/// Why the state could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed.
    #[error("the state failed: {0}")]
    Database(#[source] redb::Error),
    /// A stored value cannot be understood.
    #[error("a stored value cannot be understood: {0}")]
    Encoding(#[from] EncodingError),
    /// The database could not be opened again after a failure.
    #[error("the state cannot be opened again after a failure: {0}")]
    Reopen(#[source] Cause),
    /// The account being counted is no longer in the state.
    #[error("the account is no longer in the state")]
    AccountGone,
}

impl StoreError {
    /// Whether the database failed, and not the reading of a value in it. After an I/O error it
    /// refuses everything until it is opened again.
    pub(super) fn is_of_database(&self) -> bool {
        matches!(self, StoreError::Database(_))
    }
}

macro_rules! from_redb {
    ($($error:ident)*) => {
        $(impl From<redb::$error> for StoreError {
            fn from(error: redb::$error) -> Self {
                StoreError::Database(error.into())
            }
        })*
    };
}

from_redb!(TransactionError TableError StorageError CommitError);
