//! Events in detail: their types and what their properties hold.

/// The documented results with which a caller leaves a queue other than an answer or a hang-up.
pub(crate) const BREAKOUT_RESULTS: [&str; 6] = [
    "AgentDeclineBreakout",
    "MaxEstimatedWaitTime",
    "NoAgentsBreakout",
    "QueueCapacityBreakout",
    "QueueTimeBreakout",
    "VoluntaryBreakout",
];

/// The type of an event, with its properties.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Detail {
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
    Undocumented,
}

impl Detail {
    /// The `type` of the event on the wire.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Ringing => "Ringing",
            Self::Connected => "Connected",
            Self::Wrap => "Wrap",
            Self::Plan { .. } => "InteractionPlan",
            Self::Applet { .. } => "Applet",
            Self::Queue(_) => "Queue",
            Self::AgentQueue(_) => "AgentQueue",
            Self::Held { .. } => "Held",
            Self::Recording => "CallRecording",
            Self::Disposition { .. } => "Disposition",
            Self::Rating { .. } => "CallRating",
            Self::AudioProblem { .. } => "AudioProblemReported",
            Self::DataSource => "DataSourceValueAcquired",
            Self::DeliveryFailed { .. } => "DeliveryFailed",
            Self::Monitoring { .. } => "Monitoring",
            Self::Assistant { .. } => "VirtualAssistant",
            Self::Voicemail { .. } => "VoicemailRecording",
            Self::Undocumented => "SentimentShifted",
        }
    }
}

/// A wait in a queue.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct QueueDetail {
    /// Identifies this wait within its script.
    pub(crate) number: u32,
    pub(crate) plan: String,
    pub(crate) queues: Vec<String>,
    /// Target time to answer per queue, in milliseconds; empty omits the property.
    pub(crate) targets: Vec<(String, i64)>,
    pub(crate) skills: Vec<&'static str>,
    /// `None` if it is never reported, not even when the interaction has ended.
    pub(crate) result: Option<&'static str>,
    /// Numbers in the properties are rendered as strings.
    pub(crate) as_text: bool,
}
