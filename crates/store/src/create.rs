//! Creates a database file atomically.

use std::path::Path;

use redb::Database;

use super::FILE_NAME;
use super::error::OpenError;

/// Creates a database under a temporary name and renames it once it is complete and durable. `false` if
/// a file of that name exists by then: it is kept.
pub(super) fn create_atomically(
    directory: &Path,
    path: &Path,
    fill: impl FnOnce(&Database) -> Result<(), OpenError>,
) -> Result<bool, OpenError> {
    let io = |error| OpenError::io(path, error);
    let temporary = tempfile::Builder::new()
        .prefix(FILE_NAME)
        .suffix(".new")
        .tempfile_in(directory)
        .map_err(io)?;
    let database =
        Database::create(temporary.path()).map_err(|error| OpenError::database(path, error))?;
    fill(&database)?;
    drop(database);
    match temporary.persist_noclobber(path) {
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
