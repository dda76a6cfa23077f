//! Recording rules and alerts: judged by Prometheus' own tools and by pint, run over hand-made series,
//! and held against the catalogue and the runbooks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use serde::de::IgnoredAny;
use vcc_core::catalogue::{Family, Kind};

use super::DASHBOARDS;
use vcc_test_support::promql::{Used, metrics_of};
use vcc_test_support::tools::{jsonnet_lint, jsonnetfmt, output_of, pint, promtool};

/// Where the runbooks are.
const RUNBOOKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/runbooks");

/// The files of rules.
const FILES: [&str; 3] = ["thresholds.yml", "recording.yml", "alerts.yml"];

/// Labels that Prometheus or the exporter puts on series and that no family lists: those of the target,
/// the account, and the bound of a bucket.
const EVERYWHERE: [&str; 4] = ["account", "instance", "job", "le"];

#[derive(Deserialize)]
struct RuleFile {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    #[serde(default)]
    record: Option<String>,
    #[serde(default)]
    alert: Option<String>,
    expr: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct TestFile {
    tests: Vec<Scene>,
}

#[derive(Deserialize)]
struct Scene {
    #[serde(default)]
    alert_rule_test: Vec<Expectation>,
}

#[derive(Deserialize)]
struct Expectation {
    alertname: String,
    exp_alerts: Vec<IgnoredAny>,
}

fn rules_directory() -> PathBuf {
    Path::new(DASHBOARDS).join("rules")
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> T {
    let text = std::fs::read_to_string(path).unwrap();
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn rules() -> Vec<Rule> {
    let groups = FILES.into_iter().flat_map(|file| {
        let file: RuleFile = read(&rules_directory().join(file));
        file.groups
    });
    groups.flat_map(|group| group.rules).collect()
}

fn alerts() -> Vec<(String, Rule)> {
    let named = |mut rule: Rule| Some((rule.alert.take()?, rule));
    rules().into_iter().filter_map(named).collect()
}

/// The files of a directory and of those below it that end like this.
fn files(directory: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_str().unwrap().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The files of unit tests, without what they load.
fn test_files() -> Vec<PathBuf> {
    let directory = rules_directory().join("tests");
    let mut found = files(&directory, ".yml");
    found.retain(|path| path.parent() == Some(&directory));
    found
}

#[test]
fn prometheus_takes_the_rules() {
    let mut check = Command::new(promtool());
    check
        .current_dir(rules_directory())
        .args(["check", "rules", "--lint=all", "--lint-fatal"])
        .args(FILES);
    output_of(&mut check);
}

#[test]
fn every_alert_fires_when_it_should_and_only_then() {
    let mut test = Command::new(promtool());
    output_of(test.args(["test", "rules"]).args(test_files()));
}

#[test]
fn pint_finds_nothing() {
    let mut lint = Command::new(pint());
    lint.current_dir(rules_directory())
        .args(["--no-color", "--offline", "lint"])
        .args(["--min-severity", "info", "--fail-on", "info"])
        .args(FILES);
    output_of(&mut lint);
}

#[test]
fn the_jsonnet_is_in_one_style_and_has_no_mistakes() {
    let mixin = Path::new(DASHBOARDS).join("mixin");
    let sources: Vec<_> = files(&mixin, "sonnet");
    assert!(sources.len() > 10, "{sources:?}");
    output_of(Command::new(jsonnetfmt()).arg("--test").args(&sources));
    output_of(Command::new(jsonnet_lint()).args(&sources));
}

#[test]
fn every_alert_says_what_a_person_woken_by_it_needs() {
    for (name, rule) in alerts() {
        assert!(name.starts_with("Vcc"), "{name}");
        let severity = rule.labels["severity"].as_str();
        assert!(
            ["critical", "warning", "info"].contains(&severity),
            "{name}"
        );
        for annotation in ["summary", "description", "runbook_url", "dashboard_url"] {
            assert!(
                rule.annotations.contains_key(annotation),
                "{name}: {annotation}"
            );
        }
    }
}

#[test]
fn every_alert_has_a_runbook_and_every_runbook_an_alert() {
    let mut linked = BTreeSet::new();
    for (name, rule) in alerts() {
        let url = &rule.annotations["runbook_url"];
        let (page, anchor) = url.split_once('#').unwrap();
        let page = page.rsplit('/').next().unwrap();
        assert_eq!(anchor, name.to_lowercase(), "{url}");
        linked.insert((page.to_owned(), name));
    }
    let mut written = BTreeSet::new();
    for page in ["exporter.md", "contact-centre.md"] {
        let text = std::fs::read_to_string(Path::new(RUNBOOKS).join(page)).unwrap();
        let headings = text.lines().filter_map(|line| line.strip_prefix("## "));
        for heading in headings {
            assert!(
                written.insert((page.to_owned(), heading.to_owned())),
                "{heading}"
            );
        }
    }
    assert_eq!(linked, written);
}

#[test]
fn every_alert_is_seen_firing_and_silent() {
    let (mut firing, mut silent) = (BTreeSet::new(), BTreeSet::new());
    for path in test_files() {
        let file: TestFile = read(&path);
        for test in file
            .tests
            .into_iter()
            .flat_map(|scene| scene.alert_rule_test)
        {
            let seen = if test.exp_alerts.is_empty() {
                &mut silent
            } else {
                &mut firing
            };
            seen.insert(test.alertname);
        }
    }
    let alerts: BTreeSet<_> = alerts().into_iter().map(|(name, _)| name).collect();
    assert_eq!(firing, alerts, "firing in a unit test, and the alerts");
    assert_eq!(silent, alerts, "silent in a unit test, and the alerts");
}

#[test]
fn rules_name_what_exists() {
    let rules = rules();
    let recorded: BTreeSet<_> = rules
        .iter()
        .filter_map(|rule| rule.record.as_deref())
        .collect();
    for rule in &rules {
        for used in metrics_of(&rule.expr) {
            assert!(
                !used.has_literal_le,
                "a bound is written out: {}",
                rule.expr
            );
            if used.name.contains(':') {
                assert!(
                    recorded.contains(used.name.as_str()),
                    "{} is not recorded",
                    used.name
                );
            } else if used.name != "up" {
                let unknown = unknown_label(&used);
                assert_eq!(
                    unknown, None,
                    "{} has no such label: {}",
                    used.name, rule.expr
                );
            }
        }
    }
}

/// A label of a metric that its family does not have.
fn unknown_label(used: &Used) -> Option<&str> {
    let family = family_of(&used.name);
    let info = family
        .unwrap_or_else(|| panic!("{} is not in the catalogue", used.name))
        .info();
    let known = |label: &&String| {
        EVERYWHERE.contains(&label.as_str()) || info.labels.iter().any(|it| it.name() == **label)
    };
    used.labels
        .iter()
        .find(|label| !known(label))
        .map(String::as_str)
}

/// The family a metric belongs to, which for the parts of a histogram has another name.
fn family_of(metric: &str) -> Option<Family> {
    let parts = ["_bucket", "_sum", "_count"];
    let histogram = parts.iter().find_map(|part| metric.strip_suffix(part));
    let of_histogram = histogram
        .and_then(Family::by_name)
        .filter(|family| matches!(family.info().kind, Kind::Histogram(_)));
    of_histogram.or_else(|| Family::by_name(metric))
}
