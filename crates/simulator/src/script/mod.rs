//! The script of one interaction: what happens, and when each part of it becomes known.
//!
//! All times are milliseconds after the interaction's start. A part is null or missing before it is known and
//! never changes afterwards, so any two versions rendered from one script agree by construction.
mod detail;
mod properties;
mod render;

pub(crate) use detail::{BREAKOUT_RESULTS, Detail, QueueDetail};
pub(crate) use render::RenderedItem;

/// The time of a value that never becomes known.
pub(crate) const NEVER: i64 = i64::MAX;

/// A value and when it becomes known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Known<T> {
    pub(crate) value: T,
    pub(crate) from: i64,
}

impl<T> Known<T> {
    pub(crate) fn new(value: T, from: i64) -> Self {
        Self { value, from }
    }

    /// The value if it is known at this time.
    pub(crate) fn at(&self, at: i64) -> Option<&T> {
        (self.from <= at).then_some(&self.value)
    }
}

/// How an interaction's status reads while it is ongoing and when it is final.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StatusStyle {
    /// `Ongoing`, then `Completed`.
    Usual,
    /// The same words in another letter observed.
    OddCase,
    /// The field is missing, as in one published record.
    Absent,
    /// `Ongoing`, then `InternalError`.
    Failed,
}

/// The interaction plan's mapping and its reporting group.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mapping {
    pub(crate) address: String,
    pub(crate) mapping: String,
    pub(crate) plan: String,
}

/// Identifies one interaction; its script is a function of this and of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) number: u64,
    /// In Unix milliseconds.
    pub(crate) at_ms: i64,
    /// This is the callback that follows the arrival of this number.
    pub(crate) callback: bool,
}

impl Arrival {
    pub(crate) fn following_callback(self) -> Self {
        Self {
            callback: true,
            ..self
        }
    }
}

/// What happens in one interaction.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Script {
    pub(crate) kind: ScenarioKind,
    pub(crate) guid: String,
    pub(crate) conversation: String,
    pub(crate) start_ms: i64,
    /// How many fraction digits this record's start is written with.
    pub(crate) fraction_digits: usize,
    pub(crate) status: StatusStyle,
    pub(crate) medium: Known<Option<String>>,
    pub(crate) manager: Option<&'static str>,
    pub(crate) direction: Known<Option<&'static str>>,
    pub(crate) outcome: Known<Option<&'static str>>,
    pub(crate) mapping: Option<Mapping>,
    pub(crate) group: Known<Option<String>>,
    pub(crate) connect_to: Option<String>,
    pub(crate) connect_from: Option<String>,
    /// Only for media without addresses.
    pub(crate) touchpoint_key: Option<String>,
    /// The final duration; it becomes known when the status becomes final.
    pub(crate) duration: Known<i64>,
    pub(crate) handle: Option<Known<i64>>,
    pub(crate) talk: Option<Known<i64>>,
    /// When the interaction is categorised, and when that becomes known.
    pub(crate) categorized: Option<i64>,
    pub(crate) channels: Vec<Channel>,
    /// A field that no documentation names.
    pub(crate) unknown_field: bool,
    /// Which value of a later version contradicts the earlier ones.
    pub(crate) contradiction: Option<Known<Contradiction>>,
    /// When the callback interaction that follows this one starts.
    pub(crate) callback_after: Option<i64>,
    /// When the API publishes a new version, ascending.
    pub(crate) versions: Vec<i64>,
}

impl Script {
    /// Visits the time of every value, which is when it becomes known.
    pub(crate) fn for_each_moment(&mut self, visit: &mut dyn FnMut(&mut i64)) {
        visit(&mut self.medium.from);
        visit(&mut self.direction.from);
        visit(&mut self.outcome.from);
        visit(&mut self.group.from);
        visit(&mut self.duration.from);
        for known in self.handle.iter_mut().chain(&mut self.talk) {
            visit(&mut known.from);
        }
        for channel in &mut self.channels {
            visit(&mut channel.duration.from);
            if let Some(Some(handle)) = &mut channel.handle {
                visit(&mut handle.from);
            }
            for event in &mut channel.events {
                visit(&mut event.seen);
                visit(&mut event.settled);
            }
        }
    }

    /// The events of all channels, channel by channel.
    pub(crate) fn events(&self) -> impl Iterator<Item = &Event> {
        self.channels.iter().flat_map(|channel| &channel.events)
    }

    pub(crate) fn agents(&self) -> impl Iterator<Item = &Channel> + Clone {
        let channels = self.channels.iter();
        channels.filter(|channel| channel.role == Role::Agent)
    }
}

/// A value that a contradicting version changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contradiction {
    /// Every event offset of the first channel is one millisecond later.
    Offsets,
    /// The interaction's start is one millisecond later.
    Start,
    /// The interaction's duration is longer.
    Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    External,
    Agent,
    Monitor,
    /// A role no documentation names.
    Bot,
}

impl Role {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::External => "External",
            Self::Agent => "Agent",
            Self::Monitor => "Monitor",
            Self::Bot => "Bot",
        }
    }
}

/// One party of an interaction.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Channel {
    pub(crate) guid: String,
    pub(crate) offset: i64,
    pub(crate) role: Role,
    pub(crate) odd_case: bool,
    pub(crate) party: Option<String>,
    pub(crate) touchpoint: Option<String>,
    pub(crate) end_reason: &'static str,
    pub(crate) integration: Option<&'static str>,
    /// The final duration, and when it and the end reason become known.
    pub(crate) duration: Known<i64>,
    /// The number of the wait in which this channel was offered, if it was in one.
    pub(crate) offered_by: Option<u32>,
    /// `None` omits the field, as in one published record.
    pub(crate) handle: Option<Option<Known<i64>>>,
    pub(crate) events: Vec<Event>,
}

impl Channel {
    /// From when to when this party was connected: start of the first `Connected`, end of the last.
    pub(crate) fn connected(&self) -> Option<(i64, i64)> {
        let mut talks = self
            .events
            .iter()
            .filter(|event| event.detail == Detail::Connected);
        let first = talks.next()?;
        let last = talks.next_back().unwrap_or(first);
        Some((first.offset, last.offset.saturating_add(last.duration)))
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) offset: i64,
    /// When the event first appears in a version.
    pub(crate) seen: i64,
    pub(crate) name: Option<String>,
    pub(crate) duration: i64,
    /// When the duration, and a result if there is one, becomes known.
    pub(crate) settled: i64,
    pub(crate) detail: Detail,
}

/// What happens in an interaction, in outline; the scenario of this name writes the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum ScenarioKind {
    Answered,
    AbandonedInQueue,
    Breakout,
    SelfService,
    Requeued,
    Transferred,
    Conference,
    AgentQueued,
    Outbound,
    OutboundUnconnected,
    Internal,
    AssistantOnly,
    AssistantEscalated,
    Case,
    CallbackRequest,
    Callback,
    Failed,
    ResultNeverReported,
    Unended,
    Lost,
    LostAndFound,
}
