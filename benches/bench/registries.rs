//! The client libraries' registries, filled with the values of a snapshot.

use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, Opts, TextEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family as Metrics;
use prometheus_client::metrics::histogram::{Histogram, NativeHistogramConfig};
use prometheus_client::registry::Registry;
use vcc_core::catalogue::{Family, Info, Kind};
use vcc_core::ledger::AccountView;
use vcc_core::series::{NATIVE_SCHEMA, Series, Value};

use super::scrape::observations;

/// The families that have series.
fn filled(view: &AccountView) -> impl Iterator<Item = (&'static Info, Vec<&Series>)> {
    let all = Family::ALL.iter().map(|family| {
        let series = view.series(*family).iter().map(|series| &**series);
        (family.info(), series.collect::<Vec<_>>())
    });
    all.filter(|(_, series)| !series.is_empty())
}

fn count(series: &Series) -> u64 {
    match &series.value {
        Value::Counter(count) => *count,
        Value::Histogram(histogram) => histogram.count(),
    }
}

fn seconds(ms: u64) -> f64 {
    ms as f64 / 1_000.0
}

fn bounds(bounds_ms: &[i64]) -> Vec<f64> {
    bounds_ms.iter().map(|ms| seconds(*ms as u64)).collect()
}

/// A registry of the crate `prometheus`.
#[derive(Debug)]
pub struct Crate(prometheus::Registry);

impl Crate {
    pub fn of(view: &AccountView) -> Self {
        let registry = prometheus::Registry::new();
        for (info, all) in filled(view) {
            let names = info.labels.iter().map(|label| label.name());
            let names: Vec<_> = std::iter::once("account").chain(names).collect();
            let values = |series: &Series| -> Vec<String> {
                let own = series.labels.iter().map(|text| text.to_string());
                std::iter::once(view.name.to_string()).chain(own).collect()
            };
            if let Kind::Histogram(bounds_ms) = info.kind {
                let options = HistogramOpts::new(info.name, info.help).buckets(bounds(bounds_ms));
                let metrics = HistogramVec::new(options, &names).unwrap();
                for series in all {
                    let metric = metrics.with_label_values(&values(series));
                    observations().for_each(|ms| metric.observe(seconds(ms)));
                }
                registry.register(Box::new(metrics)).unwrap();
            } else {
                let options = Opts::new(info.name, info.help);
                let metrics = IntCounterVec::new(options, &names).unwrap();
                for series in all {
                    let metric = metrics.with_label_values(&values(series));
                    metric.inc_by(count(series));
                }
                registry.register(Box::new(metrics)).unwrap();
            }
        }
        Crate(registry)
    }

    pub fn text(&self) -> Vec<u8> {
        let text = TextEncoder::new().encode_to_string(&self.0.gather());
        text.unwrap().into_bytes()
    }
}

/// A registry of the crate `prometheus-client`.
#[derive(Debug)]
pub struct Client(pub Registry);

impl Client {
    /// With exponential buckets beside the classic ones, of the same resolution as ours, or
    /// without.
    pub fn of(view: &AccountView, native: bool) -> Self {
        type Labels = Vec<(&'static str, String)>;
        let mut registry = Registry::default();
        for (info, all) in filled(view) {
            let labels = |series: &Series| -> Labels {
                let own = info.labels.iter().zip(series.labels.iter());
                let own = own.map(|(label, text)| (label.name(), text.to_string()));
                let account = ("account", view.name.to_string());
                std::iter::once(account).chain(own).collect()
            };
            if let Kind::Histogram(bounds_ms) = info.kind {
                let bounds = bounds(bounds_ms);
                let metrics = Metrics::<Labels, Histogram, _>::new_with_constructor(move || {
                    let bounds = bounds.iter().copied();
                    if native {
                        let config = NativeHistogramConfig::with_schema(NATIVE_SCHEMA);
                        Histogram::new_classic_and_native(bounds, config)
                    } else {
                        Histogram::new(bounds)
                    }
                });
                for series in all {
                    let metric = metrics.get_or_create_owned(&labels(series));
                    observations().for_each(|ms| metric.observe(seconds(ms)));
                }
                registry.register(info.name, info.help, metrics);
            } else {
                let metrics = Metrics::<Labels, Counter>::default();
                for series in all {
                    let metric = metrics.get_or_create_owned(&labels(series));
                    metric.inc_by(count(series));
                }
                let stem = info.name.strip_suffix("_total").unwrap_or(info.name);
                registry.register(stem, info.help, metrics);
            }
        }
        Client(registry)
    }
}
