//! A page assessed for a person: nothing is counted, and everything that would be is said.

use std::sync::Arc;

use foldhash::HashSet;

use crate::catalogue::{Family, Label};
use crate::interaction::{Guid, Page};
use crate::labels::LabelId;
use crate::tally::{Note, Tally, Verdict};
use crate::vocabulary::{Fact, RejectReason};

use super::account::Account;
use super::plan::{Desk, Slots};
use super::record::Record;
use super::rules::Rules;

/// What one version of an interaction leads to.
#[derive(Debug)]
pub struct Explained {
    /// Whose version it is.
    pub guid: Guid,
    /// Whether it holds anything new.
    pub news: bool,
    /// What was found in it, in the order of assessment: a fact is followed by what it moves.
    pub lines: Vec<Line>,
    /// The ledger's row as it would be afterwards.
    pub record: Record,
}

/// A [`Note`] with its texts.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// A fact was found final; what became of it, and when it happened.
    Fact(Fact, i64, Verdict),
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

/// Explains a page: the same assessment as [`super::plan_page`], with a line for all that is done.
///
/// `rows` and `conversations` are what a plan of the page is given.
pub fn explain_page(
    account: &Account,
    rules: &Rules,
    page: Page<'_>,
    rows: Vec<Option<Record>>,
    conversations: &HashSet<Guid>,
    now_ms: i64,
) -> Vec<Explained> {
    let mut tally = Tally::new(&account.dictionary, account, &rules.shape);
    let mut desk = Desk::new(account, rules, conversations, now_ms, false);
    let mut meta = account.meta.clone();
    let mut slots = Slots::for_page(&page);
    let mut out = Vec::with_capacity(page.interactions.len());
    for (interaction, row) in page.interactions.into_iter().zip(rows) {
        let guid = interaction.guid;
        tally.journal = Some(Vec::new());
        let news = slots.take(interaction, row, &mut desk, &mut tally, &mut meta);
        let notes = tally.journal.take().unwrap_or_default();
        let text = |id| tally.resolver.text(id);
        let lines = notes.into_iter().map(|note| line(note, &text)).collect();
        if let Some(record) = slots.record(guid).cloned() {
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

fn line(note: Note, text: &dyn Fn(LabelId) -> Arc<str>) -> Line {
    match note {
        Note::Fact(fact, at_ms, verdict) => Line::Fact(fact, at_ms, verdict),
        Note::Moved(key, by) => Line::Moved {
            family: key.family,
            labels: (key.labels())
                .filter(|(_, id)| *id != LabelId::ABSENT)
                .map(|(label, id)| (label, text(id)))
                .collect(),
            by,
        },
        Note::Waits(fact, why) => Line::Waits(fact, why),
        Note::Refused(fact, reason) => Line::Refused(fact, reason),
        Note::Contradicted(fact) => Line::Contradicted(fact),
    }
}
