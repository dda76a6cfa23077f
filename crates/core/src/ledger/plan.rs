//! From a page to the one commit that counts it.

use std::sync::Arc;

use crate::catalogue::{Family, Label};
use crate::delta::DeltaBuilder;
use crate::interaction::{Guid, Page};
use crate::labels::LabelSet;
use crate::series::Series;
use crate::vocabulary::Fact;

use super::commit::{Commit, WindowProgress};
use super::context::EvalContext;
use super::page::{PageEvaluator, PageRows};
use super::prefetched::PrefetchedRows;
use super::record::{InteractionFact, Record};

/// The conversations a plan of this page must know about: those of interactions whose
/// conversation is not settled.
pub fn conversations_of(page: &Page<'_>, rows: &[Option<Record>]) -> Vec<Guid> {
    let settled = |row: &Option<Record>| {
        row.as_ref()
            .is_some_and(|row| row.is_processed(InteractionFact::Conversation))
    };
    (page.interactions.iter().zip(rows))
        .filter(|(_, row)| !settled(row))
        .filter_map(|(interaction, _)| interaction.conversation)
        .chain(rows.iter().flatten().filter_map(open_conversation))
        .collect()
}

/// The conversation that is still to be settled of an open interaction.
pub fn open_conversation(row: &Record) -> Option<Guid> {
    let open = row
        .open
        .as_ref()
        .filter(|_| !row.is_processed(InteractionFact::Conversation));
    open?.conversation
}

/// Plans the commit of a page. `known` is what the state holds of its interactions.
pub fn plan_page(
    ctx: &EvalContext<'_>,
    page: Page<'_>,
    known: PrefetchedRows,
    progress: &WindowProgress,
) -> Commit {
    let PrefetchedRows {
        rows,
        conversations,
    } = known;
    let ctx = EvalContext {
        recovering: progress.recovering,
        ..*ctx
    };
    let mut evaluator = PageEvaluator::new(ctx, &conversations);
    receipts(&mut evaluator.delta, &page, progress);
    let mut states = PageRows::with_capacity(page.interactions.len());
    for (interaction, row) in page.interactions.into_iter().zip(rows) {
        states.evaluate(interaction, row, &mut evaluator);
    }
    let mut commit = Commit {
        records: Vec::with_capacity(states.list.len()),
        ..Commit::default()
    };
    for (guid, state) in states.list {
        if state.changed {
            evaluator.meta.rows += u64::from(state.is_new);
            commit.write(guid, state.record, ctx.account.is_open(guid));
        }
    }
    // In the order of their keys, rows fall into neighbouring leaves of the store.
    commit.records.sort_unstable_by_key(|(guid, _)| *guid);
    let meta = &mut evaluator.meta;
    if let Some(cursor_ms) = progress.cursor_ms {
        meta.cursor_ms = meta.cursor_ms.max(cursor_ms);
    }
    if let Some(unread) = &progress.unread_windows {
        meta.unread_windows.clone_from(unread);
    }
    evaluator.finish(commit)
}

/// Counts what was received, whatever it holds.
fn receipts(delta: &mut DeltaBuilder<'_>, page: &Page<'_>, progress: &WindowProgress) {
    let all = LabelSet::new();
    delta.add(Family::RecordsReceived, &all, page.len() as u64);
    delta.ensure_exists(Family::RecordsDuplicate, &all);
    // What should stay at 0 is shown at 0.
    for fact in [Fact::Started, Fact::Ended, Fact::QueueExit, Fact::Wait] {
        delta.ensure_exists(Family::RecoveredFacts, &all.with(Label::Fact, fact));
    }
    for (reason, _) in &page.rejected {
        delta.count(Family::RecordsRejected, &all.with(Label::Reason, *reason));
    }
    for kind in &progress.meta_mismatches {
        delta.count(Family::PageMetaMismatches, &all.with(Label::Kind, *kind));
    }
}

/// Plans the release of series whose hold is over, if there are any.
pub fn plan_release(ctx: &EvalContext<'_>) -> Option<Commit> {
    let hold_ms = ctx.rules.warmup.as_millis() as u64;
    let now_ms = ctx.time.monotonic_ms;
    let series: Vec<_> = (ctx.account.warming_up())
        .filter(|series| now_ms.saturating_sub(series.warmup_since_ms) >= hold_ms)
        .map(|series| {
            Arc::new(Series {
                revealed: true,
                ..Series::clone(series)
            })
        })
        .collect();
    (!series.is_empty()).then(|| Commit {
        series,
        ..Commit::default()
    })
}
