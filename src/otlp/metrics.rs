//! Metrics as OTLP writes them: the projection every format shares, as messages of
//! `opentelemetry.proto.metrics.v1`.
//!
//! Names are exactly those of `/metrics`, with unit and `_total` in them. So a scrape, a Collector
//! that scrapes, and a push into Prometheus under any of its translation strategies lead to the
//! same names: none of them adds a suffix that is there already, and none has to take one away.
//!
//! Everything is cumulative, and `start_time_unix_nano` is when the series began to count, however
//! often the process was started since:
//! <https://opentelemetry.io/docs/specs/otel/metrics/data-model/#temporality>.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Exemplar, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge,
    Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum,
    exemplar, metric, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;

use super::resource::scope;
use crate::expose::{
    FamilyHeader, HistogramValue, MetricType, MetricsEncoder, Number, Options, Sample, SampleValue,
};
use crate::series::Native;

/// Nanoseconds in a millisecond.
const NANOS: u64 = 1_000_000;

const CUMULATIVE: i32 = AggregationTemporality::Cumulative as i32;

/// What `show` shows at `now_ms`, local Unix time, as one request.
pub fn request(
    resource: &Resource,
    options: Options,
    now_ms: i64,
    show: impl FnOnce(&mut dyn MetricsEncoder),
) -> ExportMetricsServiceRequest {
    let mut metrics = Metrics {
        native: options.native_histograms,
        time: nanos(now_ms),
        metric_type: MetricType::Gauge,
        out: Vec::new(),
    };
    show(&mut metrics);
    // A family of which there is nothing yet says nothing.
    metrics.out.retain(|metric| metric.data.is_some());
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: Some(resource.clone()),
            scope_metrics: vec![ScopeMetrics {
                scope: Some(scope()),
                metrics: metrics.out,
                schema_url: String::new(),
            }],
            schema_url: String::new(),
        }],
    }
}

/// Metrics under way.
struct Metrics {
    /// Whether exponential buckets are shown where there are any.
    native: bool,
    /// The moment all points are of, Unix nanoseconds.
    time: u64,
    /// What the family under way measures with.
    metric_type: MetricType,
    out: Vec<Metric>,
}

impl MetricsEncoder for Metrics {
    fn family(&mut self, header: &FamilyHeader<'_>) {
        self.metric_type = header.metric_type;
        self.out.push(Metric {
            name: header.name.to_owned(),
            description: header.help.to_owned(),
            unit: unit(header).to_owned(),
            metadata: Vec::new(),
            data: None,
        });
    }

    fn sample(&mut self, sample: &Sample<'_>) {
        let frame = Frame::of(sample, self.time);
        let (metric_type, native) = (self.metric_type, self.native);
        let Some(metric) = self.out.last_mut() else {
            return;
        };
        // The points of a family are all of one kind: the first one says which.
        match sample.value {
            SampleValue::Scalar(number) => {
                match metric.data.get_or_insert_with(|| of_numbers(metric_type)) {
                    metric::Data::Sum(sum) => sum.data_points.push(frame.number(number)),
                    metric::Data::Gauge(gauge) => gauge.data_points.push(frame.number(number)),
                    _ => {}
                }
            }
            SampleValue::Histogram(histogram) => match histogram.native.filter(|_| native) {
                Some(native) => {
                    if let metric::Data::ExponentialHistogram(data) =
                        metric.data.get_or_insert_with(of_exponential)
                    {
                        data.data_points.push(frame.exponential(&histogram, native));
                    }
                }
                None => {
                    if let metric::Data::Histogram(data) =
                        metric.data.get_or_insert_with(of_buckets)
                    {
                        data.data_points.push(frame.buckets(&histogram));
                    }
                }
            },
        }
    }
}

fn of_numbers(metric_type: MetricType) -> metric::Data {
    match metric_type {
        MetricType::Counter => metric::Data::Sum(Sum {
            data_points: Vec::new(),
            aggregation_temporality: CUMULATIVE,
            is_monotonic: true,
        }),
        _ => metric::Data::Gauge(Gauge::default()),
    }
}

fn of_buckets() -> metric::Data {
    metric::Data::Histogram(Histogram {
        data_points: Vec::new(),
        aggregation_temporality: CUMULATIVE,
    })
}

fn of_exponential() -> metric::Data {
    metric::Data::ExponentialHistogram(ExponentialHistogram {
        data_points: Vec::new(),
        aggregation_temporality: CUMULATIVE,
    })
}

/// What points of every kind have in common.
struct Frame {
    attributes: Vec<KeyValue>,
    start: u64,
    time: u64,
}

impl Frame {
    fn of(sample: &Sample<'_>, time: u64) -> Self {
        let labels = sample.labels.iter();
        Frame {
            attributes: labels.map(|(name, text)| attribute(name, text)).collect(),
            // A gauge does not begin: 0 is "not known".
            start: sample.start_ms.map_or(0, nanos),
            time,
        }
    }

    fn number(self, number: Number) -> NumberDataPoint {
        let whole = match number {
            Number::Count(count) => i64::try_from(count).ok(),
            _ => None,
        };
        let value = match whole {
            Some(count) => number_data_point::Value::AsInt(count),
            None => number_data_point::Value::AsDouble(number.as_f64()),
        };
        NumberDataPoint {
            attributes: self.attributes,
            start_time_unix_nano: self.start,
            time_unix_nano: self.time,
            value: Some(value),
            ..NumberDataPoint::default()
        }
    }

    fn buckets(self, histogram: &HistogramValue<'_>) -> HistogramDataPoint {
        let bounds = histogram.bounds_ms.iter();
        HistogramDataPoint {
            attributes: self.attributes,
            start_time_unix_nano: self.start,
            time_unix_nano: self.time,
            count: histogram.count(),
            sum: Some(histogram.sum.as_f64()),
            bucket_counts: histogram.buckets.to_vec(),
            explicit_bounds: bounds.map(|ms| *ms as f64 / 1_000.0).collect(),
            exemplars: exemplars(histogram),
            ..HistogramDataPoint::default()
        }
    }

    fn exponential(
        self,
        histogram: &HistogramValue<'_>,
        native: &Native,
    ) -> ExponentialHistogramDataPoint {
        ExponentialHistogramDataPoint {
            attributes: self.attributes,
            start_time_unix_nano: self.start,
            time_unix_nano: self.time,
            count: histogram.count(),
            sum: Some(histogram.sum.as_f64()),
            scale: native.schema().into(),
            zero_count: native.zero(),
            positive: Some(positive(native)),
            exemplars: exemplars(histogram),
            // Only what is exactly 0 is in the zero bucket.
            zero_threshold: 0.0,
            ..ExponentialHistogramDataPoint::default()
        }
    }
}

fn exemplars(histogram: &HistogramValue<'_>) -> Vec<Exemplar> {
    let all = histogram.exemplars.iter().flatten();
    all.map(|of| Exemplar {
        time_unix_nano: nanos(of.at_ms),
        value: Some(exemplar::Value::AsDouble(of.value_ms as f64 / 1_000.0)),
        trace_id: of.trace.0.to_vec(),
        span_id: of.span.0.to_vec(),
        filtered_attributes: Vec::new(),
    })
    .collect()
}

/// Buckets behind one another without gaps. Where Prometheus counts from a bucket's upper bound,
/// OTLP counts from its lower one, so an index there is one less.
fn positive(native: &Native) -> Buckets {
    let Some((first, _)) = native.buckets().first() else {
        return Buckets::default();
    };
    let mut counts = Vec::new();
    for (index, count) in native.buckets() {
        let place = (i32::from(*index) - i32::from(*first)) as usize;
        counts.resize(place, 0);
        counts.push(*count);
    }
    Buckets {
        offset: i32::from(*first) - 1,
        bucket_counts: counts,
    }
}

/// The unit, as UCUM writes it; counts and flags have none. `1` is for ratios only, because a
/// gauge of that unit is taken for one.
fn unit(header: &FamilyHeader<'_>) -> &'static str {
    match header.unit() {
        Some("seconds") => "s",
        Some("bytes") => "By",
        Some("ratio") => "1",
        _ => "",
    }
}

/// An attribute with a text.
pub(super) fn attribute(name: &str, text: &str) -> KeyValue {
    KeyValue {
        key: name.to_owned(),
        value: Some(AnyValue {
            value: Some(any_value::Value::StringValue(text.to_owned())),
        }),
        ..KeyValue::default()
    }
}

/// Unix nanoseconds; a time before 1970 is taken for "not known".
pub(super) fn nanos(ms: i64) -> u64 {
    u64::try_from(ms).unwrap_or(0).saturating_mul(NANOS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_buckets_are_dense_and_one_lower() {
        let mut native = Native::default();
        for ms in [0, 1_000, 1_000, 2_000, 1_001] {
            native.observe(ms);
        }
        // One second is Prometheus' bucket 0, what is just above it 1, and two seconds 8.
        let buckets = positive(&native);
        assert_eq!(buckets.offset, -1);
        assert_eq!(buckets.bucket_counts, [2, 1, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(positive(&Native::default()), Buckets::default());
    }

    #[test]
    fn only_ratios_have_the_unit_1() {
        let of = |name| {
            unit(&FamilyHeader {
                name,
                help: "",
                metric_type: MetricType::Gauge,
            })
        };
        let names = ["a_seconds", "a_bytes", "a_ratio", "vcc_up", "vcc_holes"];
        assert_eq!(names.map(of), ["s", "By", "1", "", ""]);
    }

    #[test]
    fn a_count_beyond_a_signed_number_becomes_a_double() {
        let number = Number::Count(u64::MAX);
        let point = Sample {
            labels: &[],
            start_ms: Some(-1),
            value: SampleValue::Scalar(number),
        };
        let shown = Frame::of(&point, 0).number(number);
        assert_eq!(shown.start_time_unix_nano, 0);
        let double = number_data_point::Value::AsDouble(u64::MAX as f64);
        assert_eq!(shown.value, Some(double));
    }
}
