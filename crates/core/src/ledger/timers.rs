//! What happens to open interactions by the passing of time alone.

use crate::catalogue::{Family, Label};
use crate::delta::DeltaBuilder;
use crate::interaction::{Guid, Interaction};
use crate::labels::{LabelId, LabelSet};

use super::account::Account;
use super::commit::Commit;
use super::context::EvalContext;
use super::page::PageEvaluator;
use super::prefetched::DueRows;
use super::record::{InteractionFact, Phase, Record};
use super::rules::MAX_OPEN;

/// How many rows one commit takes up; the rest is due again at once.
const MAX_DUE: usize = 5_000;

/// The open interactions whose time has come: those overdue, and those beyond the bound on open
/// interactions.
pub fn due(account: &Account, now_ms: i64) -> Vec<Guid> {
    let beyond = account.open_count().saturating_sub(MAX_OPEN).min(MAX_DUE);
    let mut due = account.due(now_ms, MAX_DUE);
    if due.len() < beyond {
        due = account.nearest_due(beyond);
    }
    due
}

/// Plans the end or the expiry of open interactions. It must only be asked for when everything
/// the API has was read, because what is still to be read may say better.
pub fn plan_due(ctx: &EvalContext<'_>, known: DueRows) -> Commit {
    let DueRows {
        rows,
        conversations,
    } = known;
    let mut evaluator = PageEvaluator::new(*ctx, &conversations);
    let mut commit = Commit::default();
    for (guid, mut record) in rows {
        let Some(open) = record.open.take() else {
            continue;
        };
        evaluator.evaluate(&open, &mut record);
        if record.final_labels.is_none() {
            expire(&open, &mut record, &mut evaluator.delta);
            record.open = Some(open);
        }
        commit.write(guid, record, ctx.account.is_open(guid));
    }
    commit.records.sort_unstable_by_key(|(guid, _)| *guid);
    evaluator.finish(commit)
}

/// Counts an interaction as expired, once; it may still end.
fn expire(open: &Interaction<'_>, record: &mut Record, delta: &mut DeltaBuilder<'_>) {
    record.phase = Phase::Expired;
    if record.is_processed(InteractionFact::Expired) {
        return;
    }
    record.mark_processed(InteractionFact::Expired);
    let mut set = LabelSet::new();
    for (label, text) in [
        (Label::Medium, &open.medium),
        (Label::Direction, &open.direction),
    ] {
        let id = delta.resolver.resolve(label, text.as_deref());
        set = set.with(label, id.unwrap_or(LabelId::NONE));
    }
    delta.count(Family::InteractionsExpired, &set);
}
