//! How many series and samples the families may come to, so that an operator can plan.

use super::{Family, Kind, Label, Origin};

/// How many values each label from outside is expected to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Virtual queues; ACD queues are taken as many.
    pub queues: u64,
    /// Reporting groups.
    pub groups: u64,
    /// Media.
    pub media: u64,
    /// Outcomes.
    pub outcomes: u64,
    /// Skills.
    pub skills: u64,
    /// Dispositions.
    pub dispositions: u64,
    /// Interaction plans.
    pub plans: u64,
    /// Virtual assistants.
    pub assistants: u64,
    /// Agents, where the families by agent are switched on; else 0.
    pub agents: u64,
    /// The limit on the series of a family.
    pub series_limit: u64,
}

impl Default for Sizes {
    fn default() -> Self {
        Sizes {
            queues: 10,
            groups: 5,
            media: 3,
            outcomes: 10,
            skills: 20,
            dispositions: 30,
            plans: 20,
            assistants: 2,
            agents: 0,
            series_limit: 20_000,
        }
    }
}

/// The most a family may come to in one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ceiling {
    /// The family.
    pub family: Family,
    /// Its series.
    pub series: u64,
    /// What a scrape shows of them: a histogram has its buckets and `+Inf`, `_sum` and `_count`.
    pub samples: u64,
    /// Whether the family's limit is what bounds it.
    pub capped: bool,
}

/// Documented results of a queue.
const QUEUE_RESULTS: u64 = 10;
/// Kinds of fact.
const FACTS: u64 = 34;

impl Sizes {
    /// How many values a label may have in a family.
    pub fn of(&self, family: Family, label: Label) -> u64 {
        match label {
            Label::VirtualQueue | Label::AcdQueue => self.queues,
            Label::ReportingGroup => self.groups,
            Label::Medium => self.media,
            Label::Outcome => self.outcomes,
            Label::Skill => self.skills,
            Label::Disposition => self.dispositions,
            Label::InteractionPlan => self.plans,
            Label::Assistant => self.assistants,
            Label::Agent => self.agents,
            Label::Direction | Label::Role => 3,
            Label::MediumManager => 2,
            Label::Result if family == Family::AssistantSessions => 3,
            Label::Result => QUEUE_RESULTS,
            Label::EndReason => 8,
            Label::IntegrationType => 2,
            Label::Type if family == Family::Hold => 3,
            Label::Type => 4,
            Label::Score | Label::Classification => 5,
            Label::AppletType => 10,
            Label::EventType => 20,
            Label::Path => 8,
            Label::Kind if family == Family::MetaDisagreements => 5,
            Label::Kind => 2,
            Label::Outturn if family == Family::OutboundAttempts => 2,
            Label::Outturn => 3,
            Label::Timing => 4,
            Label::Category | Label::State => 5,
            Label::Fact if family == Family::FactLateness => 2,
            Label::Fact => FACTS,
            Label::Reason => match family {
                Family::RecordsRejected => 8,
                Family::FactsRejected => 4,
                Family::OtlpExportFailures => 10,
                _ => 24,
            },
            Label::Family => Family::ALL.iter().filter(|f| is_ledger(**f)).count() as u64,
            Label::Label => 1,
            Label::Operation => 3,
            Label::Signal => 2,
            Label::Code => 10,
        }
    }

    /// The most a family may come to.
    pub fn ceiling(&self, family: Family) -> Ceiling {
        let info = family.info();
        let product: u64 = match family {
            // Each label from outside of each family.
            Family::LabelOverflow | Family::LabelRedacted => (Family::ALL.iter())
                .filter(|family| is_ledger(**family))
                .flat_map(|family| family.info().labels)
                .filter(|label| label.is_open())
                .count() as u64,
            _ => (info.labels.iter())
                .map(|label| self.of(family, *label))
                .fold(1, u64::saturating_mul),
        };
        // Only a hang-up can be short, so of the products of result and timing few exist.
        let both = |a, b| info.labels.contains(&a) && info.labels.contains(&b);
        let product = if both(Label::Result, Label::Timing) {
            let results = QUEUE_RESULTS;
            product / (results * 4) * (results * 3 + 1)
        } else {
            product
        };
        let limit = if is_ledger(family) {
            self.series_limit
        } else {
            u64::MAX
        };
        let series = product.min(limit);
        let each = match info.kind {
            Kind::Histogram(bounds) => bounds.len() as u64 + 3,
            Kind::Counter | Kind::Gauge => 1,
        };
        Ceiling {
            family,
            series,
            samples: series.saturating_mul(each),
            capped: product > limit,
        }
    }
}

fn is_ledger(family: Family) -> bool {
    family.info().origin == Origin::Ledger
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ceiling_is_the_product_of_what_each_label_may_be() {
        let sizes = Sizes::default();
        let of = |family| {
            let Ceiling {
                series,
                samples,
                capped,
                ..
            } = sizes.ceiling(family);
            (series, samples, capped)
        };
        assert_eq!(of(Family::InteractionsCategorized), (3, 3, false));
        // 3 media, 3 directions, 3 results; 14 buckets and three more samples.
        assert_eq!(of(Family::AgentRing), (27, 27 * 17, false));
        // 3 media, 3 directions, 10 queues, 5 groups, and 31 pairs of result and timing.
        assert_eq!(of(Family::QueueExits), (13_950, 13_950, false));
        assert_eq!(of(Family::Interactions), (20_000, 20_000, true));
        assert_eq!(of(Family::PerAgentOffers), (0, 0, false));
        assert_eq!(of(Family::ApiLag), (1, 1, false));
    }

    #[test]
    fn the_closed_lists_are_as_long_as_they_are_taken_for() {
        let reasons = crate::poller::PollError::reasons().count() as u64;
        let sizes = Sizes::default();
        assert!(reasons <= sizes.of(Family::PollFailures, Label::Reason));
        let results = crate::api::QUEUE_RESULTS.len() as u64;
        assert_eq!(results, QUEUE_RESULTS);
    }
}
