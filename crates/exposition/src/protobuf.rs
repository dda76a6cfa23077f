//! The Prometheus protobuf format: families as `io.prometheus.client.MetricFamily`, each preceded
//! by its length.
//!
//! <https://github.com/prometheus/client_model/blob/v0.6.2/io/prometheus/client/metrics.proto>
//!
//! The messages are few and flat, so their bytes are written directly: building messages first, with
//! a copy of every label, took most of the time.

use super::proto_writer::ProtoWriter;
use super::sample::{
    FamilyHeader, HistogramValue, MetricType, MetricsEncoder, Number, Sample, SampleValue,
};
use vcc_core::exemplars::Exemplar;
use vcc_core::series::ExponentialBuckets;

/// The zero threshold of Prometheus' own client libraries: 2^-128.
const ZERO_THRESHOLD: f64 = 2.938_735_877_055_719e-39;

/// Field numbers of the .proto file.
mod field {
    /// Of `MetricFamily`.
    pub(super) const NAME: u32 = 1;
    pub(super) const HELP: u32 = 2;
    pub(super) const TYPE: u32 = 3;
    pub(super) const METRIC: u32 = 4;
    pub(super) const UNIT: u32 = 5;
    /// Of `Metric`.
    pub(super) const LABEL: u32 = 1;
    pub(super) const GAUGE: u32 = 2;
    pub(super) const COUNTER: u32 = 3;
    pub(super) const HISTOGRAM: u32 = 7;
    /// Of `LabelPair`.
    pub(super) const LABEL_NAME: u32 = 1;
    pub(super) const LABEL_VALUE: u32 = 2;
    /// Of `Gauge` and `Counter`.
    pub(super) const VALUE: u32 = 1;
    pub(super) const COUNTER_CREATED: u32 = 3;
    /// Of `Histogram`.
    pub(super) const SAMPLE_COUNT: u32 = 1;
    pub(super) const SAMPLE_SUM: u32 = 2;
    pub(super) const BUCKET: u32 = 3;
    pub(super) const SCHEMA: u32 = 5;
    pub(super) const ZERO_THRESHOLD: u32 = 6;
    pub(super) const ZERO_COUNT: u32 = 7;
    pub(super) const POSITIVE_SPAN: u32 = 12;
    pub(super) const POSITIVE_DELTA: u32 = 13;
    pub(super) const HISTOGRAM_CREATED: u32 = 15;
    /// Exemplars of a native histogram, which has no classic buckets to attach them to.
    pub(super) const EXEMPLARS: u32 = 16;
    /// Of `Bucket`.
    pub(super) const CUMULATIVE_COUNT: u32 = 1;
    pub(super) const UPPER_BOUND: u32 = 2;
    pub(super) const EXEMPLAR: u32 = 3;
    /// Of `Exemplar`.
    pub(super) const EXEMPLAR_LABEL: u32 = 1;
    pub(super) const EXEMPLAR_VALUE: u32 = 2;
    pub(super) const EXEMPLAR_TIMESTAMP: u32 = 3;
    /// Of `BucketSpan`.
    pub(super) const OFFSET: u32 = 1;
    pub(super) const LENGTH: u32 = 2;
    /// Of `google.protobuf.Timestamp`.
    pub(super) const SECONDS: u32 = 1;
    pub(super) const NANOS: u32 = 2;
}

/// The encoder. An embedded message is preceded by its length, so inner messages are written first,
/// each into a buffer that is reused.
#[derive(Debug, Default)]
pub(crate) struct Protobuf {
    out: ProtoWriter,
    /// Whether histograms have exponential buckets as well.
    native: bool,
    counter: bool,
    family: ProtoWriter,
    metric: ProtoWriter,
    value: ProtoWriter,
    bucket: ProtoWriter,
    exemplar: ProtoWriter,
    /// For messages without embedded messages.
    leaf: ProtoWriter,
}

impl Protobuf {
    pub(crate) fn new(native: bool) -> Self {
        Protobuf {
            native,
            ..Protobuf::default()
        }
    }

    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.flush();
        self.out.into_bytes()
    }

    fn flush(&mut self) {
        if !self.family.is_empty() {
            self.out.delimited(&self.family);
            self.family.clear();
        }
    }

    fn labels(&mut self, labels: &[(&str, &str)]) {
        for (name, value) in labels {
            label(&mut self.leaf, name, value);
            self.metric.message(field::LABEL, &self.leaf);
        }
    }

    fn created(&mut self, number: u32, start_ms: Option<i64>) {
        if let Some(ms) = start_ms {
            timestamp(&mut self.leaf, ms);
            self.value.message(number, &self.leaf);
        }
    }

    /// Fills the buffer `exemplar`.
    fn exemplar(&mut self, of: &Exemplar) {
        self.exemplar.clear();
        for (name, value) in [
            ("trace_id", of.trace.to_string()),
            ("span_id", of.span.to_string()),
        ] {
            label(&mut self.leaf, name, &value);
            self.exemplar.message(field::EXEMPLAR_LABEL, &self.leaf);
        }
        let value = Number::Millis(of.value_ms).as_f64();
        self.exemplar.double(field::EXEMPLAR_VALUE, value);
        timestamp(&mut self.leaf, of.at_ms);
        self.exemplar.message(field::EXEMPLAR_TIMESTAMP, &self.leaf);
    }

    fn classic(&mut self, histogram: &HistogramValue<'_>) {
        let value = &mut self.value;
        value.integer(field::SAMPLE_COUNT, histogram.count());
        value.double(field::SAMPLE_SUM, histogram.sum.as_f64());
        for (place, (bound, count)) in histogram.cumulative().enumerate() {
            self.bucket.clear();
            self.bucket.integer(field::CUMULATIVE_COUNT, count);
            let bound = bound.map_or(f64::INFINITY, |ms| ms as f64 / 1_000.0);
            self.bucket.double(field::UPPER_BOUND, bound);
            if let Some(exemplar) = histogram.exemplar(place) {
                self.exemplar(&exemplar);
                self.bucket.message(field::EXEMPLAR, &self.exemplar);
            }
            self.value.message(field::BUCKET, &self.bucket);
        }
    }

    /// Adjacent buckets form a span; counts are written as differences from the bucket before.
    fn exponential(&mut self, native: &ExponentialBuckets) {
        let value = &mut self.value;
        value.signed(field::SCHEMA, native.schema().into());
        value.double(field::ZERO_THRESHOLD, ZERO_THRESHOLD);
        value.integer(field::ZERO_COUNT, native.zero());
        let mut next = 0;
        for span in native.buckets().chunk_by(|a, b| a.0 + 1 == b.0) {
            let first = i64::from(span[0].0);
            self.leaf.clear();
            self.leaf.signed(field::OFFSET, first - next);
            self.leaf.integer(field::LENGTH, span.len() as u64);
            value.message(field::POSITIVE_SPAN, &self.leaf);
            next = first + span.len() as i64;
        }
        let mut last = 0;
        for (_, count) in native.buckets() {
            let count = *count as i64;
            value.signed(field::POSITIVE_DELTA, count - last);
            last = count;
        }
    }
}

/// Replaces the content of `out` with a label.
fn label(out: &mut ProtoWriter, name: &str, value: &str) {
    out.clear();
    out.text(field::LABEL_NAME, name);
    out.text(field::LABEL_VALUE, value);
}

/// Replaces the content of `out` with a time.
fn timestamp(out: &mut ProtoWriter, ms: i64) {
    out.clear();
    out.integer(field::SECONDS, ms.div_euclid(1_000) as u64);
    out.integer(field::NANOS, (ms.rem_euclid(1_000) * 1_000_000) as u64);
}

impl MetricsEncoder for Protobuf {
    fn family(&mut self, header: &FamilyHeader<'_>) {
        self.flush();
        self.counter = header.metric_type == MetricType::Counter;
        self.family.text(field::NAME, header.name);
        self.family.text(field::HELP, header.help);
        let kind = match header.metric_type {
            MetricType::Counter => 0,
            MetricType::Gauge => 1,
            MetricType::Histogram => 4,
        };
        self.family.integer(field::TYPE, kind);
        if let Some(unit) = header.unit() {
            self.family.text(field::UNIT, unit);
        }
    }

    fn sample(&mut self, sample: &Sample<'_>) {
        self.metric.clear();
        self.value.clear();
        self.labels(sample.labels);
        let number = match &sample.value {
            SampleValue::Scalar(value) => {
                self.value.double(field::VALUE, value.as_f64());
                if self.counter {
                    self.created(field::COUNTER_CREATED, sample.start_ms);
                    field::COUNTER
                } else {
                    field::GAUGE
                }
            }
            SampleValue::Histogram(histogram) => {
                self.classic(histogram);
                if let (true, Some(native)) = (self.native, histogram.native) {
                    self.exponential(native);
                    for exemplar in histogram.exemplars.iter().flatten() {
                        self.exemplar(exemplar);
                        self.value.message(field::EXEMPLARS, &self.exemplar);
                    }
                }
                self.created(field::HISTOGRAM_CREATED, sample.start_ms);
                field::HISTOGRAM
            }
        };
        self.metric.message(number, &self.value);
        self.family.message(field::METRIC, &self.metric);
    }
}
