//! Dashboards, linted: the rules of grafana/dashboard-linter, and those this catalogue adds.

mod expressions;
mod known;
mod layout;
mod model;
mod promql;
mod queries;
mod variables;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;
use vcc_core::catalogue::Family;

use model::Dashboard;

/// Every dashboard there is.
const UIDS: &[&str] = &[
    "vcc-exporter",
    "vcc-handling",
    "vcc-overview",
    "vcc-queues",
    "vcc-self-service",
];

/// What dashboard-linter reads: rules that some dashboards need not follow.
#[derive(Deserialize)]
struct Exceptions {
    /// By the name of the rule.
    exclusions: BTreeMap<String, Exclusion>,
}

#[derive(Deserialize)]
struct Exclusion {
    reason: String,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    /// A dashboard's title.
    dashboard: String,
}

impl Exceptions {
    fn committed() -> Exceptions {
        let text = std::fs::read_to_string(directory().join(".lint")).unwrap();
        serde_saphyr::from_str(&text).unwrap()
    }

    fn cover(&self, complaint: &Complaint) -> bool {
        (self.exclusions.get(complaint.rule)).is_some_and(|exclusion| {
            (exclusion.entries.iter()).any(|entry| entry.dashboard == complaint.dashboard)
        })
    }
}

/// What is wrong, and where.
struct Complaint {
    rule: &'static str,
    /// Its title.
    dashboard: String,
    /// The panel or the variable, or nothing where the dashboard itself is meant.
    place: String,
    what: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}: {}: {}",
            self.rule, self.dashboard, self.place, self.what
        )
    }
}

/// Takes complaints of one dashboard down.
struct Complaints<'a> {
    dashboard: &'a Dashboard,
    found: Vec<Complaint>,
}

impl Complaints<'_> {
    /// Takes one down unless the rule holds.
    fn unless(&mut self, holds: bool, rule: &'static str, place: &str, what: impl Into<String>) {
        if !holds {
            self.found.push(Complaint {
                rule,
                dashboard: self.dashboard.title.clone(),
                place: place.to_owned(),
                what: what.into(),
            });
        }
    }
}

/// Everything that is wrong with a dashboard.
fn lint(dashboard: &Dashboard) -> Vec<Complaint> {
    let mut complaints = Complaints {
        dashboard,
        found: Vec::new(),
    };
    layout::lint(dashboard, &mut complaints);
    variables::lint(dashboard, &mut complaints);
    queries::lint(dashboard, &mut complaints);
    complaints.found
}

/// Where the dashboards are.
fn directory() -> PathBuf {
    PathBuf::from(super::DASHBOARDS)
}

fn committed() -> Vec<Dashboard> {
    (UIDS.iter())
        .map(|uid| {
            let text = std::fs::read_to_string(directory().join(format!("{uid}.json"))).unwrap();
            let dashboard: Dashboard = serde_json::from_str(&text).unwrap();
            assert_eq!(dashboard.uid, *uid, "the uid is the file's name");
            dashboard
        })
        .collect()
}

#[test]
fn dashboards_follow_every_rule_or_an_exception_with_its_reason() {
    let exceptions = Exceptions::committed();
    let complaints: Vec<_> = committed().iter().flat_map(lint).collect();
    let left: Vec<_> = (complaints.iter())
        .filter(|complaint| !exceptions.cover(complaint))
        .map(Complaint::to_string)
        .collect();
    assert!(left.is_empty(), "{}", left.join("\n"));
    for (rule, exclusion) in &exceptions.exclusions {
        assert!(exclusion.reason.ends_with('.'), "{rule} has no reason");
        for entry in &exclusion.entries {
            let used = (complaints.iter())
                .any(|complaint| complaint.rule == rule && complaint.dashboard == entry.dashboard);
            assert!(
                used,
                "'{}' follows {rule} now: take it out",
                entry.dashboard
            );
        }
    }
}

#[test]
fn every_dashboard_is_linted() {
    let there: BTreeSet<_> = (std::fs::read_dir(directory()).unwrap())
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .collect();
    let linted: BTreeSet<_> = UIDS.iter().map(|uid| (*uid).to_owned()).collect();
    assert_eq!(there, linted);
}

#[test]
fn every_family_is_seen_on_some_dashboard() {
    let seen: BTreeSet<_> = (committed().iter()).flat_map(queries::families).collect();
    for family in Family::ALL {
        let name = family.info().name;
        assert!(seen.contains(name), "no panel shows {name}");
    }
}
