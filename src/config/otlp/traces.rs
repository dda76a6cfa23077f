//! The block `otlp.traces`.

use super::{General, Leaf, Problems, Shape, Signal, raw};
use crate::config::values;
use crate::ledger::TraceRules;
use crate::otlp::TraceSettings;

/// Checks the block. Own traces are exported wherever an address for them is known, unless they are
/// switched off; interactions become traces only where they are switched on.
pub(super) fn traces(
    raw: Shape<raw::OtlpTraces>,
    endpoint: Leaf,
    general: &General<'_>,
    found: &mut Problems<'_>,
) -> Option<TraceSettings> {
    let raw = found.block("otlp.traces", raw);
    let exporter = found.truth("otlp.traces.exporter", raw.exporter);
    let interactions = found.truth("otlp.traces.interactions", raw.interactions);
    let share = found.parsed("otlp.traces.sample_ratio", raw.sample_ratio, |text| {
        values::number(text, &(0.0..=1.0), "a number")
    });
    let party_ids = found.truth("otlp.traces.party_ids", raw.party_ids);
    let interactions = interactions.unwrap_or(false);
    let wanted = interactions.then_some(true).or(exporter);
    let before = found.count();
    let target = general.target(Signal::Traces, endpoint, wanted, found);
    if target.is_none() && interactions && found.count() == before {
        let problem = "needs to know where to: add otlp.endpoint or otlp.traces_endpoint, or set \
                       OTEL_EXPORTER_OTLP_ENDPOINT";
        found.add("otlp.traces.interactions", Some("true"), problem);
    }
    let target = target?;
    let exporter = exporter.unwrap_or_else(|| general.is_wanted(Signal::Traces, found));
    Some(TraceSettings {
        target,
        exporter,
        interactions: interactions.then(|| TraceRules {
            share: share.unwrap_or(1.0),
            party_ids: party_ids.unwrap_or(false),
        }),
    })
}
