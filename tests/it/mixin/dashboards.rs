//! Dashboards, linted: the rules of grafana/dashboard-linter, and those this catalogue adds.

mod expressions;
mod known;
mod layout;
mod model;
mod promql;
mod queries;
mod variables;

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use vcc_exporter::catalogue::Family;

use model::Dashboard;

/// Every dashboard there is.
const UIDS: &[&str] = &[
    "vcc-exporter",
    "vcc-handling",
    "vcc-overview",
    "vcc-queues",
    "vcc-self-service",
];

/// The dashboards of the contact centre, which know accounts and no targets.
const BUSINESS: &[&str] = &[
    "vcc-handling",
    "vcc-overview",
    "vcc-queues",
    "vcc-self-service",
];

/// Rules that do not hold for some dashboards, and why.
const EXCEPTIONS: &[Exception] = &[
    Exception {
        rule: "template-job-rule",
        dashboards: BUSINESS,
        reason: "Who looks at a contact centre knows its accounts. One exporter counts an account, \
                 and its counters outlive its targets: a moved exporter is the same series here.",
    },
    Exception {
        rule: "template-instance-rule",
        dashboards: BUSINESS,
        reason: "As template-job-rule.",
    },
    Exception {
        rule: "target-job-rule",
        dashboards: BUSINESS,
        reason: "The account matcher, which target-variable-rule asks for, says which series are meant.",
    },
    Exception {
        rule: "target-instance-rule",
        dashboards: BUSINESS,
        reason: "As target-job-rule.",
    },
];

/// A rule that some dashboards need not follow.
struct Exception {
    rule: &'static str,
    dashboards: &'static [&'static str],
    reason: &'static str,
}

impl Exception {
    fn covers(&self, complaint: &Complaint) -> bool {
        self.rule == complaint.rule && self.dashboards.contains(&complaint.dashboard.as_str())
    }
}

/// What is wrong, and where.
struct Complaint {
    rule: &'static str,
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
                dashboard: self.dashboard.uid.clone(),
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

fn committed() -> Vec<Dashboard> {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards");
    (UIDS.iter())
        .map(|uid| {
            let text = std::fs::read_to_string(files.join(format!("{uid}.json"))).unwrap();
            let dashboard: Dashboard = serde_json::from_str(&text).unwrap();
            assert_eq!(dashboard.uid, *uid, "the uid is the file's name");
            dashboard
        })
        .collect()
}

#[test]
fn dashboards_follow_every_rule_or_an_exception_with_its_reason() {
    let complaints: Vec<_> = committed().iter().flat_map(lint).collect();
    let left: Vec<_> = (complaints.iter())
        .filter(|complaint| {
            !EXCEPTIONS
                .iter()
                .any(|exception| exception.covers(complaint))
        })
        .map(Complaint::to_string)
        .collect();
    assert!(left.is_empty(), "{}", left.join("\n"));
    for exception in EXCEPTIONS {
        for uid in exception.dashboards {
            let used = complaints
                .iter()
                .any(|complaint| complaint.rule == exception.rule && complaint.dashboard == *uid);
            assert!(
                used,
                "{uid} follows {} now: the exception is not needed. It said: {}",
                exception.rule, exception.reason
            );
        }
    }
}

#[test]
fn every_dashboard_is_linted() {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards");
    let there: BTreeSet<_> = (std::fs::read_dir(files).unwrap())
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .collect();
    let linted: BTreeSet<_> = UIDS.iter().map(|uid| (*uid).to_owned()).collect();
    assert_eq!(there, linted);
}

#[test]
fn every_family_is_seen_on_some_dashboard() {
    let seen: BTreeSet<_> = committed().iter().flat_map(queries::families).collect();
    for family in Family::ALL {
        let name = family.info().name;
        assert!(seen.contains(name), "no panel shows {name}");
    }
}
