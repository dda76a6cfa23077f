//! What becomes of everything the documentation of *Get interactions* names: every field, event
//! type and property, and the families it feeds, or why it feeds none.

use std::sync::LazyLock;

use super::Family;

/// What a field, an event type or a property feeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Feeds {
    /// These families, by a value, a label, or as what is counted.
    Families(Vec<Family>),
    /// None, for this reason.
    Reason(&'static str),
}

/// One line for each path of the documented response; its head explains the format.
static FIELDS: LazyLock<Vec<(&str, Feeds)>> = LazyLock::new(|| {
    let lines = include_str!("fields.txt").lines();
    lines.filter_map(parse).collect()
});

/// Every path of the documented response, in its order, with what it feeds.
pub fn field_coverage() -> &'static [(&'static str, Feeds)] {
    &FIELDS
}

fn parse(line: &'static str) -> Option<(&'static str, Feeds)> {
    let line = line.split_once('#').map_or(line, |(line, _comment)| line);
    let (path, feeds) = line.split_once(' ')?;
    let feeds = match feeds.trim().strip_prefix("- ") {
        Some(reason) => Feeds::Reason(reason),
        None => Feeds::Families(feeds.split_whitespace().map(family).collect()),
    };
    Some((path, feeds))
}

fn family(name: &str) -> Family {
    Family::by_name(name)
        .unwrap_or_else(|| panic!("fields.txt names {name}, which is not a family"))
}

/// Ledger families that no single field feeds: they say how the exporter itself counts.
pub const OURS: &[Family] = &[
    Family::InteractionCorrections,
    Family::RecoveredFacts,
    Family::FactsRejected,
    Family::LabelOverflow,
    Family::LabelRedacted,
];
