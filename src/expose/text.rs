//! The Prometheus text format, version 0.0.4.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::gzip::Compressed;
use crate::catalogue::{Family, Info, Kind, Origin};
use crate::series::{Series, Value};
use crate::snapshot::AccountView;

/// The content type of the format.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The big part of a scrape: the ledger families of one snapshot, encoded once.
#[derive(Debug)]
pub struct Encoded {
    /// The text.
    pub text: Bytes,
    compressed: OnceLock<Compressed>,
}

impl Encoded {
    /// Encodes the ledger families of these accounts.
    pub fn new(accounts: &[Arc<AccountView>]) -> Self {
        let mut out = String::new();
        let ledger = Family::ALL
            .iter()
            .filter(|family| family.info().origin == Origin::Ledger);
        for family in ledger {
            if accounts
                .iter()
                .any(|account| !account.series(*family).is_empty())
            {
                write_head(&mut out, family.info());
                for account in accounts {
                    for series in account.series(*family).iter() {
                        write_series(&mut out, &account.name, series);
                    }
                }
            }
        }
        Encoded {
            text: out.into(),
            compressed: OnceLock::new(),
        }
    }

    /// The text compressed, once however often it is asked for.
    pub fn compressed(&self) -> &Compressed {
        self.compressed.get_or_init(|| Compressed::new(&self.text))
    }
}

fn write_head(out: &mut String, info: &Info) {
    let kind = match info.kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Histogram(_) => "histogram",
    };
    out.push_str("# HELP ");
    out.push_str(info.name);
    out.push(' ');
    escape(out, info.help, false);
    out.push_str("\n# TYPE ");
    out.push_str(info.name);
    out.push(' ');
    out.push_str(kind);
    out.push('\n');
}

/// Writes one series; while it is held it shows 0.
fn write_series(out: &mut String, account: &str, series: &Series) {
    let info = series.key.family.info();
    let mut labels = String::from("account=\"");
    escape(&mut labels, account, true);
    labels.push('"');
    for (label, text) in info.labels.iter().zip(series.labels.iter()) {
        // A label the family was narrowed by is not there at all.
        if text.is_empty() {
            continue;
        }
        labels.push(',');
        labels.push_str(label.name());
        labels.push_str("=\"");
        escape(&mut labels, text, true);
        labels.push('"');
    }
    let zero;
    let value = if series.released {
        &series.value
    } else {
        zero = Value::zero(series.key.family);
        &zero
    };
    match value {
        Value::Counter(count) => write_sample(out, info.name, "", &labels, *count),
        Value::Histogram(histogram) => {
            let Kind::Histogram(bounds) = info.kind else {
                return;
            };
            let mut cumulative = 0;
            for (bucket, count) in histogram.buckets.iter().enumerate() {
                cumulative += count;
                out.push_str(info.name);
                out.push_str("_bucket{");
                out.push_str(&labels);
                out.push_str(",le=\"");
                match bounds.get(bucket) {
                    Some(bound) => write_seconds(out, *bound as u64, true),
                    None => out.push_str("+Inf"),
                }
                out.push_str("\"} ");
                push(out, cumulative);
                out.push('\n');
            }
            out.push_str(info.name);
            out.push_str("_sum{");
            out.push_str(&labels);
            out.push_str("} ");
            write_seconds(out, histogram.sum_ms, false);
            out.push('\n');
            write_sample(out, info.name, "_count", &labels, cumulative);
        }
    }
}

fn write_sample(out: &mut String, name: &str, suffix: &str, labels: &str, value: u64) {
    out.push_str(name);
    out.push_str(suffix);
    out.push('{');
    out.push_str(labels);
    out.push_str("} ");
    push(out, value);
    out.push('\n');
}

fn push(out: &mut String, value: impl std::fmt::Display) {
    // Writing to a string cannot fail.
    let _ = write!(out, "{value}");
}

/// Writes milliseconds as seconds, digit by digit, so that no sum is rounded. A bucket's bound is
/// always written as a float (`30.0`), the spelling Prometheus 3 gives it.
fn write_seconds(out: &mut String, ms: u64, float: bool) {
    push(out, ms / 1_000);
    match ms % 1_000 {
        0 if float => out.push_str(".0"),
        0 => {}
        rest => out.push_str(format!(".{rest:03}").trim_end_matches('0')),
    }
}

/// Escapes a label value, or a HELP text, in which quotes stay as they are.
fn escape(out: &mut String, text: &str, quotes: bool) {
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

/// Label names and values of a gauge.
pub type Labels = Vec<(&'static str, Cow<'static, str>)>;

/// A value computed for one scrape.
#[derive(Debug, Clone, PartialEq)]
pub struct Gauge {
    /// The family it belongs to.
    pub family: Family,
    /// Its labels.
    pub labels: Labels,
    /// Its value.
    pub value: f64,
}

/// Writes gauges, grouped by family in the catalogue's order.
pub fn write_gauges(out: &mut String, mut gauges: Vec<Gauge>) {
    // A stable sort keeps the order within a family.
    gauges.sort_by_key(|gauge| gauge.family);
    let mut last = None;
    for gauge in &gauges {
        let info = gauge.family.info();
        if last != Some(gauge.family) {
            write_head(out, info);
            last = Some(gauge.family);
        }
        out.push_str(info.name);
        for (index, (name, value)) in gauge.labels.iter().enumerate() {
            out.push(if index == 0 { '{' } else { ',' });
            out.push_str(name);
            out.push_str("=\"");
            escape(out, value, true);
            out.push('"');
        }
        if !gauge.labels.is_empty() {
            out.push('}');
        }
        out.push(' ');
        push(out, gauge.value);
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_written_exactly() {
        for (ms, float, text) in [
            (30_000, true, "30.0"),
            (1, false, "0.001"),
            (64_547, false, "64.547"),
            (120, false, "0.12"),
            (0, false, "0"),
            (u64::MAX, false, "18446744073709551.615"),
        ] {
            let mut out = String::new();
            write_seconds(&mut out, ms, float);
            assert_eq!(out, text);
        }
    }

    #[test]
    fn gauges_of_a_family_stand_together_and_their_labels_are_escaped() {
        let gauge = |family, account: &'static str, value| Gauge {
            family,
            labels: vec![("account", account.into())],
            value,
        };
        let mut out = String::new();
        write_gauges(
            &mut out,
            vec![
                gauge(Family::Holes, "b", 2.0),
                gauge(Family::ApiLag, "a\"\\\n", 1.5),
                gauge(Family::Holes, "a", 0.0),
            ],
        );
        let lines: Vec<_> = out
            .lines()
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
