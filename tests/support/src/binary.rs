//! The exporter's binary, for tests of any crate.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::repository::repository;

/// The binary of the sources as they are now, built as the running test is.
///
/// Cargo builds it before it runs the tests of its own package. Those of other packages, and a test that
/// is run by hand, have it built, once a process; that takes a moment where nothing has changed.
pub fn binary() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = folder();
        if std::env::var_os("CARGO_PKG_NAME").is_none_or(|package| package != "vcc-exporter") {
            build(&folder);
        }
        let path = folder.join("vcc-exporter");
        assert!(path.exists(), "{} is not there", path.display());
        path
    })
}

/// Where Cargo puts binaries: `target/debug` of a test at `target/debug/deps/fast-0123456789abcdef`.
fn folder() -> PathBuf {
    let executable = std::env::current_exe().unwrap();
    executable.ancestors().nth(2).unwrap().to_owned()
}

/// Builds it with the features of libraries that the tests have, so that Cargo finds the libraries and the
/// exporter built.
fn build(folder: &Path) {
    let profile = match folder.file_name().and_then(|name| name.to_str()).unwrap() {
        "debug" => "dev",
        other => other,
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(repository(""))
        .args(["build", "--quiet", "--locked", "--profile", profile])
        .args(["--package", "vcc-exporter", "--bin", "vcc-exporter"])
        .args(["--package", "vcc-test-support"]);
    // With `cargo test --target TRIPLE` a folder of that name is between.
    let parent = folder.parent().unwrap();
    if parent.join("CACHEDIR.TAG").exists() {
        command.arg("--target-dir").arg(parent);
    } else {
        command.arg("--target").arg(parent.file_name().unwrap());
        command.arg("--target-dir").arg(parent.parent().unwrap());
    }
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("{command:?} cannot be run: {error}"));
    assert!(
        output.status.success(),
        "the exporter's binary cannot be built:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
