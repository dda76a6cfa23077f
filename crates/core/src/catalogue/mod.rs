//! The metric catalogue: every family this exporter can show, as data in one place.
//!
//! Names and labels are a contract with dashboards, rules and users' queries. Nothing else in the
//! crate spells a family's name, its HELP or its buckets.

mod buckets;
mod cardinality;
mod document;
mod families;
mod field_coverage;
mod label;

pub use buckets::WAIT;
pub use cardinality::{SeriesBound, Sizes};
pub use document::{json, markdown};
pub use families::Family;
use families::TABLE;
pub use field_coverage::{Feeds, OURS, field_coverage};
pub use label::Label;

use crate::vocabulary::Vocabulary;

/// What a family measures with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A value that only grows.
    Counter,
    /// A value that is what it is now.
    Gauge,
    /// A distribution of durations; the bounds are in milliseconds.
    Histogram(&'static [i64]),
}

/// Where a family's values live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// In the ledger: exact, stored, committed with the page that caused them.
    Ledger,
    /// Computed at the scrape from the state and the clock.
    Scrape,
    /// In this process only: starts at 0 with each start.
    Process,
}

/// Everything there is to know about a family.
#[derive(Debug, Clone, Copy)]
pub struct Info {
    /// The name on `/metrics`.
    pub name: &'static str,
    /// The HELP sentence.
    pub help: &'static str,
    /// What it measures with.
    pub kind: Kind,
    /// Where its values live.
    pub origin: Origin,
    /// Its labels beside `account`, in the order they are shown.
    pub labels: &'static [Label],
    /// The heading it stands under in the catalogue's document.
    pub section: &'static str,
}

impl Family {
    /// How many families there are.
    pub const COUNT: usize = Family::ALL.len();

    /// The family's row of the catalogue.
    pub fn info(self) -> &'static Info {
        &TABLE[self as usize]
    }

    /// The vocabulary of a label whose values are the exporter's own and stored; `None` for any
    /// other label.
    pub fn vocabulary(self, label: Label) -> Option<Vocabulary> {
        Some(match label {
            Label::Path => Vocabulary::Path,
            Label::Timing => Vocabulary::Timing,
            Label::Category => Vocabulary::Category,
            Label::State => Vocabulary::State,
            Label::Fact => Vocabulary::Fact,
            Label::Kind => match self {
                Family::PageMetaMismatches => Vocabulary::MetaMismatch,
                _ => Vocabulary::TransferKind,
            },
            Label::AttemptResult => match self {
                Family::OutboundAttempts => Vocabulary::AttemptResult,
                Family::AssistantInteractions => Vocabulary::AssistantOutcome,
                _ => Vocabulary::OfferResult,
            },
            Label::Reason => match self {
                Family::RecordsRejected => Vocabulary::RecordRejectReason,
                Family::FactsRejected => Vocabulary::RejectReason,
                _ => return None,
            },
            _ => return None,
        })
    }

    /// The family of a name, if the catalogue has it.
    pub fn by_name(name: &str) -> Option<Family> {
        Family::ALL
            .iter()
            .copied()
            .find(|family| family.info().name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Kind::{Counter, Histogram};

    #[test]
    fn names_are_unique_and_follow_the_conventions() {
        let mut names: Vec<_> = Family::ALL.iter().map(|f| f.info().name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Family::COUNT);
        for family in Family::ALL {
            let info = family.info();
            assert!(info.name.starts_with("vcc_"), "{}", info.name);
            assert_eq!(
                info.kind == Counter,
                info.name.ends_with("_total"),
                "{}",
                info.name
            );
            assert!(
                info.labels.len() <= crate::labels::MAX_LABELS,
                "{}",
                info.name
            );
            if let Histogram(bounds) = info.kind {
                let unit = if *family == Family::QualityScore {
                    "_score"
                } else {
                    "_seconds"
                };
                assert!(info.name.ends_with(unit), "{}", info.name);
                assert!(bounds.is_sorted(), "{}", info.name);
            }
            assert_eq!(Family::by_name(info.name), Some(*family));
        }
    }

    #[test]
    fn every_closed_label_of_a_stored_family_has_a_vocabulary() {
        for family in Family::ALL {
            let info = family.info();
            for label in info.labels {
                let closed = !label.is_open() && !matches!(label, Label::Family | Label::Label);
                if info.origin == Origin::Ledger {
                    let has = family.vocabulary(*label).is_some();
                    assert_eq!(has, closed, "{} {label:?}", info.name);
                }
            }
        }
    }

    #[test]
    fn every_open_label_has_a_name_of_its_own_among_them() {
        assert!(!Label::Path.is_open() && !Label::Code.is_open());
        for label in Label::open() {
            assert_eq!(Label::open_by_name(label.name()), Some(label));
        }
    }
}
