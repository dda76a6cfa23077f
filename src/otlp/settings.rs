//! What is exported over OTLP, checked.

use std::{collections::BTreeMap, time::Duration};

use crate::ledger::TraceRules;
use crate::otlp::Target;

/// How often metrics are pushed when nothing else is said: the default of OpenTelemetry's SDKs.
pub(super) const INTERVAL: Duration = Duration::from_secs(60);

/// What is exported over OTLP; nothing by default.
#[derive(Debug, Clone, Default)]
pub struct Otlp {
    /// The metrics, if they are pushed.
    pub metrics: Option<OtlpMetrics>,
    /// Traces, if any are exported.
    pub traces: Option<OtlpTraces>,
    /// Attributes of the resource beside our own, or in their place.
    pub resource: BTreeMap<String, String>,
}

/// The push of the metrics.
#[derive(Debug, Clone)]
pub struct OtlpMetrics {
    /// Where they go.
    pub target: Target,
    /// The time from one push to the next: 1 s to 1 h.
    pub interval: Duration,
}

/// The export of traces.
#[derive(Debug, Clone)]
pub struct OtlpTraces {
    /// Where they go.
    pub target: Target,
    /// Whether the exporter traces its own work.
    pub exporter: bool,
    /// Which interactions become traces, if any do.
    pub interactions: Option<TraceRules>,
}
