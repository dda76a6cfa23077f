//! The files of the repository, and where Cargo builds them.

use std::path::{Path, PathBuf};

/// A file or folder of the repository.
pub fn repository(path: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    root.unwrap().join(path)
}

/// The target directory of the running executable: the one that Cargo has marked as a cache.
pub fn target() -> PathBuf {
    let executable = std::env::current_exe().unwrap();
    let marked = |folder: &&Path| folder.join("CACHEDIR.TAG").exists();
    let found = executable.ancestors().skip(1).find(marked);
    found.map_or_else(|| repository("target"), Path::to_owned)
}
