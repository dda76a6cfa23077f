//! The Prometheus text format, version 0.0.4.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>

use std::fmt::{Display, Write};

use super::point::{Bound, Format, Head, Measure, Number, Point, Shown};

/// The text under way.
#[derive(Debug, Default)]
pub struct Text {
    /// What is written so far.
    pub out: String,
    name: String,
    labels: String,
}

impl Format for Text {
    fn family(&mut self, head: &Head<'_>) {
        head.name.clone_into(&mut self.name);
        let kind = match head.measure {
            Measure::Counter => "counter",
            Measure::Gauge => "gauge",
            Measure::Histogram => "histogram",
        };
        let out = &mut self.out;
        for part in ["# HELP ", head.name, " "] {
            out.push_str(part);
        }
        escape(out, head.help, false);
        for part in ["\n# TYPE ", head.name, " ", kind, "\n"] {
            out.push_str(part);
        }
    }

    fn point(&mut self, point: &Point<'_>) {
        write_labels(&mut self.labels, point.labels);
        let Text { out, name, labels } = self;
        let lines = Lines { name, labels };
        match &point.value {
            Shown::One(value) => lines.sample(out, "", value),
            Shown::Many(distribution) => {
                for (bound, count) in distribution.cumulative() {
                    lines.bucket(out, bound, count);
                    out.push('\n');
                }
                lines.sample(out, "_sum", &distribution.sum);
                lines.sample(out, "_count", &Number::Count(distribution.count()));
            }
        }
    }
}

/// What the lines of one series have in common.
pub(super) struct Lines<'a> {
    pub(super) name: &'a str,
    /// As they stand between the braces.
    pub(super) labels: &'a str,
}

impl Lines<'_> {
    /// Writes one sample and ends its line.
    pub(super) fn sample(&self, out: &mut String, suffix: &str, value: &dyn Display) {
        out.push_str(self.name);
        out.push_str(suffix);
        if !self.labels.is_empty() {
            for part in ["{", self.labels, "}"] {
                out.push_str(part);
            }
        }
        // Writing to a string cannot fail.
        let _ = writeln!(out, " {value}");
    }

    /// Writes one bucket and leaves its line open.
    pub(super) fn bucket(&self, out: &mut String, bound: Option<i64>, count: u64) {
        let comma = if self.labels.is_empty() { "" } else { "," };
        for part in [self.name, "_bucket{", self.labels, comma, "le=\""] {
            out.push_str(part);
        }
        let _ = write!(out, "{}\"}} {count}", Bound(bound));
    }
}

/// Writes labels as they stand between the braces, in place of what is there.
pub(super) fn write_labels(out: &mut String, labels: &[(&str, &str)]) {
    out.clear();
    for (index, (name, value)) in labels.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(name);
        out.push_str("=\"");
        escape(out, value, true);
        out.push('"');
    }
}

/// Escapes a label value, or a HELP text, in which quotes may stay as they are.
pub(super) fn escape(out: &mut String, text: &str, quotes: bool) {
    if !text.contains(['\\', '\n', '"']) {
        return out.push_str(text);
    }
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '"' if quotes => out.push_str("\\\""),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::project::{Gauge, gauges};
    use super::*;
    use crate::catalogue::Family;

    #[test]
    fn gauges_of_a_family_stand_together_and_their_labels_are_escaped() {
        let gauge = |family, account: &'static str, value| Gauge {
            family,
            labels: vec![("account", account.into())],
            value,
        };
        let mut text = Text::default();
        let all = vec![
            gauge(Family::Holes, "b", 2.0),
            gauge(Family::ApiLag, "a\"\\\n", 1.5),
            gauge(Family::Holes, "a", 0.0),
        ];
        gauges(all, &mut text);
        let lines: Vec<_> = (text.out.lines())
            .filter(|line| !line.starts_with("# HELP"))
            .collect();
        assert_eq!(
            lines,
            [
                "# TYPE vcc_api_lag_seconds gauge",
                r#"vcc_api_lag_seconds{account="a\"\\\n"} 1.5"#,
                "# TYPE vcc_holes gauge",
                r#"vcc_holes{account="b"} 2"#,
                r#"vcc_holes{account="a"} 0"#,
            ]
        );
    }
}
