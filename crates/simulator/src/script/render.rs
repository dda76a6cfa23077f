//! Renders a version of a script as the JSON that the API returns for it.
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::json;

use super::properties::properties;
use super::{Channel, Contradiction, Detail, Event, Role, Script, StatusStyle};
use crate::time::stamp;

/// The version of a script at a moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RenderedItem<'a> {
    pub(crate) script: &'a Script,
    /// In milliseconds after the start.
    pub(crate) at: i64,
    /// Durations of ongoing subjects are the time elapsed so far instead of null.
    pub(crate) elapsed_durations: bool,
}

impl RenderedItem<'_> {
    /// The item as compact JSON.
    pub(crate) fn json(self) -> String {
        // Serialising to a string fails only for maps whose keys are no strings.
        serde_json::to_string(&self).unwrap_or_default()
    }

    fn status(self) -> Option<&'static str> {
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

    /// 1 if this version contradicts earlier ones in this value, else 0.
    fn contradicts(self, what: Contradiction) -> i64 {
        let contradiction = self
            .script
            .contradiction
            .as_ref()
            .and_then(|it| it.at(self.at));
        i64::from(contradiction == Some(&what))
    }

    /// Whether durations of ongoing subjects are rendered: only while the status says that the interaction is ongoing.
    fn shows_elapsed(self) -> bool {
        self.elapsed_durations
            && self.script.status != StatusStyle::Absent
            && self.script.duration.from > self.at
    }
}

impl Serialize for RenderedItem<'_> {
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
        let elapsed = self.shows_elapsed().then_some(at);
        let duration = script
            .duration
            .at(at)
            .map(|value| value + 1_234 * self.contradicts(Contradiction::Duration));
        map.serialize_entry("duration", &duration.or(elapsed))?;
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

struct Channels<'a>(RenderedItem<'a>);

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
                list.serialize_element(&RenderedChannel {
                    item: self.0,
                    channel,
                    shift,
                })?;
            }
        }
        list.end()
    }
}

#[derive(Clone, Copy)]
struct RenderedChannel<'a> {
    item: RenderedItem<'a>,
    channel: &'a Channel,
    shift: i64,
}

impl Serialize for RenderedChannel<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (channel, at) = (self.channel, self.item.at);
        let ended = channel.duration.at(at);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("guid", &channel.guid)?;
        map.serialize_entry("offset", &channel.offset)?;
        let elapsed = self.item.shows_elapsed().then_some(at - channel.offset);
        map.serialize_entry("duration", &ended.copied().or(elapsed))?;
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
            && let Some(key) = &self.item.script.touchpoint_key
        {
            party["touchpointKey"] = json!(key);
        }
        map.serialize_entry("party", &party)?;
        map.serialize_entry("events", &Events(*self))?;
        map.end()
    }
}

struct Events<'a>(RenderedChannel<'a>);

impl Serialize for Events<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let RenderedChannel {
            item,
            channel,
            shift,
        } = self.0;
        let mut list = serializer.serialize_seq(None)?;
        for event in channel.events.iter().filter(|event| event.seen <= item.at) {
            let shows_elapsed = item.shows_elapsed() && channel.duration.from > item.at;
            list.serialize_element(&RenderedEvent {
                event,
                at: item.at,
                shows_elapsed,
                shift,
            })?;
        }
        list.end()
    }
}

struct RenderedEvent<'a> {
    event: &'a Event,
    at: i64,
    shows_elapsed: bool,
    shift: i64,
}

impl Serialize for RenderedEvent<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let event = self.event;
        let settled = event.settled <= self.at;
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("type", event.detail.type_name())?;
        map.serialize_entry("offset", &(event.offset + self.shift))?;
        map.serialize_entry("name", &event.name)?;
        // Events with a result never show the elapsed time, because result and duration become known together.
        let with_result = matches!(
            event.detail,
            Detail::Queue(_)
                | Detail::AgentQueue(_)
                | Detail::Assistant { .. }
                | Detail::Rating { .. }
        );
        let unsettled = if with_result || !self.shows_elapsed {
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
