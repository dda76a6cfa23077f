//! The bill of materials is valid, and names what is in the binary and no more.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use super::{PACKAGES, read, repository};
use vcc_test_support::tools::{install, output_of};

const TARGET: &str = "x86_64-unknown-linux-musl";

/// Its maker validates it against `CycloneDX`'s schema and refuses to write what is not valid.
#[test]
fn the_bill_names_what_is_in_the_binary_and_no_more() {
    let tools = install("sbom", &repository("deploy/sbom"));
    let mut make = Command::new(tools.join("bin/python"));
    make.arg(repository("deploy/sbom/make.py")).arg(TARGET);
    // A clone without history has no date of its own.
    make.env("SOURCE_DATE_EPOCH", "1767225600");
    let bill = output_of(&mut make);
    assert_eq!(output_of(&mut make), bill, "another one the second time");
    let bill: Value = serde_json::from_slice(&bill).unwrap();

    assert_eq!(bill["bomFormat"], "CycloneDX");
    assert_eq!(
        bill["metadata"]["component"]["version"],
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(bill["metadata"]["timestamp"], "2026-01-01T00:00:00+00:00");
    let components = bill["components"].as_array().unwrap();
    let names: BTreeSet<_> = components
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    for needed in direct() {
        assert!(names.contains(needed.as_str()), "{needed} is missing");
    }
    // Only the tests have it, no feature asks for it, it only builds, it is for another system.
    for absent in ["promql-parser", "quinn", "cc", "windows-sys"] {
        assert!(!names.contains(absent), "{absent} is in no binary");
    }
    each_is_as_locked(components);
}

/// What Cargo.toml names for the binary.
fn direct() -> Vec<String> {
    let root = PACKAGES
        .iter()
        .find(|package| package["name"] == "vcc-exporter");
    let named = root.unwrap()["dependencies"].as_array().unwrap();
    let needed = named
        .iter()
        .filter(|one| one["kind"].is_null() && one["optional"] == false);
    let names = needed.map(|one| one["name"].as_str().unwrap().to_owned());
    names.collect()
}

/// Version, checksum and licence.
fn each_is_as_locked(components: &[Value]) {
    let lock = read("Cargo.lock");
    for one in components {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (name, version) = (text(&one["name"]), text(&one["version"]));
        let locked = format!("name = \"{name}\"\nversion = \"{version}\"\n");
        let at = lock.find(&locked).unwrap_or_else(|| panic!("{locked}"));
        let entry = lock[at..].split("\n\n").next().unwrap();
        // Crates of this repository are not downloaded, so nothing has their checksum.
        if one["hashes"].is_null() {
            assert!(!entry.contains("checksum"), "{name} has lost its checksum");
        } else {
            let checksum = text(&one["hashes"][0]["content"]);
            assert!(entry.contains(&checksum), "{name}");
        }
        assert!(one["licenses"][0].is_object(), "{name}");
    }
}
