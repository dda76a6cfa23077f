//! What a dashboard and its panels look like and say, before anything is queried.

use std::collections::BTreeSet;

use super::Complaints;
use super::model::{Dashboard, Datasource, Panel};

/// The columns of Grafana's grid.
const COLUMNS: u32 = 24;

/// Grafana's names of the units in use; a wrong one is shown behind the number as it is written.
const UNITS: &[&str] = &[
    "bytes",
    "dthms",
    "locale",
    "none",
    "percentunit",
    "s",
    "short",
    "suffix: ×",
];

/// The version of the JSON model whose types these dashboards were checked against.
const SCHEMA_VERSION: u32 = 42;

/// The data source variable, which every panel and query uses.
const DATASOURCE: &str = "$datasource";

/// Graphs share their crosshair and their tooltip.
const SHARED_TOOLTIP: u8 = 2;

pub fn lint(dashboard: &Dashboard, complaints: &mut Complaints) {
    head(dashboard, complaints);
    let mut ids = BTreeSet::new();
    for panel in &dashboard.panels {
        for panel in std::iter::once(panel).chain(&panel.panels) {
            let what = format!("the id {} is there twice", panel.id);
            complaints.unless(ids.insert(panel.id), "panel-id-rule", &panel.title, what);
        }
        apart(&panel.panels, complaints);
    }
    apart(&dashboard.panels, complaints);
    for panel in dashboard.shown() {
        said(panel, complaints);
        sources(panel, complaints);
    }
}

fn head(dashboard: &Dashboard, complaints: &mut Complaints) {
    let mut rule = |holds, name, what: &str| complaints.unless(holds, name, "", what);
    rule(
        !dashboard.editable,
        "uneditable-dashboard",
        "it is editable",
    );
    rule(!dashboard.title.is_empty(), "title-rule", "it has no title");
    rule(
        sentence(&dashboard.description),
        "description-rule",
        "its description is no sentence",
    );
    rule(
        dashboard.schema_version == SCHEMA_VERSION,
        "schema-version-rule",
        "another schemaVersion",
    );
    rule(
        !dashboard.refresh.is_empty(),
        "refresh-rule",
        "it does not refresh itself",
    );
    rule(
        dashboard.graph_tooltip == SHARED_TOOLTIP,
        "tooltip-rule",
        "its tooltips are not shared",
    );
    let linked = dashboard.links.iter().any(|link| {
        link.kind == "dashboards"
            && link.include_vars
            && link.keep_time
            && link.tags == dashboard.tags
            && !link.tags.is_empty()
    });
    rule(
        linked,
        "link-rule",
        "it does not lead to the other dashboards with time and variables kept",
    );
    let rows = dashboard.panels.first().is_some_and(Panel::is_row);
    rule(rows, "row-rule", "its panels are not ordered by rows");
    for annotation in &dashboard.annotations.list {
        let templated = annotation.datasource.uid == DATASOURCE;
        complaints.unless(
            templated,
            "panel-datasource-rule",
            &annotation.name,
            "a fixed source",
        );
    }
}

/// Whether somebody took the trouble to write a sentence.
fn sentence(text: &str) -> bool {
    text.len() > 20 && text.ends_with('.')
}

fn said(panel: &Panel, complaints: &mut Complaints) {
    let mut panel_rule =
        |holds, rule, what: &str| complaints.unless(holds, rule, &panel.title, what);
    let defaults = &panel.field_config.defaults;
    let described = !panel.title.is_empty() && sentence(&panel.description);
    panel_rule(
        described,
        "panel-title-description-rule",
        "no title, or no description that is a sentence",
    );
    panel_rule(
        UNITS.contains(&defaults.unit.as_str()),
        "panel-units-rule",
        &format!("the unit '{}'", defaults.unit),
    );
    panel_rule(
        !defaults.no_value.is_empty(),
        "panel-no-value-rule",
        "it does not say why it is empty",
    );
    panel_rule(
        !panel.targets.is_empty(),
        "panel-no-targets-rule",
        "it asks for nothing",
    );
    panel_rule(
        panel.interval.is_some(),
        "panel-min-step-rule",
        "it has no Min step",
    );
}

fn sources(panel: &Panel, complaints: &mut Complaints) {
    let templated = |source: &Option<Datasource>| {
        source
            .as_ref()
            .is_some_and(|source| source.uid == DATASOURCE)
    };
    let all = templated(&panel.datasource)
        && panel
            .targets
            .iter()
            .all(|target| templated(&target.datasource));
    complaints.unless(
        all,
        "panel-datasource-rule",
        &panel.title,
        "not the data source variable",
    );
    let references: BTreeSet<_> = panel.targets.iter().map(|target| &target.ref_id).collect();
    let distinct = references.len() == panel.targets.len();
    complaints.unless(
        distinct,
        "target-ref-rule",
        &panel.title,
        "two targets of one refId",
    );
}

/// Panels of one level lie within the grid and on top of nothing.
fn apart(panels: &[Panel], complaints: &mut Complaints) {
    for (index, panel) in panels.iter().enumerate() {
        let at = panel.grid_pos;
        let within = at.w > 0 && at.h > 0 && at.x + at.w <= COLUMNS;
        complaints.unless(
            within,
            "panel-grid-rule",
            &panel.title,
            "it is not within the grid",
        );
        for other in &panels[index + 1..] {
            let of = other.grid_pos;
            let beside = at.x + at.w <= of.x || of.x + of.w <= at.x;
            let below = at.y + at.h <= of.y || of.y + of.h <= at.y;
            let what = format!("it lies on '{}'", other.title);
            complaints.unless(beside || below, "panel-grid-rule", &panel.title, what);
        }
    }
}
