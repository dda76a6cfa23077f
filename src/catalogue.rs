//! The metric catalogue: every family this exporter can show, as data in one place.
//!
//! Names and labels are a contract with dashboards, rules and users' queries. Nothing else in the
//! crate spells a family's name, its HELP or its buckets.

/// A label a family may carry. `account` is on every ledger family and is not listed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Label {
    /// The interaction's medium, as the API spells it.
    Medium,
    /// Inbound, Outbound or Internal.
    Direction,
    /// The system that manages the medium, for example `VCC`.
    MediumManager,
    /// The API's own outcome phrase.
    Outcome,
    /// A virtual queue's name.
    VirtualQueue,
    /// An ACD queue's name: the name of the `Queue` event.
    AcdQueue,
    /// The reporting group of the interaction plan.
    ReportingGroup,
    /// A queue result, for example `Delivered`.
    Result,
    /// A skill a queue asked for.
    Skill,
    /// Our own closed classification of how an interaction went.
    Path,
    /// A closed kind, its values depend on the family.
    Kind,
    /// `short`, `within`, `late` or `no_target`.
    Timing,
    /// `answered`, `abandoned`, `breakout`, `agent` or `unknown`.
    Category,
    /// A kind of fact, for example `ended`.
    Fact,
    /// A reason out of a closed list.
    Reason,
    /// The name of another family.
    Family,
    /// The name of another label.
    Label,
    /// The API operation.
    Operation,
    /// An HTTP status, or `error`.
    Code,
}

impl Label {
    /// How many labels there are; the size of a [`crate::labels::LabelSet`].
    pub const COUNT: usize = Label::Code as usize + 1;

    /// The label's name on `/metrics`.
    pub fn name(self) -> &'static str {
        match self {
            Label::Medium => "medium",
            Label::Direction => "direction",
            Label::MediumManager => "medium_manager",
            Label::Outcome => "outcome",
            Label::VirtualQueue => "virtual_queue",
            Label::AcdQueue => "acd_queue",
            Label::ReportingGroup => "reporting_group",
            Label::Result => "result",
            Label::Skill => "skill",
            Label::Path => "path",
            Label::Kind => "kind",
            Label::Timing => "timing",
            Label::Category => "category",
            Label::Fact => "fact",
            Label::Reason => "reason",
            Label::Family => "family",
            Label::Label => "label",
            Label::Operation => "operation",
            Label::Code => "code",
        }
    }

    /// How many values from outside an account may admit by default; `None` for labels whose
    /// values are ours and therefore closed.
    ///
    /// The sizes follow what large contact centres run (hundreds of queues, tens of groups) and
    /// leave room; beyond them a value counts under `other`.
    pub fn default_limit(self) -> Option<usize> {
        match self {
            Label::Direction => Some(10),
            Label::MediumManager => Some(20),
            Label::Medium => Some(50),
            Label::Result => Some(50),
            Label::Outcome => Some(100),
            Label::ReportingGroup => Some(300),
            Label::VirtualQueue | Label::AcdQueue | Label::Skill => Some(500),
            _ => None,
        }
    }

    /// Whether values of this label come from the API and are therefore open.
    pub fn is_open(self) -> bool {
        self.default_limit().is_some()
    }

    /// The open labels, in the order their admitted values are stored.
    pub const OPEN: [Label; 9] = [
        Label::Medium,
        Label::Direction,
        Label::MediumManager,
        Label::Outcome,
        Label::VirtualQueue,
        Label::AcdQueue,
        Label::ReportingGroup,
        Label::Result,
        Label::Skill,
    ];
}

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
}

const SECOND: i64 = 1_000;

/// Multiplies bounds given in seconds into milliseconds, the unit of every stored duration.
const fn seconds<const N: usize>(bounds: [i64; N]) -> [i64; N] {
    let mut out = bounds;
    let mut i = 0;
    while i < N {
        out[i] = bounds[i] * SECOND;
        i += 1;
    }
    out
}

/// Bounds for waits: live media and cases in one layout, because a sum by `le` needs one layout.
pub const WAIT: &[i64] = &seconds([
    1, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1800, 3600, 14_400, 28_800, 86_400,
    259_200,
]);
/// Bounds for time spent talking.
pub const TALK: &[i64] = &seconds([
    10, 30, 60, 120, 180, 240, 300, 420, 600, 900, 1200, 1800, 2700, 3600, 7200, 14_400,
]);
/// Bounds for handling and for whole interactions, up to a week for cases.
pub const LONG: &[i64] = &seconds([
    10, 30, 60, 120, 180, 240, 300, 420, 600, 900, 1200, 1800, 3600, 7200, 14_400, 28_800, 86_400,
    172_800, 259_200, 604_800,
]);
/// Bounds for how late a fact was learnt.
pub const LATENESS: &[i64] = &seconds([
    1, 2, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400,
]);
/// Bounds for one exchange with the API, a whole poll, or a commit.
pub const EXCHANGE: &[i64] = &[
    5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000,
];

macro_rules! families {
    ($($id:ident: $origin:ident $kind:expr, $name:literal [$($label:ident)*] $help:literal;)*) => {
        /// A metric family. The order is the order on `/metrics`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Family {
            $(#[doc = $help] $id,)*
        }

        impl Family {
            /// Every family, in order.
            pub const ALL: &'static [Family] = &[$(Family::$id,)*];
        }

        const TABLE: &[Info] = &[$(Info {
            name: $name,
            help: $help,
            kind: $kind,
            origin: Origin::$origin,
            labels: &[$(Label::$label,)*],
        },)*];
    };
}

impl Family {
    /// How many families there are.
    pub const COUNT: usize = Family::ALL.len();

    /// The family's row of the catalogue.
    pub fn info(self) -> &'static Info {
        &TABLE[self as usize]
    }

    /// The family of a name, if the catalogue has it.
    pub fn by_name(name: &str) -> Option<Family> {
        Family::ALL
            .iter()
            .copied()
            .find(|family| family.info().name == name)
    }
}

use Kind::{Counter, Gauge, Histogram};

families! {
    Interactions: Ledger Counter, "vcc_interactions_total"
        [Medium Direction Outcome VirtualQueue ReportingGroup Path MediumManager]
        "Interactions that ended, each counted once. virtual_queue is the first one named by its last queue, so summing over it counts each interaction once.";
    InteractionDuration: Ledger Histogram(LONG), "vcc_interaction_duration_seconds"
        [Medium Direction Outcome VirtualQueue ReportingGroup]
        "Duration of interactions that ended.";
    InteractionHandle: Ledger Histogram(LONG), "vcc_interaction_handle_seconds"
        [Medium Direction Outcome VirtualQueue ReportingGroup]
        "Handle time of interactions that ended: the sum over its agents, so it may exceed the duration.";
    InteractionTalk: Ledger Histogram(TALK), "vcc_interaction_talk_seconds"
        [Medium Direction Outcome VirtualQueue ReportingGroup]
        "Talk time of interactions that ended.";
    TimeToAgent: Ledger Histogram(WAIT), "vcc_interaction_time_to_agent_seconds"
        [Medium Direction]
        "Time from an interaction's start until the first agent was connected; a queue's wait starts anew at every re-queue, this does not.";
    InteractionsStarted: Ledger Counter, "vcc_interactions_started_total"
        [Medium Direction MediumManager]
        "Interactions that started since the epoch, each counted at first sight.";
    ConversationsStarted: Ledger Counter, "vcc_conversations_started_total"
        [Medium Direction]
        "Conversations, counted with the first interaction seen of each: a callback and the call that asked for it are one conversation.";
    InteractionsTransferred: Ledger Counter, "vcc_interactions_transferred_total"
        [Medium Direction ReportingGroup Kind]
        "Ended interactions in which two or more agents were connected. kind is consult if the first agent outlasted the others, else transfer.";
    InteractionsRequeued: Ledger Counter, "vcc_interactions_requeued_total"
        [Medium Direction ReportingGroup]
        "Ended interactions that entered a queue two or more times.";
    InteractionsExpired: Ledger Counter, "vcc_interactions_expired_total"
        [Medium Direction]
        "Interactions without news for longer than the expiry bound. One that ends after all still counts as ended.";
    InteractionCorrections: Ledger Counter, "vcc_interaction_corrections_total"
        [Fact]
        "Contradictions of facts already counted. The first final value stays; a contradiction changes nothing else.";
    InteractionsCategorized: Ledger Counter, "vcc_interactions_categorized_total"
        [Medium]
        "Interactions whose categorizedAt was set.";

    AcdQueueExits: Ledger Counter, "vcc_acd_queue_exits_total"
        [Medium Direction AcdQueue ReportingGroup Result Timing]
        "Queue events that finished, once each whatever virtual queues they name: overall figures come from here.";
    AcdQueueWait: Ledger Histogram(WAIT), "vcc_acd_queue_wait_seconds"
        [Medium Direction ReportingGroup Category]
        "Wait of queue events that finished, once each. Answered waits include ringing: it is the time to answer.";
    QueueEntries: Ledger Counter, "vcc_queue_entries_total"
        [Medium Direction VirtualQueue ReportingGroup]
        "Entries into a virtual queue, counted at first sight. One wait may name several virtual queues: never sum over virtual_queue, use the vcc_acd_queue families for totals.";
    QueueExits: Ledger Counter, "vcc_queue_exits_total"
        [Medium Direction VirtualQueue ReportingGroup Result Timing]
        "Exits from a virtual queue. One wait may name several virtual queues: never sum over virtual_queue, use the vcc_acd_queue families for totals.";
    QueueWait: Ledger Histogram(WAIT), "vcc_queue_wait_seconds"
        [Medium Direction VirtualQueue ReportingGroup Category]
        "Wait in a virtual queue; answered waits include ringing. One wait may name several virtual queues: never sum over virtual_queue.";
    ServiceLevelEligible: Ledger Counter, "vcc_service_level_eligible_total"
        [Medium Direction VirtualQueue ReportingGroup]
        "Exits that count towards the service level: answered, abandoned but not short, and, unless configured otherwise, breakouts, where a target is known. Never sum over virtual_queue.";
    ServiceLevelMet: Ledger Counter, "vcc_service_level_met_total"
        [Medium Direction VirtualQueue ReportingGroup]
        "Eligible exits that were answered within their target. Never sum over virtual_queue.";
    ServiceLevelTarget: Scrape Gauge, "vcc_service_level_target_seconds"
        [VirtualQueue]
        "Time-to-answer target of a virtual queue, as last seen in a record, else as configured.";
    ServiceLevelObjective: Scrape Gauge, "vcc_service_level_objective_ratio"
        [VirtualQueue]
        "Configured share of eligible exits that should meet the target.";
    QueueSkillRequests: Ledger Counter, "vcc_queue_skill_requests_total"
        [Skill]
        "Skills that queue entries asked for.";
    AgentQueueExits: Ledger Counter, "vcc_agent_queue_exits_total"
        [Medium Direction VirtualQueue ReportingGroup Result Timing]
        "Exits of agents queueing on behalf of a held customer, per virtual queue. Never part of the customers' queue families.";
    AgentQueueWait: Ledger Histogram(WAIT), "vcc_agent_queue_wait_seconds"
        [Medium Direction VirtualQueue ReportingGroup Category]
        "Wait of agents queueing on behalf of a held customer, per virtual queue.";

    ApiLag: Scrape Gauge, "vcc_api_lag_seconds" []
        "How far the API's newest event is behind the API's clock, carried on since the last response. In a quiet hour it grows though nothing is wrong.";
    ApiLatestUpdate: Scrape Gauge, "vcc_api_latest_update_timestamp_seconds" []
        "Time of the newest interaction event the API had, in its own clock.";
    ApiClockSkew: Scrape Gauge, "vcc_api_clock_skew_seconds" []
        "The API's clock minus the local clock.";
    CursorTimestamp: Scrape Gauge, "vcc_cursor_timestamp_seconds" []
        "Everything the API processed up to this time, in its clock, has been read.";
    FactLateness: Ledger Histogram(LATENESS), "vcc_fact_lateness_seconds"
        [Fact]
        "Time between a fact and our learning of it, in the API's clock.";
    RecoveredFacts: Ledger Counter, "vcc_recovered_facts_total"
        [Fact]
        "Facts found only by reading the recent past again. It should stay at 0.";
    Holes: Scrape Gauge, "vcc_holes" []
        "Windows the API could not be read for and that are still owed. Each is retried for ever.";
    CatchupInProgress: Scrape Gauge, "vcc_catchup_in_progress" []
        "1 while the cursor is more than a bound behind the API's clock.";
    Up: Scrape Gauge, "vcc_up" [Operation]
        "1 if the last attempt of the operation succeeded.";
    PollLastSuccess: Scrape Gauge, "vcc_poll_last_success_timestamp_seconds" [Operation]
        "Local time of the operation's last success.";
    PollInterval: Scrape Gauge, "vcc_poll_interval_seconds" [Operation]
        "Configured pause between polls.";
    Polls: Process Counter, "vcc_polls_total" [Operation]
        "Polls finished, failed ones included.";
    PollFailures: Process Counter, "vcc_poll_failures_total" [Operation Reason]
        "Polls that failed, by reason.";
    PollDuration: Process Histogram(EXCHANGE), "vcc_poll_duration_seconds" [Operation]
        "Duration of a poll: all pages of a window and their commits.";
    ApiRequests: Process Counter, "vcc_api_requests_total" [Operation Code]
        "HTTP requests to the API, by status code, or error where none came.";
    ApiRequestDuration: Process Histogram(EXCHANGE), "vcc_api_request_duration_seconds" [Operation]
        "Duration of one HTTP exchange with the API.";
    ApiThrottled: Process Counter, "vcc_api_throttled_total" [Operation]
        "Requests answered with 429 Too Many Requests.";
    ApiRetries: Process Counter, "vcc_api_retries_total" [Operation]
        "Requests repeated after a failure.";
    ApiTokenExpiry: Scrape Gauge, "vcc_api_token_expiry_timestamp_seconds" []
        "Local time at which the current access token expires.";
    MetaDisagreements: Ledger Counter, "vcc_api_meta_disagreements_total" [Kind]
        "Pages whose envelope contradicts itself or lacks a documented field.";
    RecordsReceived: Ledger Counter, "vcc_records_received_total" []
        "Interaction records received, repetitions included.";
    RecordsDuplicate: Ledger Counter, "vcc_records_duplicate_total" []
        "Records that held nothing new.";
    RecordsRejected: Ledger Counter, "vcc_records_rejected_total" [Reason]
        "Records that could not be read. Their neighbours count.";
    FactsRejected: Ledger Counter, "vcc_facts_rejected_total" [Fact Reason]
        "Facts not counted, each once: an impossible value, or older than the ledger remembers.";

    Epoch: Scrape Gauge, "vcc_exporter_epoch_timestamp_seconds" []
        "Since when the counters of this account count, in the API's clock.";
    LedgerInteractions: Scrape Gauge, "vcc_exporter_ledger_interactions" []
        "Interactions the ledger remembers.";
    OpenInteractions: Scrape Gauge, "vcc_exporter_open_interactions" []
        "Interactions that have not ended as far as the ledger knows.";
    LabelOverflow: Ledger Counter, "vcc_exporter_label_overflow_total" [Family Label]
        "Increments counted under other because a limit was reached.";
    LabelRedacted: Ledger Counter, "vcc_exporter_label_redacted_total" [Family Label]
        "Increments counted under redacted because a value looked personal.";
    BuildInfo: Scrape Gauge, "vcc_exporter_build_info" []
        "1, with the version this exporter was built from.";
    StateCommitDuration: Process Histogram(EXCHANGE), "vcc_exporter_state_commit_duration_seconds" []
        "Duration of one durable commit to the state.";
    StateCommitFailures: Process Counter, "vcc_exporter_state_commit_failures_total" []
        "Commits that failed. Nothing of such a page is shown; it is asked for again.";
    StateSize: Scrape Gauge, "vcc_exporter_state_size_bytes" []
        "Size of the state file.";
    StateAvailable: Scrape Gauge, "vcc_exporter_state_filesystem_avail_bytes" []
        "Bytes available to the exporter on the state's file system.";
    SeriesCount: Scrape Gauge, "vcc_exporter_series" [Family]
        "Series of a family, over all accounts.";
    SeriesLimit: Scrape Gauge, "vcc_exporter_series_limit" [Family]
        "Limit on the series of a family per account; beyond it label values from outside count under other.";
}

#[cfg(test)]
mod tests {
    use super::*;

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
                assert!(info.name.ends_with("_seconds"), "{}", info.name);
                assert!(bounds.is_sorted(), "{}", info.name);
            }
            assert_eq!(Family::by_name(info.name), Some(*family));
        }
    }

    #[test]
    fn the_open_labels_are_those_with_a_limit() {
        assert!(Label::OPEN.iter().all(|label| label.is_open()));
        assert!(!Label::Path.is_open() && !Label::Code.is_open());
    }
}
