//! What every format shows: families of points, each value as exact as it was counted.

use std::fmt::Write;

use crate::catalogue::{Info, Kind};
use crate::exemplars::Exemplar;
use crate::series::Native;

/// What a family is called and what it measures with.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// The name, with its unit and a counter's `_total`.
    pub name: &'a str,
    /// The HELP sentence.
    pub help: &'a str,
    /// What it measures with.
    pub measure: Measure,
}

/// What a family measures with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// A value that only grows.
    Counter,
    /// A value that is what it is now.
    Gauge,
    /// A distribution.
    Histogram,
}

impl<'a> Head<'a> {
    /// The head of a family of the catalogue.
    pub fn of(info: &'a Info) -> Self {
        Head {
            name: info.name,
            help: info.help,
            measure: match info.kind {
                Kind::Counter => Measure::Counter,
                Kind::Gauge => Measure::Gauge,
                Kind::Histogram(_) => Measure::Histogram,
            },
        }
    }

    /// The name without a counter's `_total`.
    pub fn stem(&self) -> &'a str {
        match self.measure {
            Measure::Counter => self.name.strip_suffix("_total").unwrap_or(self.name),
            _ => self.name,
        }
    }

    /// The unit its name ends in.
    pub fn unit(&self) -> Option<&'static str> {
        let stem = self.stem();
        ["seconds", "bytes", "ratio"]
            .into_iter()
            .find(|unit| stem.strip_suffix(unit).is_some_and(|it| it.ends_with('_')))
    }
}

/// One series as it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Point<'a> {
    /// Names and values of its labels.
    pub labels: &'a [(&'a str, &'a str)],
    /// When it began to count, local Unix time in milliseconds; gauges do not begin.
    pub start_ms: Option<i64>,
    /// What it counted.
    pub value: Shown<'a>,
}

/// What a series counted.
#[derive(Debug, Clone, Copy)]
pub enum Shown<'a> {
    /// A counter's or a gauge's value.
    One(Number),
    /// A histogram's.
    Many(Distribution<'a>),
}

/// Observations in buckets.
#[derive(Debug, Clone, Copy)]
pub struct Distribution<'a> {
    /// Upper bounds in milliseconds, without `+Inf`.
    pub bounds_ms: &'a [i64],
    /// Observations per bucket, not cumulative; one more than there are bounds.
    pub buckets: &'a [u64],
    /// The sum of all observations.
    pub sum: Number,
    /// The same observations in exponential buckets, where they are kept.
    pub native: Option<&'a Native>,
    /// The newest exemplar of each bucket; empty if there is none at all.
    pub exemplars: &'a [Option<Exemplar>],
}

impl Distribution<'_> {
    /// How many observations there are.
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// The exemplar of a bucket.
    pub fn exemplar(&self, bucket: usize) -> Option<Exemplar> {
        self.exemplars.get(bucket).copied().flatten()
    }

    /// Each upper bound, `None` for `+Inf`, with the observations up to it.
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

/// A number as it was counted, which no text format rounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// How many.
    Count(u64),
    /// How long, in milliseconds; shown in seconds.
    Millis(u64),
    /// What a gauge or an instrument of the process says.
    Float(f64),
}

impl Number {
    /// The nearest double, for formats that know nothing else. Milliseconds become seconds.
    pub fn as_f64(self) -> f64 {
        match self {
            Number::Count(count) => count as f64,
            Number::Millis(ms) => ms as f64 / 1_000.0,
            Number::Float(value) => value,
        }
    }
}

impl Number {
    /// Writes it in decimal, behind what is there.
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

/// Writes a bucket's bound in milliseconds as seconds, always as a float (`30.0`): the spelling
/// Prometheus 3 gives it.
pub fn push_bound(out: &mut String, bound_ms: Option<i64>) {
    let Some(ms) = bound_ms else {
        return out.push_str("+Inf");
    };
    Number::Millis(ms as u64).push_to(out);
    out.push_str(if ms % 1_000 == 0 { ".0" } else { "" });
}

/// A format under way: it is told of each family and then of its points.
pub trait Format {
    /// A family begins.
    fn family(&mut self, head: &Head<'_>);
    /// A point of the family.
    fn point(&mut self, point: &Point<'_>);
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
        let head = |name, measure| Head {
            name,
            help: "",
            measure,
        };
        let cases = [
            (
                "process_cpu_seconds_total",
                Measure::Counter,
                Some("seconds"),
            ),
            ("vcc_state_size_bytes", Measure::Gauge, Some("bytes")),
            ("vcc_interactions_total", Measure::Counter, None),
            ("vcc_holes", Measure::Gauge, None),
        ];
        for (name, measure, unit) in cases {
            assert_eq!(head(name, measure).unit(), unit, "{name}");
        }
    }
}
