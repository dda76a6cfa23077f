//! The block `otlp`, and the variables that OpenTelemetry has for the same.
//!
//! A setting is taken from the file, else from the signal's own variable, else from the general
//! one. Variables are looked at only where they matter: one that is there for other programs must
//! not stop this one.

mod environment;
mod headers;
mod traces;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use self::environment::{Variable, of_exporter, upper, variable};
use super::ConfigError;
use super::check::Env;
use super::problems::Problems;
use super::raw::{self, Leaf, Shape};
use super::settings::{HOUR, MINUTE};
use super::values;
use crate::otlp::{Header, MetricsSettings, Settings, Signal, Target};

/// How long a request may take when nothing else is said: the default of the specification.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The settings of the environment alone, for use without a file.
///
/// # Errors
/// Every problem of the variables.
pub fn otlp_from_env(env: &dyn Fn(&str) -> Option<String>) -> Result<Settings, Vec<ConfigError>> {
    let mut found = Problems::new("the environment");
    let settings = otlp(Shape::Absent, env, &mut found);
    let all = found.into_all();
    if all.is_empty() {
        Ok(settings)
    } else {
        Err(all)
    }
}

/// Checks the block.
pub(super) fn otlp(raw: Shape<raw::Otlp>, env: Env<'_>, found: &mut Problems<'_>) -> Settings {
    let raw = found.block("otlp", raw);
    let general = General {
        base: found.parsed("otlp.endpoint", raw.endpoint, values::receiver_url),
        headers: headers::of_file(raw.headers, raw.header_files, found),
        gzip: found.parsed("otlp.compression", raw.compression, compression),
        timeout: found.duration("otlp.timeout", raw.timeout, 1..=5 * MINUTE),
        ca_file: found.path("otlp.ca_file", raw.ca_file),
        env,
    };
    let metrics = metrics(raw.metrics, raw.metrics_endpoint, &general, found);
    let traces = traces::traces(raw.traces, raw.traces_endpoint, &general, found);
    let mut resource = BTreeMap::new();
    if metrics.is_some() || traces.is_some() {
        resource = of_environment(env, found);
    }
    let own = found.shaped("otlp.resource", raw.resource, "a block of keys");
    for (name, leaf) in own.unwrap_or_default() {
        let key = format!("otlp.resource.{}", name.escape_debug());
        resource.extend(found.word(&key, leaf).map(|text| (name, text)));
    }
    Settings {
        metrics,
        traces,
        resource,
    }
}

fn metrics(
    raw: Shape<raw::OtlpMetrics>,
    endpoint: Leaf,
    general: &General<'_>,
    found: &mut Problems<'_>,
) -> Option<MetricsSettings> {
    let raw = found.block("otlp.metrics", raw);
    let enabled = found.truth("otlp.metrics.enabled", raw.enabled);
    let range = 1..=HOUR;
    let interval = found.duration("otlp.metrics.interval", raw.interval, range.clone());
    let target = general.target(Signal::Metrics, endpoint, enabled, found)?;
    let interval = interval.or_else(|| {
        let variable = variable(general.env, "OTEL_METRIC_EXPORT_INTERVAL".to_owned())?;
        milliseconds(variable, range, found)
    });
    Some(MetricsSettings {
        target,
        interval: interval.unwrap_or(MetricsSettings::DEFAULT_INTERVAL),
    })
}

/// What the file says for every signal, and the environment behind it.
struct General<'e> {
    base: Option<Url>,
    headers: Vec<Header>,
    gzip: Option<bool>,
    timeout: Option<Duration>,
    ca_file: Option<PathBuf>,
    env: Env<'e>,
}

impl General<'_> {
    /// Where a signal goes, and how, if an address is known and it is not switched off; `enabled` is
    /// what the file says of that.
    fn target(
        &self,
        signal: Signal,
        endpoint: Leaf,
        enabled: Option<bool>,
        found: &mut Problems<'_>,
    ) -> Option<Target> {
        let key = format!("otlp.{}_endpoint", signal.as_str());
        let exact = found.parsed(&key, endpoint, values::receiver_url);
        let of_file = exact.or_else(|| self.base.as_ref().map(|base| below(base, signal)));
        let variable = match &of_file {
            Some(_) => None,
            None => Some(self.endpoint(signal)?),
        };
        if !enabled.unwrap_or_else(|| self.is_wanted(signal, found)) {
            return None;
        }
        let url = match (of_file, variable) {
            (Some(url), _) => url,
            (None, variable) => self.spoken_at(signal, variable?, found)?,
        };
        let setting = |name| of_exporter(self.env, signal, name);
        let headers = match setting("HEADERS").filter(|_| self.headers.is_empty()) {
            Some(variable) => headers::of_variable(&variable, found),
            None => self.headers.clone(),
        };
        let gzip = self.gzip.or_else(|| {
            let Variable { name, text } = setting("COMPRESSION")?;
            found.parsed(&name, Leaf::spelled(text), compression)
        });
        let timeout = self
            .timeout
            .or_else(|| milliseconds(setting("TIMEOUT")?, 1..=5 * MINUTE, found));
        let ca_file = self.ca_file.clone();
        let ca_file = ca_file.or_else(|| Some(PathBuf::from(setting("CERTIFICATE")?.text)));
        Some(Target {
            url,
            headers,
            gzip: gzip.unwrap_or(true),
            timeout: timeout.unwrap_or(TIMEOUT),
            ca_file,
        })
    }

    /// The variable that gives the address, and whether the signal's path is added to that.
    fn endpoint(&self, signal: Signal) -> Option<(Variable, bool)> {
        let own = format!("OTEL_EXPORTER_OTLP_{}_ENDPOINT", upper(signal));
        let general = "OTEL_EXPORTER_OTLP_ENDPOINT".to_owned();
        let own = variable(self.env, own).map(|it| (it, false));
        own.or_else(|| Some((variable(self.env, general)?, true)))
    }

    /// The address a variable gives, and whether we speak what others say is spoken there.
    fn spoken_at(
        &self,
        signal: Signal,
        (variable, is_base): (Variable, bool),
        found: &mut Problems<'_>,
    ) -> Option<Url> {
        let Variable { name, text } = variable;
        let url = found.parsed(&name, Leaf::spelled(text), values::receiver_url);
        if let Some(Variable { name, text }) = of_exporter(self.env, signal, "PROTOCOL") {
            found.parsed(&name, Leaf::spelled(text), |text| match text {
                "http/protobuf" => Ok(()),
                _ => Err(
                    "is not spoken: allowed is http/protobuf, on a Collector's port 4318"
                        .to_owned(),
                ),
            });
        }
        url.map(|url| if is_base { below(&url, signal) } else { url })
    }

    /// Whether the environment does not switch a signal off.
    fn is_wanted(&self, signal: Signal, found: &mut Problems<'_>) -> bool {
        if environment::is_disabled(self.env) {
            return false;
        }
        let Some(Variable { name, text }) =
            variable(self.env, format!("OTEL_{}_EXPORTER", upper(signal)))
        else {
            return true;
        };
        let wanted = found.parsed(&name, Leaf::spelled(text), |text| match text {
            "none" => Ok(false),
            // A list, as OpenTelemetry has it; what else is on it is for other programs.
            list if list.split(',').any(|one| one.trim() == "otlp") => Ok(true),
            _ => Err("names no exporter there is: allowed are otlp and none".to_owned()),
        });
        wanted.unwrap_or(true)
    }
}

/// The address of a signal below that of a receiver of every signal.
fn below(base: &Url, signal: Signal) -> Url {
    let mut url = base.clone();
    url.set_path(&format!(
        "{}{}",
        base.path().trim_end_matches('/'),
        signal.path()
    ));
    url
}

fn compression(text: &str) -> Result<bool, String> {
    match text {
        "gzip" => Ok(true),
        "none" => Ok(false),
        _ => Err("must be gzip or none".to_owned()),
    }
}

fn milliseconds(
    variable: Variable,
    allowed: RangeInclusive<u64>,
    found: &mut Problems<'_>,
) -> Option<Duration> {
    let (start, end) = allowed.into_inner();
    let allowed = Duration::from_secs(start)..=Duration::from_secs(end);
    found.parsed(&variable.name, Leaf::spelled(variable.text), |text| {
        values::milliseconds(text, &allowed)
    })
}

/// The attributes that the environment gives the resource.
fn of_environment(env: Env<'_>, found: &mut Problems<'_>) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    if let Some(Variable { name, text }) = variable(env, "OTEL_RESOURCE_ATTRIBUTES".to_owned()) {
        let pairs = found.parsed(&name, Leaf::spelled(text), environment::pairs);
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
