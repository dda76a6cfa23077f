//! The state's file with damage in it: `state verify` says so and never ends in another way, and
//! where it finds none the exporter goes on from what was committed.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use vcc_core::ledger::AccountMeta;
use vcc_store::{FILE_NAME, Store, verify};

use super::changed::changed;
use super::example::{EXAMPLE, NAME, RULES};

/// The bytes are changes of the file: see `changed`.
pub fn check(data: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let file = changed(&EXAMPLE.file, data);
    fs::write(folder.path().join(FILE_NAME), file).unwrap();
    let found = verify(folder.path(), &mut |_, _| {});
    if found.is_ok_and(|found| found.faults.is_empty()) {
        let present = catch_unwind(AssertUnwindSafe(|| present(folder.path())));
        // Damage in the two places that say which commit is the last leaves the one before.
        let is_known = present.is_ok_and(|found| EXAMPLE.commits.contains(&found));
        assert!(is_known, "something else than was committed");
    }
}

/// What a start finds.
fn present(directory: &Path) -> Option<AccountMeta> {
    let store = Store::open(directory).unwrap();
    let loaded = store.load_account(NAME, &RULES, 0).unwrap();
    loaded.map(|loaded| loaded.account.meta)
}
