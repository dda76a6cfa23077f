//! The names that events and their values have in a trace.

use crate::catalogue::Label;
use crate::interaction::EventKind;

/// The name of a span or span event of this kind.
pub(super) fn name(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Ringing => "ring",
        EventKind::Connected => "talk",
        EventKind::Held => "hold",
        EventKind::Wrap => "wrap",
        EventKind::InteractionPlan => "interaction plan",
        EventKind::Applet => "applet",
        EventKind::Queue => "queue",
        EventKind::AgentQueue => "agent queue",
        EventKind::CallRecording => "recording",
        EventKind::Disposition => "disposition",
        EventKind::CallRating => "rating",
        EventKind::AudioProblemReported => "audio problem",
        EventKind::DataSourceValueAcquired => "data source value",
        EventKind::DeliveryFailed => "delivery failure",
        EventKind::Monitoring => "monitoring",
        EventKind::VirtualAssistant => "virtual assistant",
        EventKind::VoicemailRecording => "voicemail",
        EventKind::Other => "event",
    }
}

/// The attribute of an event's own name, and the label whose limits and redaction apply to it.
/// `None` where the name is not that of a thing: it is not shown.
pub(super) fn of_name(kind: EventKind) -> Option<(&'static str, Label)> {
    match kind {
        EventKind::Queue | EventKind::AgentQueue => Some(("vcc.acd_queue", Label::AcdQueue)),
        EventKind::VirtualAssistant => Some(("vcc.assistant", Label::Assistant)),
        EventKind::InteractionPlan => Some(("vcc.interaction_plan", Label::InteractionPlan)),
        _ => None,
    }
}

/// The attribute of an event's value, and the label whose limits and redaction apply to it.
pub(super) fn of_value(kind: EventKind) -> Option<(&'static str, Label)> {
    match kind {
        EventKind::Queue | EventKind::AgentQueue | EventKind::VirtualAssistant => {
            Some(("vcc.result", Label::QueueResult))
        }
        EventKind::Held | EventKind::Monitoring | EventKind::DeliveryFailed => {
            Some(("vcc.kind", Label::Type))
        }
        EventKind::InteractionPlan => Some(("vcc.reporting_group", Label::ReportingGroup)),
        EventKind::Applet | EventKind::VoicemailRecording => {
            Some(("vcc.applet_type", Label::AppletType))
        }
        EventKind::Disposition => Some(("vcc.disposition", Label::Disposition)),
        EventKind::CallRating => Some(("vcc.score", Label::Score)),
        EventKind::AudioProblemReported => Some(("vcc.classification", Label::Classification)),
        EventKind::Other => Some(("vcc.type", Label::EventType)),
        _ => None,
    }
}
