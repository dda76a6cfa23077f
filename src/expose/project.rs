//! From what is kept to what is shown: series, gauges and instruments as families of points.

use std::sync::Arc;

use prometheus::proto::{MetricFamily, MetricType};

use super::point::{Distribution, Format, Head, Measure, Number, Point, Shown};
use crate::catalogue::{Family, Kind, Origin};
use crate::exemplars::Exemplars;
use crate::ledger::AccountView;
use crate::series::{Gauge, Series, Value};

/// Shows the ledger families of these accounts.
pub fn ledger(accounts: &[Arc<AccountView>], out: &mut dyn Format) {
    for family in Family::ALL {
        let info = family.info();
        let any = accounts.iter().any(|it| !it.series(*family).is_empty());
        if info.origin != Origin::Ledger || !any {
            continue;
        }
        out.family(&Head::of(info));
        let zero = Value::zero(*family);
        let mut labels = Vec::new();
        for account in accounts {
            for series in account.series(*family).iter() {
                labels.clear();
                labels.push(("account", &*account.name));
                let own = info.labels.iter().zip(series.labels.iter());
                // A label the family was narrowed by is not there at all.
                let own = own.filter(|(_, text)| !text.is_empty());
                labels.extend(own.map(|(label, text)| (label.name(), &**text)));
                out.point(&of_series(series, &zero, &account.exemplars, &labels));
            }
        }
    }
}

/// A series as it is shown; while it is held it shows 0.
fn of_series<'a>(
    series: &'a Series,
    zero: &'a Value,
    exemplars: &'a Exemplars,
    labels: &'a [(&'a str, &'a str)],
) -> Point<'a> {
    let value = if series.released { &series.value } else { zero };
    let value = match (value, series.key.family.info().kind) {
        (Value::Histogram(histogram), Kind::Histogram(bounds_ms)) => Shown::Many(Distribution {
            bounds_ms,
            buckets: &histogram.buckets,
            sum: Number::Millis(histogram.sum_ms),
            native: Some(&histogram.native),
            exemplars: if series.released {
                exemplars.of(&series.key)
            } else {
                &[]
            },
        }),
        (Value::Histogram(histogram), _) => Shown::One(Number::Count(histogram.count())),
        (Value::Counter(count), _) => Shown::One(Number::Count(*count)),
    };
    Point {
        labels,
        start_ms: Some(series.start_ms),
        value,
    }
}

/// Shows gauges, grouped by family in the catalogue's order.
pub fn gauges(mut gauges: Vec<Gauge>, out: &mut dyn Format) {
    // A stable sort keeps the order within a family.
    gauges.sort_by_key(|gauge| gauge.family);
    for of_family in gauges.chunk_by(|a, b| a.family == b.family) {
        out.family(&Head::of(of_family[0].family.info()));
        for gauge in of_family {
            let labels: Vec<_> = gauge.labels.iter().map(|(k, v)| (*k, &**v)).collect();
            out.point(&Point {
                labels: &labels,
                start_ms: None,
                value: Shown::One(Number::Float(gauge.value)),
            });
        }
    }
}

/// Shows the instruments of a process that began at `start_ms`.
pub fn instruments(families: &[MetricFamily], start_ms: i64, out: &mut dyn Format) {
    for family in families {
        let measure = match family.get_field_type() {
            MetricType::COUNTER => Measure::Counter,
            MetricType::HISTOGRAM => Measure::Histogram,
            _ => Measure::Gauge,
        };
        out.family(&Head {
            name: family.name(),
            help: family.help(),
            measure,
        });
        for metric in family.get_metric() {
            let pairs = metric.get_label().iter();
            let labels: Vec<_> = pairs.map(|pair| (pair.name(), pair.value())).collect();
            let point = |value| Point {
                labels: &labels,
                start_ms: (measure != Measure::Gauge).then_some(start_ms),
                value,
            };
            match measure {
                Measure::Counter => {
                    let value = metric.get_counter().get_value();
                    out.point(&point(Shown::One(Number::Float(value))));
                }
                Measure::Gauge => {
                    let value = metric.get_gauge().get_value();
                    out.point(&point(Shown::One(Number::Float(value))));
                }
                Measure::Histogram => {
                    let (bounds_ms, buckets) = buckets(metric.get_histogram());
                    out.point(&point(Shown::Many(Distribution {
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

/// Bounds in milliseconds, and counts that are not cumulative.
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
