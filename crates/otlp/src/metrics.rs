//! Families and samples as messages of `opentelemetry.proto.metrics.v1`.
//!
//! Names are those of `/metrics`, including unit and `_total`. A scrape, a Collector that scrapes,
//! and a push into Prometheus under any of its translation strategies therefore have the same names:
//! no strategy adds a suffix that exists already, and none has to remove one.
//!
//! Everything is cumulative, and `start_time_unix_nano` is when the series began to count, also
//! across restarts of the process:
//! <https://opentelemetry.io/docs/specs/otel/metrics/data-model/#temporality>.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, ExponentialHistogram, Gauge, Histogram, Metric, ResourceMetrics,
    ScopeMetrics, Sum, metric,
};
use opentelemetry_proto::tonic::resource::v1::Resource;

use super::data_points::DataPoint;
use super::proto::{nanos, scope};
use vcc_exposition::{FamilyHeader, MetricType, MetricsEncoder, Options, Sample, SampleValue};

const CUMULATIVE: i32 = AggregationTemporality::Cumulative as i32;

/// The families and samples that `visit` passes, at `now_ms`, local Unix time, as one request.
pub fn request(
    resource: &Resource,
    options: Options,
    now_ms: i64,
    visit: impl FnOnce(&mut dyn MetricsEncoder),
) -> ExportMetricsServiceRequest {
    let mut metrics = Metrics {
        native: options.native_histograms,
        time: nanos(now_ms),
        metric_type: MetricType::Gauge,
        out: Vec::new(),
    };
    visit(&mut metrics);
    // A family without samples is left out.
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

struct Metrics {
    /// Whether histograms have exponential buckets, where they exist.
    native: bool,
    /// The timestamp of all data points, Unix nanoseconds.
    time: u64,
    /// The type of the current family.
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
        let point = DataPoint::of(sample, self.time);
        let (metric_type, native) = (self.metric_type, self.native);
        let Some(metric) = self.out.last_mut() else {
            return;
        };
        // The samples of a family have one kind of value: the first one decides.
        match sample.value {
            SampleValue::Scalar(number) => {
                match metric.data.get_or_insert_with(|| of_numbers(metric_type)) {
                    metric::Data::Sum(sum) => sum.data_points.push(point.number(number)),
                    metric::Data::Gauge(gauge) => gauge.data_points.push(point.number(number)),
                    _ => {}
                }
            }
            SampleValue::Histogram(histogram) => match histogram.native.filter(|_| native) {
                Some(native) => {
                    if let metric::Data::ExponentialHistogram(data) =
                        metric.data.get_or_insert_with(of_exponential)
                    {
                        data.data_points.push(point.exponential(&histogram, native));
                    }
                }
                None => {
                    if let metric::Data::Histogram(data) =
                        metric.data.get_or_insert_with(of_buckets)
                    {
                        data.data_points.push(point.buckets(&histogram));
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

/// The unit in UCUM; counts and flags have none. Only ratios have `1`, because receivers interpret a
/// gauge of that unit as a ratio.
fn unit(header: &FamilyHeader<'_>) -> &'static str {
    match header.unit() {
        Some("seconds") => "s",
        Some("bytes") => "By",
        Some("ratio") => "1",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ratios_have_the_unit_1() {
        let of = |name| {
            unit(&FamilyHeader {
                name,
                help: "",
                metric_type: MetricType::Gauge,
            })
        };
        let names = [
            "a_seconds",
            "a_bytes",
            "a_ratio",
            "vcc_up",
            "vcc_unread_windows",
        ];
        assert_eq!(names.map(of), ["s", "By", "1", "", ""]);
    }
}
