//! OpenTelemetry's own variables:
//! <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/> and
//! <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>. Each stands behind the file, and
//! an empty one is as good as none.

use percent_encoding::percent_decode_str;

use crate::config::env::{Env, Variable, variable};
use vcc_otlp::Signal;
use vcc_yaml::ValueError;

/// A setting of the exporter: for the signal, else for all of them.
pub(super) fn of_exporter(env: Env<'_>, signal: Signal, setting: &str) -> Option<Variable> {
    let own = format!("OTEL_EXPORTER_OTLP_{}_{setting}", upper(signal));
    variable(env, own).or_else(|| variable(env, format!("OTEL_EXPORTER_OTLP_{setting}")))
}

/// The signal as it is spelled in names of variables.
pub(super) fn upper(signal: Signal) -> String {
    signal.as_str().to_uppercase()
}

/// Whether everything of OpenTelemetry is switched off. Any word but `true` is no.
pub(super) fn is_disabled(env: Env<'_>) -> bool {
    let disabled = variable(env, "OTEL_SDK_DISABLED".to_owned());
    disabled.is_some_and(|it| it.text.eq_ignore_ascii_case("true"))
}

/// Reads `name=value` pairs with commas between them, as W3C Baggage writes them, without the
/// metadata behind semicolons. The problem does not repeat the text, which may be a secret.
pub(super) fn pairs(text: &str) -> Result<Vec<(String, String)>, ValueError> {
    const FORM: &str = "is not a list such as name=value,name2=value2 (a comma in a value is %2C)";
    let decoded = |part: &str| {
        let text = percent_decode_str(part.trim()).decode_utf8();
        text.map(|text| text.into_owned())
            .map_err(|_| ValueError::from(FORM))
    };
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').ok_or(FORM)?;
            let name = decoded(name)?;
            if name.is_empty() {
                return Err(FORM.into());
            }
            Ok((name, decoded(value)?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_and_half_ones_refused() {
        let of = |text| pairs(text).ok();
        let two = [("a", "b c=d"), ("e", "f,g")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(of(" a = b%20c=d , e=f%2Cg, "), Some(two.to_vec()));
        assert_eq!(of(""), Some(Vec::new()));
        for wrong in ["a", "=b", "a=b,c", "a=%ff"] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }
}
