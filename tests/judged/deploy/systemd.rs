//! The unit: systemd takes it, and it may do little.

use std::process::Command;

use super::program::{assert_configures, assert_takes};
use super::{read, repository};
use vcc_test_support::binary::binary;
use vcc_test_support::tools::said;

const UNIT: &str = "deploy/systemd/vcc-exporter.service";

/// What docs/install.md says `systemd-analyze security` finds, in tenths: 0 may do nothing, 100 all.
const EXPOSURE: &str = "12";

/// Runs `systemd-analyze` on the unit, whose program is not installed here.
fn analyze(args: &[&str]) -> (bool, String) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("vcc-exporter.service");
    let program = binary().to_str().unwrap();
    std::fs::write(&file, unit().replace("/usr/bin/vcc-exporter", program)).unwrap();
    let output = Command::new("systemd-analyze")
        .args(args)
        .arg(&file)
        .output();
    let output = output.unwrap_or_else(|error| {
        panic!("this test needs systemd-analyze: {error}. Install the package systemd")
    });
    (output.status.success(), said(&output))
}

fn unit() -> String {
    read(&repository(UNIT))
}

/// What the unit sets, on the last line that does.
fn setting(key: &str) -> String {
    let unit = unit();
    let mut lines = unit
        .lines()
        .filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    lines.next_back().unwrap().to_owned()
}

#[test]
fn systemd_understands_every_line() {
    let (well, said) = analyze(&["verify", "--man=no"]);
    assert!(well && said.is_empty(), "{said}");
}

#[test]
fn it_is_no_more_exposed_than_the_documentation_says() {
    let (well, said) = analyze(&[
        "security",
        "--offline=true",
        "--no-pager",
        "--threshold",
        EXPOSURE,
    ]);
    assert!(well, "{said}");
    let figure = format!("{}.{}", &EXPOSURE[..1], &EXPOSURE[1..]);
    let documented = read(&repository("docs/install.md"));
    assert!(
        documented.contains(&format!("exposure level {figure}")),
        "{figure}"
    );
}

#[tokio::test]
async fn the_exporter_takes_its_flags_and_its_configuration() {
    let command = setting("ExecStart");
    let args: Vec<&str> = command.split(' ').skip(1).collect();
    assert_takes(&args);
    let code = vcc_exporter::cli::EXIT_USAGE.to_string();
    assert_eq!(setting("RestartPreventExitStatus"), code);

    // systemd puts the credential into the folder that the test takes for CREDENTIALS_DIRECTORY.
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("vcc-exporter.yml");
    let name = setting("LoadCredential");
    std::fs::write(
        directory.path().join(name.split(':').next().unwrap()),
        "hush",
    )
    .unwrap();
    std::fs::copy(repository("deploy/systemd/vcc-exporter.yml"), &file).unwrap();
    assert_configures(&file).await;
}
