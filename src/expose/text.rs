//! The Prometheus text format, version 0.0.4.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>

use super::point::{Distribution, Format, Head, Measure, Number, Point, Shown, push_bound};

/// The text under way.
#[derive(Debug, Default)]
pub struct Text {
    /// What is written so far.
    pub out: String,
    lines: Lines,
}

impl Format for Text {
    fn family(&mut self, head: &Head<'_>) {
        self.lines.family(head.name);
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
        let Text { out, lines } = self;
        lines.series(point.labels);
        match &point.value {
            Shown::One(value) => lines.sample(out, "", *value),
            Shown::Many(distribution) => {
                lines.buckets(out, distribution, |_, _| {});
                lines.sample(out, "_sum", distribution.sum);
                lines.sample(out, "_count", Number::Count(distribution.count()));
            }
        }
    }
}

/// What the lines of one family and of one series have in common, written once instead of in each
/// of them: a histogram has twenty lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    name: String,
    /// As they stand between the braces.
    labels: String,
    /// What each bucket's line begins with, up to its bound.
    bucket: String,
    /// The bounds that `bounds` spells.
    bounds_ms: Vec<i64>,
    /// What follows in each bucket's line, up to its count.
    bounds: Vec<String>,
}

impl Lines {
    /// A family begins.
    pub(super) fn family(&mut self, name: &str) {
        name.clone_into(&mut self.name);
    }

    /// A series of the family begins.
    pub(super) fn series(&mut self, labels: &[(&str, &str)]) {
        write_labels(&mut self.labels, labels);
    }

    /// Writes one sample and ends its line.
    pub(super) fn sample(&self, out: &mut String, suffix: &str, value: Number) {
        out.push_str(&self.name);
        out.push_str(suffix);
        if !self.labels.is_empty() {
            for part in ["{", &self.labels, "}"] {
                out.push_str(part);
            }
        }
        out.push(' ');
        value.push_to(out);
        out.push('\n');
    }

    /// Writes every bucket, a line each; `end` may write more before a line ends.
    pub(super) fn buckets(
        &mut self,
        out: &mut String,
        distribution: &Distribution<'_>,
        end: impl Fn(&mut String, usize),
    ) {
        if self.bounds.is_empty() || self.bounds_ms != distribution.bounds_ms {
            self.spell_bounds(distribution.bounds_ms);
        }
        let comma = if self.labels.is_empty() { "" } else { "," };
        self.bucket.clear();
        for part in [&self.name, "_bucket{", &self.labels, comma, "le=\""] {
            self.bucket.push_str(part);
        }
        let counts = distribution.cumulative().enumerate();
        for (bound, (place, (_, count))) in self.bounds.iter().zip(counts) {
            out.push_str(&self.bucket);
            out.push_str(bound);
            Number::Count(count).push_to(out);
            end(out, place);
            out.push('\n');
        }
    }

    fn spell_bounds(&mut self, bounds_ms: &[i64]) {
        bounds_ms.clone_into(&mut self.bounds_ms);
        let bounds = bounds_ms.iter().map(|bound| Some(*bound)).chain([None]);
        let spelt = bounds.map(|bound| {
            let mut text = String::new();
            push_bound(&mut text, bound);
            text + "\"} "
        });
        self.bounds = spelt.collect();
    }
}

/// Writes labels as they stand between the braces, in place of what is there.
fn write_labels(out: &mut String, labels: &[(&str, &str)]) {
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
    // None of the three is part of a longer character.
    if !text
        .bytes()
        .any(|byte| matches!(byte, b'\\' | b'\n' | b'"'))
    {
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
    use super::super::project::gauges;
    use super::*;
    use crate::catalogue::Family;
    use crate::series::Gauge;

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
