//! The programs that read what is in `deploy`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use super::repository;
use vcc_test_support::tools::{build, install, output_of};

/// The installer of charts.
pub fn helm() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build("tests/deploy", "helm.sh/helm/v4/cmd/helm"))
}

/// What `kubectl kustomize` runs.
pub fn kustomize() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build("tests/deploy", "sigs.k8s.io/kustomize/kustomize/v5"))
}

/// The checker of manifests against schemas.
pub fn kubeconform() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        build(
            "tests/deploy",
            "github.com/yannh/kubeconform/cmd/kubeconform",
        )
    })
}

/// The loader of Docker Compose.
pub fn compose() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build("tests/deploy", "vcc-exporter/tests/deploy/compose"))
}

/// The linter of Dockerfiles.
pub fn hadolint() -> &'static Path {
    static INSTALLED: OnceLock<PathBuf> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        install("hadolint", &repository("tests/deploy/hadolint")).join("bin/hadolint")
    })
}

/// Where a Go module is of which only data are used.
pub fn data_of(module: &str) -> PathBuf {
    let mut go = Command::new("go");
    go.current_dir(repository("tests/deploy/schemas"))
        .args(["mod", "download", "-json", module]);
    let answer: Value = serde_json::from_slice(&output_of(&mut go)).unwrap();
    PathBuf::from(answer["Dir"].as_str().unwrap())
}
