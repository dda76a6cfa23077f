//! Identities that are the same whenever and wherever they are derived, so that a trace sent twice
//! is one trace.

use std::collections::HashMap;
use std::fmt;

use sha2::{Digest, Sha256};

use crate::interaction::Guid;

/// A trace's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TraceId(pub [u8; 16]);

/// A span's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpanId(pub [u8; 8]);

fn hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

/// The first bytes of a digest of these parts.
fn digest<const N: usize>(parts: &[&[u8]]) -> [u8; N] {
    let mut hash = Sha256::new();
    for part in parts {
        // With its length before it, no two lists of parts look alike.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let mut out = [0; N];
    out.copy_from_slice(&hash.finalize()[..N]);
    out
}

/// The trace of an interaction. A digest and not the guid itself, because exemplars show it on
/// `/metrics`, where no guid is ever to be seen.
pub fn trace_of(guid: Guid) -> TraceId {
    TraceId(digest(&[
        b"vcc-exporter interaction",
        &guid.0.to_be_bytes(),
    ]))
}

/// The interaction's own span.
pub fn root_of(trace: TraceId) -> SpanId {
    SpanId(digest(&[&trace.0, b"interaction"]))
}

impl TraceId {
    /// Whether the trace is among this share of all. The last seven bytes decide, and the highest
    /// are kept, as OpenTelemetry's consistent sampling has it, so that a sampler behind us keeps
    /// the same: <https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/>.
    pub fn is_sampled(self, share: f64) -> bool {
        let mut random = [0; 8];
        random[1..].copy_from_slice(&self.0[9..]);
        let threshold = (1.0 - share) * (1u64 << 56) as f64;
        u64::from_be_bytes(random) as f64 >= threshold
    }
}

/// Gives the parts of a trace their identities.
#[derive(Debug)]
pub struct Spans {
    trace: TraceId,
    /// How many of the same place there were: two things of one kind, at one time, in one channel.
    equals: HashMap<SpanId, u32>,
}

impl Spans {
    /// Of a trace.
    pub fn new(trace: TraceId) -> Self {
        Spans {
            trace,
            equals: HashMap::new(),
        }
    }

    /// The span of what stands there: in this channel, of this kind, at this offset, of this name.
    pub fn next(&mut self, channel: u64, kind: &str, offset_ms: i64, name: &str) -> SpanId {
        let (channel, offset) = (channel.to_le_bytes(), offset_ms.to_le_bytes());
        let place = |ordinal: u32| {
            let ordinal = ordinal.to_le_bytes();
            let parts = [kind.as_bytes(), &offset, name.as_bytes(), &ordinal];
            let [kind, offset, name, ordinal] = parts;
            SpanId(digest(&[
                &self.trace.0,
                &channel,
                kind,
                offset,
                name,
                ordinal,
            ]))
        };
        let first = place(0);
        let ordinal = self.equals.entry(first).or_insert(0);
        *ordinal += 1;
        match *ordinal {
            1 => first,
            ordinal => place(ordinal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_depend_on_what_they_stand_for_and_on_nothing_else() {
        let trace = trace_of(Guid(7));
        assert_eq!(trace, trace_of(Guid(7)));
        assert_ne!(trace, trace_of(Guid(8)));
        assert_eq!(trace.to_string().len(), 32);
        let ids = |order: &[i64]| -> std::collections::BTreeSet<SpanId> {
            let mut spans = Spans::new(trace);
            order
                .iter()
                .map(|at| spans.next(1, "Held", *at, ""))
                .collect()
        };
        assert_eq!(ids(&[1, 2, 2]), ids(&[2, 1, 2]));
        assert_eq!(ids(&[1, 2, 2]).len(), 3);
    }

    #[test]
    fn a_share_of_traces_is_that_share() {
        let sampled = |share| {
            let guids = 0..10_000u128;
            guids
                .filter(|n| trace_of(Guid(*n)).is_sampled(share))
                .count()
        };
        assert_eq!((sampled(0.0), sampled(1.0)), (0, 10_000));
        assert!((2_300..2_700).contains(&sampled(0.25)), "{}", sampled(0.25));
    }
}
