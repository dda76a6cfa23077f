//! Channels, decoded while they are parsed.

use super::super::wire::{
    self,
    seq::{Seq, SeqSink},
};
use super::event::{Events, offset};
use super::text::{lenient, text};
use vcc_core::interaction::{Channel, MAX_PARTS, Role, stable_hash};

/// The channels of an interaction.
#[derive(Debug, Default)]
pub(super) struct Channels<'a> {
    pub(super) list: Vec<Channel<'a>>,
    /// The number of channels, events and names, whether or not they are kept.
    pub(super) parts: usize,
}

impl<'de: 'a, 'a> SeqSink<'de> for Channels<'a> {
    type Element = wire::Channel<'a, Seq<Events<'a>>>;

    fn push(&mut self, element: Self::Element) {
        let events = element.events.as_ref();
        self.parts += 1 + events.map_or(0, |events| events.0.parts);
        // A record beyond the limit is rejected as a whole, so its other parts are not worth
        // keeping.
        if self.parts <= MAX_PARTS {
            let mut channel = channel(self.list.len(), element);
            // Two channels with one guid are two channels; distinguished by their order, they stay
            // so in every version.
            while self.list.iter().any(|known| known.id == channel.id) {
                channel.id = channel.id.wrapping_add(1);
            }
            self.list.push(channel);
        }
    }
}

/// The channel at this index of its interaction.
fn channel<'a>(index: usize, channel: wire::Channel<'a, Seq<Events<'a>>>) -> Channel<'a> {
    let (party_id, role) = channel
        .party
        .map_or((None, None), |party| (text(party.id), text(party.role)));
    Channel {
        // A channel without a guid is identified by its index.
        id: channel
            .guid
            .map_or(index as u64, |guid| stable_hash(&guid.0)),
        role: role.map_or(Role::Absent, |text| match &*text {
            t if t.eq_ignore_ascii_case("External") => Role::External,
            t if t.eq_ignore_ascii_case("Agent") => Role::Agent,
            t if t.eq_ignore_ascii_case("Monitor") => Role::Monitor,
            _ => Role::Other(text),
        }),
        party: party_id.as_deref().map(stable_hash),
        party_id,
        offset_ms: offset(channel.offset),
        duration_ms: channel.duration.map(|n| n.0),
        handle_ms: channel.handle_time.map(|n| n.0),
        end_reason: text(channel.end_reason),
        integration: lenient(channel.integration_type),
        events: channel.events.unwrap_or_default().0.list,
    }
}
