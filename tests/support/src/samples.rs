//! Comparing and adding up what was shown at different times.

use vcc_core::catalogue::{Family, Kind, Origin};

use super::exposition::{Exposition, beside};

/// Whether a sample of this name belongs to a family that is stored: those outlive a process.
pub fn is_stored(name: &str) -> bool {
    let suffixes = ["_bucket", "_sum", "_count"];
    let base = suffixes.iter().find_map(|suffix| name.strip_suffix(suffix));
    let histogram = base.and_then(Family::by_name);
    let family = histogram
        .filter(|family| matches!(family.info().kind, Kind::Histogram(_)))
        .or_else(|| Family::by_name(name));
    family.is_some_and(|family| family.info().origin == Origin::Ledger)
}

/// Where two scrapes differ, among the samples whose name is wanted; a missing one is one.
pub fn unlike(left: &Exposition, right: &Exposition, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (name, ..) in beside(&left.0, &right.0).filter(|(name, ..)| wanted(name)) {
        for (labels, left, right) in beside(left.of(name), right.of(name)) {
            if left != right {
                found.push(format!("{name}{labels:?}: {left:?}, not {right:?}"));
            }
        }
    }
    found
}

/// Stored samples that were shown earlier and are lower or missing now.
pub fn gone_down(earlier: &Exposition, now: &Exposition) -> Vec<String> {
    let stored = earlier.0.iter().filter(|(name, _)| is_stored(name));
    let mut found = Vec::new();
    for (name, samples) in stored {
        for (labels, was, is) in beside(samples, now.of(name)) {
            let Some(was) = was else { continue };
            if is.is_none_or(|is| thousandths(is) < thousandths(was)) {
                found.push(format!("{name}{labels:?}: from {was} down to {is:?}"));
            }
        }
    }
    found
}

/// Fails if anything was found, and shows some of it.
pub fn none(found: &[String], place: &str) {
    let some = found[..found.len().min(12)].join("\n");
    assert!(found.is_empty(), "{place}: {} samples\n{some}", found.len());
}

/// What two counts of different times come to together, sample by sample.
pub fn together(left: &Exposition, right: &Exposition) -> Exposition {
    let mut sum = left.clone();
    for (name, samples) in right.0.iter().filter(|(name, _)| is_stored(name)) {
        for (labels, value) in samples {
            let slot = sum.0.entry(name.clone()).or_default();
            let known = slot.entry(labels.clone()).or_insert_with(|| "0".to_owned());
            *known = written(thousandths(known) + thousandths(value));
        }
    }
    sum
}

/// A sample's value in thousandths, exactly.
pub fn thousandths(value: &str) -> i64 {
    let (whole, rest) = value.split_once('.').unwrap_or((value, ""));
    let rest = format!("{rest:0<3}");
    whole.parse::<i64>().unwrap() * 1_000 + rest.parse::<i64>().unwrap()
}

fn written(thousandths: i64) -> String {
    let text = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
