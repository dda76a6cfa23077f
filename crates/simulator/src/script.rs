//! The script of one interaction: what truly happens, and when each part of it becomes known.
//!
//! All times are milliseconds after the interaction's start. A part is null or missing before it is known and
//! never changes afterwards, so that any two versions made from one script agree by construction.

/// The moment of what never becomes known.
pub(super) const NEVER: i64 = i64::MAX;

/// A value and when it becomes known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Known<T> {
    pub(super) value: T,
    pub(super) from: i64,
}

impl<T> Known<T> {
    pub(super) fn new(value: T, from: i64) -> Self {
        Self { value, from }
    }

    /// The value, as far as it is known at `at`.
    pub(super) fn at(&self, at: i64) -> Option<&T> {
        (self.from <= at).then_some(&self.value)
    }
}

/// What an interaction's status says, over its whole life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatusStyle {
    /// `Ongoing`, then `Completed`.
    Usual,
    /// The same words in another letter case.
    OddCase,
    /// There is no status at all, as in one published record.
    Absent,
    /// `Ongoing`, then `InternalError`.
    Failed,
}

/// The interaction plan's mapping and its reporting group.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mapping {
    pub(super) address: String,
    pub(super) mapping: String,
    pub(super) plan: String,
}

/// What happens in one interaction.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Script {
    pub(super) kind: Kind,
    pub(super) guid: String,
    pub(super) conversation: String,
    pub(super) start_ms: i64,
    /// How many fraction digits this record's start is written with.
    pub(super) fraction_digits: usize,
    pub(super) status: StatusStyle,
    pub(super) medium: Known<Option<String>>,
    pub(super) manager: Option<&'static str>,
    pub(super) direction: Known<Option<&'static str>>,
    pub(super) outcome: Known<Option<&'static str>>,
    pub(super) mapping: Option<Mapping>,
    pub(super) group: Known<Option<String>>,
    pub(super) connect_to: Option<String>,
    pub(super) connect_from: Option<String>,
    /// Present where the medium has no addresses.
    pub(super) touchpoint_key: Option<String>,
    /// The final duration; it is known when the status becomes final.
    pub(super) duration: Known<i64>,
    pub(super) handle: Option<Known<i64>>,
    pub(super) talk: Option<Known<i64>>,
    /// When the interaction is categorised, and when that becomes known.
    pub(super) categorized: Option<i64>,
    pub(super) channels: Vec<Channel>,
    /// A field that no documentation names.
    pub(super) unknown_field: bool,
    /// What a later version says against an earlier one, and from when on.
    pub(super) contradiction: Option<Known<Contradiction>>,
    /// The Phone Callback interaction that follows this one, as milliseconds after its start.
    pub(super) callback_after: Option<i64>,
    /// Moments at which something worth a version happens.
    pub(super) versions: Vec<i64>,
}

/// What a contradicting version says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contradiction {
    /// Every event offset of the first channel is one millisecond later.
    Offsets,
    /// The interaction's start is one millisecond later.
    Start,
    /// The interaction's duration is another one.
    Duration,
}

/// Who is on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    External,
    Agent,
    Monitor,
    /// A role no documentation names.
    Bot,
}

impl Role {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::External => "External",
            Self::Agent => "Agent",
            Self::Monitor => "Monitor",
            Self::Bot => "Bot",
        }
    }
}

/// One party's part in an interaction.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Channel {
    pub(super) guid: String,
    pub(super) offset: i64,
    pub(super) role: Role,
    pub(super) odd_case: bool,
    pub(super) party: Option<String>,
    pub(super) touchpoint: Option<String>,
    pub(super) end_reason: &'static str,
    pub(super) integration: Option<&'static str>,
    /// The final duration, and when it and the end reason become known.
    pub(super) duration: Known<i64>,
    /// The number of the wait in which this channel was offered, if it was in one.
    pub(super) offered_by: Option<u32>,
    /// None leaves the field out, as in one published record.
    pub(super) handle: Option<Option<Known<i64>>>,
    pub(super) events: Vec<Event>,
}

impl Channel {
    /// The end of this channel's last `Connected`, if it ever connected.
    pub(super) fn connected(&self) -> Option<(i64, i64)> {
        let mut talks = self
            .events
            .iter()
            .filter(|event| event.detail == Detail::Connected);
        let first = talks.next()?;
        let last = talks.next_back().unwrap_or(first);
        Some((first.offset, last.offset.saturating_add(last.duration)))
    }
}

/// One thing that happens on a channel.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    pub(super) offset: i64,
    /// When the event first shows.
    pub(super) seen: i64,
    pub(super) name: Option<String>,
    pub(super) duration: i64,
    /// When the duration, and a result if there is one, becomes known.
    pub(super) settled: i64,
    pub(super) detail: Detail,
}

/// What kind of event it is, with what its properties say.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Detail {
    Ringing,
    Connected,
    Wrap,
    Plan {
        group: Option<String>,
    },
    Applet {
        kind: &'static str,
    },
    Queue(QueueDetail),
    AgentQueue(QueueDetail),
    Held {
        kind: &'static str,
        by: String,
    },
    Recording,
    Disposition {
        name: &'static str,
    },
    Rating {
        score: Option<i64>,
        as_text: bool,
    },
    AudioProblem {
        classification: &'static str,
    },
    DataSource,
    DeliveryFailed {
        kind: &'static str,
    },
    Monitoring {
        kind: &'static str,
    },
    Assistant {
        result: &'static str,
        messages: i64,
        as_text: bool,
    },
    Voicemail {
        applet: &'static str,
    },
    /// A type no documentation names.
    Unheard,
}

/// A wait, as the script knows it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct QueueDetail {
    /// Tells this wait from the script's others.
    pub(super) number: u32,
    pub(super) plan: String,
    pub(super) queues: Vec<String>,
    /// Queue and milliseconds; empty leaves the property out.
    pub(super) targets: Vec<(String, i64)>,
    pub(super) skills: Vec<&'static str>,
    /// None is never told, even when the interaction has ended.
    pub(super) result: Option<&'static str>,
    /// Numbers of the properties are written as text.
    pub(super) as_text: bool,
}

/// The plot of an interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
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
    ResultNeverTold,
    Unended,
    Lost,
    LostAndFound,
}
