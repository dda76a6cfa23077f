//! Open interactions of version 1, within their rows.

use std::borrow::Cow;

use serde::Deserialize;

use super::{EncodingError, code, event_kind};
use crate::schema::interaction::{
    StoredChannel, StoredEvent, StoredInteraction, StoredQueueDetails,
};

#[derive(Deserialize)]
pub(super) struct Interaction<'a> {
    guid: u128,
    conversation: Option<u128>,
    status: u32,
    start_ms: i64,
    duration_ms: Option<i64>,
    handle_ms: Option<i64>,
    talk_ms: Option<i64>,
    categorized: Option<Result<i64, ()>>,
    #[serde(borrow)]
    medium: Option<&'a str>,
    medium_manager: Option<&'a str>,
    direction: Option<&'a str>,
    outcome: Option<&'a str>,
    reporting_group: Option<&'a str>,
    channels: Vec<Channel<'a>>,
}

#[derive(Deserialize)]
struct Channel<'a> {
    id: u64,
    #[serde(borrow)]
    role: Role<'a>,
    party: Option<u64>,
    party_id: Option<&'a str>,
    offset_ms: i64,
    duration_ms: Option<i64>,
    handle_ms: Option<i64>,
    end_reason: Option<&'a str>,
    integration: Option<&'a str>,
    events: Vec<Event<'a>>,
}

#[derive(Deserialize)]
enum Role<'a> {
    External,
    Agent,
    Monitor,
    Other(&'a str),
    Absent,
}

#[derive(Deserialize)]
struct Event<'a> {
    kind: u32,
    offset_ms: i64,
    duration_ms: Option<i64>,
    name: Option<&'a str>,
    value: Option<&'a str>,
    messages: Option<i64>,
    #[serde(borrow)]
    queue: Option<QueueDetails<'a>>,
}

#[derive(Deserialize)]
struct QueueDetails<'a> {
    #[serde(borrow)]
    virtual_queues: Vec<&'a str>,
    targets: Vec<(&'a str, i64)>,
    skills: Vec<&'a str>,
}

fn text(text: Option<&str>) -> Option<Cow<'_, str>> {
    text.map(Cow::Borrowed)
}

fn texts(texts: Vec<&str>) -> Vec<Cow<'_, str>> {
    texts.into_iter().map(Cow::Borrowed).collect()
}

pub(super) fn interaction(
    interaction: Interaction<'_>,
) -> Result<StoredInteraction<'_>, EncodingError> {
    let channels = interaction.channels.into_iter().map(channel);
    Ok(StoredInteraction {
        guid: interaction.guid,
        conversation: interaction.conversation,
        status: code("status", interaction.status, 4)?,
        start_ms: interaction.start_ms,
        duration_ms: interaction.duration_ms,
        handle_ms: interaction.handle_ms,
        talk_ms: interaction.talk_ms,
        categorized: interaction.categorized.map(Result::ok),
        medium: text(interaction.medium),
        medium_manager: text(interaction.medium_manager),
        direction: text(interaction.direction),
        outcome: text(interaction.outcome),
        reporting_group: text(interaction.reporting_group),
        channels: channels.collect::<Result<_, _>>()?,
    })
}

fn channel(channel: Channel<'_>) -> Result<StoredChannel<'_>, EncodingError> {
    let (role, role_text) = match channel.role {
        Role::External => (1, None),
        Role::Agent => (2, None),
        Role::Monitor => (3, None),
        Role::Other(text) => (4, Some(Cow::Borrowed(text))),
        Role::Absent => (5, None),
    };
    let events = channel.events.into_iter().map(event);
    Ok(StoredChannel {
        id: channel.id,
        role,
        role_text,
        party: channel.party,
        party_id: text(channel.party_id),
        offset_ms: channel.offset_ms,
        duration_ms: channel.duration_ms,
        handle_ms: channel.handle_ms,
        end_reason: text(channel.end_reason),
        integration: text(channel.integration),
        events: events.collect::<Result<_, _>>()?,
    })
}

fn event(event: Event<'_>) -> Result<StoredEvent<'_>, EncodingError> {
    let queue = event.queue.map(|queue| StoredQueueDetails {
        virtual_queues: texts(queue.virtual_queues),
        targets: (queue.targets.into_iter())
            .map(|(queue, ms)| (Cow::Borrowed(queue), ms))
            .collect(),
        skills: texts(queue.skills),
    });
    Ok(StoredEvent {
        kind: event_kind(event.kind)?,
        offset_ms: event.offset_ms,
        duration_ms: event.duration_ms,
        name: text(event.name),
        value: text(event.value),
        messages: event.messages,
        queue,
    })
}
