//! An interaction that has ended as a trace, if it is to be kept.
//!
//! A trace shows what counts: its labels are those of the metrics, limits and redaction included,
//! and the observations it may stand for are found by evaluating the interaction once more, as if
//! it were seen for the first time.

mod builder;
mod names;

use crate::catalogue::{Family, Kind};
use crate::delta::{DeltaBuilder, ExplainEvent};
use crate::interaction::{Interaction, Status};
use crate::labels::Resolver;
use crate::series::SeriesKey;
use crate::trace::{self, PendingTrace, Trace};

use super::account::Account;
use super::context::EvalContext;
use super::evaluate::evaluate;
use super::record::Record;
use builder::{Root, TraceBuilder};

/// How long a trace is worth sending, in milliseconds: back ends reject older ones, or file them
/// where no search finds them.
pub const MAX_AGE_MS: i64 = 24 * 3_600_000;

/// The most observations one trace may stand for.
const MAX_OBSERVATIONS: usize = 64;

/// The trace of an interaction that has just ended, if its end counts and it is kept. `record` is
/// its row.
pub(super) fn trace_of(
    ctx: &EvalContext<'_>,
    subject: &Interaction<'_>,
    record: &Record,
) -> Option<PendingTrace> {
    let kept = ctx.rules.traces.as_ref()?;
    if ctx.now_ms() - subject.end_ms() > MAX_AGE_MS {
        return None;
    }
    let (notes, mut resolver) = evaluate_from_scratch(ctx, subject, record);
    let moved = |family| {
        let all = notes.iter();
        all.filter_map(move |note| match note {
            ExplainEvent::Moved(key, by) if key.family == family => Some((*key, *by)),
            _ => None,
        })
    };
    let (own, _) = moved(Family::Interactions).next()?;
    let missed =
        moved(Family::ServiceLevelEligible).count() > moved(Family::ServiceLevelMet).count();
    let id = trace::trace_of(subject.guid);
    let always = missed || subject.status == Status::InternalError;
    if !(always || id.is_sampled(kept.share)) {
        return None;
    }
    let root = Root {
        series: own,
        account: &ctx.account.name,
        service_level_missed: missed,
        sampled_share: if always { 1.0 } else { kept.share },
    };
    let builder = TraceBuilder::new(subject, ctx.rules, kept, &mut resolver);
    Some(PendingTrace {
        trace: Trace {
            id,
            spans: builder.build(id, &root),
        },
        guid: subject.guid,
        conversation: subject.conversation,
        ready_ms: 0,
        observations: observations(&notes, ctx.account),
    })
}

/// All that a version would count if its interaction were seen for the first time, and what it
/// would have labels resolved to.
fn evaluate_from_scratch<'p>(
    ctx: &EvalContext<'p>,
    subject: &Interaction<'_>,
    record: &Record,
) -> (Vec<ExplainEvent>, Resolver<'p>) {
    let mut empty = Record::new(subject.start_ms, record.eviction_watermark_ms);
    empty.first_final_ms = record.first_final_ms;
    let EvalContext { account, rules, .. } = *ctx;
    let mut delta = DeltaBuilder::new(&account.labels, account, &rules.family_options);
    delta.explain_log = Some(Vec::new());
    let ctx = EvalContext {
        recovering: false,
        ..*ctx
    };
    evaluate(&ctx, subject, &mut empty, &mut delta, &mut |_| false);
    let notes = delta.explain_log.take().unwrap_or_default();
    (notes, delta.finish().1)
}

/// The series and values that the interaction was observed in, for exemplars. The lateness histogram is left
/// out: it describes the API. A series with a label value of this commit has no exemplar yet.
fn observations(notes: &[ExplainEvent], account: &Account) -> Vec<(SeriesKey, u64)> {
    let of_interest = |note: &ExplainEvent| match note {
        ExplainEvent::Moved(key, ms)
            if matches!(key.family.info().kind, Kind::Histogram(_))
                && key.family != Family::FactLateness
                && key.labels().all(|(_, id)| account.labels.knows(id)) =>
        {
            Some((*key, *ms))
        }
        _ => None,
    };
    let all = notes.iter().filter_map(of_interest);
    all.take(MAX_OBSERVATIONS).collect()
}
