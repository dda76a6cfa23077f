//! Files of the repository that are made by something else of it.

use crate::repository::repository;

/// Holds what is made against the file of the repository that it must be the same as. `tests` names
/// those that write the file anew, where that is meant.
#[track_caller]
pub fn assert_committed(file: &str, made: &str, tests: &str) {
    let path = repository(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let mut lines = made.lines().zip(committed.lines()).enumerate();
    let first = lines.find(|(_, (is, was))| is != was);
    assert!(
        made == committed,
        "{file} is not what is made now; the first line that differs is {first:#?}, of {} now and \
         {} then. If that is meant, run `UPDATE_GOLDEN=1 cargo test {tests}` and read the diff",
        made.lines().count(),
        committed.lines().count(),
    );
}
