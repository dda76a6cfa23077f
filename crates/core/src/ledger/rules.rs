//! The settings that decide what counts as what, and when something is forgotten.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::catalogue::{Family, Kind, Label, Origin};
use crate::delta::FamilyOptions;
use crate::interaction::QueueDetails;
use crate::labels::{Renames, renamed};
use crate::series::NATIVE_SCHEMA;

/// Counting rules of one account. All times in milliseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// A hang-up quicker than this is a short abandonment.
    pub short_abandon_ms: i64,
    /// Whether breakouts count in the service level's denominator.
    pub count_breakouts: bool,
    /// Target of virtual queues that neither a record nor `targets` gives one for.
    pub default_target_ms: Option<i64>,
    /// Fallback target per virtual queue.
    pub targets: BTreeMap<String, i64>,
    /// Share of eligible exits that should meet the target.
    pub objective: f64,
    /// How long a closed row is kept after its last news.
    pub retention_ms: i64,
    /// How long an open interaction may be without news.
    pub expire_ms: i64,
    /// The same for media whose name starts with `Phone`.
    pub expire_phone_ms: i64,
    /// The families' limit, narrowed labels and switches.
    pub family_options: FamilyOptions,
    /// Values shown under another name.
    pub renames: Arc<Renames>,
    /// Limits on label values that differ from the default.
    pub label_limits: BTreeMap<Label, usize>,
    /// How long a new series is shown at 0.
    pub warmup: Duration,
    /// Which interactions become traces; none without it.
    pub traces: Option<TraceRules>,
}

impl Default for Rules {
    fn default() -> Self {
        const DAY_MS: i64 = 24 * 3_600_000;
        Rules {
            short_abandon_ms: 5_000,
            count_breakouts: true,
            default_target_ms: None,
            targets: BTreeMap::new(),
            objective: 0.8,
            retention_ms: 35 * DAY_MS,
            expire_ms: 30 * DAY_MS,
            expire_phone_ms: DAY_MS,
            family_options: FamilyOptions {
                series_limit: 20_000,
                dropped: BTreeMap::new(),
                off: [Family::PerAgentOffers, Family::PerAgentHandle].into(),
            },
            renames: Arc::default(),
            label_limits: BTreeMap::new(),
            warmup: Duration::from_secs(60),
            traces: None,
        }
    }
}

/// Which interactions become traces, and with what.
#[derive(Debug, Clone, PartialEq)]
pub struct TraceRules {
    /// This share of all, 0 to 1, besides those that failed or missed a service level.
    pub share: f64,
    /// Whether agents' ids are among the attributes.
    pub party_ids: bool,
}

/// An interaction that has not completely ended is taken as ended this long after its first final
/// status: some channels never get an end.
pub const FINAL_STATUS_TIMEOUT_MS: i64 = 3_600_000;

/// The most open interactions of an account. Beyond it those without news for longest expire
/// early: memory must not grow with an API that never ends anything.
pub const MAX_OPEN: usize = 200_000;

/// Rows that expired without an end are kept this many times the retention.
pub(super) const EXPIRED_RETENTION_FACTOR: i64 = 2;

impl Rules {
    /// How long an interaction of this medium may be open without news.
    pub fn expire_after_ms(&self, medium: Option<&str>) -> i64 {
        let phone = medium.is_some_and(|medium| {
            medium
                .get(..5)
                .is_some_and(|start| start.eq_ignore_ascii_case("Phone"))
        });
        if phone {
            self.expire_phone_ms
        } else {
            self.expire_ms
        }
    }

    /// The name a value is shown under.
    pub fn renamed<'v>(&'v self, label: Label, value: &'v str) -> &'v str {
        renamed(&self.renames, label, value)
    }

    /// Whether agents are counted by their ids.
    pub fn names_agents(&self) -> bool {
        !self.family_options.off.contains(&Family::PerAgentOffers)
    }

    /// Whether agents' ids are wanted anywhere.
    pub fn keeps_party_ids(&self) -> bool {
        self.names_agents() || self.traces.as_ref().is_some_and(|traces| traces.party_ids)
    }

    /// The configured target of a virtual queue.
    pub fn fallback_target_ms(&self, virtual_queue: &str) -> Option<i64> {
        let shown = self.renamed(Label::VirtualQueue, virtual_queue);
        (self.targets.get(virtual_queue))
            .or_else(|| self.targets.get(shown))
            .copied()
            .or(self.default_target_ms)
    }

    /// The shortest target of the virtual queues a wait stands for: that of the record, else the
    /// configured one.
    pub fn shortest_target_ms(&self, queue: &QueueDetails<'_>) -> Option<i64> {
        let own = queue.targets.iter().map(|(_, ms)| *ms).min();
        own.or_else(|| {
            let names = queue.virtual_queues.iter();
            names.filter_map(|name| self.fallback_target_ms(name)).min()
        })
        .or(self.default_target_ms)
    }

    /// What a family's numbers mean, in one line. Where it differs from what the stored series
    /// were counted under, the family starts anew.
    pub fn definition(&self, family: Family) -> String {
        let info = family.info();
        let dropped = self
            .family_options
            .dropped
            .get(&family)
            .map_or(&[][..], Vec::as_slice);
        let kept = info.labels.iter().filter(|label| !dropped.contains(label));
        let labels: Vec<_> = kept.map(|label| label.name()).collect();
        let mut text = labels.join(",");
        if self.family_options.off.contains(&family) {
            text.push_str(" off");
        }
        for label in info.labels {
            if let Some(names) = self.renames.get(label) {
                text.push_str(&format!(" {}={names:?}", label.name()));
            }
        }
        if let Kind::Histogram(bounds) = info.kind {
            text.push_str(&format!(" le={bounds:?} schema={NATIVE_SCHEMA}"));
        }
        match family {
            Family::AcdQueueExits | Family::QueueExits | Family::AgentQueueExits => {
                text.push_str(&self.timing_definition());
            }
            Family::ServiceLevelEligible | Family::ServiceLevelMet => {
                text.push_str(&self.timing_definition());
                text.push_str(&format!(" breakouts={}", self.count_breakouts));
            }
            Family::InteractionsExpired => {
                let (other, phone) = (self.expire_ms, self.expire_phone_ms);
                text.push_str(&format!(" expire={other} phone={phone}"));
            }
            _ => {}
        }
        text
    }

    /// The definitions of every ledger family, by its name.
    pub fn definitions(&self) -> BTreeMap<String, String> {
        let ledger = (Family::ALL.iter()).filter(|family| family.info().origin == Origin::Ledger);
        ledger
            .map(|family| (family.info().name.to_owned(), self.definition(*family)))
            .collect()
    }

    fn timing_definition(&self) -> String {
        let (short, default) = (self.short_abandon_ms, self.default_target_ms);
        format!(
            " short={short} default={default:?} targets={:?}",
            self.targets
        )
    }
}
