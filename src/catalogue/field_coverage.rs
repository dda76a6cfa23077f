//! What becomes of everything the documentation of *Get interactions* names: every field, event
//! type and property, and the families it feeds, or why it feeds none.

use super::Family::{self, *};

/// What a field, an event type or a property feeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feeds {
    /// These families, by a value, a label, or as what is counted.
    Families(&'static [Family]),
    /// None, for this reason.
    Reason(&'static str),
}

use Feeds::{Families, Reason};

/// Who is told apart by it, and never shown.
const IDENTIFIER: &str = "An identifier: it tells things apart and never becomes a label.";
/// What belongs to people.
const PERSONAL: &str = "Personal data: it is not even read.";
/// Words of the configuration of the contact centre.
const SETTING: &str = "Names a setting of the contact centre's routing; the plan's own event and its reporting group say what is counted by.";

/// Families with the labels of an interaction as a whole.
const WHOLE: &[Family] = &[
    Interactions,
    InteractionDuration,
    InteractionHandle,
    InteractionTalk,
];

/// Every path of the documented response. `(Type)` after a property or an event's field names the
/// event type that has it.
pub const COVERAGE: &[(&str, Feeds)] = &[
    (
        "meta.page",
        Reason("It repeats the page that was asked for."),
    ),
    ("meta.count", Families(&[MetaDisagreements])),
    ("meta.pageCount", Families(&[MetaDisagreements])),
    ("meta.totalCount", Families(&[MetaDisagreements])),
    (
        "upTo",
        Families(&[
            ApiLag,
            ApiClockSkew,
            CursorTimestamp,
            FactLateness,
            CatchupInProgress,
        ]),
    ),
    (
        "latestUpdate",
        Families(&[ApiLag, ApiLatestUpdate, MetaDisagreements]),
    ),
    (
        "items[]",
        Families(&[
            RecordsReceived,
            RecordsDuplicate,
            RecordsRejected,
            OpenInteractions,
            InteractionsExpired,
            InteractionsInProgress,
        ]),
    ),
    ("items[].guid", Reason(IDENTIFIER)),
    (
        "items[].conversationGuid",
        Families(&[ConversationsStarted]),
    ),
    (
        "items[].status",
        Families(&[Interactions, InteractionsInProgress]),
    ),
    (
        "items[].medium",
        Families(&[
            Interactions,
            InteractionsStarted,
            AcdQueueExits,
            QueueExits,
            AgentOffers,
        ]),
    ),
    (
        "items[].mediumManager",
        Families(&[Interactions, InteractionsStarted, InteractionsInProgress]),
    ),
    (
        "items[].direction",
        Families(&[
            Interactions,
            InteractionsStarted,
            ConversationsStarted,
            OutboundAttempts,
        ]),
    ),
    ("items[].outcome", Families(WHOLE)),
    (
        "items[].start",
        Families(&[InteractionsStarted, FactLateness]),
    ),
    ("items[].duration", Families(&[InteractionDuration])),
    ("items[].handleTime", Families(&[InteractionHandle])),
    ("items[].talkTime", Families(&[InteractionTalk])),
    (
        "items[].categorizedAt",
        Families(&[InteractionsCategorized]),
    ),
    (
        "items[].serviceName",
        Reason("Repeats the destination, the interaction plan or its reporting group."),
    ),
    ("items[].connectTo", Reason(PERSONAL)),
    ("items[].connectToKey", Reason(PERSONAL)),
    ("items[].connectFrom", Reason(PERSONAL)),
    ("items[].connectFromKey", Reason(PERSONAL)),
    (
        "items[].interactionPlanMapping.addressName",
        Reason(SETTING),
    ),
    (
        "items[].interactionPlanMapping.mappingName",
        Reason(SETTING),
    ),
    (
        "items[].interactionPlanMapping.interactionPlanName",
        Reason(SETTING),
    ),
    (
        "items[].interactionPlanMapping.reportingGroup",
        Families(&[
            Interactions,
            AcdQueueExits,
            QueueExits,
            AgentOffers,
            AgentHandle,
            AgentWrap,
            Hold,
        ]),
    ),
    (
        "items[].channels[]",
        Families(&[ChannelsEnded, InteractionsTransferred]),
    ),
    ("items[].channels[].guid", Reason(IDENTIFIER)),
    (
        "items[].channels[].offset",
        Reason("Places the channel in its interaction: it says which queue offered it."),
    ),
    (
        "items[].channels[].duration",
        Reason("Says that the channel has ended, and when."),
    ),
    (
        "items[].channels[].handleTime",
        Families(&[AgentHandle, PerAgentHandle]),
    ),
    ("items[].channels[].endReason", Families(&[ChannelsEnded])),
    (
        "items[].channels[].integrationType",
        Families(&[ChannelsEnded]),
    ),
    (
        "items[].channels[].party.id",
        Families(&[PerAgentOffers, PerAgentHandle]),
    ),
    (
        "items[].channels[].party.role",
        Families(&[ChannelsEnded, Hold, Recording, AgentOffers]),
    ),
    ("items[].channels[].party.touchpoint", Reason(PERSONAL)),
    ("items[].channels[].party.touchpointKey", Reason(PERSONAL)),
    ("items[].channels[].events[].type", Families(&[Events])),
    (
        "items[].channels[].events[].offset",
        Reason("Says when the event began; with its duration, when it was over."),
    ),
    (
        "items[].channels[].events[].duration",
        Reason("Says how long the event took: see the events below."),
    ),
    (
        "items[].channels[].events[].name",
        Reason(
            "Means something else in each event: see the events below. Names of files and of data are not kept.",
        ),
    ),
    ("Ringing", Families(&[AgentRing, Events])),
    (
        "Connected",
        Families(&[
            AgentOffers,
            PerAgentOffers,
            OutboundAttempts,
            TimeToAgent,
            InteractionsTransferred,
            Interactions,
            Events,
        ]),
    ),
    ("Held", Families(&[Hold, Events])),
    ("Held.type", Families(&[Hold])),
    (
        "Held.initiatingAgentId",
        Reason("An agent's identifier: who put on hold is not told apart."),
    ),
    ("Wrap", Families(&[AgentWrap, Events])),
    ("InteractionPlan", Families(&[InteractionPlans, Events])),
    ("InteractionPlan.name", Families(&[InteractionPlans])),
    (
        "InteractionPlan.reportingGroup",
        Families(&[InteractionPlans]),
    ),
    ("Applet", Families(&[Applets, Events])),
    (
        "Applet.name",
        Reason(
            "The name of one applet of a plan, of which there may be thousands; its type counts.",
        ),
    ),
    ("Applet.appletType", Families(&[Applets])),
    (
        "Queue",
        Families(&[
            QueueEntries,
            QueueExits,
            QueueWait,
            AcdQueueExits,
            AcdQueueWait,
            QueueWaiting,
            QueueOldestEntry,
            InteractionsRequeued,
            Events,
        ]),
    ),
    ("Queue.name", Families(&[AcdQueueExits])),
    (
        "Queue.interactionPlan",
        Reason("An address, or an internal name of the plan."),
    ),
    (
        "Queue.interactionPlanName",
        Reason("The plan has an event of its own, which counts."),
    ),
    ("Queue.presentedSkills", Families(&[QueueSkillRequests])),
    (
        "Queue.virtualQueues",
        Families(&[
            Interactions,
            QueueEntries,
            QueueExits,
            QueueWait,
            AgentOffers,
            AgentHandle,
            ServiceLevelObjective,
        ]),
    ),
    (
        "Queue.targets[].virtualQueue",
        Families(&[ServiceLevelTarget]),
    ),
    (
        "Queue.targets[].targetTimeToAnswer",
        Families(&[
            ServiceLevelTarget,
            ServiceLevelEligible,
            ServiceLevelMet,
            QueueExits,
            AcdQueueExits,
        ]),
    ),
    (
        "Queue.result",
        Families(&[
            QueueExits,
            AcdQueueExits,
            ServiceLevelEligible,
            ServiceLevelMet,
            QueueWait,
            AcdQueueWait,
        ]),
    ),
    (
        "AgentQueue",
        Families(&[AgentQueueExits, AgentQueueWait, Events]),
    ),
    (
        "AgentQueue.name",
        Reason("Agents' waits are counted by virtual queue only."),
    ),
    (
        "AgentQueue.interactionPlan",
        Reason("An address, or an internal name of the plan."),
    ),
    (
        "AgentQueue.interactionPlanName",
        Reason("The plan has an event of its own, which counts."),
    ),
    (
        "AgentQueue.presentedSkills",
        Reason("Skills are counted for customers' waits only."),
    ),
    (
        "AgentQueue.virtualQueues",
        Families(&[AgentQueueExits, AgentQueueWait]),
    ),
    (
        "AgentQueue.targets[].virtualQueue",
        Families(&[AgentQueueExits, ServiceLevelTarget]),
    ),
    (
        "AgentQueue.targets[].targetTimeToAnswer",
        Families(&[AgentQueueExits, ServiceLevelTarget]),
    ),
    (
        "AgentQueue.result",
        Families(&[AgentQueueExits, AgentQueueWait]),
    ),
    ("CallRecording", Families(&[Recording, Events])),
    ("Disposition", Families(&[Dispositions, Events])),
    ("Disposition.disposition", Families(&[Dispositions])),
    ("CallRating", Families(&[QualityRatings, Events])),
    (
        "CallRating.classification",
        Families(&[QualityRatings, QualityScore]),
    ),
    ("AudioProblemReported", Families(&[AudioProblems, Events])),
    (
        "AudioProblemReported.classification",
        Families(&[AudioProblems]),
    ),
    (
        "DataSourceValueAcquired",
        Families(&[DataSourceValues, Events]),
    ),
    ("DataSourceValueAcquired.value", Reason(PERSONAL)),
    ("DeliveryFailed", Families(&[DeliveryFailures, Events])),
    ("DeliveryFailed.type", Families(&[DeliveryFailures])),
    ("Monitoring", Families(&[Monitoring, Events])),
    ("Monitoring.type", Families(&[Monitoring])),
    (
        "VirtualAssistant",
        Families(&[
            AssistantSessions,
            AssistantInteractions,
            AssistantSeconds,
            Events,
        ]),
    ),
    (
        "VirtualAssistant.name",
        Families(&[AssistantSessions, AssistantInteractions]),
    ),
    ("VirtualAssistant.result", Families(&[AssistantSessions])),
    (
        "VirtualAssistant.messageCount",
        Families(&[AssistantMessages]),
    ),
    ("VoicemailRecording", Families(&[Voicemails, Events])),
    ("VoicemailRecording.appletType", Families(&[Voicemails])),
];

/// Ledger families that no single field feeds: they say how the exporter itself counts.
pub const OURS: &[Family] = &[
    InteractionCorrections,
    RecoveredFacts,
    FactsRejected,
    LabelOverflow,
    LabelRedacted,
];
