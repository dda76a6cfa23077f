//! The variables at the head of a dashboard.

use std::collections::BTreeSet;

use super::Complaints;
use super::expressions::wrong_with_selector;
use super::model::{Dashboard, Variable};
use super::promql::used;

/// Refreshed whenever the time range changes.
const ON_TIME_RANGE_CHANGE: u8 = 2;

/// Not shown: carried on to the dashboards that have a use for it.
const HIDDEN: u8 = 2;

/// What "All" means for labels a target always has, and for those an exporter may be configured not
/// to keep: `.*` finds the series without the label too.
const ALWAYS_THERE: &[&str] = &["account", "instance", "job"];

pub fn lint(dashboard: &Dashboard, complaints: &mut Complaints) {
    let source = dashboard.variable("datasource");
    let named = source.is_some_and(|source| {
        source.kind == "datasource" && source.query == "prometheus" && source.label == "Data source"
    });
    complaints.unless(
        named,
        "template-datasource-rule",
        "datasource",
        "no variable for the data source",
    );
    for (name, rule) in [
        ("job", "template-job-rule"),
        ("instance", "template-instance-rule"),
    ] {
        complaints.unless(
            dashboard.variable(name).is_some(),
            rule,
            name,
            "there is no such variable",
        );
    }
    let queried: Vec<_> = (dashboard.templating.list.iter())
        .filter(|variable| variable.kind == "query")
        .collect();
    for (index, variable) in queried.iter().enumerate() {
        let earlier = &queried[..index];
        offered(variable, complaints);
        chained(variable, earlier, complaints);
    }
    needed(dashboard, complaints);
}

/// The values it offers, and how.
fn offered(variable: &Variable, complaints: &mut Complaints) {
    let mut rule = |holds, rule, what: &str| complaints.unless(holds, rule, &variable.name, what);
    let source = variable
        .datasource
        .as_ref()
        .is_some_and(|source| source.uid == "$datasource");
    rule(
        source,
        "template-datasource-rule",
        "not from the data source variable",
    );
    rule(
        variable.multi && variable.include_all,
        "template-multi-rule",
        "it has no All or no several",
    );
    let reloaded = variable.refresh == ON_TIME_RANGE_CHANGE;
    rule(
        reloaded,
        "template-on-time-change-reload-rule",
        "it does not follow the time range",
    );
    let all = if ALWAYS_THERE.contains(&variable.name.as_str()) {
        ".+"
    } else {
        ".*"
    };
    rule(
        variable.all_value == all,
        "template-all-rule",
        "All means something else",
    );
    let labelled = variable.label.starts_with(char::is_uppercase);
    rule(labelled, "template-label-rule", "it has no label in words");
}

/// Its values are those of a series that is in the catalogue, within what was chosen before.
fn chained(variable: &Variable, earlier: &[&Variable], complaints: &mut Complaints) {
    let place = &variable.name;
    let asked = (variable.query.strip_prefix("label_values("))
        .and_then(|rest| rest.strip_suffix(')'))
        .and_then(|inner| inner.rsplit_once(", "));
    complaints.unless(
        asked.is_some(),
        "template-label-promql-rule",
        place,
        "no label_values(series, label)",
    );
    let Some((series, label)) = asked else { return };
    for what in wrong_with_selector(series, label) {
        complaints.unless(false, "template-label-promql-rule", place, what);
    }
    let known: BTreeSet<_> = earlier
        .iter()
        .map(|variable| variable.name.clone())
        .collect();
    let after = used(series).is_subset(&known);
    complaints.unless(
        after,
        "template-order-rule",
        place,
        "it depends on a variable that comes later",
    );
}

/// A variable that is shown changes something, and one that changes something is shown.
fn needed(dashboard: &Dashboard, complaints: &mut Complaints) {
    let mut in_use: BTreeSet<String> = (dashboard.shown())
        .flat_map(|panel| &panel.targets)
        .flat_map(|target| used(&target.expr))
        .collect();
    in_use.extend(dashboard.panels.iter().filter_map(|row| row.repeat.clone()));
    in_use.insert("datasource".to_owned());
    for variable in &dashboard.templating.list {
        let shown = variable.hide != HIDDEN;
        let what = if shown {
            "it narrows nothing"
        } else {
            "it narrows something unseen"
        };
        let needed = shown == in_use.contains(&variable.name);
        complaints.unless(needed, "template-use-rule", &variable.name, what);
    }
    for name in &in_use {
        let there = dashboard.variable(name).is_some();
        complaints.unless(there, "template-use-rule", name, "it is used and not there");
    }
}
