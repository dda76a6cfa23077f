//! An open interaction as it is stored within its row.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::EncodingError;
use super::codes::{Coded, decoded, role, role_code};
use vcc_core::interaction::{Channel, Event, Guid, Interaction, QueueDetails, Text};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredInteraction<'a> {
    pub(super) guid: u128,
    pub(super) conversation: Option<u128>,
    pub(super) status: u8,
    pub(super) start_ms: i64,
    pub(super) duration_ms: Option<i64>,
    pub(super) handle_ms: Option<i64>,
    pub(super) talk_ms: Option<i64>,
    /// `Some(None)` where the API's text is no time.
    pub(super) categorized: Option<Option<i64>>,
    pub(super) medium: Option<Cow<'a, str>>,
    pub(super) medium_manager: Option<Cow<'a, str>>,
    pub(super) direction: Option<Cow<'a, str>>,
    pub(super) outcome: Option<Cow<'a, str>>,
    pub(super) reporting_group: Option<Cow<'a, str>>,
    pub(super) channels: Vec<StoredChannel<'a>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredChannel<'a> {
    pub(super) id: u64,
    pub(super) role: u8,
    pub(super) role_text: Option<Cow<'a, str>>,
    pub(super) party: Option<u64>,
    pub(super) party_id: Option<Cow<'a, str>>,
    pub(super) offset_ms: i64,
    pub(super) duration_ms: Option<i64>,
    pub(super) handle_ms: Option<i64>,
    pub(super) end_reason: Option<Cow<'a, str>>,
    pub(super) integration: Option<Cow<'a, str>>,
    pub(super) events: Vec<StoredEvent<'a>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredEvent<'a> {
    pub(super) kind: u8,
    pub(super) offset_ms: i64,
    pub(super) duration_ms: Option<i64>,
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) value: Option<Cow<'a, str>>,
    pub(super) messages: Option<i64>,
    pub(super) queue: Option<StoredQueueDetails<'a>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredQueueDetails<'a> {
    pub(super) virtual_queues: Vec<Cow<'a, str>>,
    pub(super) targets: Vec<(Cow<'a, str>, i64)>,
    pub(super) skills: Vec<Cow<'a, str>>,
}

fn lent<'a>(text: &'a Option<Text<'_>>) -> Option<Cow<'a, str>> {
    text.as_deref().map(Cow::Borrowed)
}

fn all_lent<'a>(texts: &'a [Text<'_>]) -> Vec<Cow<'a, str>> {
    texts.iter().map(|text| Cow::Borrowed(&**text)).collect()
}

fn owned(text: Option<Cow<'_, str>>) -> Option<Text<'static>> {
    text.map(|text| Cow::Owned(text.into_owned()))
}

fn all_owned(texts: Vec<Cow<'_, str>>) -> Vec<Text<'static>> {
    let texts = texts.into_iter();
    texts.map(|text| Cow::Owned(text.into_owned())).collect()
}

impl<'a> From<&'a Interaction<'_>> for StoredInteraction<'a> {
    fn from(interaction: &'a Interaction<'_>) -> Self {
        StoredInteraction {
            guid: interaction.guid.0,
            conversation: interaction.conversation.map(|guid| guid.0),
            status: interaction.status.code(),
            start_ms: interaction.start_ms,
            duration_ms: interaction.duration_ms,
            handle_ms: interaction.handle_ms,
            talk_ms: interaction.talk_ms,
            categorized: interaction.categorized.map(Result::ok),
            medium: lent(&interaction.medium),
            medium_manager: lent(&interaction.medium_manager),
            direction: lent(&interaction.direction),
            outcome: lent(&interaction.outcome),
            reporting_group: lent(&interaction.reporting_group),
            channels: interaction.channels.iter().map(Into::into).collect(),
        }
    }
}

impl<'a> From<&'a Channel<'_>> for StoredChannel<'a> {
    fn from(channel: &'a Channel<'_>) -> Self {
        let (role, role_text) = role_code(&channel.role);
        StoredChannel {
            id: channel.id,
            role,
            role_text: role_text.map(Cow::Borrowed),
            party: channel.party,
            party_id: lent(&channel.party_id),
            offset_ms: channel.offset_ms,
            duration_ms: channel.duration_ms,
            handle_ms: channel.handle_ms,
            end_reason: lent(&channel.end_reason),
            integration: lent(&channel.integration),
            events: channel.events.iter().map(Into::into).collect(),
        }
    }
}

impl<'a> From<&'a Event<'_>> for StoredEvent<'a> {
    fn from(event: &'a Event<'_>) -> Self {
        StoredEvent {
            kind: event.kind.code(),
            offset_ms: event.offset_ms,
            duration_ms: event.duration_ms,
            name: lent(&event.name),
            value: lent(&event.value),
            messages: event.messages,
            queue: event.queue.as_deref().map(Into::into),
        }
    }
}

impl<'a> From<&'a QueueDetails<'_>> for StoredQueueDetails<'a> {
    fn from(queue: &'a QueueDetails<'_>) -> Self {
        let targets = queue.targets.iter();
        StoredQueueDetails {
            virtual_queues: all_lent(&queue.virtual_queues),
            targets: targets
                .map(|(queue, ms)| (Cow::Borrowed(&**queue), *ms))
                .collect(),
            skills: all_lent(&queue.skills),
        }
    }
}

/// The interaction of its stored form.
pub(super) fn interaction(
    stored: StoredInteraction<'_>,
) -> Result<Interaction<'static>, EncodingError> {
    let channels = stored.channels.into_iter().map(channel);
    Ok(Interaction {
        guid: Guid(stored.guid),
        conversation: stored.conversation.map(Guid),
        status: decoded(stored.status)?,
        start_ms: stored.start_ms,
        duration_ms: stored.duration_ms,
        handle_ms: stored.handle_ms,
        talk_ms: stored.talk_ms,
        categorized: stored.categorized.map(|time| time.ok_or(())),
        medium: owned(stored.medium),
        medium_manager: owned(stored.medium_manager),
        direction: owned(stored.direction),
        outcome: owned(stored.outcome),
        reporting_group: owned(stored.reporting_group),
        channels: channels.collect::<Result<_, _>>()?,
    })
}

fn channel(stored: StoredChannel<'_>) -> Result<Channel<'static>, EncodingError> {
    let events = stored.events.into_iter().map(event);
    Ok(Channel {
        id: stored.id,
        role: role(stored.role, stored.role_text.map(Cow::into_owned))?,
        party: stored.party,
        party_id: owned(stored.party_id),
        offset_ms: stored.offset_ms,
        duration_ms: stored.duration_ms,
        handle_ms: stored.handle_ms,
        end_reason: owned(stored.end_reason),
        integration: owned(stored.integration),
        events: events.collect::<Result<_, _>>()?,
    })
}

fn event(stored: StoredEvent<'_>) -> Result<Event<'static>, EncodingError> {
    Ok(Event {
        kind: decoded(stored.kind)?,
        offset_ms: stored.offset_ms,
        duration_ms: stored.duration_ms,
        name: owned(stored.name),
        value: owned(stored.value),
        messages: stored.messages,
        queue: stored.queue.map(|queue| Box::new(queue_details(queue))),
    })
}

fn queue_details(stored: StoredQueueDetails<'_>) -> QueueDetails<'static> {
    let targets = stored.targets.into_iter();
    QueueDetails {
        virtual_queues: all_owned(stored.virtual_queues),
        targets: targets
            .map(|(queue, ms)| (Cow::Owned(queue.into_owned()), ms))
            .collect(),
        skills: all_owned(stored.skills),
    }
}
