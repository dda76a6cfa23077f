//! What files say of the exporter's own flags and configuration is what it takes.

use std::path::Path;

use vcc_exporter::cli::parse;

use vcc_test_support::process::{program, text};

/// Arguments, without the program's name, that the exporter must take.
pub fn assert_takes(args: &[&str]) {
    let named = std::iter::once("vcc-exporter").chain(args.iter().copied());
    if let Err((_, message)) = parse(named) {
        panic!("vcc-exporter {}: {message}", args.join(" "));
    }
}

/// A configuration file that the exporter must find nothing wrong with.
pub async fn assert_configures(file: &Path) {
    let mut command = program(&["check", "--config.file", file.to_str().unwrap()]);
    // What systemd sets for a unit with credentials.
    let output = command
        .env("CREDENTIALS_DIRECTORY", file.parent().unwrap())
        .output();
    let output = output.await.unwrap();
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(output.status.success(), "{}: {said}", file.display());
}
