//! deny.toml is kept to: licences, sources, what is there twice and what must not be there.

use std::path::Path;
use std::process::Command;

use super::cargo;
use vcc_test_support::tools::{install, output_of};

#[test]
fn dependencies_are_what_they_may_be() {
    let tools = install("cargo-deny", &super::repository("tests/tools/cargo-deny"));
    let mut deny = named_by_cargo(&tools.join("bin/cargo-deny"));
    deny.args(["--locked", "--workspace", "check", "--deny", "warnings"])
        .args(["licenses", "bans", "sources"]);
    output_of(&mut deny);
}

/// A subcommand of Cargo's, which asks the Cargo of this test.
fn named_by_cargo(path: &Path) -> Command {
    let mut command = Command::new(path);
    command.env("CARGO", cargo().get_program());
    command.current_dir(super::repository(""));
    command
}
