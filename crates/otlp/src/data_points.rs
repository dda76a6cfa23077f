//! Samples as data points of `opentelemetry.proto.metrics.v1`.

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogramDataPoint, HistogramDataPoint, NumberDataPoint, exemplar,
    number_data_point,
};

use super::proto::{attribute, nanos};
use vcc_core::series::ExponentialBuckets;
use vcc_exposition::{HistogramValue, Number, Sample};

/// The fields that all data points have.
pub(super) struct DataPoint {
    attributes: Vec<KeyValue>,
    start: u64,
    time: u64,
}

impl DataPoint {
    /// `time` is in Unix nanoseconds.
    pub(super) fn of(sample: &Sample<'_>, time: u64) -> Self {
        let labels = sample.labels.iter();
        DataPoint {
            attributes: labels.map(|(name, text)| attribute(name, text)).collect(),
            // Gauges have no start time: 0 means "unknown".
            start: sample.start_ms.map_or(0, nanos),
            time,
        }
    }

    pub(super) fn number(self, number: Number) -> NumberDataPoint {
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

    pub(super) fn buckets(self, histogram: &HistogramValue<'_>) -> HistogramDataPoint {
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

    pub(super) fn exponential(
        self,
        histogram: &HistogramValue<'_>,
        native: &ExponentialBuckets,
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
            // The zero bucket has only values that are exactly 0.
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

/// Buckets without gaps. Prometheus derives a bucket's index from its upper bound and OTLP from its
/// lower bound, so an index in OTLP is one less.
fn positive(native: &ExponentialBuckets) -> Buckets {
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

#[cfg(test)]
mod tests {
    use super::*;
    use vcc_exposition::SampleValue;

    #[test]
    fn exponential_buckets_are_dense_and_one_lower() {
        let mut native = ExponentialBuckets::default();
        for ms in [0, 1_000, 1_000, 2_000, 1_001] {
            native.observe(ms);
        }
        // One second is Prometheus' bucket 0, what is just above it 1, and two seconds 8.
        let buckets = positive(&native);
        assert_eq!(buckets.offset, -1);
        assert_eq!(buckets.bucket_counts, [2, 1, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(positive(&ExponentialBuckets::default()), Buckets::default());
    }

    #[test]
    fn a_count_beyond_a_signed_number_becomes_a_double() {
        let number = Number::Count(u64::MAX);
        let point = Sample {
            labels: &[],
            start_ms: Some(-1),
            value: SampleValue::Scalar(number),
        };
        let shown = DataPoint::of(&point, 0).number(number);
        assert_eq!(shown.start_time_unix_nano, 0);
        let double = number_data_point::Value::AsDouble(u64::MAX as f64);
        assert_eq!(shown.value, Some(double));
    }
}
