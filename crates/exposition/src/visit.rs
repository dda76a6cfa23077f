//! Walks series, gauges and instruments and passes them to an encoder as families of samples.

use std::sync::Arc;

use prometheus::proto::{MetricFamily, MetricType as ProtoType};

use super::sample::{
    FamilyHeader, HistogramValue, MetricType, MetricsEncoder, Number, Sample, SampleValue,
};
use vcc_core::catalogue::{Family, Kind, Origin};
use vcc_core::exemplars::Exemplars;
use vcc_core::ledger::AccountView;
use vcc_core::series::{Gauge, Series, Value};

/// Visits the ledger families of these accounts, in the catalogue's order.
pub fn ledger(accounts: &[Arc<AccountView>], out: &mut dyn MetricsEncoder) {
    for family in Family::ALL {
        let info = family.info();
        let any = accounts.iter().any(|it| !it.series(*family).is_empty());
        if info.origin != Origin::Ledger || !any {
            continue;
        }
        out.family(&FamilyHeader::of(info));
        let zero = Value::zero(*family);
        let mut labels = Vec::new();
        for account in accounts {
            for series in account.series(*family).iter() {
                labels.clear();
                labels.push(("account", &*account.name));
                let own = info.labels.iter().zip(series.labels.iter());
                // A label that the configuration drops from the family is absent.
                let own = own.filter(|(_, text)| !text.is_empty());
                labels.extend(own.map(|(label, text)| (label.name(), &**text)));
                out.sample(&of_series(series, &zero, &account.exemplars, &labels));
            }
        }
    }
}

/// The sample of a series; a series that is still on hold has the value 0.
fn of_series<'a>(
    series: &'a Series,
    zero: &'a Value,
    exemplars: &'a Exemplars,
    labels: &'a [(&'a str, &'a str)],
) -> Sample<'a> {
    let value = if series.revealed { &series.value } else { zero };
    let value = match (value, series.key.family.info().kind) {
        (Value::Histogram(histogram), Kind::Histogram(bounds_ms)) => {
            SampleValue::Histogram(HistogramValue {
                bounds_ms,
                buckets: &histogram.buckets,
                sum: Number::Millis(histogram.sum_ms),
                native: Some(&histogram.exponential),
                exemplars: if series.revealed {
                    exemplars.of(&series.key)
                } else {
                    &[]
                },
            })
        }
        (Value::Histogram(histogram), _) => SampleValue::Scalar(Number::Count(histogram.count())),
        (Value::Counter(count), _) => SampleValue::Scalar(Number::Count(*count)),
    };
    Sample {
        labels,
        start_ms: Some(series.start_ms),
        value,
    }
}

/// Visits gauges, grouped by family in the catalogue's order.
pub fn gauges(mut gauges: Vec<Gauge>, out: &mut dyn MetricsEncoder) {
    // A stable sort keeps the order within a family.
    gauges.sort_by_key(|gauge| gauge.family);
    for of_family in gauges.chunk_by(|a, b| a.family == b.family) {
        out.family(&FamilyHeader::of(of_family[0].family.info()));
        for gauge in of_family {
            let labels: Vec<_> = gauge.labels.iter().map(|(k, v)| (*k, &**v)).collect();
            out.sample(&Sample {
                labels: &labels,
                start_ms: None,
                value: SampleValue::Scalar(Number::Float(gauge.value)),
            });
        }
    }
}

/// Visits the instruments of a process that started at `start_ms`.
pub fn instruments(families: &[MetricFamily], start_ms: i64, out: &mut dyn MetricsEncoder) {
    for family in families {
        let metric_type = match family.get_field_type() {
            ProtoType::COUNTER => MetricType::Counter,
            ProtoType::HISTOGRAM => MetricType::Histogram,
            _ => MetricType::Gauge,
        };
        out.family(&FamilyHeader {
            name: family.name(),
            help: family.help(),
            metric_type,
        });
        for metric in family.get_metric() {
            let pairs = metric.get_label().iter();
            let labels: Vec<_> = pairs.map(|pair| (pair.name(), pair.value())).collect();
            let sample = |value| Sample {
                labels: &labels,
                start_ms: (metric_type != MetricType::Gauge).then_some(start_ms),
                value,
            };
            match metric_type {
                MetricType::Counter => {
                    let value = metric.get_counter().get_value();
                    out.sample(&sample(SampleValue::Scalar(Number::Float(value))));
                }
                MetricType::Gauge => {
                    let value = metric.get_gauge().get_value();
                    out.sample(&sample(SampleValue::Scalar(Number::Float(value))));
                }
                MetricType::Histogram => {
                    let (bounds_ms, buckets) = buckets(metric.get_histogram());
                    out.sample(&sample(SampleValue::Histogram(HistogramValue {
                        bounds_ms: &bounds_ms,
                        buckets: &buckets,
                        sum: Number::Float(metric.get_histogram().get_sample_sum()),
                        native: None,
                        exemplars: &[],
                    })));
                }
            }
        }
    }
}

/// Bounds in milliseconds, and counts per bucket, not cumulative.
fn buckets(histogram: &prometheus::proto::Histogram) -> (Vec<i64>, Vec<u64>) {
    let (mut bounds_ms, mut buckets, mut below) = (Vec::new(), Vec::new(), 0);
    let finite = histogram.get_bucket().iter();
    for bucket in finite.filter(|bucket| bucket.upper_bound().is_finite()) {
        bounds_ms.push((bucket.upper_bound() * 1_000.0).round() as i64);
        buckets.push(bucket.cumulative_count() - below);
        below = bucket.cumulative_count();
    }
    buckets.push(histogram.get_sample_count().saturating_sub(below));
    (bounds_ms, buckets)
}
