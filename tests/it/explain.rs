//! `explain`: the facts of each documented event, one idea a file, and the command around it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use vcc_exporter::config::Config;
use vcc_exporter::explain::{Ground, Input, explain};
use vcc_exporter::exporter::rules;
use vcc_exporter::interaction::EventKind;

/// The fixtures, by their names.
fn fixtures() -> Vec<(String, PathBuf)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/events");
    let mut files: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path))
        .collect();
    files.sort();
    files
}

fn explained(bytes: &[u8]) -> String {
    let rules = rules(&Config::defaults(Vec::new()));
    let input = Input::new(bytes).unwrap();
    let read = input.read().unwrap();
    let ground = Ground::bare(&read.page, &rules);
    explain(read, ground, &rules)
}

/// Each snapshot was read against the rules of counting. A change of one is a change of what
/// counts: `INSTA_UPDATE=always cargo test explain` renews them, and the diff is to be read.
#[test]
fn each_event_yields_the_facts_of_its_snapshot() {
    insta::with_settings!({snapshot_path => "snapshots/explain", prepend_module_to_snapshot => false, omit_expression => true}, {
        for (name, path) in fixtures() {
            insta::assert_snapshot!(name, explained(&fs::read(path).unwrap()));
        }
    });
}

#[test]
fn every_documented_event_has_a_fixture_and_so_have_an_unknown_one_and_one_without_a_type() {
    let mut seen = BTreeSet::new();
    for (name, path) in fixtures() {
        let bytes = fs::read(path).unwrap();
        let read = vcc_exporter::api::decode(&bytes).unwrap();
        assert_eq!(read.interactions.len(), 1, "{name}");
        let channels = &read.interactions[0].channels;
        for event in channels.iter().flat_map(|channel| &channel.events) {
            let kind = match (event.kind, &event.value) {
                (EventKind::Other, None) => "no type",
                (EventKind::Other, Some(_)) => "unknown type",
                (kind, _) => kind.name(),
            };
            seen.insert(kind);
        }
    }
    let documented = EventKind::DOCUMENTED.iter().map(|kind| kind.name());
    for kind in documented.chain(["no type", "unknown type"]) {
        assert!(seen.contains(kind), "no fixture shows {kind}");
    }
}
