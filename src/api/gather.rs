//! Lists understood element by element while they are read.
//!
//! A page is megabytes of text, of which little is kept. What the API sends beside that must not
//! pile up until the page's end: writing it to memory and reading it again took longer than
//! understanding it.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::decode::{channel, event, interaction, parts_of};
use super::wire;
use crate::interaction::{Channel, Event, Guid, Interaction, MAX_PARTS};
use crate::vocabulary::RecordRejectReason;

/// The most items of a page: twice what the API gives at most. A body of nothing but commas and
/// zeros must not become gigabytes.
pub(super) const MAX_ITEMS: usize = 10_000;

/// An item whose channels are understood already.
pub(super) type Item<'a> = wire::Item<'a, Channels<'a>>;

/// A list that takes its elements one by one.
trait Gather<'de>: Default {
    type Element: Deserialize<'de>;

    fn take(&mut self, element: Self::Element);

    /// Whether there is room for another element.
    fn has_room(&self) -> bool {
        true
    }
}

fn gather<'de, D: Deserializer<'de>, G: Gather<'de>>(deserializer: D) -> Result<G, D::Error> {
    struct Each<G>(PhantomData<G>);
    impl<'de, G: Gather<'de>> Visitor<'de> for Each<G> {
        type Value = G;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<G, A::Error> {
            let mut list = G::default();
            while let Some(element) = seq.next_element()? {
                if !list.has_room() {
                    return Err(serde::de::Error::custom("there are too many items"));
                }
                list.take(element);
            }
            Ok(list)
        }
    }
    deserializer.deserialize_seq(Each(PhantomData))
}

/// The interactions of a page, and why the others were rejected.
#[derive(Debug, Default)]
pub(super) struct Items<'a> {
    pub(super) interactions: Vec<Interaction<'a>>,
    pub(super) rejected: Vec<(RecordRejectReason, Option<Guid>)>,
}

impl<'de: 'a, 'a> Gather<'de> for Items<'a> {
    type Element = Item<'a>;

    fn take(&mut self, item: Item<'a>) {
        match interaction(item) {
            Ok(interaction) => self.interactions.push(interaction),
            Err(rejected) => self.rejected.push(rejected),
        }
    }

    fn has_room(&self) -> bool {
        self.interactions.len() + self.rejected.len() < MAX_ITEMS
    }
}

/// The items of a page as they are, each to be read alone.
#[derive(Debug, Default)]
pub(super) struct RawItems<'a>(pub(super) Vec<&'a RawValue>);

impl<'de: 'a, 'a> Gather<'de> for RawItems<'a> {
    type Element = &'a RawValue;

    fn take(&mut self, item: &'a RawValue) {
        self.0.push(item);
    }

    fn has_room(&self) -> bool {
        self.0.len() < MAX_ITEMS
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for RawItems<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        gather(deserializer)
    }
}

/// The channels of an interaction.
#[derive(Debug, Default)]
pub(super) struct Channels<'a> {
    pub(super) list: Vec<Channel<'a>>,
    /// How many channels, events and names there were, whether or not anything is kept of them.
    pub(super) parts: usize,
}

impl<'de: 'a, 'a> Gather<'de> for Channels<'a> {
    type Element = wire::Channel<'a, Events<'a>>;

    fn take(&mut self, element: Self::Element) {
        let events = element.events.as_ref();
        self.parts += 1 + events.map_or(0, |events| events.parts);
        // What lies beyond the bound is rejected with its record, and not worth keeping.
        if self.parts <= MAX_PARTS {
            let mut channel = channel(self.list.len(), element);
            // Two channels of one guid are two channels; told apart by their order, they stay so
            // in every version.
            while self.list.iter().any(|known| known.id == channel.id) {
                channel.id = channel.id.wrapping_add(1);
            }
            self.list.push(channel);
        }
    }
}

/// The events of a channel.
#[derive(Debug, Default)]
pub(super) struct Events<'a> {
    pub(super) list: Vec<Event<'a>>,
    /// How many events and names in them there were.
    pub(super) parts: usize,
}

impl<'de: 'a, 'a> Gather<'de> for Events<'a> {
    type Element = wire::Event<'a>;

    fn take(&mut self, element: Self::Element) {
        self.parts += parts_of(&element);
        // As above.
        if self.parts <= MAX_PARTS {
            self.list.push(event(element));
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        gather(deserializer)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Channels<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        gather(deserializer)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Events<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        gather(deserializer)
    }
}
