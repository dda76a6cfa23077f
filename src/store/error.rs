//! What can go wrong with the state, in words for whoever has to mend it.

use std::path::{Path, PathBuf};

/// Why a state cannot be opened.
#[derive(Debug)]
pub enum OpenError {
    /// Another process has it open.
    Locked(PathBuf),
    /// The file is not a database, or is damaged.
    Corrupt(PathBuf, String),
    /// The database is not one of ours.
    Foreign(PathBuf),
    /// It was not closed in order and must be repaired before it can be read.
    Unclean(PathBuf),
    /// It was written by a later version.
    Newer(PathBuf, u32),
    /// The file system refused.
    Io(PathBuf, std::io::Error),
}

impl OpenError {
    pub(super) fn io(path: &Path, error: std::io::Error) -> Self {
        OpenError::Io(path.to_owned(), error)
    }

    pub(super) fn database(path: &Path, error: redb::DatabaseError) -> Self {
        match error {
            redb::DatabaseError::DatabaseAlreadyOpen => OpenError::Locked(path.to_owned()),
            redb::DatabaseError::Storage(redb::StorageError::Io(error))
                if error.kind() != std::io::ErrorKind::InvalidData
                    && error.kind() != std::io::ErrorKind::UnexpectedEof =>
            {
                OpenError::Io(path.to_owned(), error)
            }
            other => OpenError::Corrupt(path.to_owned(), other.to_string()),
        }
    }
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            OpenError::Locked(path) => write!(
                f,
                "the state {} is in use by another process: two exporters on one state would count \
                 everything twice. Stop the other one, or give this one a state.path of its own",
                path.display()
            ),
            OpenError::Corrupt(path, problem) => write!(
                f,
                "the state {} cannot be read ({problem}). It is left as it is. Restore a backup, \
                 or move the file away to count anew from state to state",
                path.display()
            ),
            OpenError::Foreign(path) => write!(
                f,
                "{} is a database of another program. It is left as it is. Set state.path to a \
                 directory of the exporter's own",
                path.display()
            ),
            OpenError::Unclean(path) => write!(
                f,
                "the state {} was not closed in order. Start the exporter on it, or copy it with \
                 `vcc-exporter state backup`: both repair it",
                path.display()
            ),
            OpenError::Newer(path, schema) => write!(
                f,
                "the state {} has schema version {schema}, written by a later vcc-exporter than \
                 this one. It is left as it is. Run that version, or restore a backup made before \
                 the upgrade",
                path.display()
            ),
            OpenError::Io(path, error) => write!(
                f,
                "the state {} cannot be opened: {error}. Check that the directory exists and that \
                 this user may write to it",
                path.display()
            ),
        }
    }
}

impl std::error::Error for OpenError {}

/// Why the state could not be read or written.
#[derive(Debug)]
pub enum StoreError {
    /// The database failed.
    Database(redb::Error),
    /// A stored value cannot be understood.
    Encoding(String),
    /// The database could not be opened again after a failure.
    Reopen(String),
    /// The account being counted is no longer in the state.
    AccountGone,
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StoreError::Database(error) => write!(f, "the state failed: {error}"),
            StoreError::Encoding(what) => write!(f, "a stored value cannot be understood: {what}"),
            StoreError::Reopen(what) => {
                write!(
                    f,
                    "the state cannot be opened again after a failure: {what}"
                )
            }
            StoreError::AccountGone => f.write_str("the account is no longer in the state"),
        }
    }
}

impl std::error::Error for StoreError {}

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

impl From<postcard::Error> for StoreError {
    fn from(error: postcard::Error) -> Self {
        StoreError::Encoding(error.to_string())
    }
}
