//! What the messages of metrics and traces have in common.

use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};

/// Name of the service and of the instrumentation scope.
pub(super) const NAME: &str = "vcc-exporter";

const NANOS_PER_MS: u64 = 1_000_000;

pub(super) fn attribute(name: &str, text: &str) -> KeyValue {
    KeyValue {
        key: name.to_owned(),
        value: Some(AnyValue {
            value: Some(any_value::Value::StringValue(text.to_owned())),
        }),
        ..KeyValue::default()
    }
}

/// Unix nanoseconds of Unix milliseconds; 0, which means "unknown", for times before 1970.
pub(super) fn nanos(ms: i64) -> u64 {
    u64::try_from(ms).unwrap_or(0).saturating_mul(NANOS_PER_MS)
}

/// The instrumentation scope of everything the exporter sends.
pub(super) fn scope() -> InstrumentationScope {
    InstrumentationScope {
        name: NAME.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    }
}
