//! Interactions of the shape the API documents, to be changed by each test where it matters.

use serde_json::{Value, json};

/// When the items start: 4 February 2026, 09:30 UTC.
pub const START_MS: i64 = 1_770_197_400_000;

/// An inbound call that waited 10 s in `Orders` with a target of 20 s, was answered by agent `07`
/// after 16 s, talked 40 s and is over after 60 s.
pub fn call() -> Value {
    json!({
        "status": "Completed", "medium": "Phone", "mediumManager": "VCC",
        "guid": "6b1f0c52-0d3e-4f77-8a10-c0a2b5d9e001",
        "conversationGuid": "b2d7a7c4-92f1-4c0e-9be4-5f6a13c7d001",
        "start": time(START_MS), "duration": 60_000, "handleTime": 46_000, "talkTime": 40_000,
        "direction": "Inbound", "serviceName": "North", "connectTo": "0205550100",
        "connectFrom": "0205550199", "categorizedAt": null, "outcome": "Handled by agent",
        "interactionPlanMapping": {
            "addressName": "Orders line", "mappingName": "M1", "interactionPlanName": "Orders plan",
            "reportingGroup": "North"
        },
        "channels": [
            {
                "guid": "6b1f0c52-0d3e-4f77-8a10-c0a2b5d9e001", "offset": 0, "duration": 56_000,
                "handleTime": null, "endReason": "Released", "integrationType": null,
                "party": { "id": null, "role": "External", "touchpoint": "0205550199" },
                "events": [
                    event("Connected", 0, 56_000),
                    queue(6_000, Some(10_000), Some("Delivered"), &["Orders"], Some(20_000)),
                ]
            },
            agent("07", 12_000, 16_000, 40_000)
        ]
    })
}

/// The same call while it waits: nothing is final but that it started and queued.
pub fn waiting() -> Value {
    let mut item = call();
    for field in ["duration", "handleTime", "talkTime", "outcome"] {
        item[field] = Value::Null;
    }
    item["status"] = json!("Ongoing");
    item["channels"].as_array_mut().unwrap().truncate(1);
    let channel = &mut item["channels"][0];
    channel["duration"] = Value::Null;
    channel["endReason"] = Value::Null;
    channel["events"][0]["duration"] = Value::Null;
    channel["events"][1] = queue(6_000, None, None, &["Orders"], Some(20_000));
    item
}

/// The same call while it is talked to: the wait is over, the interaction is not.
pub fn talking() -> Value {
    let mut item = waiting();
    item["channels"][0]["events"][1] = wait(&call()).clone();
    let mut agent = agent("07", 12_000, 16_000, 40_000);
    agent["duration"] = Value::Null;
    agent["endReason"] = Value::Null;
    agent["events"][1]["duration"] = Value::Null;
    item["channels"].as_array_mut().unwrap().push(agent);
    item
}

/// An event without properties.
pub fn event(kind: &str, offset: i64, duration: i64) -> Value {
    json!({ "type": kind, "offset": offset, "name": null, "duration": duration, "properties": null })
}

/// A `Queue` event. The target, if any, stands for every virtual queue named.
pub fn queue(
    offset: i64,
    duration: Option<i64>,
    result: Option<&str>,
    queues: &[&str],
    target: Option<i64>,
) -> Value {
    let mut properties = json!({
        "interactionPlan": "0205550100", "interactionPlanName": "Orders plan",
        "presentedSkills": ["Orders"], "virtualQueues": queues,
    });
    if let Some(ms) = target {
        let target = |name: &&str| json!({ "virtualQueue": name, "targetTimeToAnswer": ms });
        properties["targets"] = queues.iter().map(target).collect();
    }
    if let Some(result) = result {
        properties["result"] = json!(result);
    }
    json!({
        "type": "Queue", "offset": offset, "name": "ACD 1", "duration": duration,
        "properties": properties
    })
}

/// An agent's ended channel: offered, connected at `connected`, for so long.
pub fn agent(id: &str, offered: i64, connected: i64, talked: i64) -> Value {
    json!({
        "guid": format!("6b1f0c52-0d3e-4f77-8a10-c0a2b5d9f0{id}"), "offset": offered,
        "duration": connected + talked + 4_000 - offered, "handleTime": talked + 6_000,
        "endReason": "Released", "integrationType": null,
        "party": { "id": id, "role": "Agent", "touchpoint": "0205550150" },
        "events": [
            event("Ringing", offered, connected - offered),
            event("Connected", connected, talked),
            event("Wrap", connected + talked, 4_000),
        ]
    })
}

/// An agent's ended channel that was offered and never connected.
pub fn unanswered(id: &str) -> Value {
    let mut channel = agent(id, 12_000, 16_000, 0);
    channel["events"].as_array_mut().unwrap().truncate(1);
    channel
}

/// A call that waited once, with this result, and met no agent.
pub fn waited(result: Option<&str>, duration: Option<i64>, target: Option<i64>) -> Value {
    let mut item = call();
    item["channels"].as_array_mut().unwrap().truncate(1);
    *wait_mut(&mut item) = queue(6_000, duration, result, &["Orders"], target);
    item
}

/// The queue event of [`call`].
pub fn wait(item: &Value) -> &Value {
    &item["channels"][0]["events"][1]
}

/// The queue event of [`call`], to be changed.
pub fn wait_mut(item: &mut Value) -> &mut Value {
    &mut item["channels"][0]["events"][1]
}

/// Adds an event to the customer's channel.
pub fn push_event(item: &mut Value, event: Value) {
    item["channels"][0]["events"]
        .as_array_mut()
        .unwrap()
        .push(event);
}

/// The same item as another interaction, of another conversation.
pub fn numbered(item: &Value, number: u32) -> Value {
    let mut item = item.clone();
    item["guid"] = json!(format!("6b1f0c52-0d3e-4f77-8a10-{number:012x}"));
    item["conversationGuid"] = json!(format!("b2d7a7c4-92f1-4c0e-9be4-{number:012x}"));
    item
}

/// The same item, begun at another time.
pub fn begun(item: &Value, start_ms: i64) -> Value {
    let mut item = item.clone();
    item["start"] = json!(time(start_ms));
    item
}

/// A time as the API writes it.
pub fn time(ms: i64) -> String {
    let time = chrono::DateTime::from_timestamp_millis(ms).unwrap();
    time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
