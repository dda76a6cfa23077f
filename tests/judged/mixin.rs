//! Dashboards, rules and alerts: what is committed is what their source makes.

mod dashboards;
mod panels;
mod rules;
mod story;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use vcc_test_support::committed::assert_committed;
use vcc_test_support::tools::{jsonnet, output_of};

/// Where the plain files are, with the source in `mixin`.
pub const DASHBOARDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../dashboards");

/// An example of Alertmanager's configuration, written by hand.
const INHIBITION: &str = "rules/alertmanager-inhibit.yml";

#[test]
fn committed_files_are_what_their_source_makes() {
    let made = rendered();
    for (name, text) in &made {
        assert_committed(&format!("dashboards/{name}"), text, "-p judged mixin");
    }
    for path in committed() {
        let name = path.strip_prefix(DASHBOARDS).unwrap().to_str().unwrap();
        assert!(
            made.contains_key(name) || name == INHIBITION,
            "dashboards/{name} is made by nothing in dashboards/mixin"
        );
    }
}

/// What the source makes: text by path below `dashboards`.
fn rendered() -> BTreeMap<String, String> {
    let mut command = Command::new(jsonnet());
    command.arg(Path::new(DASHBOARDS).join("mixin/render.jsonnet"));
    serde_json::from_slice(&output_of(&mut command)).unwrap()
}

/// The plain files that are there, whoever made them.
fn committed() -> Vec<PathBuf> {
    let files = |directory: PathBuf, ending: &str| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(directory).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths
            .filter(|path| path.extension().is_some_and(|found| found == ending))
            .collect()
    };
    let mut found = files(PathBuf::from(DASHBOARDS), "json");
    found.extend(files(Path::new(DASHBOARDS).join("rules"), "yml"));
    found
}
