//! The table of families, by the sections of the catalogue's document. The order is the order on
//! `/metrics`.

#![allow(
    clippy::doc_markdown,
    reason = "HELP texts are plain text, and also the documentation of their families"
)]

use super::Kind::{Counter, Gauge, Histogram};
use super::buckets::{EXCHANGE, LATENESS, LONG, RING, SCORE, SPELL, TALK, WAIT};
use super::{Info, Label, Origin};

macro_rules! families {
    ($($section:literal { $(
        $id:ident: $origin:ident $kind:expr, $name:literal [$($label:ident)*] $help:literal;
    )* })*) => {
        /// A metric family. The order is the order on `/metrics`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Family {
            $($(#[doc = $help] $id,)*)*
        }

        impl Family {
            /// Every family, in order.
            pub const ALL: &'static [Family] = &[$($(Family::$id,)*)*];
        }

        pub(super) const TABLE: &[Info] = &[$($(Info {
            name: $name,
            help: $help,
            kind: $kind,
            origin: Origin::$origin,
            labels: &[$(Label::$label,)*],
            section: $section,
        },)*)*];
    };
}

families! {
"Interactions" {
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
    InteractionsInProgress: Scrape Gauge, "vcc_interactions_in_progress"
        [Medium Direction MediumManager State]
        "Interactions going on now, by what is happening in them; absent while not known.";
}
"Queues" {
    AcdQueueExits: Ledger Counter, "vcc_acd_queue_exits_total"
        [Medium Direction AcdQueue ReportingGroup QueueResult Timing]
        "Queue events that finished, once each whatever virtual queues they name: overall figures come from here.";
    AcdQueueWait: Ledger Histogram(WAIT), "vcc_acd_queue_wait_seconds"
        [Medium Direction ReportingGroup Category]
        "Wait of queue events that finished, once each. Answered waits include ringing: it is the time to answer.";
    QueueEntries: Ledger Counter, "vcc_queue_entries_total"
        [Medium Direction VirtualQueue ReportingGroup]
        "Entries into a virtual queue, counted at first sight. One wait may name several virtual queues: never sum over virtual_queue, use the vcc_acd_queue families for totals.";
    QueueExits: Ledger Counter, "vcc_queue_exits_total"
        [Medium Direction VirtualQueue ReportingGroup QueueResult Timing]
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
    QueueWaiting: Scrape Gauge, "vcc_queue_waiting"
        [Medium Direction VirtualQueue ReportingGroup]
        "Interactions waiting in a virtual queue now; 0 for a known queue, absent while not known. One wait may name several virtual queues: never sum over virtual_queue.";
    QueueOldestEntry: Scrape Gauge, "vcc_queue_oldest_entry_timestamp_seconds"
        [VirtualQueue]
        "When the interaction that has waited longest in a virtual queue entered it; absent while nobody waits.";
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
        [Medium Direction VirtualQueue ReportingGroup QueueResult Timing]
        "Exits of agents queueing on behalf of a held customer, per virtual queue. Never part of the customers' queue families.";
    AgentQueueWait: Ledger Histogram(WAIT), "vcc_agent_queue_wait_seconds"
        [Medium Direction VirtualQueue ReportingGroup Category]
        "Wait of agents queueing on behalf of a held customer, per virtual queue.";
}
"Agents' work" {
    AgentOffers: Ledger Counter, "vcc_agent_offers_total"
        [Medium Direction VirtualQueue ReportingGroup AttemptResult]
        "Interactions offered to an agent, each agent's channel once: answered, caller_left if the queue ended in a hang-up while it rang, else unanswered. virtual_queue is the first one named by the queue that offered it.";
    AgentRing: Ledger Histogram(RING), "vcc_agent_ring_seconds"
        [Medium Direction AttemptResult]
        "Ringing at agents, by what became of the offer.";
    AgentHandle: Ledger Histogram(LONG), "vcc_agent_handle_seconds"
        [Medium Direction VirtualQueue ReportingGroup]
        "Handle time of one agent's channel. virtual_queue is the first one named by the queue that delivered it.";
    AgentWrap: Ledger Histogram(SPELL), "vcc_agent_wrap_seconds"
        [Medium Direction ReportingGroup]
        "Wrap-up of agents.";
    Hold: Ledger Histogram(SPELL), "vcc_hold_seconds"
        [Medium Direction ReportingGroup Type Role]
        "Holds. Both sides report a hold: role=External counts it once.";
    OutboundAttempts: Ledger Counter, "vcc_outbound_attempts_total"
        [Medium AttemptResult]
        "Outside parties dialled in outbound interactions: connected or unconnected.";
    ChannelsEnded: Ledger Counter, "vcc_channels_ended_total"
        [Medium Role EndReason IntegrationType]
        "Channels that ended, of every role.";
    Dispositions: Ledger Counter, "vcc_dispositions_total"
        [Medium Disposition]
        "Dispositions agents gave.";
    QualityRatings: Ledger Counter, "vcc_call_quality_ratings_total"
        [Medium Score]
        "Agents' ratings of the audio, where one was given. Not customer satisfaction.";
    QualityScore: Ledger Histogram(SCORE), "vcc_call_quality_score"
        [Medium]
        "Agents' ratings of the audio from 1 to 5. Not customer satisfaction.";
    Monitoring: Ledger Histogram(SPELL), "vcc_monitoring_seconds"
        [Medium Type]
        "Time supervisors listened in, watched, coached or joined.";
    AudioProblems: Ledger Counter, "vcc_audio_problems_total"
        [Medium Classification]
        "Audio problems agents reported.";
    DeliveryFailures: Ledger Counter, "vcc_delivery_failures_total"
        [Medium Type]
        "Deliveries to a party that failed.";
    PerAgentOffers: Ledger Counter, "vcc_per_agent_offers_total"
        [Agent Medium AttemptResult]
        "Interactions offered to each agent, by agent id. Only where the configuration switches it on.";
    PerAgentHandle: Ledger Histogram(LONG), "vcc_per_agent_handle_seconds"
        [Agent Medium]
        "Handle time of each agent, by agent id. Only where the configuration switches it on.";
}
"Self-service and content" {
    AssistantSessions: Ledger Counter, "vcc_virtual_assistant_sessions_total"
        [Medium Assistant QueueResult]
        "Sessions with a virtual assistant that finished.";
    AssistantInteractions: Ledger Counter, "vcc_virtual_assistant_interactions_total"
        [Medium Assistant AttemptResult]
        "Ended interactions with a virtual assistant, once each under the last one: agent if an agent was connected, queued if it was queued or offered without that, else contained. Contained is not resolved.";
    AssistantSeconds: Ledger Histogram(SPELL), "vcc_virtual_assistant_seconds"
        [Medium Assistant]
        "Duration of sessions with a virtual assistant.";
    AssistantMessages: Ledger Counter, "vcc_virtual_assistant_messages_total"
        [Medium Assistant]
        "Messages exchanged in sessions with a virtual assistant.";
    Applets: Ledger Counter, "vcc_applets_total"
        [Medium AppletType]
        "Applets that interaction plans ran.";
    InteractionPlans: Ledger Counter, "vcc_interaction_plans_total"
        [Medium InteractionPlan ReportingGroup]
        "Interaction plans entered, with the plan's own reporting group.";
    Recording: Ledger Histogram(SPELL), "vcc_recording_seconds"
        [Medium Role]
        "Call recordings, by whose channel was recorded.";
    Voicemails: Ledger Counter, "vcc_voicemails_total"
        [Medium AppletType]
        "Voicemails left.";
    DataSourceValues: Ledger Counter, "vcc_data_source_values_total"
        [Medium]
        "Values acquired from data sources. The value itself is never kept.";
    Events: Ledger Counter, "vcc_events_total"
        [EventType]
        "Channel events that finished, whatever their type: nothing the API sends goes unseen.";
}
"Freshness" {
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
    UnreadWindows: Scrape Gauge, "vcc_unread_windows" []
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
    PageMetaMismatches: Ledger Counter, "vcc_api_page_meta_mismatches_total" [Kind]
        "Pages whose envelope contradicts itself or lacks a documented field.";
    RecordsReceived: Ledger Counter, "vcc_records_received_total" []
        "Interaction records received, repetitions included.";
    RecordsDuplicate: Ledger Counter, "vcc_records_duplicate_total" []
        "Records that held nothing new.";
    RecordsRejected: Ledger Counter, "vcc_records_rejected_total" [Reason]
        "Records that could not be read. Their neighbours count.";
    FactsRejected: Ledger Counter, "vcc_facts_rejected_total" [Fact Reason]
        "Facts not counted, each once: an impossible value, or older than the ledger remembers.";
}
"The exporter itself" {
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
    OutboxItems: Scrape Gauge, "vcc_exporter_outbox_items" [Signal]
        "What waits to be taken by a receiver of OTLP: traces of interactions. Only where they are exported.";
    OutboxOldest: Scrape Gauge, "vcc_exporter_outbox_oldest_timestamp_seconds" [Signal]
        "Since when the oldest of it waits; absent when nothing does.";
    OutboxDropped: Process Counter, "vcc_exporter_outbox_dropped_total" [Signal Reason]
        "What no receiver took in time: full, too_old, or refused by the receiver.";
    OtlpExports: Process Counter, "vcc_exporter_otlp_exports_total" [Signal]
        "Exports over OTLP that ended, repeated and failed ones included. Only for signals that are exported.";
    OtlpExportFailures: Process Counter, "vcc_exporter_otlp_export_failures_total" [Signal Reason]
        "Exports over OTLP that failed, by reason. Metrics lose nothing by it: the next export carries the newest values.";
    OtlpRejectedItems: Process Counter, "vcc_exporter_otlp_rejected_items_total" [Signal]
        "Points or spans that the receiver of an export did not take in with the rest.";
    StateSize: Scrape Gauge, "vcc_exporter_state_size_bytes" []
        "Size of the state file.";
    StateAvailable: Scrape Gauge, "vcc_exporter_state_filesystem_avail_bytes" []
        "Bytes available to the exporter on the state's file system.";
    ConfigReloadSuccessful: Scrape Gauge, "vcc_exporter_config_last_reload_successful" []
        "1 if the configuration was taken over when it was last read, 0 if it was refused and the one before goes on.";
    ConfigReloadTime: Scrape Gauge, "vcc_exporter_config_last_reload_success_timestamp_seconds" []
        "Local time at which the configuration that is in force was taken over.";
    SeriesCount: Scrape Gauge, "vcc_exporter_series" [Family]
        "Series of a family, over all accounts.";
    SeriesLimit: Scrape Gauge, "vcc_exporter_series_limit" [Family]
        "Limit on the series of a family per account; beyond it label values from outside count under other.";
}
}
