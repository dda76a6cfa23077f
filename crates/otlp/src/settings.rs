use std::collections::BTreeMap;
use std::time::Duration;

use super::target::Target;
use vcc_core::ledger::TraceRules;

/// What is exported over OTLP; nothing by default.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The push of the metrics, if it is enabled.
    pub metrics: Option<MetricsSettings>,
    /// The export of traces, if it is enabled.
    pub traces: Option<TraceSettings>,
    /// Attributes of the resource. They replace the exporter's own attributes of the same name.
    pub resource: BTreeMap<String, String>,
}

impl Settings {
    /// Whether any signal is exported.
    pub fn is_enabled(&self) -> bool {
        self.metrics.is_some() || self.traces.is_some()
    }
}

/// The push of the metrics.
#[derive(Debug, Clone)]
pub struct MetricsSettings {
    /// Where they are sent.
    pub target: Target,
    /// The time from one push to the next: 1 s to 1 h.
    pub interval: Duration,
}

impl MetricsSettings {
    /// The default of OpenTelemetry's SDKs.
    pub const DEFAULT_INTERVAL: Duration = Duration::from_secs(60);
}

/// The export of traces.
#[derive(Debug, Clone)]
pub struct TraceSettings {
    /// Where they are sent.
    pub target: Target,
    /// Whether spans of the exporter's own work are exported.
    pub exporter: bool,
    /// Which interactions are exported as traces; `None` for none.
    pub interactions: Option<TraceRules>,
}
