//! What readers of a running exporter see: the published snapshots, and the gauges that are computed
//! for one scrape.

use std::borrow::Cow;
use std::sync::Arc;

use crate::health::{AccountHealth, Health};
use vcc_core::catalogue::{Family, Origin};
use vcc_core::ledger::Rules;
use vcc_core::series::Gauge;
use vcc_exposition::{LiveMetrics, MetricsSource, Publisher, Snapshot};
use vcc_store::Store;

/// The parts of a running exporter that scrapes, pushes and the status page read.
#[derive(Debug)]
pub struct ExporterView {
    pub publisher: Arc<Publisher>,
    pub health: Arc<Health>,
    /// Each account's instruments, in the configuration's order.
    pub accounts: Vec<Arc<AccountHealth>>,
    /// The state, whose size is exported.
    pub store: Arc<Store>,
    /// The counting rules, some of which are exported.
    pub rules: Arc<Rules>,
    /// The path of the metrics.
    pub telemetry_path: String,
}

impl MetricsSource for ExporterView {
    fn publisher(&self) -> &Arc<Publisher> {
        &self.publisher
    }

    fn live(&self, snapshot: &Snapshot) -> LiveMetrics {
        LiveMetrics {
            gauges: self.gauges(snapshot),
            instruments: self.health.gather(),
            since_ms: self.health.since_ms(),
        }
    }
}

impl ExporterView {
    fn gauges(&self, snapshot: &Snapshot) -> Vec<Gauge> {
        let mut gauges = Vec::new();
        for account in &self.accounts {
            let view = snapshot
                .accounts
                .iter()
                .find(|view| *view.name == *account.name());
            gauges.extend(account.gauges(view.map(|view| &**view)));
        }
        self.target_gauges(snapshot, &mut gauges);
        self.own_gauges(snapshot, &mut gauges);
        gauges
    }

    fn target_gauges(&self, snapshot: &Snapshot, gauges: &mut Vec<Gauge>) {
        for view in &snapshot.accounts {
            let mut targets = view.targets.clone();
            for (queue, ms) in &self.rules.targets {
                if !targets.iter().any(|(known, _)| **known == **queue) {
                    targets.push((queue.as_str().into(), *ms));
                }
            }
            for (queue, ms) in targets {
                let labels = || {
                    let (account, queue) = (view.name.to_string(), queue.to_string());
                    vec![
                        ("account", account.into()),
                        ("virtual_queue", Cow::Owned(queue)),
                    ]
                };
                let target = ms as f64 / 1_000.0;
                gauges.push(Gauge {
                    family: Family::ServiceLevelTarget,
                    labels: labels(),
                    value: target,
                });
                let (family, value) = (Family::ServiceLevelObjective, self.rules.objective);
                gauges.push(Gauge {
                    family,
                    labels: labels(),
                    value,
                });
            }
        }
    }

    fn own_gauges(&self, snapshot: &Snapshot, gauges: &mut Vec<Gauge>) {
        let own = |family, labels, value| Gauge {
            family,
            labels,
            value,
        };
        let version = vec![("version", env!("CARGO_PKG_VERSION").into())];
        gauges.push(own(Family::BuildInfo, version, 1.0));
        gauges.push(own(
            Family::StateSize,
            Vec::new(),
            self.store.size_bytes() as f64,
        ));
        if let Some(bytes) = self.store.available_bytes() {
            gauges.push(own(Family::StateAvailable, Vec::new(), bytes as f64));
        }
        if let Some(configured) = self.health.configuration() {
            let is_taken = f64::from(u8::from(configured.is_accepted));
            gauges.push(own(Family::ConfigReloadSuccessful, Vec::new(), is_taken));
            let taken = configured.taken_ms as f64 / 1_000.0;
            gauges.push(own(Family::ConfigReloadTime, Vec::new(), taken));
        }
        self.outbox_gauges(gauges);
        let ledger = Family::ALL
            .iter()
            .filter(|family| family.info().origin == Origin::Ledger);
        for family in ledger {
            let labels = || vec![("family", family.info().name.into())];
            let series: usize = snapshot
                .accounts
                .iter()
                .map(|v| v.series(*family).len())
                .sum();
            gauges.push(own(Family::SeriesCount, labels(), series as f64));
            gauges.push(own(
                Family::SeriesLimit,
                labels(),
                self.rules.family_options.series_limit as f64,
            ));
        }
    }

    fn outbox_gauges(&self, gauges: &mut Vec<Gauge>) {
        if self.rules.traces.is_none() {
            return;
        }
        let waiting = self.store.outbox_status();
        let gauge = |family, value| Gauge {
            family,
            labels: vec![("signal", "traces".into())],
            value,
        };
        gauges.push(gauge(Family::OutboxItems, waiting.items as f64));
        let oldest = waiting.oldest_ms.map(|ms| ms as f64 / 1_000.0);
        gauges.extend(oldest.map(|at| gauge(Family::OutboxOldest, at)));
    }
}
