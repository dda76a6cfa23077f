use prometheus::{IntCounterVec, Opts, Registry};
use strum::VariantArray;

use super::error::FailureReason;
use super::target::Signal;
use vcc_core::catalogue::Family;

/// Why a trace left the outbox without being exported: the `reason` label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum DropReason {
    /// The outbox was full.
    Full,
    /// It waited longer than traces are kept.
    TooOld,
    /// The receiver rejects it.
    Refused,
}

/// Counters of the exports over OTLP, for the whole process.
#[derive(Debug, Clone)]
pub struct ExportCounters {
    exports: IntCounterVec,
    failures: IntCounterVec,
    rejected: IntCounterVec,
    dropped: IntCounterVec,
}

fn counter(family: Family) -> prometheus::Result<IntCounterVec> {
    let info = family.info();
    let labels: Vec<_> = info.labels.iter().map(|label| label.name()).collect();
    IntCounterVec::new(Opts::new(info.name, info.help), &labels)
}

impl ExportCounters {
    /// Registers the counters. They have no series until a signal is exported.
    ///
    /// # Errors
    /// If the registry has a metric of the same name.
    pub fn register(registry: &Registry) -> prometheus::Result<Self> {
        let own = ExportCounters {
            exports: counter(Family::OtlpExports)?,
            failures: counter(Family::OtlpExportFailures)?,
            rejected: counter(Family::OtlpRejectedItems)?,
            dropped: counter(Family::OutboxDropped)?,
        };
        for collector in [&own.exports, &own.failures, &own.rejected, &own.dropped] {
            registry.register(Box::new(collector.clone()))?;
        }
        Ok(own)
    }

    /// Creates all series of an exported signal at 0.
    pub(super) fn begin(&self, signal: Signal) {
        let signal = signal.as_str();
        self.exports.with_label_values(&[signal]);
        self.rejected.with_label_values(&[signal]);
        for reason in FailureReason::VARIANTS {
            self.failures.with_label_values(&[signal, reason.as_str()]);
        }
    }

    /// Creates the series of dropped traces at 0.
    pub(super) fn begin_outbox(&self) {
        for reason in DropReason::VARIANTS {
            self.traces_dropped(*reason, 0);
        }
    }

    pub(super) fn succeeded(&self, signal: Signal, rejected: u64) {
        let labels = [signal.as_str()];
        self.exports.with_label_values(&labels).inc();
        self.rejected.with_label_values(&labels).inc_by(rejected);
    }

    pub(super) fn failed(&self, signal: Signal, reason: FailureReason) {
        let signal = signal.as_str();
        self.exports.with_label_values(&[signal]).inc();
        let failures = self.failures.with_label_values(&[signal, reason.as_str()]);
        failures.inc();
    }

    /// Counts traces that left the outbox without being exported.
    pub fn traces_dropped(&self, reason: DropReason, count: u64) {
        let labels = [Signal::Traces.as_str(), reason.into()];
        self.dropped.with_label_values(&labels).inc_by(count);
    }
}
