//! The instruments of the whole process, and their registry.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use prometheus::core::Collector;
use prometheus::proto::MetricFamily;
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry,
};

use vcc_core::catalogue::{Family, Kind};
use vcc_otlp::ExportCounters;

/// The instruments of the process.
#[derive(Debug)]
pub struct Health {
    registry: Registry,
    since_ms: i64,
    pub(super) polls: IntCounterVec,
    pub(super) poll_failures: IntCounterVec,
    pub(super) poll_duration: HistogramVec,
    pub(super) requests: IntCounterVec,
    pub(super) request_duration: HistogramVec,
    pub(super) throttled: IntCounterVec,
    pub(super) retries: IntCounterVec,
    commit_duration: Histogram,
    commit_failures: IntCounter,
    otlp: ExportCounters,
    configured: Mutex<Option<ReloadStatus>>,
}

/// What became of the configuration file when it was last read.
#[derive(Debug, Clone, Copy)]
pub struct ReloadStatus {
    /// Whether it was taken over.
    pub is_accepted: bool,
    /// When the one in force was, local Unix time in milliseconds.
    pub taken_ms: i64,
}

fn opts(family: Family) -> Opts {
    Opts::new(family.info().name, family.info().help)
}

fn labels(family: Family) -> Vec<&'static str> {
    let own = family.info().labels.iter().map(|label| label.name());
    std::iter::once("account").chain(own).collect()
}

fn counter(family: Family) -> prometheus::Result<IntCounterVec> {
    IntCounterVec::new(opts(family), &labels(family))
}

fn histogram_opts(family: Family) -> HistogramOpts {
    let bounds = match family.info().kind {
        Kind::Histogram(bounds) => bounds.iter().map(|ms| *ms as f64 / 1_000.0).collect(),
        _ => Vec::new(),
    };
    HistogramOpts {
        common_opts: opts(family),
        buckets: bounds,
    }
}

impl Health {
    /// Registers every instrument; they count from `since_ms` on, local Unix time.
    ///
    /// # Errors
    /// If the catalogue gives two of them one name.
    pub fn new(since_ms: i64) -> prometheus::Result<Arc<Health>> {
        let registry = Registry::new();
        let health = Health {
            otlp: ExportCounters::register(&registry)?,
            registry,
            since_ms,
            polls: counter(Family::Polls)?,
            poll_failures: counter(Family::PollFailures)?,
            poll_duration: HistogramVec::new(
                histogram_opts(Family::PollDuration),
                &labels(Family::PollDuration),
            )?,
            requests: counter(Family::ApiRequests)?,
            request_duration: HistogramVec::new(
                histogram_opts(Family::ApiRequestDuration),
                &labels(Family::ApiRequestDuration),
            )?,
            throttled: counter(Family::ApiThrottled)?,
            retries: counter(Family::ApiRetries)?,
            commit_duration: Histogram::with_opts(histogram_opts(Family::StateCommitDuration))?,
            commit_failures: IntCounter::with_opts(opts(Family::StateCommitFailures))?,
            configured: Mutex::new(None),
        };
        let all: [Box<dyn Collector>; 9] = [
            Box::new(health.polls.clone()),
            Box::new(health.poll_failures.clone()),
            Box::new(health.poll_duration.clone()),
            Box::new(health.requests.clone()),
            Box::new(health.request_duration.clone()),
            Box::new(health.throttled.clone()),
            Box::new(health.retries.clone()),
            Box::new(health.commit_duration.clone()),
            Box::new(health.commit_failures.clone()),
        ];
        for collector in all {
            health.registry.register(collector)?;
        }
        let process = prometheus::process_collector::ProcessCollector::for_self();
        health.registry.register(Box::new(process))?;
        Ok(Arc::new(health))
    }

    pub fn gather(&self) -> Vec<MetricFamily> {
        self.registry.gather()
    }

    /// When the instruments began to count, local Unix time in milliseconds.
    pub fn since_ms(&self) -> i64 {
        self.since_ms
    }

    /// The counters of the exports over OTLP.
    pub fn otlp_metrics(&self) -> ExportCounters {
        self.otlp.clone()
    }

    /// Notes that the configuration file was read, at a local Unix time in milliseconds, and
    /// whether it was taken over.
    pub fn configured(&self, is_taken: bool, now_ms: i64) {
        let mut configured = self.configured.lock();
        let before_ms = configured.map_or(now_ms, |before| before.taken_ms);
        *configured = Some(ReloadStatus {
            is_accepted: is_taken,
            taken_ms: if is_taken { now_ms } else { before_ms },
        });
    }

    /// What became of the configuration file when it was last read; nothing without a file.
    pub fn configuration(&self) -> Option<ReloadStatus> {
        *self.configured.lock()
    }

    pub fn committed(&self, took: Duration, durable: bool) {
        self.commit_duration.observe(took.as_secs_f64());
        if !durable {
            self.commit_failures.inc();
        }
    }
}
