//! One interaction as this exporter understands it: a call, a chat or a case, with its parties'
//! channels and what happened in them.
//!
//! Pure values. Addresses, touchpoints and names of people are not part of it, so that nothing
//! behind this point could leak them.

use std::borrow::Cow;

mod guid;
mod lifecycle;
mod merge;
mod owned;
mod page;

pub use guid::Guid;
pub use merge::{align, merge};
pub use page::Page;

/// Text from a page, borrowed where the page allows it.
pub type Text<'a> = Cow<'a, str>;

/// How far the API says an interaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Still going on.
    Ongoing,
    /// Over.
    Completed,
    /// Over, and the platform failed.
    InternalError,
    /// Absent, or a word the documentation does not have.
    Unknown,
}

/// Whose channel it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role<'a> {
    /// The customer.
    External,
    /// An agent.
    Agent,
    /// Somebody listening in.
    Monitor,
    /// A word the documentation does not have.
    Other(Text<'a>),
    /// Not said.
    Absent,
}

macro_rules! event_kinds {
    ($($(#[$doc:meta])* $id:ident)*) => {
        /// The kinds of event the API documents, each named as it names them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum EventKind {
            $($(#[$doc])* $id,)*
            /// A type the documentation does not have, or none.
            Other,
        }

        impl EventKind {
            /// The documented kinds.
            pub const DOCUMENTED: &'static [EventKind] = &[$(EventKind::$id,)*];

            /// The type's name in the API; empty for one it does not document.
            pub fn name(self) -> &'static str {
                match self {
                    $(EventKind::$id => stringify!($id),)*
                    EventKind::Other => "",
                }
            }
        }
    };
}

event_kinds! {
    /// The party's device rings.
    Ringing
    /// The party is connected.
    Connected
    /// The party is on hold.
    Held
    /// The agent wraps up.
    Wrap
    /// An interaction plan took over.
    InteractionPlan
    /// The interaction plan ran an applet.
    Applet
    /// A customer waits in an ACD queue.
    Queue
    /// An agent waits in a queue on behalf of a held customer.
    AgentQueue
    /// The channel was recorded.
    CallRecording
    /// The agent said what came of it.
    Disposition
    /// The agent rated the audio.
    CallRating
    /// The agent reported an audio problem.
    AudioProblemReported
    /// A value was acquired from a data source.
    DataSourceValueAcquired
    /// A delivery to the party failed.
    DeliveryFailed
    /// A supervisor listened in, watched, coached or joined.
    Monitoring
    /// A virtual assistant spoke with the customer.
    VirtualAssistant
    /// A voicemail was left.
    VoicemailRecording
}

/// The documented results of `Queue` and `AgentQueue` events.
pub const QUEUE_RESULTS: [&str; 10] = [
    "Delivered",
    "HangUp",
    "AgentDeclineBreakout",
    "MaxEstimatedWaitTime",
    "NoAgentsBreakout",
    "QueueCapacityBreakout",
    "QueueTimeBreakout",
    "VoluntaryBreakout",
    "AgentRecall",
    "AgentTransfer",
];

/// The documented results of `VirtualAssistant` events.
pub const ASSISTANT_RESULTS: [&str; 3] = ["Resolved", "Escalated", "Abandoned"];

impl EventKind {
    /// Whether the event has a result that comes with its end.
    pub fn has_result(self) -> bool {
        matches!(
            self,
            EventKind::Queue | EventKind::AgentQueue | EventKind::VirtualAssistant
        )
    }
}

/// One interaction, in one of its versions or as the join of several.
#[derive(Debug, Clone, PartialEq)]
pub struct Interaction<'a> {
    /// Its identity.
    pub guid: Guid,
    /// The conversation it belongs to.
    pub conversation: Option<Guid>,
    /// How far the API says it is.
    pub status: Status,
    /// Its start, Unix milliseconds in the API's clock.
    pub start_ms: i64,
    /// Milliseconds from start to end; while it goes on null, or perhaps a running value.
    pub duration_ms: Option<i64>,
    /// Handle time in milliseconds, summed over its agents.
    pub handle_ms: Option<i64>,
    /// Talk time in milliseconds.
    pub talk_ms: Option<i64>,
    /// When it was categorised; `Err` if the API's text is no time.
    pub categorized: Option<Result<i64, ()>>,
    /// The medium.
    pub medium: Option<Text<'a>>,
    /// The system that manages the medium.
    pub medium_manager: Option<Text<'a>>,
    /// Inbound, Outbound or Internal.
    pub direction: Option<Text<'a>>,
    /// The API's outcome phrase.
    pub outcome: Option<Text<'a>>,
    /// The reporting group of its interaction plan mapping.
    pub reporting_group: Option<Text<'a>>,
    /// Its parties' channels.
    pub channels: Vec<Channel<'a>>,
}

/// One party's part in an interaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel<'a> {
    /// A hash of the channel's guid.
    pub id: u64,
    /// Whose it is.
    pub role: Role<'a>,
    /// A hash of the party's id.
    pub party: Option<u64>,
    /// The party's id, where the operator asked for agents by their ids.
    pub party_id: Option<Text<'a>>,
    /// Milliseconds from the interaction's start.
    pub offset_ms: i64,
    /// How long it lasted, in milliseconds.
    pub duration_ms: Option<i64>,
    /// The agent's handle time in milliseconds.
    pub handle_ms: Option<i64>,
    /// Why it ended.
    pub end_reason: Option<Text<'a>>,
    /// The integration it belongs to.
    pub integration: Option<Text<'a>>,
    /// What happened in it, in the API's order.
    pub events: Vec<Event<'a>>,
}

/// One thing that happened in a channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Event<'a> {
    /// What kind of event.
    pub kind: EventKind,
    /// Milliseconds from the interaction's (not the channel's) start.
    pub offset_ms: i64,
    /// How long it lasted, in milliseconds.
    pub duration_ms: Option<i64>,
    /// Its name: for a queue the ACD queue's, for an assistant the assistant's.
    pub name: Option<Text<'a>>,
    /// What it says: a result, a type, a disposition, a classification, an applet's type, a plan's
    /// reporting group; for a type we do not know, that type's name.
    pub value: Option<Text<'a>>,
    /// How many messages a virtual assistant exchanged.
    pub messages: Option<i64>,
    /// What a queue event names.
    pub queue: Option<Box<QueueDetails<'a>>>,
}

/// What a `Queue` or `AgentQueue` event names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QueueDetails<'a> {
    /// The virtual queues it stands for.
    pub virtual_queues: Vec<Text<'a>>,
    /// Time-to-answer targets in milliseconds, by virtual queue.
    pub targets: Vec<(Text<'a>, i64)>,
    /// The skills asked for.
    pub skills: Vec<Text<'a>>,
}

impl Role<'_> {
    /// The role as it is shown; `None` if the API did not say.
    pub fn text(&self) -> Option<&str> {
        match self {
            Role::External => Some("External"),
            Role::Agent => Some("Agent"),
            Role::Monitor => Some("Monitor"),
            Role::Other(text) => Some(text),
            Role::Absent => None,
        }
    }
}

impl Interaction<'_> {
    /// The agents' channels.
    pub fn agents(&self) -> impl Iterator<Item = &Channel<'_>> {
        self.channels
            .iter()
            .filter(|channel| channel.role == Role::Agent)
    }
}

impl Channel<'_> {
    /// When the party was connected first, in milliseconds from the interaction's start.
    pub fn connected_ms(&self) -> Option<i64> {
        let connected = self
            .events
            .iter()
            .filter(|event| event.kind == EventKind::Connected);
        connected.map(|event| event.offset_ms).min()
    }
}

/// FNV-1a of a text in lower case. Identities derived from it are stored, so it must never change.
pub fn stable_hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The most channels, events and names in events one interaction may have. A conference of a
/// whole department stays far below; what is above is a broken or hostile record, and telling its
/// queues apart would take for ever.
pub const MAX_PARTS: usize = 5_000;

/// The longest duration that is believed: 366 days. What is longer is an error of the record, and
/// one such value would bury a sum for ever.
pub const MAX_DURATION_MS: i64 = 366 * 24 * 3_600 * 1_000;
