//! An explanation for people: what a version of an interaction says, which facts it yields, and
//! which series they move. Pure: what is read from files is handed in.

mod facts;
mod format;
mod input;
mod ledger_state;
mod timeline;

use std::fmt::Write;

pub use input::{Input, InputError, MAX_INPUT_BYTES, ParsedInput};

use format::{moment, rejection, series};
use vcc_core::catalogue::{Family, Label};
use vcc_core::interaction::Page;
use vcc_core::ledger::{
    Account, AccountMeta, CommitTime, EvalContext, PrefetchedRows, Rules, explain_page,
};

/// What an input is explained against.
#[derive(Debug)]
pub struct ExplainContext {
    /// The account, from a state or without anything counted.
    pub account: Account,
    /// What the ledger has of the page; nothing if there is no state.
    pub known: PrefetchedRows,
    /// Whether there is a state.
    pub stored: bool,
}

impl ExplainContext {
    /// Without a state: nothing is counted, and counting began before everything.
    pub fn bare(page: &Page<'_>, rules: &Rules) -> ExplainContext {
        let meta = AccountMeta::new("", 0, 0, rules);
        let dictionary = vcc_core::labels::LabelInterner::new(
            rules.label_limits.clone(),
            std::sync::Arc::clone(&rules.renames),
        );
        ExplainContext {
            account: Account::new("", meta, dictionary),
            known: PrefetchedRows {
                rows: page.interactions.iter().map(|_| None).collect(),
                ..PrefetchedRows::default()
            },
            stored: false,
        }
    }
}

/// Explains what was read of an input.
pub fn explain(read: ParsedInput<'_>, ground: ExplainContext, rules: &Rules) -> String {
    let ParsedInput { page, broken } = read;
    let mut out = String::new();
    if let Some(problem) = broken {
        let _ = writeln!(
            out,
            "The JSON is broken: {problem}. As the exporter does with such a page, every item that \
             is whole is taken by itself.\n"
        );
    }
    against(&mut out, &ground);
    let known_time = page.up_to_ms.is_some();
    let now_ms = page.up_to_ms.unwrap_or_else(|| latest(&page, &ground));
    let learnt = moment(now_ms);
    let _ = match known_time {
        true => writeln!(out, "Learnt at {learnt}, the page's upTo."),
        false => writeln!(
            out,
            "There is no upTo, so it is taken as learnt at {learnt}."
        ),
    };
    summary(&mut out, &page);
    let versions = page.interactions.clone();
    let rows = ground.known.rows.clone();
    let time = CommitTime {
        server_ms: now_ms,
        local_ms: now_ms,
        monotonic_ms: 0,
    };
    let ctx = EvalContext::new(&ground.account, rules, time);
    let explained = explain_page(&ctx, page, ground.known);
    for ((version, row), of) in versions.iter().zip(rows).zip(&explained) {
        out.push('\n');
        timeline::heading(&mut out, version);
        timeline::timeline(&mut out, version);
        if ground.stored {
            ledger_state::held(&mut out, row.as_ref(), version, &ground.account.labels);
        }
        if !of.news {
            let series = series::<&str>(Family::RecordsDuplicate, &[]);
            let _ = writeln!(out, "\n  It holds nothing new: {series} +1");
        }
        facts::facts(&mut out, of, known_time);
    }
    out
}

fn against(out: &mut String, ground: &ExplainContext) {
    let meta = &ground.account.meta;
    if !ground.stored {
        let _ = writeln!(
            out,
            "Explained without a state: as for an account that has counted nothing yet and whose \
             epoch lies before everything."
        );
        return;
    }
    let (name, epoch) = (&ground.account.name, moment(meta.epoch_ms));
    let _ = writeln!(
        out,
        "Explained for the account {name}, which counts since {epoch}."
    );
    if let Some(horizon_ms) = meta.eviction_watermark_ms {
        let _ = writeln!(
            out,
            "Interactions without news since {} may have been forgotten.",
            moment(horizon_ms)
        );
    }
}

/// Without the time of a request: the latest that is known to have passed.
fn latest(page: &Page<'_>, ground: &ExplainContext) -> i64 {
    let ends = page.interactions.iter().map(|of| of.end_ms());
    ends.max().unwrap_or(0).max(ground.account.meta.cursor_ms)
}

fn summary(out: &mut String, page: &Page<'_>) {
    let (all, readable) = (page.len(), page.interactions.len());
    let _ = writeln!(out, "Items: {all}, of which {readable} can be read.");
    for (reason, guid) in &page.rejected {
        let labels = [(Label::Reason, reason.as_str())];
        let whose = guid.map_or_else(|| "without a readable guid".to_owned(), |g| g.to_string());
        let _ = writeln!(
            out,
            "\nRejected {whose}: {}\n      {} +1",
            rejection(*reason),
            series(Family::RecordsRejected, &labels)
        );
    }
}
