//! The block `otlp.traces`.

use super::settings::OtlpTraces;
use super::{General, Leaf, Problems, Shape, Signal, raw};

/// Checks the block. Own traces are exported wherever an address for them is known, unless they are
/// switched off.
pub(super) fn traces(
    raw: Shape<raw::OtlpTraces>,
    endpoint: Leaf,
    general: &General<'_>,
    found: &mut Problems<'_>,
) -> Option<OtlpTraces> {
    let raw = found.block("otlp.traces", raw);
    let exporter = found.truth("otlp.traces.exporter", raw.exporter);
    let target = general.target(Signal::Traces, endpoint, exporter, found)?;
    Some(OtlpTraces {
        target,
        exporter: true,
    })
}
