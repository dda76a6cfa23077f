//! What an encoder receives: families and their samples, with values as exact as they were counted.

use std::fmt::Write;

use vcc_core::catalogue::{Info, Kind};
use vcc_core::exemplars::Exemplar;
use vcc_core::series::ExponentialBuckets;

/// Name, HELP and type of a metric family.
#[derive(Debug, Clone, Copy)]
pub struct FamilyHeader<'a> {
    /// The name, with its unit and a counter's `_total`.
    pub name: &'a str,
    /// The HELP text.
    pub help: &'a str,
    /// Its type.
    pub metric_type: MetricType,
}

/// The types of metrics we have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricType {
    /// Only grows.
    Counter,
    /// The current value.
    Gauge,
    /// A distribution of observations.
    Histogram,
}

impl<'a> FamilyHeader<'a> {
    /// The header of a family of the catalogue.
    pub fn of(info: &'a Info) -> Self {
        FamilyHeader {
            name: info.name,
            help: info.help,
            metric_type: match info.kind {
                Kind::Counter => MetricType::Counter,
                Kind::Gauge => MetricType::Gauge,
                Kind::Histogram(_) => MetricType::Histogram,
            },
        }
    }

    /// The name without a counter's `_total`.
    pub fn base_name(&self) -> &'a str {
        match self.metric_type {
            MetricType::Counter => self.name.strip_suffix("_total").unwrap_or(self.name),
            _ => self.name,
        }
    }

    /// The unit at the end of the name, if it has one.
    pub fn unit(&self) -> Option<&'static str> {
        let base_name = self.base_name();
        ["seconds", "bytes", "ratio"].into_iter().find(|unit| {
            base_name
                .strip_suffix(unit)
                .is_some_and(|it| it.ends_with('_'))
        })
    }
}

/// One series and its value.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// Names and values of its labels.
    pub labels: &'a [(&'a str, &'a str)],
    /// When it began to count, local Unix time in milliseconds; `None` for gauges.
    pub start_ms: Option<i64>,
    /// Its value.
    pub value: SampleValue<'a>,
}

/// The value of a sample.
#[derive(Debug, Clone, Copy)]
pub enum SampleValue<'a> {
    /// Of a counter or a gauge.
    Scalar(Number),
    /// Of a histogram.
    Histogram(HistogramValue<'a>),
}

/// The observations of a histogram.
#[derive(Debug, Clone, Copy)]
pub struct HistogramValue<'a> {
    /// Upper bounds in milliseconds, without `+Inf`.
    pub bounds_ms: &'a [i64],
    /// Observations per bucket, not cumulative; one more than `bounds_ms`.
    pub buckets: &'a [u64],
    /// The sum of all observations.
    pub sum: Number,
    /// The same observations in exponential buckets, where they exist.
    pub native: Option<&'a ExponentialBuckets>,
    /// The newest exemplar of each bucket; empty if there are none.
    pub exemplars: &'a [Option<Exemplar>],
}

impl HistogramValue<'_> {
    /// The number of observations.
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// The exemplar of a bucket.
    pub fn exemplar(&self, bucket: usize) -> Option<Exemplar> {
        self.exemplars.get(bucket).copied().flatten()
    }

    /// Each upper bound, `None` for `+Inf`, with the number of observations up to it.
    pub fn cumulative(&self) -> impl Iterator<Item = (Option<i64>, u64)> + '_ {
        let bounds = self.bounds_ms.iter().map(|bound| Some(*bound));
        let mut sum = 0;
        bounds
            .chain([None])
            .zip(self.buckets)
            .map(move |(bound, count)| {
                sum += count;
                (bound, sum)
            })
    }
}

/// A number that the text formats write without rounding.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A count.
    Count(u64),
    /// A duration or time in milliseconds, exported in seconds.
    Millis(u64),
    /// Any other value: gauges and the process's own instruments.
    Float(f64),
}

impl Number {
    /// The nearest double, for formats without integers. Milliseconds become seconds.
    pub fn as_f64(self) -> f64 {
        match self {
            Number::Count(count) => count as f64,
            Number::Millis(ms) => ms as f64 / 1_000.0,
            Number::Float(value) => value,
        }
    }
}

impl Number {
    /// Appends it in decimal.
    pub fn push_to(self, out: &mut String) {
        match self {
            Number::Count(count) => out.push_str(itoa::Buffer::new().format(count)),
            Number::Millis(ms) => {
                out.push_str(itoa::Buffer::new().format(ms / 1_000));
                let rest = ms % 1_000;
                if rest > 0 {
                    // The leading 1 keeps the zeros behind it.
                    let mut digits = itoa::Buffer::new();
                    let digits = digits.format(1_000 + rest).trim_end_matches('0');
                    out.push('.');
                    out.push_str(&digits[1..]);
                }
            }
            Number::Float(value) if value.is_infinite() => {
                out.push_str(if value > 0.0 { "+Inf" } else { "-Inf" });
            }
            // Writing to a string cannot fail.
            Number::Float(value) => {
                let _ = write!(out, "{value}");
            }
        }
    }
}

/// Appends a bucket's bound in seconds, always as a float (`30.0`): the form Prometheus 3 normalises
/// `le` to.
pub(crate) fn push_bound(out: &mut String, bound_ms: Option<i64>) {
    let Some(ms) = bound_ms else {
        return out.push_str("+Inf");
    };
    Number::Millis(ms as u64).push_to(out);
    out.push_str(if ms % 1_000 == 0 { ".0" } else { "" });
}

/// Writes one format: it receives each family, followed by the samples of that family.
pub trait MetricsEncoder {
    /// Begins a family.
    fn family(&mut self, header: &FamilyHeader<'_>);
    /// Adds a sample to the family.
    fn sample(&mut self, sample: &Sample<'_>);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut String)) -> String {
        let mut out = String::new();
        write(&mut out);
        out
    }

    #[test]
    fn numbers_are_written_exactly() {
        for (number, text) in [
            (Number::Millis(1), "0.001"),
            (Number::Millis(64_547), "64.547"),
            (Number::Millis(120), "0.12"),
            (Number::Millis(100_030), "100.03"),
            (Number::Millis(0), "0"),
            (Number::Millis(u64::MAX), "18446744073709551.615"),
            (Number::Count(u64::MAX), "18446744073709551615"),
            (Number::Float(0.8), "0.8"),
            (Number::Float(f64::INFINITY), "+Inf"),
        ] {
            assert_eq!(written(|out| number.push_to(out)), text);
        }
        for (bound_ms, text) in [(Some(30_000), "30.0"), (Some(25), "0.025"), (None, "+Inf")] {
            assert_eq!(written(|out| push_bound(out, bound_ms)), text);
        }
    }

    #[test]
    fn a_unit_is_what_the_name_ends_in() {
        let head = |name, metric_type| FamilyHeader {
            name,
            help: "",
            metric_type,
        };
        let cases = [
            (
                "process_cpu_seconds_total",
                MetricType::Counter,
                Some("seconds"),
            ),
            ("vcc_state_size_bytes", MetricType::Gauge, Some("bytes")),
            ("vcc_interactions_total", MetricType::Counter, None),
            ("vcc_unread_windows", MetricType::Gauge, None),
        ];
        for (name, metric_type, unit) in cases {
            assert_eq!(head(name, metric_type).unit(), unit, "{name}");
        }
    }
}
