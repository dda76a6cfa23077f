//! The kinds of scenarios: how often each occurs, and which function writes it.
use super::builder::ScriptBuilder;
use super::{agents, digital, voice};
use crate::script::ScenarioKind;

/// Weights of the kinds. [`ScenarioKind::Callback`] is not drawn: it follows a callback request.
pub(super) const WEIGHTS: [(u32, ScenarioKind); 20] = [
    (330, ScenarioKind::Answered),
    (100, ScenarioKind::AbandonedInQueue),
    (80, ScenarioKind::Breakout),
    (80, ScenarioKind::SelfService),
    (50, ScenarioKind::Requeued),
    (50, ScenarioKind::Transferred),
    (25, ScenarioKind::Conference),
    (40, ScenarioKind::AgentQueued),
    (60, ScenarioKind::Outbound),
    (30, ScenarioKind::OutboundUnconnected),
    (25, ScenarioKind::Internal),
    (60, ScenarioKind::AssistantOnly),
    (50, ScenarioKind::AssistantEscalated),
    (35, ScenarioKind::Case),
    (30, ScenarioKind::CallbackRequest),
    (10, ScenarioKind::Failed),
    (8, ScenarioKind::ResultNeverReported),
    (6, ScenarioKind::Unended),
    (6, ScenarioKind::Lost),
    (4, ScenarioKind::LostAndFound),
];

/// Writes the scenario of this kind from the arrival to the end of the last channel.
pub(super) fn write(builder: &mut ScriptBuilder<'_>, kind: ScenarioKind) {
    if starts_in_queue(kind) && builder.first_queue_is_starved() {
        return voice::starved(builder);
    }
    let scenario = match kind {
        ScenarioKind::Answered
        | ScenarioKind::Lost
        | ScenarioKind::LostAndFound
        | ScenarioKind::Unended => voice::answered,
        ScenarioKind::AbandonedInQueue | ScenarioKind::ResultNeverReported => voice::abandoned,
        ScenarioKind::Breakout => voice::breakout,
        ScenarioKind::SelfService => voice::self_service,
        ScenarioKind::Requeued => voice::requeued,
        ScenarioKind::Outbound => voice::outbound,
        ScenarioKind::OutboundUnconnected => voice::outbound_unconnected,
        ScenarioKind::CallbackRequest => voice::callback_request,
        ScenarioKind::Failed => voice::failed,
        ScenarioKind::Transferred => agents::transferred,
        ScenarioKind::Conference => agents::conference,
        ScenarioKind::AgentQueued => agents::agent_queued,
        ScenarioKind::Internal => agents::internal,
        ScenarioKind::AssistantOnly => digital::chat_with_assistant,
        ScenarioKind::AssistantEscalated => digital::chat_with_agent,
        ScenarioKind::Case => digital::case,
        ScenarioKind::Callback => digital::callback,
    };
    scenario(builder);
}

/// Whether an interaction of this kind goes to a queue first and is ordinary otherwise.
fn starts_in_queue(kind: ScenarioKind) -> bool {
    matches!(
        kind,
        ScenarioKind::Answered
            | ScenarioKind::AbandonedInQueue
            | ScenarioKind::Breakout
            | ScenarioKind::Requeued
            | ScenarioKind::Transferred
            | ScenarioKind::Conference
            | ScenarioKind::AgentQueued
            | ScenarioKind::CallbackRequest
    )
}
