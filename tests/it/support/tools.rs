//! Tools written in Go that judge the exporter from outside, built from `tests/tools`.
//!
//! They are built rather than downloaded: their versions and checksums are then pinned by
//! `go.sum` as the crates' are by `Cargo.lock`. Go keeps what it built, so only the first build
//! takes minutes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Prometheus can find its targets in clouds; without that half of its code falls away.
const TAGS: &str = "remove_all_sd";

/// The Prometheus server.
pub fn prometheus() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build("github.com/prometheus/prometheus/cmd/prometheus"))
}

/// The checker of metrics, configurations and rules.
pub fn promtool() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build("github.com/prometheus/prometheus/cmd/promtool"))
}

/// Builds a command of the tools' module, which Go makes a matter of a second once it was built.
fn build(package: &str) -> PathBuf {
    let name = package.rsplit('/').next().unwrap();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("tools")
        .join(name);
    let module = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tools");
    let built = Command::new("go")
        .current_dir(module)
        .args(["build", "-tags", TAGS, "-ldflags", "-s -w", "-o"])
        .arg(&path)
        .arg(package)
        .output();
    match built {
        Ok(output) if output.status.success() => path,
        Ok(output) => panic!(
            "go could not build {name} in {module}:\n{}",
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(error) => panic!(
            "this test runs a real {name}, which is built with Go, and go cannot be run: {error}. \
             Install the Go version that {module}/go.mod names, or a later one"
        ),
    }
}

/// Feeds a `/metrics` body to `promtool check metrics`, which must have nothing to say about it.
pub fn assert_promtool_is_silent(body: &str) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("metrics.prom");
    std::fs::write(&file, body).unwrap();
    let said = Command::new(promtool())
        .args(["check", "metrics"])
        .stdin(std::fs::File::open(&file).unwrap())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        said.status.success() && said.stdout.is_empty() && said.stderr.is_empty(),
        "promtool check metrics ended with {}:\n{}{}",
        said.status,
        text(&said.stdout),
        text(&said.stderr)
    );
}
