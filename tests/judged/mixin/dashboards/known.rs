//! What the catalogue knows of a sample that is asked for.

use std::collections::BTreeSet;

use vcc_core::catalogue::{Family, Info, Kind};

/// What is measured of the process beside the catalogue.
const PROCESS: &[&str] = &[
    "process_cpu_seconds_total",
    "process_max_fds",
    "process_open_fds",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "process_threads",
    "process_virtual_memory_bytes",
];

/// The exporter's own families that tell accounts apart; the others stand for the whole process.
const OF_ACCOUNTS: &[&str] = &[
    "vcc_exporter_epoch_timestamp_seconds",
    "vcc_exporter_label_overflow_total",
    "vcc_exporter_label_redacted_total",
    "vcc_exporter_ledger_interactions",
    "vcc_exporter_open_interactions",
];

/// Its labels say what it is built from and are no dimensions: the catalogue does not list them.
const BUILD_INFO: &str = "vcc_exporter_build_info";

/// The samples of a histogram.
const PARTS: &[&str] = &["_bucket", "_sum", "_count"];

/// A sample's family.
pub struct Known {
    /// Its row of the catalogue, if it is not a metric of the process.
    pub info: Option<&'static Info>,
    /// Whether it only grows.
    pub grows: bool,
    /// Every label it may have.
    pub labels: BTreeSet<&'static str>,
}

impl Known {
    /// Of a sample, if there is such a family. A histogram is there by its parts alone: what has
    /// its bare name is a native one, and not every Prometheus has those.
    pub fn of(sample: &str) -> Option<Known> {
        if PROCESS.contains(&sample) {
            return Some(Known {
                info: None,
                grows: sample.ends_with("_total"),
                labels: BTreeSet::from(["job", "instance"]),
            });
        }
        let histogram = |family: &Family| matches!(family.info().kind, Kind::Histogram(_));
        let family = match Family::by_name(sample) {
            Some(family) => Some(family).filter(|family| !histogram(family)),
            None => (PARTS.iter())
                .filter_map(|part| Family::by_name(sample.strip_suffix(*part)?))
                .find(histogram),
        }?;
        let info = family.info();
        let mut labels: BTreeSet<_> = info.labels.iter().map(|label| label.name()).collect();
        labels.extend(["job", "instance"]);
        if !info.name.starts_with("vcc_exporter_") || OF_ACCOUNTS.contains(&info.name) {
            labels.insert("account");
        }
        if info.name == BUILD_INFO {
            labels.insert("version");
        }
        if sample.ends_with("_bucket") {
            labels.insert("le");
        }
        Some(Known {
            info: Some(info),
            grows: info.kind != Kind::Gauge,
            labels,
        })
    }

    /// Whether one wait may count in several of its series, one a virtual queue.
    pub fn counts_a_wait_often(&self) -> bool {
        self.info.is_some_and(|info| {
            info.help.contains("ever sum over virtual_queue")
                || info.name.starts_with("vcc_agent_queue_")
        })
    }
}
