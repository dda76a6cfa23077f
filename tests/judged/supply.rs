//! What comes from others, and what is handed on: dependencies, the bill of materials, the versions that
//! are stated, and that what documents point to is there.

mod bill;
mod boundaries;
mod documents;
mod fuzzing;
mod licences;
mod versions;

use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

use vcc_test_support::repository::repository;
use vcc_test_support::tools::output_of;

fn read(path: &str) -> String {
    let path = repository(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Cargo, as it runs this test.
fn cargo() -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(repository(""));
    cargo
}

/// What Cargo knows of the packages that Cargo.lock names.
static PACKAGES: LazyLock<Vec<Value>> = LazyLock::new(|| packages("Cargo.toml"));

/// What Cargo knows of the packages that the lock beside a manifest names.
fn packages(manifest: &str) -> Vec<Value> {
    let mut metadata = cargo();
    metadata.args(["metadata", "--locked", "--format-version=1"]);
    metadata.arg("--manifest-path").arg(manifest);
    let mut metadata: Value = serde_json::from_slice(&output_of(&mut metadata)).unwrap();
    serde_json::from_value(metadata["packages"].take()).unwrap()
}
