//! Where a signal is exported to, and how: from the file, else from the environment.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::environment::{is_disabled, of_exporter, upper};
use super::headers;
use crate::config::env::{Env, Variable, variable};
use crate::config::{keys, values};
use vcc_otlp::{Header, Signal, Target};
use vcc_yaml::{Scalar, Validator, ValueError};

/// How long a request may take when nothing else is said: the default of the specification.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What the file says for every signal, and the environment behind it.
pub(super) struct CommonTargetSettings<'e> {
    pub(super) base: Option<Url>,
    pub(super) headers: Vec<Header>,
    pub(super) gzip: Option<bool>,
    pub(super) timeout: Option<Duration>,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) env: Env<'e>,
}

impl CommonTargetSettings<'_> {
    /// Where a signal goes, and how, if an address is known and it is not switched off; `enabled` is
    /// what the file says of that.
    pub(super) fn target(
        &self,
        signal: Signal,
        endpoint: Scalar,
        enabled: Option<bool>,
        errors: &mut Validator<'_>,
    ) -> Option<Target> {
        let key = format!("otlp.{}_endpoint", signal.as_str());
        let exact = errors.parsed(&key, endpoint, values::receiver_url);
        let of_file = exact.or_else(|| self.base.as_ref().map(|base| below(base, signal)));
        let variable = match &of_file {
            Some(_) => None,
            None => Some(self.endpoint(signal)?),
        };
        if !enabled.unwrap_or_else(|| self.is_wanted(signal, errors)) {
            return None;
        }
        let url = match (of_file, variable) {
            (Some(url), _) => url,
            (None, variable) => self.spoken_at(signal, variable?, errors)?,
        };
        let setting = |name| of_exporter(self.env, signal, name);
        let headers = match setting("HEADERS").filter(|_| self.headers.is_empty()) {
            Some(variable) => headers::of_variable(&variable, errors),
            None => self.headers.clone(),
        };
        let gzip = self.gzip.or_else(|| {
            let Variable { name, text } = setting("COMPRESSION")?;
            errors.parsed(&name, Scalar::spelled(text), compression)
        });
        let timeout = self
            .timeout
            .or_else(|| milliseconds(setting("TIMEOUT")?, keys::Otlp::timeout, errors));
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
        errors: &mut Validator<'_>,
    ) -> Option<Url> {
        let Variable { name, text } = variable;
        let url = errors.parsed(&name, Scalar::spelled(text), values::receiver_url);
        if let Some(Variable { name, text }) = of_exporter(self.env, signal, "PROTOCOL") {
            errors.parsed(&name, Scalar::spelled(text), |text| match text {
                "http/protobuf" => Ok(()),
                _ => Err(
                    "is not spoken: allowed is http/protobuf, on a Collector's port 4318".into(),
                ),
            });
        }
        url.map(|url| if is_base { below(&url, signal) } else { url })
    }

    /// Whether the environment does not switch a signal off.
    pub(super) fn is_wanted(&self, signal: Signal, errors: &mut Validator<'_>) -> bool {
        if is_disabled(self.env) {
            return false;
        }
        let Some(Variable { name, text }) =
            variable(self.env, format!("OTEL_{}_EXPORTER", upper(signal)))
        else {
            return true;
        };
        let wanted = errors.parsed(&name, Scalar::spelled(text), |text| match text {
            "none" => Ok(false),
            // A list, as OpenTelemetry has it; what else is on it is for other programs.
            list if list.split(',').any(|one| one.trim() == "otlp") => Ok(true),
            _ => Err("names no exporter there is: allowed are otlp and none".into()),
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

pub(super) fn compression(text: &str) -> Result<bool, ValueError> {
    match text {
        "gzip" => Ok(true),
        "none" => Ok(false),
        _ => Err("must be gzip or none".into()),
    }
}

pub(super) fn milliseconds(
    variable: Variable,
    allowed: RangeInclusive<u64>,
    errors: &mut Validator<'_>,
) -> Option<Duration> {
    let (start, end) = allowed.into_inner();
    let allowed = Duration::from_secs(start)..=Duration::from_secs(end);
    errors.parsed(&variable.name, Scalar::spelled(variable.text), |text| {
        values::milliseconds(text, &allowed)
    })
}
