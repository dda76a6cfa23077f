//! How many series and samples the families may come to, so that an operator can plan.

use super::{Family, Kind, Label, Origin};
use crate::interaction::{ASSISTANT_RESULTS, QUEUE_RESULTS};
use crate::vocabulary::{Fact, Timing};

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
pub struct SeriesBound {
    /// The family.
    pub family: Family,
    /// Its series.
    pub series: u64,
    /// What a scrape shows of them: a histogram has its buckets and `+Inf`, `_sum` and `_count`.
    pub samples: u64,
    /// Whether the family's limit is what bounds it.
    pub capped: bool,
}

/// The facts whose lateness is observed.
const LATE_FACTS: [Fact; 2] = [Fact::Ended, Fact::Wait];

/// More than the reasons of any family whose reasons another room lists.
const MAX_OTHER_REASONS: usize = 24;

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
            _ => fixed(family, label) as u64,
        }
    }

    /// The most a family may come to.
    pub fn bound(&self, family: Family) -> SeriesBound {
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
        let product = if both(Label::QueueResult, Label::Timing) {
            let results = QUEUE_RESULTS.len() as u64;
            let timings = Timing::ALL.len() as u64;
            product / (results * timings) * (results * (timings - 1) + 1)
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
        SeriesBound {
            family,
            series,
            samples: series.saturating_mul(each),
            capped: product > limit,
        }
    }
}

/// How many values a label has whose size no operator gives: those of a vocabulary, documented
/// ones of the API, or as many as were ever seen.
fn fixed(family: Family, label: Label) -> usize {
    if let (Family::FactLateness, Label::Fact) = (family, label) {
        return LATE_FACTS.len();
    }
    if let Some(vocabulary) = family.vocabulary(label) {
        return vocabulary.texts().len();
    }
    match label {
        Label::QueueResult if family == Family::AssistantSessions => ASSISTANT_RESULTS.len(),
        Label::QueueResult => QUEUE_RESULTS.len(),
        Label::Direction | Label::Role => 3,
        Label::MediumManager | Label::IntegrationType => 2,
        Label::EndReason => 8,
        Label::Type if family == Family::Hold => 3,
        Label::Type => 4,
        Label::Score | Label::Classification => 5,
        Label::AppletType | Label::Code => 10,
        Label::EventType => 20,
        Label::Reason if family == Family::OtlpExportFailures => 10,
        Label::Reason => MAX_OTHER_REASONS,
        Label::Family => Family::ALL.iter().filter(|it| is_ledger(**it)).count(),
        Label::Operation => 3,
        Label::Signal => 2,
        _ => 1,
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
            let SeriesBound {
                series,
                samples,
                capped,
                ..
            } = sizes.bound(family);
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
}
