//! The versions that are stated are true.

use super::{PACKAGES, read};

/// The Rust that Cargo.toml asks for.
const RUST: &str = env!("CARGO_PKG_RUST_VERSION");

#[test]
fn no_dependency_asks_for_a_later_rust_than_we_do() {
    let stated = PACKAGES.iter().filter_map(|package| {
        let version = package["rust_version"].as_str()?;
        Some((version, package["name"].as_str()?))
    });
    let later: Vec<_> = stated
        .filter(|(version, _)| parts(version) > parts(RUST))
        .collect();
    assert!(later.is_empty(), "Rust {RUST} is stated: {later:?}");
}

#[test]
fn documents_ask_for_the_same_rust() {
    for path in ["README.md", "docs/install.md"] {
        let text = read(path);
        let mut asked = text
            .match_indices("Rust ")
            .map(|(at, found)| &text[at + found.len()..])
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            .map(|rest| rest.split(' ').next().unwrap())
            .peekable();
        assert!(asked.peek().is_some(), "{path} asks for no Rust");
        assert!(asked.all(|version| version == RUST), "{path}");
    }
}

#[test]
fn the_commands_to_install_name_this_version() {
    let text = read("docs/install.md");
    let names = ["vcc-exporter:", "vcc-exporter_"];
    let found = names.iter().flat_map(|name| text.split(name).skip(1));
    let versions: Vec<_> = found
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        .map(|rest| rest.split(|c: char| c.is_whitespace() || c == '-').next())
        .collect();
    assert!(versions.len() > 2);
    for version in versions {
        assert_eq!(version, Some(env!("CARGO_PKG_VERSION")));
    }
}

/// Its heading tells the version, and a day or that it is not released.
#[test]
fn the_newest_of_the_changelog_is_this_version() {
    let text = read("CHANGELOG.md");
    let heading = text.lines().find_map(|line| line.strip_prefix("## "));
    let (version, when) = heading.unwrap().split_once(" - ").unwrap();
    assert_eq!(version, env!("CARGO_PKG_VERSION"));
    let is_day = chrono::NaiveDate::parse_from_str(when, "%Y-%m-%d").is_ok();
    assert!(is_day || when == "unreleased", "{when}");
}

/// A version's numbers, two or three of them.
fn parts(version: &str) -> Vec<u32> {
    let numbers = version.split('.').map(|part| part.parse().unwrap());
    numbers.chain(std::iter::repeat(0)).take(3).collect()
}
