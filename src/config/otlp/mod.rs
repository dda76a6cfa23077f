//! The block `otlp`, and the variables that OpenTelemetry has for the same.
//!
//! A setting is taken from the file, else from the signal's own variable, else from the general
//! one. Variables are looked at only where they matter: one that is there for other programs must
//! not stop this one.

mod environment;
mod headers;
mod target;
mod traces;

use std::collections::BTreeMap;

use self::target::{CommonTargetSettings, compression, milliseconds};
use super::env::{Env, Variable, variable};
use super::{keys, values};
use vcc_otlp::{MetricsSettings, Settings, Signal};
use vcc_yaml::{ConfigError, Raw, Scalar, Validator};

/// The settings of the environment alone, for use without a file.
///
/// # Errors
/// Every problem of the variables.
pub fn otlp_from_env(env: &dyn Fn(&str) -> Option<String>) -> Result<Settings, Vec<ConfigError>> {
    let mut errors = Validator::new("the environment");
    let settings = otlp(Raw::Absent, env, &mut errors);
    errors.finish(settings)
}

pub(super) fn otlp(raw: Raw<keys::Otlp>, env: Env<'_>, errors: &mut Validator<'_>) -> Settings {
    let raw = errors.section("otlp", raw);
    let general = CommonTargetSettings {
        base: errors.parsed("otlp.endpoint", raw.endpoint, values::receiver_url),
        headers: headers::of_file(raw.headers, raw.header_files, errors),
        gzip: errors.parsed("otlp.compression", raw.compression, compression),
        timeout: errors.duration("otlp.timeout", raw.timeout, keys::Otlp::timeout),
        ca_file: errors.path("otlp.ca_file", raw.ca_file),
        env,
    };
    let metrics = metrics(raw.metrics, raw.metrics_endpoint, &general, errors);
    let traces = traces::traces(raw.traces, raw.traces_endpoint, &general, errors);
    let mut resource = BTreeMap::new();
    if metrics.is_some() || traces.is_some() {
        resource = of_environment(env, errors);
    }
    let own = errors.value("otlp.resource", raw.resource, "a block of keys");
    for (name, raw) in own.unwrap_or_default() {
        let key = format!("otlp.resource.{}", name.escape_debug());
        resource.extend(errors.word(&key, raw).map(|text| (name, text)));
    }
    Settings {
        metrics,
        traces,
        resource,
    }
}

fn metrics(
    raw: Raw<keys::OtlpMetrics>,
    endpoint: Scalar,
    general: &CommonTargetSettings<'_>,
    errors: &mut Validator<'_>,
) -> Option<MetricsSettings> {
    let raw = errors.section("otlp.metrics", raw);
    let enabled = errors.parse_bool("otlp.metrics.enabled", raw.enabled);
    let range = keys::OtlpMetrics::interval;
    let interval = errors.duration("otlp.metrics.interval", raw.interval, range.clone());
    let target = general.target(Signal::Metrics, endpoint, enabled, errors)?;
    let interval = interval.or_else(|| {
        let variable = variable(general.env, "OTEL_METRIC_EXPORT_INTERVAL".to_owned())?;
        milliseconds(variable, range, errors)
    });
    Some(MetricsSettings {
        target,
        interval: interval.unwrap_or(MetricsSettings::DEFAULT_INTERVAL),
    })
}

/// The attributes that the environment gives the resource.
fn of_environment(env: Env<'_>, errors: &mut Validator<'_>) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    if let Some(Variable { name, text }) = variable(env, "OTEL_RESOURCE_ATTRIBUTES".to_owned()) {
        let pairs = errors.parsed(&name, Scalar::spelled(text), environment::pairs);
        all.extend(pairs.unwrap_or_default());
        // It is set for whole clusters, from the name of a pod. Counters that outlive a pod keep
        // the identifier that is stored with them, or receivers would count them twice.
        all.remove("service.instance.id");
    }
    if let Some(service) = variable(env, "OTEL_SERVICE_NAME".to_owned()) {
        all.insert("service.name".to_owned(), service.text);
    }
    all
}
