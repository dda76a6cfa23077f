//! What became of the exports over OTLP.

use prometheus::{IntCounterVec, Opts, Registry};

use crate::catalogue::Family;

/// The instruments of the exports, by signal; they stand for the whole process.
#[derive(Debug, Clone)]
pub struct Exports {
    exports: IntCounterVec,
    failures: IntCounterVec,
    rejected: IntCounterVec,
}

fn counter(family: Family) -> prometheus::Result<IntCounterVec> {
    let info = family.info();
    let labels: Vec<_> = info.labels.iter().map(|label| label.name()).collect();
    IntCounterVec::new(Opts::new(info.name, info.help), &labels)
}

impl Exports {
    /// Registers the instruments. They have no series until a signal begins.
    ///
    /// # Errors
    /// If the catalogue gives two of them one name.
    pub(super) fn new(registry: &Registry) -> prometheus::Result<Self> {
        let own = Exports {
            exports: counter(Family::OtlpExports)?,
            failures: counter(Family::OtlpExportFailures)?,
            rejected: counter(Family::OtlpRejectedItems)?,
        };
        for collector in [&own.exports, &own.failures, &own.rejected] {
            registry.register(Box::new(collector.clone()))?;
        }
        Ok(own)
    }

    /// A signal is exported from now on: all its series exist at 0.
    pub fn begin(&self, signal: &'static str, reasons: impl Iterator<Item = &'static str>) {
        self.exports.with_label_values(&[signal]);
        self.rejected.with_label_values(&[signal]);
        for reason in reasons {
            self.failures.with_label_values(&[signal, reason]);
        }
    }

    /// Notes an export that ended, well or not.
    pub fn exported(&self, signal: &'static str) {
        self.exports.with_label_values(&[signal]).inc();
    }

    /// Notes that it failed.
    pub fn failed(&self, signal: &'static str, reason: &'static str) {
        self.failures.with_label_values(&[signal, reason]).inc();
    }

    /// Notes what the receiver took the rest without.
    pub fn rejected(&self, signal: &'static str, items: u64) {
        self.rejected.with_label_values(&[signal]).inc_by(items);
    }
}
