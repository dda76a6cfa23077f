//! Interactions that do not borrow from the page they were read from.

use std::borrow::Cow;

use super::{Channel, Event, Interaction, QueueDetails, Role, Text};

impl Interaction<'_> {
    /// The same interaction, independent of the page it was read from.
    pub fn into_owned(self) -> Interaction<'static> {
        Interaction {
            medium: own(self.medium),
            medium_manager: own(self.medium_manager),
            direction: own(self.direction),
            outcome: own(self.outcome),
            reporting_group: own(self.reporting_group),
            channels: self.channels.into_iter().map(Channel::into_owned).collect(),
            guid: self.guid,
            conversation: self.conversation,
            status: self.status,
            start_ms: self.start_ms,
            duration_ms: self.duration_ms,
            handle_ms: self.handle_ms,
            talk_ms: self.talk_ms,
            categorized: self.categorized,
        }
    }
}

fn own(text: Option<Text<'_>>) -> Option<Text<'static>> {
    text.map(|text| Cow::Owned(text.into_owned()))
}

impl Role<'_> {
    fn into_owned(self) -> Role<'static> {
        match self {
            Role::External => Role::External,
            Role::Agent => Role::Agent,
            Role::Monitor => Role::Monitor,
            Role::Other(text) => Role::Other(text.into_owned().into()),
            Role::Absent => Role::Absent,
        }
    }
}

impl Channel<'_> {
    fn into_owned(self) -> Channel<'static> {
        Channel {
            id: self.id,
            role: self.role.into_owned(),
            party: self.party,
            party_id: own(self.party_id),
            offset_ms: self.offset_ms,
            duration_ms: self.duration_ms,
            handle_ms: self.handle_ms,
            end_reason: own(self.end_reason),
            integration: own(self.integration),
            events: self.events.into_iter().map(Event::into_owned).collect(),
        }
    }
}

impl Event<'_> {
    fn into_owned(self) -> Event<'static> {
        Event {
            kind: self.kind,
            offset_ms: self.offset_ms,
            duration_ms: self.duration_ms,
            name: own(self.name),
            value: own(self.value),
            messages: self.messages,
            queue: self.queue.map(|queue| Box::new(queue.into_owned())),
        }
    }
}

impl QueueDetails<'_> {
    fn into_owned(self) -> QueueDetails<'static> {
        let texts = |list: Vec<Text<'_>>| list.into_iter().map(|t| t.into_owned().into()).collect();
        QueueDetails {
            virtual_queues: texts(self.virtual_queues),
            targets: (self.targets.into_iter())
                .map(|(queue, ms)| (queue.into_owned().into(), ms))
                .collect(),
            skills: texts(self.skills),
        }
    }
}
