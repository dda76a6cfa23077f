//! Opening and making the database's file: what it holds, and whether this version may use it.

use std::path::Path;

use redb::{Database, ReadOnlyDatabase, ReadableDatabase, TableError};

use super::create::create_atomically;
use super::error::{OpenError, StoreError};
use super::schema::{
    ACCOUNTS, CONVERSATIONS, LABELS, META, OLDEST_VERSION, OPEN, OUTBOX, ROWS, SCHEMA,
    SCHEMA_VERSION, SERIES, TRACED, migrate,
};
use super::{CACHE_BYTES, backup, identity};

/// What a database holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum DetectedSchema {
    /// Nothing.
    Empty,
    /// Something else.
    Foreign,
    /// A state of this version.
    Version(u32),
}

/// Opens an existing file, or begins an empty one, for reading and writing.
pub(super) fn open_file(path: &Path) -> Result<Database, OpenError> {
    let database = Database::builder().set_cache_size(CACHE_BYTES).create(path);
    database.map_err(|error| OpenError::database(path, error))
}

/// Refuses a file that [`prepare`] would refuse, without a change of it. A state that was not
/// closed in order cannot be looked at in this way; it is when it has been repaired.
pub(super) fn inspect(path: &Path) -> Result<(), OpenError> {
    match ReadOnlyDatabase::open(path) {
        Ok(database) => usable_version(&database, path).map(drop),
        Err(_) => Ok(()),
    }
}

/// Makes a new state if there is none. It gets its name only when it is whole, so an empty file of
/// that name is a loss, not a beginning, and is refused.
pub(super) fn begin(directory: &Path, path: &Path) -> Result<(), OpenError> {
    let io = |error| OpenError::io(path, error);
    if path.try_exists().map_err(io)? {
        return match std::fs::metadata(path).map_err(io)?.len() {
            0 => Err(OpenError::corrupt(path, "it is empty")),
            _ => Ok(()),
        };
    }
    // If somebody else was first meanwhile, theirs is the state.
    create_atomically(directory, path, |database| begin_in(database, path)).map(drop)
}

/// Begins a new state in an empty database.
pub(super) fn begin_in(database: &Database, path: &Path) -> Result<(), OpenError> {
    create_tables(database).map_err(|error| OpenError::stored(path, error))
}

fn create_tables(database: &Database) -> Result<(), StoreError> {
    let transaction = database.begin_write()?;
    transaction
        .open_table(META)?
        .insert(SCHEMA, SCHEMA_VERSION)?;
    transaction.open_table(ACCOUNTS)?;
    transaction.open_table(LABELS)?;
    transaction.open_table(SERIES)?;
    transaction.open_table(ROWS)?;
    transaction.open_table(OPEN)?;
    transaction.open_table(CONVERSATIONS)?;
    transaction.open_table(OUTBOX)?;
    transaction.open_table(TRACED)?;
    identity::ensure(&transaction)?;
    transaction.commit()?;
    Ok(())
}

/// Makes sure that an existing state is ours and readable, migrates an earlier one, and opens a
/// backup for good.
pub(super) fn prepare(database: &Database, path: &Path) -> Result<(), OpenError> {
    let version = usable_version(database, path)?;
    let failed = |error: StoreError| OpenError::stored(path, error);
    if version < SCHEMA_VERSION {
        tracing::info!(
            from = version,
            to = SCHEMA_VERSION,
            "migrating the state to this version's schema; it needs free space of the size of the state"
        );
        migrate_all(database, version).map_err(failed)?;
        tracing::info!(
            from = version,
            to = SCHEMA_VERSION,
            "the state was migrated to this version's schema"
        );
    }
    backup::open_backup(database).map_err(failed)
}

fn migrate_all(database: &Database, from: u32) -> Result<(), StoreError> {
    let old = database.begin_read()?;
    let new = database.begin_write()?;
    migrate(&old, &new, from)?;
    new.commit()?;
    Ok(())
}

/// Refuses what is not a state of this version.
pub(super) fn require_current(
    database: &impl ReadableDatabase,
    path: &Path,
) -> Result<(), OpenError> {
    match usable_version(database, path)? {
        SCHEMA_VERSION => Ok(()),
        earlier => Err(OpenError::Unmigrated(path.to_owned(), earlier)),
    }
}

/// The version of a state that is of this one or can be migrated. Also nothing at all is refused,
/// which is what an interrupted copy leaves behind.
fn usable_version(database: &impl ReadableDatabase, path: &Path) -> Result<u32, OpenError> {
    let broken = |error: StoreError| OpenError::corrupt(path, error);
    match detect_schema(database).map_err(broken)? {
        DetectedSchema::Empty => Err(OpenError::corrupt(path, "it holds nothing")),
        DetectedSchema::Foreign => Err(OpenError::Foreign(path.to_owned())),
        DetectedSchema::Version(version) if version > SCHEMA_VERSION => {
            Err(OpenError::Newer(path.to_owned(), version))
        }
        DetectedSchema::Version(version) if version < OLDEST_VERSION => {
            Err(OpenError::Older(path.to_owned(), version))
        }
        DetectedSchema::Version(version) => Ok(version),
    }
}

pub(super) fn detect_schema(
    database: &impl ReadableDatabase,
) -> Result<DetectedSchema, StoreError> {
    let transaction = database.begin_read()?;
    if transaction.list_tables()?.next().is_none() {
        return Ok(DetectedSchema::Empty);
    }
    let table = match transaction.open_table(META) {
        Ok(table) => table,
        Err(TableError::TableDoesNotExist(_) | TableError::TableTypeMismatch { .. }) => {
            return Ok(DetectedSchema::Foreign);
        }
        Err(error) => return Err(error.into()),
    };
    let version = table.get(SCHEMA)?.map(|value| value.value());
    Ok(version.map_or(DetectedSchema::Foreign, DetectedSchema::Version))
}
