//! Rules in which time passes faster: every duration is divided by the same factor.

/// How much faster. An hour is half a minute, and a minute still two evaluations apart.
pub const FACTOR: f64 = 120.0;

/// The seconds of a window by which rules multiply a rate to have a number.
const WINDOWS: [f64; 4] = [3_600.0, 21_600.0, 86_400.0, 259_200.0];

/// A rule file with every range, offset and pending time compressed, and the windows' lengths.
pub fn compress(rules: &str) -> String {
    let ranges = rewrite(rules, "[", |range| {
        let parts: Option<Vec<_>> = range.split(':').map(shorter).collect();
        parts.map(|parts| parts.join(":"))
    });
    let offsets = rewrite(&ranges, "offset ", shorter);
    // This is the end of `keep_firing_for` too.
    let pending = rewrite(&offsets, "for: \"", shorter);
    rewrite(&pending, "* ", |factor| {
        let seconds: f64 = factor.parse().ok()?;
        let is_window = WINDOWS.contains(&seconds);
        is_window.then(|| (seconds / FACTOR).to_string())
    })
}

/// The thresholds' file with those in seconds compressed, and these changed by their names.
pub fn compress_thresholds(file: &str, changed: &[(&str, f64)]) -> String {
    let mut name = String::new();
    let mut lines = Vec::new();
    let mut left = Vec::from(changed);
    for line in file.lines() {
        if let Some((_, threshold)) = line.split_once("vcc:threshold:") {
            name = threshold.trim_end_matches('"').to_owned();
        }
        let value = line.split_once("vector(");
        let value = value.and_then(|(_, rest)| rest.split_once(')')?.0.parse::<f64>().ok());
        let Some(value) = value else {
            lines.push(line.to_owned());
            continue;
        };
        let known = left.iter().position(|(changed, _)| *changed == name);
        let value = match known.map(|place| left.remove(place)) {
            Some((_, value)) => value,
            None if name.ends_with("_seconds") => value / FACTOR,
            None => value,
        };
        lines.push(format!("        expr: vector({value})"));
    }
    assert!(left.is_empty(), "no such thresholds: {left:?}");
    lines.join("\n") + "\n"
}

/// Replaces what stands behind each of these marks, letters, digits and colons, where the answer
/// is another text.
fn rewrite(text: &str, mark: &str, other: impl Fn(&str) -> Option<String>) -> String {
    let mut parts = text.split(mark);
    let mut out = parts.next().unwrap().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != ':');
        let (word, rest) = part.split_at(end.unwrap_or(part.len()));
        out += mark;
        out += &other(word).unwrap_or_else(|| word.to_owned());
        out += rest;
    }
    out
}

/// A duration compressed, in whole milliseconds.
fn shorter(duration: &str) -> Option<String> {
    let unit = duration.chars().last()?;
    let number: f64 = duration.strip_suffix(unit)?.parse().ok()?;
    let seconds = match unit {
        's' => 1.0,
        'm' => 60.0,
        'h' => 3_600.0,
        'd' => 86_400.0,
        'w' => 604_800.0,
        _ => return None,
    };
    let milliseconds = number * seconds * 1_000.0 / FACTOR;
    Some(format!("{}ms", milliseconds.round()))
}

#[test]
fn only_durations_are_compressed() {
    let rule = "- alert: A\n  expr: |\n    x:y:rate1h{a=~\"[a-z]+\"} * 3600 > 15 * 60\n    \
                and sum_over_time(vcc_data_usable:1h[70m:1m] offset 1w) >= 65\n  \
                for: \"2m\"\n  keep_firing_for: \"15m\"\n";
    let shorter = "- alert: A\n  expr: |\n    x:y:rate1h{a=~\"[a-z]+\"} * 30 > 15 * 60\n    \
                   and sum_over_time(vcc_data_usable:1h[35000ms:500ms] offset 5040000ms) >= 65\n  \
                   for: \"1000ms\"\n  keep_firing_for: \"7500ms\"\n";
    assert_eq!(compress(rule), shorter);
    let thresholds = "rules:\n  - record: vcc:threshold:lag_seconds\n        expr: vector(900)\n\n  \
                      - record: vcc:threshold:ratio\n        expr: vector(0.5)\n";
    let shorter = "rules:\n  - record: vcc:threshold:lag_seconds\n        expr: vector(7.5)\n\n  \
                   - record: vcc:threshold:ratio\n        expr: vector(0.7)\n";
    assert_eq!(compress_thresholds(thresholds, &[("ratio", 0.7)]), shorter);
}
