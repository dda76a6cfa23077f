//! The Prometheus protobuf format: families as `io.prometheus.client.MetricFamily`, each preceded
//! by its length.
//!
//! <https://github.com/prometheus/client_model/blob/v0.6.2/io/prometheus/client/metrics.proto>

use prost::Message;

use super::point::{Distribution, Format, Head, Measure, Point, Shown};
use crate::exemplars::Exemplar;
use crate::series::Native;

/// The smallest observation that is not zero to Prometheus' own libraries: 2^-128.
const ZERO_THRESHOLD: f64 = 2.938_735_877_055_719e-39;

/// The families under way.
#[derive(Debug, Default)]
pub struct Protobuf {
    out: Vec<u8>,
    /// Whether histograms show their exponential buckets too.
    native: bool,
    family: Option<MetricFamily>,
}

impl Protobuf {
    /// Nothing yet.
    pub fn new(native: bool) -> Self {
        Protobuf {
            native,
            ..Protobuf::default()
        }
    }

    /// Everything written.
    pub fn finish(mut self) -> Vec<u8> {
        self.flush();
        self.out
    }

    fn flush(&mut self) {
        if let Some(family) = self.family.take() {
            self.out.reserve(family.encoded_len() + 10);
            // A vector that grows has room for everything.
            let _ = family.encode_length_delimited(&mut self.out);
        }
    }
}

impl Format for Protobuf {
    fn family(&mut self, head: &Head<'_>) {
        self.flush();
        self.family = Some(MetricFamily {
            name: Some(head.name.to_owned()),
            help: Some(head.help.to_owned()),
            kind: Some(match head.measure {
                Measure::Counter => MetricType::Counter,
                Measure::Gauge => MetricType::Gauge,
                Measure::Histogram => MetricType::Histogram,
            } as i32),
            unit: head.unit().map(str::to_owned),
            metric: Vec::new(),
        });
    }

    fn point(&mut self, point: &Point<'_>) {
        let Some(family) = &mut self.family else {
            return;
        };
        let created = point.start_ms.map(timestamp);
        let mut metric = Metric {
            label: point.labels.iter().map(|pair| label(*pair)).collect(),
            ..Metric::default()
        };
        match &point.value {
            Shown::One(value) if family.kind == Some(MetricType::Counter as i32) => {
                metric.counter = Some(Counter {
                    value: Some(value.as_f64()),
                    created,
                });
            }
            Shown::One(value) => {
                metric.gauge = Some(Gauge {
                    value: Some(value.as_f64()),
                });
            }
            Shown::Many(distribution) => {
                let mut histogram = classic(distribution, created);
                if let (true, Some(native)) = (self.native, distribution.native) {
                    add_native(&mut histogram, native);
                    let exemplars = distribution.exemplars.iter().flatten();
                    histogram.exemplars = exemplars.copied().map(exemplar).collect();
                }
                metric.histogram = Some(histogram);
            }
        }
        family.metric.push(metric);
    }
}

fn label((name, value): (&str, &str)) -> LabelPair {
    LabelPair {
        name: Some(name.to_owned()),
        value: Some(value.to_owned()),
    }
}

fn timestamp(ms: i64) -> Timestamp {
    Timestamp {
        seconds: ms.div_euclid(1_000),
        nanos: (ms.rem_euclid(1_000) * 1_000_000) as i32,
    }
}

fn exemplar(of: Exemplar) -> ExemplarMessage {
    let (trace, span) = (of.trace.to_string(), of.span.to_string());
    ExemplarMessage {
        label: vec![label(("trace_id", &trace)), label(("span_id", &span))],
        value: Some(of.value_ms as f64 / 1_000.0),
        timestamp: Some(timestamp(of.at_ms)),
    }
}

fn classic(distribution: &Distribution<'_>, created: Option<Timestamp>) -> Histogram {
    let bucket = |(place, (bound, count)): (usize, (Option<i64>, u64))| Bucket {
        cumulative_count: Some(count),
        upper_bound: Some(bound.map_or(f64::INFINITY, |ms| ms as f64 / 1_000.0)),
        exemplar: distribution.exemplar(place).map(exemplar),
    };
    Histogram {
        sample_count: Some(distribution.count()),
        sample_sum: Some(distribution.sum.as_f64()),
        bucket: distribution.cumulative().enumerate().map(bucket).collect(),
        created,
        ..Histogram::default()
    }
}

/// Buckets that follow one another without a gap form a span; counts are told as differences.
fn add_native(histogram: &mut Histogram, native: &Native) {
    histogram.schema = Some(native.schema().into());
    histogram.zero_threshold = Some(ZERO_THRESHOLD);
    histogram.zero_count = Some(native.zero());
    let (mut next, mut last) = (0, 0);
    for (index, count) in native.buckets() {
        let index = i32::from(*index);
        match histogram.positive_span.last_mut() {
            Some(span) if index == next => span.length = span.length.map(|length| length + 1),
            _ => histogram.positive_span.push(BucketSpan {
                offset: Some(index - next),
                length: Some(1),
            }),
        }
        let count = *count as i64;
        histogram.positive_delta.push(count - last);
        (next, last) = (index + 1, count);
    }
}

#[derive(Clone, PartialEq, Message)]
struct MetricFamily {
    #[prost(string, optional, tag = "1")]
    name: Option<String>,
    #[prost(string, optional, tag = "2")]
    help: Option<String>,
    #[prost(enumeration = "MetricType", optional, tag = "3")]
    kind: Option<i32>,
    #[prost(message, repeated, tag = "4")]
    metric: Vec<Metric>,
    #[prost(string, optional, tag = "5")]
    unit: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration)]
#[repr(i32)]
enum MetricType {
    Counter = 0,
    Gauge = 1,
    Histogram = 4,
}

#[derive(Clone, PartialEq, Message)]
struct Metric {
    #[prost(message, repeated, tag = "1")]
    label: Vec<LabelPair>,
    #[prost(message, optional, tag = "2")]
    gauge: Option<Gauge>,
    #[prost(message, optional, tag = "3")]
    counter: Option<Counter>,
    #[prost(message, optional, tag = "7")]
    histogram: Option<Histogram>,
}

#[derive(Clone, PartialEq, Message)]
struct LabelPair {
    #[prost(string, optional, tag = "1")]
    name: Option<String>,
    #[prost(string, optional, tag = "2")]
    value: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
struct Gauge {
    #[prost(double, optional, tag = "1")]
    value: Option<f64>,
}

#[derive(Clone, PartialEq, Message)]
struct Counter {
    #[prost(double, optional, tag = "1")]
    value: Option<f64>,
    #[prost(message, optional, tag = "3")]
    created: Option<Timestamp>,
}

#[derive(Clone, PartialEq, Message)]
struct Histogram {
    #[prost(uint64, optional, tag = "1")]
    sample_count: Option<u64>,
    #[prost(double, optional, tag = "2")]
    sample_sum: Option<f64>,
    #[prost(message, repeated, tag = "3")]
    bucket: Vec<Bucket>,
    #[prost(sint32, optional, tag = "5")]
    schema: Option<i32>,
    #[prost(double, optional, tag = "6")]
    zero_threshold: Option<f64>,
    #[prost(uint64, optional, tag = "7")]
    zero_count: Option<u64>,
    #[prost(message, repeated, tag = "12")]
    positive_span: Vec<BucketSpan>,
    #[prost(sint64, repeated, packed = "false", tag = "13")]
    positive_delta: Vec<i64>,
    #[prost(message, optional, tag = "15")]
    created: Option<Timestamp>,
    /// Those of the native histogram, which has no buckets to hang them on.
    #[prost(message, repeated, tag = "16")]
    exemplars: Vec<ExemplarMessage>,
}

#[derive(Clone, PartialEq, Message)]
struct Bucket {
    #[prost(uint64, optional, tag = "1")]
    cumulative_count: Option<u64>,
    #[prost(double, optional, tag = "2")]
    upper_bound: Option<f64>,
    #[prost(message, optional, tag = "3")]
    exemplar: Option<ExemplarMessage>,
}

#[derive(Clone, PartialEq, Message)]
struct ExemplarMessage {
    #[prost(message, repeated, tag = "1")]
    label: Vec<LabelPair>,
    #[prost(double, optional, tag = "2")]
    value: Option<f64>,
    #[prost(message, optional, tag = "3")]
    timestamp: Option<Timestamp>,
}

#[derive(Clone, PartialEq, Message)]
struct BucketSpan {
    #[prost(sint32, optional, tag = "1")]
    offset: Option<i32>,
    #[prost(uint32, optional, tag = "2")]
    length: Option<u32>,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct Timestamp {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}
