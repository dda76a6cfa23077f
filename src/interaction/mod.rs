//! One interaction as this exporter understands it: a call, a chat or a case, with its parties'
//! channels and what happened in them.
//!
//! Pure values. Addresses, touchpoints and names of people are not part of it, so that nothing
//! behind this point could leak them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

mod merge;
mod page;

pub use merge::{align, merge};
pub use page::Page;

/// Text from a page, borrowed where the page allows it.
pub type Text<'a> = Cow<'a, str>;

/// An interaction's or a conversation's identity.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub struct Guid(pub u128);

impl Guid {
    /// Reads the usual spellings of a guid: 32 hexadecimal digits, with or without hyphens and
    /// braces, in either letter case.
    pub fn parse(text: &str) -> Option<Guid> {
        let mut value: u128 = 0;
        let mut digits = 0;
        for byte in text.trim().bytes() {
            let digit = match byte {
                b'0'..=b'9' => byte - b'0',
                b'a'..=b'f' => byte - b'a' + 10,
                b'A'..=b'F' => byte - b'A' + 10,
                b'-' | b'{' | b'}' => continue,
                _ => return None,
            };
            digits += 1;
            if digits > 32 {
                return None;
            }
            value = value << 4 | u128::from(digit);
        }
        (digits == 32).then_some(Guid(value))
    }
}

impl std::fmt::Display for Guid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hex = format!("{:032x}", self.0);
        write!(
            f,
            "{}-{}-{}-{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..]
        )
    }
}

/// How far the API says an interaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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

    fn into_owned(self) -> Role<'static> {
        match self {
            Role::External => Role::External,
            Role::Agent => Role::Agent,
            Role::Monitor => Role::Monitor,
            Role::Other(text) => Role::Other(text.into_owned().into()),
            Role::Absent => Role::Absent,
        }
    }
}

impl Interaction<'_> {
    /// The same interaction, independent of the page it was read from.
    pub fn into_owned(self) -> Interaction<'static> {
        Interaction {
            medium: own(self.medium),
            medium_manager: own(self.medium_manager),
            direction: own(self.direction),
            outcome: own(self.outcome),
            reporting_group: own(self.reporting_group),
            channels: self.channels.into_iter().map(Channel::into_owned).collect(),
            guid: self.guid,
            conversation: self.conversation,
            status: self.status,
            start_ms: self.start_ms,
            duration_ms: self.duration_ms,
            handle_ms: self.handle_ms,
            talk_ms: self.talk_ms,
            categorized: self.categorized,
        }
    }

    /// Forgets what an ongoing version says of durations that may still be running. Nothing says
    /// whether they do, so only what has an end beside it is kept: a channel's end reason, an
    /// event's result.
    pub fn drop_running_values(&mut self) {
        if self.status != Status::Ongoing {
            return;
        }
        (self.duration_ms, self.handle_ms, self.talk_ms) = (None, None, None);
        for channel in &mut self.channels {
            let ended = channel.end_reason.is_some();
            if !ended {
                (channel.duration_ms, channel.handle_ms) = (None, None);
            }
            for event in &mut channel.events {
                let finished = event.kind.has_result() && event.value.is_some();
                if !(ended || finished) {
                    event.duration_ms = None;
                }
            }
        }
    }

    /// Whether this version says that it is over. An absent or unknown status leaves the word to
    /// the duration.
    pub fn is_final(&self) -> bool {
        match self.status {
            Status::Completed | Status::InternalError => true,
            Status::Unknown => self.duration_ms.is_some(),
            Status::Ongoing => false,
        }
    }

    /// Whether a channel has ended. A running duration is no end while the interaction goes on.
    pub fn has_ended(&self, channel: &Channel<'_>) -> bool {
        channel.end_reason.is_some()
            || (self.status != Status::Ongoing && channel.duration_ms.is_some())
    }

    /// Whether nothing more is to come but ratings and the like: it is over, its duration is
    /// known and every channel has ended.
    pub fn is_complete(&self) -> bool {
        self.is_final()
            && self.duration_ms.is_some()
            && self.channels.iter().all(|channel| self.has_ended(channel))
    }

    /// The agents' channels.
    pub fn agents(&self) -> impl Iterator<Item = &Channel<'_>> {
        self.channels
            .iter()
            .filter(|channel| channel.role == Role::Agent)
    }

    /// When it ended: start and duration, or failing a usable duration the last channel's end.
    pub fn end_ms(&self) -> i64 {
        let last_channel = || {
            let ends = self
                .channels
                .iter()
                .map(|c| c.offset_ms.saturating_add(c.duration_ms.unwrap_or(0)));
            ends.max().unwrap_or(0).clamp(0, MAX_DURATION_MS)
        };
        let usable = self
            .duration_ms
            .filter(|ms| (0..=MAX_DURATION_MS).contains(ms));
        self.start_ms
            .saturating_add(usable.unwrap_or_else(last_channel))
    }
}

fn own(text: Option<Text<'_>>) -> Option<Text<'static>> {
    text.map(|text| Cow::Owned(text.into_owned()))
}

impl Channel<'_> {
    fn into_owned(self) -> Channel<'static> {
        Channel {
            id: self.id,
            role: self.role.into_owned(),
            party: self.party,
            party_id: own(self.party_id),
            offset_ms: self.offset_ms,
            duration_ms: self.duration_ms,
            handle_ms: self.handle_ms,
            end_reason: own(self.end_reason),
            integration: own(self.integration),
            events: self.events.into_iter().map(Event::into_owned).collect(),
        }
    }

    /// When the party was connected first, in milliseconds from the interaction's start.
    pub fn connected_ms(&self) -> Option<i64> {
        let connected = self
            .events
            .iter()
            .filter(|event| event.kind == EventKind::Connected);
        connected.map(|event| event.offset_ms).min()
    }
}

impl Event<'_> {
    fn into_owned(self) -> Event<'static> {
        Event {
            kind: self.kind,
            offset_ms: self.offset_ms,
            duration_ms: self.duration_ms,
            name: own(self.name),
            value: own(self.value),
            messages: self.messages,
            queue: self.queue.map(|queue| Box::new(queue.into_owned())),
        }
    }
}

impl QueueDetails<'_> {
    fn into_owned(self) -> QueueDetails<'static> {
        let texts = |list: Vec<Text<'_>>| list.into_iter().map(|t| t.into_owned().into()).collect();
        QueueDetails {
            virtual_queues: texts(self.virtual_queues),
            targets: (self.targets.into_iter())
                .map(|(queue, ms)| (queue.into_owned().into(), ms))
                .collect(),
            skills: texts(self.skills),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_read_in_every_usual_spelling_and_print_in_one() {
        let plain = Guid::parse("016f7e4475254e37b0db5dd09afe592e").unwrap();
        for text in [
            "016f7e44-7525-4e37-b0db-5dd09afe592e",
            "{016F7E44-7525-4E37-B0DB-5DD09AFE592E}",
            " 016f7e44-7525-4e37-b0db-5dd09afe592e ",
        ] {
            assert_eq!(Guid::parse(text), Some(plain), "{text}");
        }
        assert_eq!(plain.to_string(), "016f7e44-7525-4e37-b0db-5dd09afe592e");
        for text in [
            "",
            "abc",
            "016f7e44-7525-4e37-b0db-5dd09afe592",
            "016f7e44-7525-4e37-b0db-5dd09afe592e0",
            "zz",
        ] {
            assert_eq!(Guid::parse(text), None, "{text}");
        }
    }
}
