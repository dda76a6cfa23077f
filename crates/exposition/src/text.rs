//! The Prometheus text format, version 0.0.4.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>

use super::sample::{
    FamilyHeader, HistogramValue, MetricType, MetricsEncoder, Number, Sample, SampleValue,
    push_bound,
};

#[derive(Debug, Default)]
pub(crate) struct Text {
    pub out: String,
    lines: LineWriter,
}

impl MetricsEncoder for Text {
    fn family(&mut self, header: &FamilyHeader<'_>) {
        self.lines.family(header.name);
        let kind = match header.metric_type {
            MetricType::Counter => "counter",
            MetricType::Gauge => "gauge",
            MetricType::Histogram => "histogram",
        };
        let out = &mut self.out;
        for part in ["# HELP ", header.name, " "] {
            out.push_str(part);
        }
        escape(out, header.help, false);
        for part in ["\n# TYPE ", header.name, " ", kind, "\n"] {
            out.push_str(part);
        }
    }

    fn sample(&mut self, sample: &Sample<'_>) {
        let Text { out, lines } = self;
        lines.series(sample.labels);
        match &sample.value {
            SampleValue::Scalar(value) => lines.sample(out, "", *value),
            SampleValue::Histogram(histogram) => {
                lines.buckets(out, histogram, |_, _| {});
                lines.sample(out, "_sum", histogram.sum);
                lines.sample(out, "_count", Number::Count(histogram.count()));
            }
        }
    }
}

/// Writes lines. What the lines of a family or series have in common is formatted once: a histogram
/// has twenty lines.
#[derive(Debug, Default)]
pub(super) struct LineWriter {
    name: String,
    /// The text between the braces.
    labels: String,
    /// A bucket's line up to its bound.
    bucket: String,
    /// The bounds that are formatted in `bounds`.
    bounds_ms: Vec<i64>,
    /// A bucket's line from its bound up to its count.
    bounds: Vec<String>,
}

impl LineWriter {
    pub(super) fn family(&mut self, name: &str) {
        name.clone_into(&mut self.name);
    }

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

    /// Writes one line per bucket; `end` may append to a line.
    pub(super) fn buckets(
        &mut self,
        out: &mut String,
        histogram: &HistogramValue<'_>,
        end: impl Fn(&mut String, usize),
    ) {
        if self.bounds.is_empty() || self.bounds_ms != histogram.bounds_ms {
            self.spell_bounds(histogram.bounds_ms);
        }
        let comma = if self.labels.is_empty() { "" } else { "," };
        self.bucket.clear();
        for part in [&self.name, "_bucket{", &self.labels, comma, "le=\""] {
            self.bucket.push_str(part);
        }
        let counts = histogram.cumulative().enumerate();
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

/// Replaces the content of `out` with the text between the braces.
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

/// Appends an escaped label value or, without `quotes`, a HELP text.
pub(super) fn escape(out: &mut String, text: &str, quotes: bool) {
    // None of the three occurs within a multi-byte character.
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
    use super::super::visit::gauges;
    use super::*;
    use vcc_core::catalogue::Family;
    use vcc_core::series::Gauge;

    #[test]
    fn gauges_of_a_family_stand_together_and_their_labels_are_escaped() {
        let gauge = |family, account: &'static str, value| Gauge {
            family,
            labels: vec![("account", account.into())],
            value,
        };
        let mut text = Text::default();
        let all = vec![
            gauge(Family::UnreadWindows, "b", 2.0),
            gauge(Family::ApiLag, "a\"\\\n", 1.5),
            gauge(Family::UnreadWindows, "a", 0.0),
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
                "# TYPE vcc_unread_windows gauge",
                r#"vcc_unread_windows{account="b"} 2"#,
                r#"vcc_unread_windows{account="a"} 0"#,
            ]
        );
    }
}
