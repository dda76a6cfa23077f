//! The OpenMetrics text format, versions 1.0.0 and 0.0.1, which do not differ in what is shown.
//!
//! <https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md>

use std::fmt::Write;

use super::point::{Format, Head, Measure, Number, Point, Shown};
use super::text::{Lines, escape};
use crate::exemplars::Exemplar;

/// What ends an exposition.
pub const EOF: &str = "# EOF\n";

/// The text under way.
#[derive(Debug, Default)]
pub struct OpenMetrics {
    /// What is written so far.
    pub out: String,
    /// Whether each series is followed by the time it began, as a sample of its own.
    pub created: bool,
    lines: Lines,
    counter: bool,
}

impl OpenMetrics {
    /// A text that is empty yet.
    pub fn new(created: bool) -> Self {
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

impl Format for OpenMetrics {
    fn family(&mut self, head: &Head<'_>) {
        let name = head.stem();
        self.lines.family(name);
        self.counter = head.measure == Measure::Counter;
        let kind = match head.measure {
            Measure::Counter => "counter",
            Measure::Gauge => "gauge",
            Measure::Histogram => "histogram",
        };
        let out = &mut self.out;
        for part in ["# TYPE ", name, " ", kind, "\n"] {
            out.push_str(part);
        }
        if let Some(unit) = head.unit() {
            for part in ["# UNIT ", name, " ", unit, "\n"] {
                out.push_str(part);
            }
        }
        for part in ["# HELP ", name, " "] {
            out.push_str(part);
        }
        escape(out, head.help, true);
        out.push('\n');
    }

    fn point(&mut self, point: &Point<'_>) {
        let OpenMetrics { out, lines, .. } = self;
        lines.series(point.labels);
        match &point.value {
            Shown::One(value) => {
                lines.sample(out, if self.counter { "_total" } else { "" }, *value);
            }
            Shown::Many(distribution) => {
                lines.buckets(out, distribution, |out, bucket| {
                    if let Some(exemplar) = distribution.exemplar(bucket) {
                        write_exemplar(out, &exemplar);
                    }
                });
                lines.sample(out, "_count", Number::Count(distribution.count()));
                lines.sample(out, "_sum", distribution.sum);
            }
        }
        if let (true, Some(start_ms)) = (self.created, point.start_ms) {
            lines.sample(out, "_created", Number::Millis(start_ms.max(0) as u64));
        }
    }
}
