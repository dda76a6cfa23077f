//! The boundaries that Cargo enforces stay where they are.

use std::collections::{BTreeMap, BTreeSet};

use super::PACKAGES;

/// The normal dependencies of a crate of this repository.
fn needs(package: &str) -> BTreeSet<&'static str> {
    let one = PACKAGES.iter().find(|it| it["name"] == package).unwrap();
    let all = one["dependencies"].as_array().unwrap().iter();
    all.filter(|it| it["kind"].is_null())
        .map(|it| it["name"].as_str().unwrap())
        .collect()
}

#[test]
fn the_core_can_do_no_io() {
    let needs = needs("vcc-core");
    for edge in ["axum", "hyper", "redb", "reqwest", "tokio", "tracing"] {
        assert!(!needs.contains(edge), "vcc-core depends on {edge}");
    }
    assert!(!needs.iter().any(|name| name.starts_with("vcc-")));
}

#[test]
fn the_simulator_shares_no_code_with_the_exporter() {
    let shared = needs("vcc-simulator");
    assert!(
        !shared.iter().any(|name| name.starts_with("vcc-")),
        "{shared:?}"
    );
}

/// Which crates each may depend on, as ARCHITECTURE.md shows it.
#[test]
fn every_crate_depends_on_those_below_it_alone() {
    let allowed = BTreeMap::from([
        ("vcc-core", vec![]),
        ("vcc-exposition", vec!["vcc-core"]),
        ("vcc-net", vec![]),
        ("vcc-otlp", vec!["vcc-core", "vcc-exposition", "vcc-net"]),
        ("vcc-simulator", vec![]),
        ("vcc-store", vec!["vcc-core"]),
        ("vcc-vonage", vec!["vcc-core", "vcc-net"]),
        ("vcc-web", vec!["vcc-exposition", "vcc-net", "vcc-yaml"]),
        ("vcc-yaml", vec![]),
    ]);
    for (package, allowed) in &allowed {
        let needs = needs(package);
        let own = needs.into_iter().filter(|name| name.starts_with("vcc-"));
        assert_eq!(own.collect::<Vec<_>>(), *allowed, "{package}");
    }
}
