//! The block `metrics`: what is exposed, how much of it, and under which names.

use std::collections::BTreeMap;

use super::{
    check::set,
    error::unknown_key,
    problems::Problems,
    raw::{self, Leaf, Shape},
    settings::{HOUR, Metrics},
};
use crate::catalogue::{Family, Label, Origin};
use crate::labels::Renames;

/// The longest name a value may be given, in bytes; a longer one would count under `other`.
const MAX_NAME_BYTES: usize = 128;

pub(super) fn metrics(raw: Shape<raw::Metrics>, found: &mut Problems<'_>) -> Metrics {
    let raw = found.block("metrics", raw);
    let mut metrics = Metrics::defaults();
    let hold = found.duration("metrics.new_series_hold", raw.new_series_hold, 0..=HOUR);
    set(&mut metrics.new_series_hold, hold);
    let limit = found.whole("metrics.series_limit", raw.series_limit, 100..=1_000_000);
    set(&mut metrics.series_limit, limit);
    let key = "metrics.label_limits";
    for (label, leaf) in entries(key, raw.label_limits, found) {
        let own = format!("{key}.{}", label.escape_debug());
        if open_label(&own, &label, found).is_some()
            && let Some(limit) = found.whole(&own, leaf, 1..=100_000)
        {
            metrics.label_limits.insert(label, limit);
        }
    }
    metrics.labels = labels(raw.labels, found);
    metrics.rename = rename(raw.rename, found);
    for (key, leaf, setting) in [
        ("per_agent", raw.per_agent, &mut metrics.per_agent),
        (
            "native_histograms",
            raw.native_histograms,
            &mut metrics.native_histograms,
        ),
        (
            "created_samples",
            raw.created_samples,
            &mut metrics.created_samples,
        ),
    ] {
        set(setting, found.truth(&format!("metrics.{key}"), leaf));
    }
    metrics
}

fn entries<T>(
    key: &str,
    block: Shape<BTreeMap<String, T>>,
    found: &mut Problems<'_>,
) -> BTreeMap<String, T> {
    found
        .shaped(key, block, "a block of keys")
        .unwrap_or_default()
}

/// The label from outside of this name, or a note of the mistake.
fn open_label(key: &str, name: &str, found: &mut Problems<'_>) -> Option<Label> {
    let label = Label::open_by_name(name);
    if label.is_none() {
        let names: Vec<_> = Label::open().map(Label::name).collect();
        found.add(key, None, unknown_key(name, &names));
    }
    label
}

/// Which labels each named family keeps: some of the five, of which it has them.
fn labels(
    block: Shape<BTreeMap<String, Shape<Vec<Leaf>>>>,
    found: &mut Problems<'_>,
) -> BTreeMap<Family, Vec<Label>> {
    let key = "metrics.labels";
    let mut out = BTreeMap::new();
    for (name, list) in entries(key, block, found) {
        let own = format!("{key}.{}", name.escape_debug());
        let Some((family, choice)) = narrowable(&own, &name, found) else {
            continue;
        };
        // A family that keeps none of them is given an empty list, not an empty value.
        if let Shape::Empty = list {
            found.add(
                &own,
                None,
                "has no value: write a list, which may be empty: []",
            );
        }
        let Some(leaves) = found.shaped(&own, list, "a list, which may be empty: []") else {
            continue;
        };
        let mut kept = Vec::new();
        for leaf in leaves {
            let label = found.parsed(&own, leaf, |text| {
                let label = choice.iter().copied().find(|label| label.name() == text);
                label.ok_or_else(|| {
                    let names: Vec<_> = choice.iter().map(|label| label.name()).collect();
                    format!("is not one of the labels it may keep: {}", names.join(", "))
                })
            });
            kept.extend(label);
        }
        out.insert(family, kept);
    }
    out
}

/// A family that has any of the five labels, and which of them.
fn narrowable(key: &str, name: &str, found: &mut Problems<'_>) -> Option<(Family, Vec<Label>)> {
    let five = |family: &Family| -> Vec<Label> {
        let own = family.info().labels.iter().copied();
        own.filter(|label| Label::FIVE.contains(label)).collect()
    };
    let families = (Family::ALL.iter().copied())
        .filter(|family| family.info().origin == Origin::Ledger && !five(family).is_empty());
    let family = families.clone().find(|family| family.info().name == name);
    if family.is_none() {
        let names: Vec<_> = families.map(|family| family.info().name).collect();
        found.add(key, None, unknown_key(name, &names));
    }
    family.map(|family| (family, five(&family)))
}

fn rename(
    block: Shape<BTreeMap<String, Shape<BTreeMap<String, Leaf>>>>,
    found: &mut Problems<'_>,
) -> Renames {
    let key = "metrics.rename";
    let mut out = Renames::new();
    for (name, names) in entries(key, block, found) {
        let own = format!("{key}.{}", name.escape_debug());
        let Some(label) = open_label(&own, &name, found) else {
            continue;
        };
        let mut known = BTreeMap::new();
        for (from, leaf) in entries(&own, names, found) {
            let own = format!("{own}[{from:?}]");
            let Some(to) = found.word(&own, leaf) else {
                continue;
            };
            if to.len() > MAX_NAME_BYTES {
                let problem = format!("is longer than {MAX_NAME_BYTES} bytes");
                found.add(&own, Some(&to), problem);
            } else {
                known.insert(from, to);
            }
        }
        // A name that is itself renamed would leave its numbers in two places.
        let chained = known.values().find(|to| known.contains_key(*to));
        if let Some(to) = chained {
            let problem = "is renamed itself: give the last name for both";
            found.add(&own, Some(to), problem);
        }
        out.insert(label, known);
    }
    out
}
