//! The image: its Dockerfile is in order, and what it runs exists. `tests/deploy/image` builds what is
//! in it and runs that, without a container engine.

use std::process::Command;

use serde_json::Value;

use super::program::assert_takes;
use super::tools::hadolint;
use super::{read, repository, strings};
use vcc_test_support::tools::output_of;

const DOCKERFILE: &str = "deploy/Dockerfile";

#[test]
fn the_linter_has_nothing_to_say() {
    let mut command = Command::new(hadolint());
    output_of(command.arg(repository(DOCKERFILE)));
}

#[test]
fn what_it_runs_exists() {
    for instruction in ["CMD", "HEALTHCHECK"] {
        let command = last(instruction);
        let command: Value = serde_json::from_str(&command[command.find('[').unwrap()..]).unwrap();
        let args = strings(&command);
        let args = args
            .strip_prefix(&["/usr/local/bin/vcc-exporter"])
            .unwrap_or(&args);
        assert_takes(args);
    }
    assert_eq!(last("ENTRYPOINT"), r#"["/usr/local/bin/vcc-exporter"]"#);
}

#[test]
fn it_is_nobody_and_keeps_its_state_in_a_volume() {
    assert_eq!(last("USER"), "65532:65532");
    assert_eq!(last("VOLUME"), "/var/lib/vcc-exporter");
    assert_eq!(last("EXPOSE"), "9877");
    let text = read(&repository(DOCKERFILE));
    let version = format!(
        "org.opencontainers.image.version=\"{}\"",
        env!("CARGO_PKG_VERSION")
    );
    assert!(text.contains(&version), "another version than Cargo.toml's");
}

/// The arguments of the last instruction of a kind, which is the one that counts.
fn last(instruction: &str) -> String {
    let text = read(&repository(DOCKERFILE)).replace("\\\n", "");
    let mut lines = text
        .lines()
        .filter_map(|line| line.strip_prefix(instruction));
    lines.next_back().unwrap().trim().to_owned()
}
