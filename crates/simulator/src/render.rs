//! Writes a script as the API would show it at one moment.
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::json;

use super::script::{
    Channel, Contradiction, Detail, Event, QueueDetail, Role, Script, StatusStyle,
};
use super::time::stamp;

/// A script as shown `at` so many milliseconds after its start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown<'a> {
    pub(super) script: &'a Script,
    pub(super) at: i64,
    /// Durations of what goes on show a running value instead of null.
    pub(super) running: bool,
}

impl Shown<'_> {
    /// The item as compact JSON.
    pub(super) fn json(self) -> String {
        // Writing to a string fails only for maps with odd keys, of which there are none here.
        serde_json::to_string(&self).unwrap_or_default()
    }

    /// What the status says now.
    pub(super) fn status(self) -> Option<&'static str> {
        let closed = self.script.duration.from <= self.at;
        match (self.script.status, closed) {
            (StatusStyle::Absent, _) => None,
            (StatusStyle::Usual | StatusStyle::Failed, false) => Some("Ongoing"),
            (StatusStyle::OddCase, false) => Some("ongoing"),
            (StatusStyle::Usual, true) => Some("Completed"),
            (StatusStyle::OddCase, true) => Some("COMPLETED"),
            (StatusStyle::Failed, true) => Some("InternalError"),
        }
    }

    fn contradicts(self, what: Contradiction) -> i64 {
        let says = self
            .script
            .contradiction
            .as_ref()
            .and_then(|it| it.at(self.at));
        i64::from(says == Some(&what))
    }

    /// A running value stands only where the status says that the interaction goes on.
    fn runs(self) -> bool {
        self.running
            && self.script.status != StatusStyle::Absent
            && self.script.duration.from > self.at
    }
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (script, at) = (self.script, self.at);
        let mut map = serializer.serialize_map(None)?;
        if let Some(status) = self.status() {
            map.serialize_entry("status", status)?;
        }
        map.serialize_entry("medium", &script.medium.at(at).and_then(Option::as_ref))?;
        map.serialize_entry("mediumManager", &script.manager)?;
        map.serialize_entry("guid", &script.guid)?;
        map.serialize_entry("conversationGuid", &script.conversation)?;
        let start = script.start_ms + self.contradicts(Contradiction::Start);
        map.serialize_entry("start", &stamp(start, script.fraction_digits))?;
        let running = self.runs().then_some(at);
        let duration = script
            .duration
            .at(at)
            .map(|value| value + 1_234 * self.contradicts(Contradiction::Duration));
        map.serialize_entry("duration", &duration.or(running))?;
        map.serialize_entry(
            "handleTime",
            &script.handle.as_ref().and_then(|it| it.at(at)),
        )?;
        map.serialize_entry("talkTime", &script.talk.as_ref().and_then(|it| it.at(at)))?;
        map.serialize_entry("direction", &script.direction.at(at).copied().flatten())?;
        let group = script.group.at(at).and_then(Option::as_ref);
        map.serialize_entry("serviceName", &group)?;
        map.serialize_entry("connectTo", &script.connect_to)?;
        map.serialize_entry("connectFrom", &script.connect_from)?;
        if let Some(key) = &script.touchpoint_key {
            map.serialize_entry("connectToKey", &None::<&str>)?;
            map.serialize_entry("connectFromKey", key)?;
        }
        let categorized = script.categorized.filter(|moment| *moment <= at);
        map.serialize_entry(
            "categorizedAt",
            &categorized.map(|moment| stamp(script.start_ms + moment, 3)),
        )?;
        map.serialize_entry("outcome", &script.outcome.at(at).copied().flatten())?;
        let mapping = script.mapping.as_ref().map(|mapping| {
            json!({
                "addressName": mapping.address,
                "mappingName": mapping.mapping,
                "interactionPlanName": mapping.plan,
                "reportingGroup": group,
            })
        });
        map.serialize_entry("interactionPlanMapping", &mapping)?;
        if script.unknown_field {
            map.serialize_entry(
                "sentiment",
                &json!({"score": 0.5, "labels": ["calm", null]}),
            )?;
        }
        map.serialize_entry("channels", &Channels(*self))?;
        map.end()
    }
}

struct Channels<'a>(Shown<'a>);

impl Serialize for Channels<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for (index, channel) in self.0.script.channels.iter().enumerate() {
            if channel.offset <= self.0.at {
                let shift = if index == 0 {
                    self.0.contradicts(Contradiction::Offsets)
                } else {
                    0
                };
                list.serialize_element(&ShownChannel {
                    shown: self.0,
                    channel,
                    shift,
                })?;
            }
        }
        list.end()
    }
}

#[derive(Clone, Copy)]
struct ShownChannel<'a> {
    shown: Shown<'a>,
    channel: &'a Channel,
    shift: i64,
}

impl Serialize for ShownChannel<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (channel, at) = (self.channel, self.shown.at);
        let ended = channel.duration.at(at);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("guid", &channel.guid)?;
        map.serialize_entry("offset", &channel.offset)?;
        let running = self.shown.runs().then_some(at - channel.offset);
        map.serialize_entry("duration", &ended.copied().or(running))?;
        if let Some(handle) = &channel.handle {
            map.serialize_entry("handleTime", &handle.as_ref().and_then(|it| it.at(at)))?;
        }
        map.serialize_entry("endReason", &ended.map(|_| channel.end_reason))?;
        map.serialize_entry("integrationType", &channel.integration)?;
        let role = channel.role.name();
        let role = if channel.odd_case && channel.role != Role::Bot {
            role.to_lowercase()
        } else {
            role.to_owned()
        };
        let mut party =
            json!({"id": channel.party, "role": role, "touchpoint": channel.touchpoint});
        if channel.role == Role::External
            && let Some(key) = &self.shown.script.touchpoint_key
        {
            party["touchpointKey"] = json!(key);
        }
        map.serialize_entry("party", &party)?;
        map.serialize_entry("events", &Events(*self))?;
        map.end()
    }
}

struct Events<'a>(ShownChannel<'a>);

impl Serialize for Events<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ShownChannel {
            shown,
            channel,
            shift,
        } = self.0;
        let mut list = serializer.serialize_seq(None)?;
        for event in channel.events.iter().filter(|event| event.seen <= shown.at) {
            let runs = shown.runs() && channel.duration.from > shown.at;
            list.serialize_element(&ShownEvent {
                event,
                at: shown.at,
                runs,
                shift,
            })?;
        }
        list.end()
    }
}

struct ShownEvent<'a> {
    event: &'a Event,
    at: i64,
    runs: bool,
    shift: i64,
}

impl Serialize for ShownEvent<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let event = self.event;
        let settled = event.settled <= self.at;
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("type", type_name(&event.detail))?;
        map.serialize_entry("offset", &(event.offset + self.shift))?;
        map.serialize_entry("name", &event.name)?;
        // What waits for a result never shows a running value, for result and duration come together.
        let with_result = matches!(
            event.detail,
            Detail::Queue(_)
                | Detail::AgentQueue(_)
                | Detail::Assistant { .. }
                | Detail::Rating { .. }
        );
        let unsettled = if with_result || !self.runs {
            None
        } else {
            Some(self.at - event.offset)
        };
        let duration =
            if settled || event.duration == 0 && matches!(event.detail, Detail::Rating { .. }) {
                Some(event.duration)
            } else {
                unsettled
            };
        map.serialize_entry("duration", &duration)?;
        map.serialize_entry("properties", &properties(&event.detail, settled))?;
        map.end()
    }
}

pub(super) fn type_name(detail: &Detail) -> &'static str {
    match detail {
        Detail::Ringing => "Ringing",
        Detail::Connected => "Connected",
        Detail::Wrap => "Wrap",
        Detail::Plan { .. } => "InteractionPlan",
        Detail::Applet { .. } => "Applet",
        Detail::Queue(_) => "Queue",
        Detail::AgentQueue(_) => "AgentQueue",
        Detail::Held { .. } => "Held",
        Detail::Recording => "CallRecording",
        Detail::Disposition { .. } => "Disposition",
        Detail::Rating { .. } => "CallRating",
        Detail::AudioProblem { .. } => "AudioProblemReported",
        Detail::DataSource => "DataSourceValueAcquired",
        Detail::DeliveryFailed { .. } => "DeliveryFailed",
        Detail::Monitoring { .. } => "Monitoring",
        Detail::Assistant { .. } => "VirtualAssistant",
        Detail::Voicemail { .. } => "VoicemailRecording",
        Detail::Unheard => "SentimentShifted",
    }
}

fn number(value: i64, as_text: bool) -> serde_json::Value {
    if as_text {
        json!(value.to_string())
    } else {
        json!(value)
    }
}

fn properties(detail: &Detail, settled: bool) -> serde_json::Value {
    match detail {
        Detail::Ringing | Detail::Connected | Detail::Wrap | Detail::Recording => {
            serde_json::Value::Null
        }
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
        Detail::Unheard => json!({"from": "calm", "to": {"level": 3}}),
    }
}

fn queue_properties(queue: &QueueDetail, settled: bool) -> serde_json::Value {
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
        // Some records show what is not yet known as null rather than leaving it out.
        properties["result"] = serde_json::Value::Null;
    }
    properties
}
