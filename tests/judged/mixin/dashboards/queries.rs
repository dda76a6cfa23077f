//! The queries of panels: narrowed by what was chosen, and shown as what they are.

use std::collections::BTreeSet;

use super::Complaints;
use super::expressions::{Wrong, follows, unknown, wrong};
use super::known::Known;
use super::model::{Dashboard, Panel, Target};
use super::promql::{Selector, kept, parse, selectors};

/// The variables of dashboards, with the labels they narrow.
const NARROWED: &[(&str, &str)] = &[
    ("account", "account"),
    ("group", "reporting_group"),
    ("medium", "medium"),
    ("queue", "virtual_queue"),
];

/// The panels in which a variable that is shown narrows nothing though the family has its label.
const WIDE: &[Wide] = &[
    Wide {
        family: "vcc_service_level_objective_ratio",
        panel: None,
        reason: "It is one configured value, shown for each queue: narrowing could only lose it.",
    },
    Wide {
        family: "vcc_interactions_total",
        panel: Some("Transferred or consulted"),
        reason: "Transfers are not counted by queue, and a ratio is narrowed in both its parts.",
    },
];

/// Where a family's selector need not have the matcher of the queue's variable.
struct Wide {
    family: &'static str,
    /// In this panel alone, or everywhere.
    panel: Option<&'static str>,
    reason: &'static str,
}

pub fn lint(dashboard: &Dashboard, complaints: &mut Complaints) {
    for panel in dashboard.shown() {
        for target in &panel.targets {
            let place = format!("{} {}", panel.title, target.ref_id);
            let found = (wrong(&target.expr, target.instant).into_iter())
                .chain(narrowing(dashboard, panel, target))
                .chain(presentation(panel, target));
            for (rule, what) in found {
                complaints.unless(false, rule, &place, what);
            }
        }
    }
    for annotation in &dashboard.annotations.list {
        for (rule, what) in unknown(&annotation.target.expr) {
            complaints.unless(false, rule, &annotation.name, what);
        }
    }
}

/// The families a dashboard asks for.
pub fn families(dashboard: &Dashboard) -> Vec<&'static str> {
    let expressions = dashboard.shown().flat_map(|panel| &panel.targets);
    (expressions.filter_map(|target| parse(&target.expr).ok()))
        .flat_map(|expr| {
            let known = |selector: &Selector| Known::of(selector.sample())?.info;
            selectors(&expr)
                .iter()
                .filter_map(known)
                .collect::<Vec<_>>()
        })
        .map(|info| info.name)
        .collect()
}

/// A variable that is shown narrows every family that has its label.
fn narrowing(dashboard: &Dashboard, panel: &Panel, target: &Target) -> Vec<Wrong> {
    let Ok(expr) = parse(&target.expr) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for selector in selectors(&expr) {
        let Some(known) = Known::of(selector.sample()) else {
            continue;
        };
        for (variable, label) in NARROWED {
            let shown = dashboard
                .variable(variable)
                .is_some_and(|variable| variable.hide == 0);
            let wide = *variable == "queue"
                && WIDE.iter().any(|wide| {
                    known.info.is_some_and(|info| info.name == wide.family)
                        && wide.panel.is_none_or(|title| title == panel.title)
                });
            if shown
                && known.labels.contains(label)
                && !wide
                && !follows(selector.vector, label, variable)
            {
                found.push((
                    "target-variable-rule",
                    format!("{} without ${variable}", selector.sample()),
                ));
            }
        }
    }
    found
}

/// How a query's answer is shown.
fn presentation(panel: &Panel, target: &Target) -> Vec<Wrong> {
    let mut found = Vec::new();
    if target.instant == target.range {
        found.push((
            "target-kind-rule",
            "neither a number nor a graph".to_owned(),
        ));
    }
    let drawn = matches!(
        panel.kind.as_str(),
        "timeseries" | "bargauge" | "state-timeline" | "heatmap"
    );
    if drawn && target.legend_format == "__auto" {
        found.push((
            "target-legend-rule",
            "its legend is the series' name".to_owned(),
        ));
    }
    if panel.kind == "heatmap" && target.format != "heatmap" {
        found.push((
            "target-kind-rule",
            "its buckets are taken for series".to_owned(),
        ));
    }
    let Ok(expr) = parse(&target.expr) else {
        return found;
    };
    let kept: BTreeSet<_> = (selectors(&expr).iter())
        .flat_map(|selector| selector.aggregations.clone())
        .flat_map(kept)
        .map(str::to_owned)
        .collect();
    for rest in target.legend_format.split("{{").skip(1) {
        let label = rest.split("}}").next().unwrap_or_default();
        if !kept.contains(label) {
            found.push((
                "target-legend-rule",
                format!("its legend names {label}, which is not there"),
            ));
        }
    }
    found
}

#[test]
fn every_place_that_is_not_narrowed_has_a_reason() {
    for wide in WIDE {
        assert!(wide.reason.ends_with('.'), "{}", wide.family);
        assert!(
            Known::of(wide.family).is_some(),
            "there is no {}",
            wide.family
        );
    }
}
