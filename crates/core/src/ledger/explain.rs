//! A page assessed for a person: nothing is counted, and everything that would be is said.

use std::sync::Arc;

use crate::catalogue::{Family, Label};
use crate::delta::{ExplainEvent, FactOutcome};
use crate::interaction::{Guid, Page};
use crate::labels::LabelId;
use crate::vocabulary::{Fact, RejectReason};

use super::context::EvalContext;
use super::page::{PageEvaluator, PageRows};
use super::prefetched::PrefetchedRows;
use super::record::Record;

/// What one version of an interaction leads to.
#[derive(Debug)]
pub struct Explained {
    /// Whose version it is.
    pub guid: Guid,
    /// Whether it holds anything new.
    pub news: bool,
    /// What was found in it, in the order of assessment: a fact is followed by what it moves.
    pub lines: Vec<ExplainedSeries>,
    /// The ledger's row as it would be afterwards.
    pub record: Record,
}

/// A [`ExplainEvent`] with its texts.
#[derive(Debug, Clone, PartialEq)]
pub enum ExplainedSeries {
    /// A fact was found final; what became of it, and when it happened.
    Fact(Fact, i64, FactOutcome),
    /// A series moved.
    Moved {
        /// Its family.
        family: Family,
        /// Its labels beside the account, without those the family was narrowed by.
        labels: Vec<(Label, Arc<str>)>,
        /// By so many, or by an observation of so many milliseconds.
        by: u64,
    },
    /// A fact is not final yet, or its labels are not known.
    Waits(Fact, &'static str),
    /// A value was refused.
    Refused(Fact, RejectReason),
    /// A counted fact was contradicted.
    Contradicted(Fact),
}

/// Explains a page: the same evaluation as [`super::plan_page`], with a line for all that is done.
pub fn explain_page(
    ctx: &EvalContext<'_>,
    page: Page<'_>,
    known: PrefetchedRows,
) -> Vec<Explained> {
    let mut evaluator = PageEvaluator::new(*ctx, &known.conversations);
    let mut states = PageRows::with_capacity(page.interactions.len());
    let mut out = Vec::with_capacity(page.interactions.len());
    for (interaction, row) in page.interactions.into_iter().zip(known.rows) {
        let guid = interaction.guid;
        evaluator.delta.explain_log = Some(Vec::new());
        let news = states.evaluate(interaction, row, &mut evaluator);
        let notes = evaluator.delta.explain_log.take().unwrap_or_default();
        let text = |id| evaluator.delta.resolver.text(id);
        let lines = notes.into_iter().map(|note| line(note, &text)).collect();
        if let Some(record) = states.record(guid).cloned() {
            out.push(Explained {
                guid,
                news,
                lines,
                record,
            });
        }
    }
    out
}

fn line(note: ExplainEvent, text: &dyn Fn(LabelId) -> Arc<str>) -> ExplainedSeries {
    match note {
        ExplainEvent::Fact(fact, at_ms, verdict) => ExplainedSeries::Fact(fact, at_ms, verdict),
        ExplainEvent::Moved(key, by) => ExplainedSeries::Moved {
            family: key.family,
            labels: (key.labels())
                .filter(|(_, id)| *id != LabelId::DROPPED)
                .map(|(label, id)| (label, text(id)))
                .collect(),
            by,
        },
        ExplainEvent::Pending(fact, why) => ExplainedSeries::Waits(fact, why),
        ExplainEvent::Rejected(fact, reason) => ExplainedSeries::Refused(fact, reason),
        ExplainEvent::Corrected(fact) => ExplainedSeries::Contradicted(fact),
    }
}
