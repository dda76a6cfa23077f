//! What is fuzzed is what is tested: the same libraries, built in the same way.

use std::collections::BTreeSet;

use super::{PACKAGES, packages, read};

#[test]
fn the_lock_of_the_fuzzing_is_in_step() {
    let versions = |packages: &[serde_json::Value]| -> BTreeSet<(String, String)> {
        let text = |it: &serde_json::Value| it.as_str().unwrap().to_owned();
        let both = packages.iter().map(|it| (&it["name"], &it["version"]));
        both.map(|(name, version)| (text(name), text(version)))
            .collect()
    };
    let ours = versions(&PACKAGES);
    let names: BTreeSet<_> = ours.iter().map(|(name, _)| name).collect();
    let theirs = versions(&packages("fuzz/Cargo.toml"));
    let known = theirs.iter().filter(|(name, _)| names.contains(name));
    let others: Vec<_> = known.filter(|it| !ours.contains(it)).collect();
    assert!(theirs.iter().any(|(name, _)| name == "libfuzzer-sys"));
    assert!(
        others.is_empty(),
        "not the versions of Cargo.lock: {others:?}"
    );
}

/// Else every library would be built again for it.
#[test]
fn the_fuzzing_builds_libraries_as_the_tests_do() {
    let profile = |path| -> Vec<String> {
        let text = read(path);
        let (_, dev) = text.split_once("[profile.dev]").unwrap();
        let dev = dev.split("[profile.release]").next().unwrap();
        let lines = dev
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#') && !line.starts_with("vcc-"));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(profile("fuzz/Cargo.toml"), profile("Cargo.toml"));
}
