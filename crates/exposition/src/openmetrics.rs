//! The `OpenMetrics` text format, versions 1.0.0 and 0.0.1, which are the same for our metrics.
//!
//! <https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md>

use std::fmt::Write;

use super::sample::{FamilyHeader, MetricType, MetricsEncoder, Number, Sample, SampleValue};
use super::text::{LineWriter, escape};
use vcc_core::exemplars::Exemplar;

/// The last line of an exposition.
pub(crate) const EOF: &str = "# EOF\n";

#[derive(Debug, Default)]
pub(crate) struct OpenMetrics {
    pub out: String,
    /// Whether each series has a `_created` sample.
    pub created: bool,
    lines: LineWriter,
    counter: bool,
}

impl OpenMetrics {
    pub(crate) fn new(created: bool) -> Self {
        OpenMetrics {
            created,
            ..OpenMetrics::default()
        }
    }
}

fn write_exemplar(out: &mut String, exemplar: &Exemplar) {
    let (trace, span) = (exemplar.trace, exemplar.span);
    // Writing to a string cannot fail.
    let _ = write!(out, " # {{trace_id=\"{trace}\",span_id=\"{span}\"}} ");
    Number::Millis(exemplar.value_ms).push_to(out);
    out.push(' ');
    Number::Millis(exemplar.at_ms.max(0) as u64).push_to(out);
}

impl MetricsEncoder for OpenMetrics {
    fn family(&mut self, header: &FamilyHeader<'_>) {
        let name = header.base_name();
        self.lines.family(name);
        self.counter = header.metric_type == MetricType::Counter;
        let kind = match header.metric_type {
            MetricType::Counter => "counter",
            MetricType::Gauge => "gauge",
            MetricType::Histogram => "histogram",
        };
        let out = &mut self.out;
        for part in ["# TYPE ", name, " ", kind, "\n"] {
            out.push_str(part);
        }
        if let Some(unit) = header.unit() {
            for part in ["# UNIT ", name, " ", unit, "\n"] {
                out.push_str(part);
            }
        }
        for part in ["# HELP ", name, " "] {
            out.push_str(part);
        }
        escape(out, header.help, true);
        out.push('\n');
    }

    fn sample(&mut self, sample: &Sample<'_>) {
        let OpenMetrics { out, lines, .. } = self;
        lines.series(sample.labels);
        match &sample.value {
            SampleValue::Scalar(value) => {
                lines.sample(out, if self.counter { "_total" } else { "" }, *value);
            }
            SampleValue::Histogram(histogram) => {
                lines.buckets(out, histogram, |out, bucket| {
                    if let Some(exemplar) = histogram.exemplar(bucket) {
                        write_exemplar(out, &exemplar);
                    }
                });
                lines.sample(out, "_count", Number::Count(histogram.count()));
                lines.sample(out, "_sum", histogram.sum);
            }
        }
        if let (true, Some(start_ms)) = (self.created, sample.start_ms) {
            lines.sample(out, "_created", Number::Millis(start_ms.max(0) as u64));
        }
    }
}
