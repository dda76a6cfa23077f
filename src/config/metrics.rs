//! The block `metrics`: what is exposed, how much of it, and under which names.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::keys;
use vcc_core::catalogue::{Family, Label, Origin};
use vcc_core::labels::Renames;
use vcc_core::ledger::Rules;
use vcc_exposition::Options;
use vcc_yaml::{Raw, Scalar, Validator, set, unknown_key};

/// The longest name a value may be given, in bytes; a longer one would count under `other`.
const MAX_NAME_BYTES: usize = 128;

pub(super) fn metrics(
    raw: Raw<keys::Metrics>,
    rules: &mut Rules,
    exposition: &mut Options,
    errors: &mut Validator<'_>,
) {
    type Keys = keys::Metrics;
    let raw = errors.section("metrics", raw);
    let hold = errors.duration(
        "metrics.new_series_hold",
        raw.new_series_hold,
        Keys::new_series_hold,
    );
    set(&mut rules.warmup, hold);
    let limit = errors.whole("metrics.series_limit", raw.series_limit, Keys::series_limit);
    set(&mut rules.family_options.series_limit, limit);
    let key = "metrics.label_limits";
    for (label, raw) in entries(key, raw.label_limits, errors) {
        let own = format!("{key}.{}", label.escape_debug());
        if let Some(label) = open_label(&own, &label, errors)
            && let Some(limit) = errors.whole(&own, raw, Keys::label_limits)
        {
            rules.label_limits.insert(label, limit);
        }
    }
    rules.family_options.dropped = dropped(raw.labels, errors);
    rules.renames = Arc::new(rename(raw.rename, errors));
    if errors.parse_bool("metrics.per_agent", raw.per_agent) == Some(true) {
        rules.family_options.off.clear();
    }
    for (key, raw, setting) in [
        (
            "metrics.native_histograms",
            raw.native_histograms,
            &mut exposition.native_histograms,
        ),
        (
            "metrics.created_samples",
            raw.created_samples,
            &mut exposition.created_samples,
        ),
    ] {
        set(setting, errors.parse_bool(key, raw));
    }
}

fn entries<T>(
    key: &str,
    block: Raw<BTreeMap<String, T>>,
    errors: &mut Validator<'_>,
) -> BTreeMap<String, T> {
    errors
        .value(key, block, "a block of keys")
        .unwrap_or_default()
}

/// The label from outside of this name, or a note of the mistake.
fn open_label(key: &str, name: &str, errors: &mut Validator<'_>) -> Option<Label> {
    let label = Label::open_by_name(name);
    if label.is_none() {
        let names: Vec<_> = Label::open().map(Label::name).collect();
        errors.add(key, None, unknown_key(name, &names));
    }
    label
}

/// Which of the five labels each named family drops: those that it has and the list does not keep.
fn dropped(
    block: Raw<BTreeMap<String, Raw<Vec<Scalar>>>>,
    errors: &mut Validator<'_>,
) -> BTreeMap<Family, Vec<Label>> {
    let key = "metrics.labels";
    let mut out = BTreeMap::new();
    for (name, list) in entries(key, block, errors) {
        let own = format!("{key}.{}", name.escape_debug());
        let Some((family, choice)) = narrowable(&own, &name, errors) else {
            continue;
        };
        // A family that keeps none of them is given an empty list, not an empty value.
        if let Raw::Empty = list {
            errors.add(
                &own,
                None,
                "has no value: write a list, which may be empty: []",
            );
        }
        let Some(leaves) = errors.value(&own, list, "a list, which may be empty: []") else {
            continue;
        };
        let mut kept = Vec::new();
        for raw in leaves {
            let label = errors.parsed(&own, raw, |text| {
                let label = choice.iter().copied().find(|label| label.name() == text);
                label.ok_or_else(|| {
                    let names: Vec<_> = choice.iter().map(|label| label.name()).collect();
                    format!("is not one of the labels it may keep: {}", names.join(", ")).into()
                })
            });
            kept.extend(label);
        }
        let dropped = choice.into_iter().filter(|label| !kept.contains(label));
        out.insert(family, dropped.collect());
    }
    out
}

/// A family that has any of the five labels, and which of them it has.
fn narrowable(key: &str, name: &str, errors: &mut Validator<'_>) -> Option<(Family, Vec<Label>)> {
    let five = |family: &Family| -> Vec<Label> {
        let own = family.info().labels.iter().copied();
        own.filter(|label| Label::FIVE.contains(label)).collect()
    };
    let families = (Family::ALL.iter().copied())
        .filter(|family| family.info().origin == Origin::Ledger && !five(family).is_empty());
    let family = families.clone().find(|family| family.info().name == name);
    if family.is_none() {
        let names: Vec<_> = families.map(|family| family.info().name).collect();
        errors.add(key, None, unknown_key(name, &names));
    }
    family.map(|family| (family, five(&family)))
}

fn rename(
    block: Raw<BTreeMap<String, Raw<BTreeMap<String, Scalar>>>>,
    errors: &mut Validator<'_>,
) -> Renames {
    let key = "metrics.rename";
    let mut out = Renames::new();
    for (name, names) in entries(key, block, errors) {
        let own = format!("{key}.{}", name.escape_debug());
        let Some(label) = open_label(&own, &name, errors) else {
            continue;
        };
        let mut known = BTreeMap::new();
        for (from, raw) in entries(&own, names, errors) {
            let own = format!("{own}[{from:?}]");
            let Some(to) = errors.word(&own, raw) else {
                continue;
            };
            if to.len() > MAX_NAME_BYTES {
                let problem = format!("is longer than {MAX_NAME_BYTES} bytes");
                errors.add(&own, Some(&to), problem);
            } else {
                known.insert(from, to);
            }
        }
        // A name that is itself renamed would leave its numbers in two places.
        let chained = known.values().find(|to| known.contains_key(*to));
        if let Some(to) = chained {
            let problem = "is renamed itself: give the last name for both";
            errors.add(&own, Some(to), problem);
        }
        out.insert(label, known);
    }
    out
}
