//! What a version yields, in the order it was found.

use std::fmt::Write;

use super::format::{moment, movement, refusal, series};
use vcc_core::catalogue::Family;
use vcc_core::delta::FactOutcome;
use vcc_core::ledger::{Explained, ExplainedSeries};

/// The sections of an explanation, each with the lines that belong in it.
#[derive(Debug, Default)]
struct Sections {
    counted: String,
    waits: String,
    refused: String,
    contradicted: String,
    early: String,
    old: String,
}

impl Sections {
    fn write(mut self, out: &mut String) {
        if self.counted.is_empty() {
            self.counted = "    nothing\n".to_owned();
        }
        for (title, text) in [
            ("Counts", self.counted),
            ("Waits", self.waits),
            ("Refused", self.refused),
            (
                "Contradicts what was counted; the first value stays",
                self.contradicted,
            ),
            ("Before the epoch, so it never counts", self.early),
            (
                "Too old to be told from what was counted, so it never counts",
                self.old,
            ),
        ] {
            if !text.is_empty() {
                let _ = write!(out, "\n  {title}\n{text}");
            }
        }
    }
}

/// Writes what counts and what does not. `known_time` says whether the time of learning is known;
/// without it nothing can be said about lateness.
pub(super) fn facts(out: &mut String, of: &Explained, known_time: bool) {
    let mut all = Sections::default();
    // The section that what moves next belongs to.
    let mut current = Place::Counted;
    for line in &of.lines {
        match line {
            ExplainedSeries::Fact(fact, at_ms, verdict) => {
                current = match verdict {
                    FactOutcome::Counted => Place::Counted,
                    FactOutcome::BeforeEpoch => Place::Early,
                    FactOutcome::TooOld => Place::Old,
                };
                let _ = writeln!(
                    current.of(&mut all),
                    "    {:<19} at {}",
                    fact.as_str(),
                    moment(*at_ms)
                );
            }
            ExplainedSeries::Refused(fact, reason) => {
                current = Place::Refused;
                let why = refusal(*reason);
                let _ = writeln!(all.refused, "    {:<19} {why}", fact.as_str());
            }
            ExplainedSeries::Contradicted(fact) => {
                current = Place::Contradicted;
                let _ = writeln!(all.contradicted, "    {}", fact.as_str());
            }
            ExplainedSeries::Waits(fact, why) => {
                let _ = writeln!(all.waits, "    {:<19} {why}", fact.as_str());
            }
            // Said by the line about the version as a whole.
            ExplainedSeries::Moved {
                family: Family::RecordsDuplicate,
                ..
            } => {}
            ExplainedSeries::Moved { family, labels, by } => {
                let by = if *family == Family::FactLateness && !known_time {
                    "observes how late it is learnt".to_owned()
                } else {
                    movement(*family, *by)
                };
                let series = series(*family, labels);
                let _ = writeln!(current.of(&mut all), "      {series} {by}");
            }
        }
    }
    all.write(out);
}

#[derive(Clone, Copy)]
enum Place {
    Counted,
    Refused,
    Contradicted,
    Early,
    Old,
}

impl Place {
    fn of(self, all: &mut Sections) -> &mut String {
        match self {
            Place::Counted => &mut all.counted,
            Place::Refused => &mut all.refused,
            Place::Contradicted => &mut all.contradicted,
            Place::Early => &mut all.early,
            Place::Old => &mut all.old,
        }
    }
}
