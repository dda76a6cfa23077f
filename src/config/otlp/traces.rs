//! The block `otlp.traces`.

use super::target::CommonTargetSettings;
use crate::config::keys;
use vcc_core::ledger::TraceRules;
use vcc_otlp::Signal;
use vcc_otlp::TraceSettings;
use vcc_yaml::{Raw, Scalar, Validator, number};

/// Checks the block. Own traces are exported wherever an address for them is known, unless they are
/// switched off; interactions become traces only where they are switched on.
pub(super) fn traces(
    raw: Raw<keys::OtlpTraces>,
    endpoint: Scalar,
    general: &CommonTargetSettings<'_>,
    errors: &mut Validator<'_>,
) -> Option<TraceSettings> {
    let raw = errors.section("otlp.traces", raw);
    let exporter = errors.parse_bool("otlp.traces.exporter", raw.exporter);
    let interactions = errors.parse_bool("otlp.traces.interactions", raw.interactions);
    let share = errors.parsed("otlp.traces.sample_ratio", raw.sample_ratio, |text| {
        number(text, &keys::OtlpTraces::sample_ratio, "a number")
    });
    let party_ids = errors.parse_bool("otlp.traces.party_ids", raw.party_ids);
    let interactions = interactions.unwrap_or(false);
    let wanted = interactions.then_some(true).or(exporter);
    let before = errors.count();
    let target = general.target(Signal::Traces, endpoint, wanted, errors);
    if target.is_none() && interactions && errors.count() == before {
        let problem = "needs to know where to: add otlp.endpoint or otlp.traces_endpoint, or set \
                       OTEL_EXPORTER_OTLP_ENDPOINT";
        errors.add("otlp.traces.interactions", Some("true"), problem);
    }
    let target = target?;
    let exporter = exporter.unwrap_or_else(|| general.is_wanted(Signal::Traces, errors));
    Some(TraceSettings {
        target,
        exporter,
        interactions: interactions.then(|| TraceRules {
            share: share.unwrap_or(1.0),
            party_ids: party_ids.unwrap_or(false),
        }),
    })
}
