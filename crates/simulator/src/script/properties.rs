//! Renders the `properties` of an event.
use serde_json::{Value, json};

use super::{Detail, QueueDetail};

/// `settled` once the event's result is known.
pub(super) fn properties(detail: &Detail, settled: bool) -> Value {
    match detail {
        Detail::Ringing | Detail::Connected | Detail::Wrap | Detail::Recording => Value::Null,
        Detail::Plan { group } => json!({"reportingGroup": group}),
        Detail::Applet { kind } => json!({"appletType": kind}),
        Detail::Queue(queue) | Detail::AgentQueue(queue) => queue_properties(queue, settled),
        Detail::Held { kind, by } => json!({"type": kind, "initiatingAgentId": by}),
        Detail::Disposition { name } => json!({"disposition": name}),
        Detail::Rating { score, as_text } => {
            json!({"classification": score.filter(|_| settled).map(|score| number(score, *as_text))})
        }
        Detail::AudioProblem { classification } => json!({"classification": classification}),
        Detail::DataSource => json!({"value": "A-1234"}),
        Detail::DeliveryFailed { kind } | Detail::Monitoring { kind } => json!({"type": kind}),
        Detail::Assistant {
            result,
            messages,
            as_text,
        } if settled => {
            json!({"result": result, "messageCount": number(*messages, *as_text)})
        }
        Detail::Assistant { .. } => json!({}),
        Detail::Voicemail { applet } => json!({"appletType": applet}),
        Detail::Undocumented => json!({"from": "calm", "to": {"level": 3}}),
    }
}

fn queue_properties(queue: &QueueDetail, settled: bool) -> Value {
    let mut properties =
        json!({"interactionPlan": "0123456789", "interactionPlanName": queue.plan});
    if !queue.skills.is_empty() {
        properties["presentedSkills"] = json!(queue.skills);
    }
    if !queue.queues.is_empty() {
        properties["virtualQueues"] = json!(queue.queues);
    }
    if !queue.targets.is_empty() {
        let target = |(queue_name, target): &(String, i64)| json!({"virtualQueue": queue_name, "targetTimeToAnswer": number(*target, queue.as_text)});
        properties["targets"] = queue.targets.iter().map(target).collect();
    }
    if settled {
        if let Some(result) = queue.result {
            properties["result"] = json!(result);
        }
    } else if queue.as_text {
        // Some records have null for an unknown result rather than omitting it.
        properties["result"] = Value::Null;
    }
    properties
}

fn number(value: i64, as_text: bool) -> Value {
    if as_text {
        json!(value.to_string())
    } else {
        json!(value)
    }
}
