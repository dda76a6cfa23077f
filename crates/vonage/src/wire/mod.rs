//! The page as the API sends it: borrowed and lenient. Nothing outside this crate uses it.
//!
//! Unknown fields are skipped, absent ones are `None`, numbers may be strings. A documented field of
//! the wrong shape stays an error, which costs its record. The scalar types are in `values`, lists
//! that are decoded element by element in `seq`.

pub(super) mod seq;
mod values;

use serde::Deserialize;

pub use values::{Int, Lenient, List, Str};

/// The envelope.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "I: Deserialize<'de>"))]
pub struct Page<'a, I = Vec<Item<'a>>> {
    /// Paging figures.
    pub meta: Option<Meta>,
    /// The interactions, decoded as `I`. Required: a page without them would look like a quiet hour.
    pub items: I,
    /// The time of the request.
    #[serde(borrow)]
    pub up_to: Option<Str<'a>>,
    /// The time of the newest event that the API has.
    #[serde(borrow)]
    pub latest_update: Option<Str<'a>>,
}

/// Paging figures. They may be wrong; nothing may depend on them alone.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "named as in the API's documentation")]
pub struct Meta {
    #[serde(default)]
    pub page: Option<Int>,
    #[serde(default)]
    pub count: Option<Int>,
    #[serde(default)]
    pub page_count: Option<Int>,
    #[serde(default)]
    pub total_count: Option<Int>,
}

/// One interaction. Its addresses (phone numbers, e-mail) are not read at all.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "C: Deserialize<'de>"))]
#[allow(missing_docs, reason = "named as in the API's documentation")]
pub struct Item<'a, C = Vec<Channel<'a>>> {
    #[serde(borrow)]
    pub guid: Option<Str<'a>>,
    #[serde(borrow)]
    pub conversation_guid: Option<Str<'a>>,
    #[serde(borrow)]
    pub status: Option<Str<'a>>,
    #[serde(borrow)]
    pub medium: Option<Str<'a>>,
    #[serde(borrow)]
    pub medium_manager: Option<Str<'a>>,
    #[serde(borrow)]
    pub direction: Option<Str<'a>>,
    #[serde(borrow)]
    pub outcome: Option<Str<'a>>,
    #[serde(borrow)]
    pub start: Option<Str<'a>>,
    #[serde(borrow)]
    pub categorized_at: Option<Str<'a>>,
    pub duration: Option<Int>,
    pub handle_time: Option<Int>,
    pub talk_time: Option<Int>,
    #[serde(borrow)]
    pub interaction_plan_mapping: Option<PlanMapping<'a>>,
    pub channels: Option<C>,
}

/// The interaction plan mapping, of which only the group is used.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "named as in the API's documentation")]
pub struct PlanMapping<'a> {
    #[serde(borrow)]
    pub reporting_group: Option<Str<'a>>,
}

/// The channel of one party.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "E: Deserialize<'de>"))]
#[allow(missing_docs, reason = "named as in the API's documentation")]
pub struct Channel<'a, E = Vec<Event<'a>>> {
    #[serde(borrow)]
    pub guid: Option<Str<'a>>,
    pub offset: Option<Int>,
    pub duration: Option<Int>,
    pub handle_time: Option<Int>,
    #[serde(borrow)]
    pub end_reason: Option<Str<'a>>,
    #[serde(borrow, default)]
    pub integration_type: Lenient<'a>,
    #[serde(borrow)]
    pub party: Option<Party<'a>>,
    pub events: Option<E>,
}

/// The party of a channel.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "named as in the API's documentation")]
pub struct Party<'a> {
    #[serde(borrow)]
    pub id: Option<Str<'a>>,
    #[serde(borrow)]
    pub role: Option<Str<'a>>,
}

/// One event of a channel.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "named as in the API's documentation")]
pub struct Event<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Option<Str<'a>>,
    pub offset: Option<Int>,
    #[serde(borrow)]
    pub name: Option<Str<'a>>,
    pub duration: Option<Int>,
    #[serde(borrow)]
    pub properties: Option<Properties<'a>>,
}

/// The properties of an event that are used. Which exist depends on the event's type, and unknown
/// types may use the same names for other shapes, so every shape is accepted here.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "named as in the API's documentation")]
pub struct Properties<'a> {
    #[serde(borrow, default)]
    pub result: Lenient<'a>,
    #[serde(borrow, default, rename = "type")]
    pub kind: Lenient<'a>,
    #[serde(borrow, default)]
    pub disposition: Lenient<'a>,
    #[serde(borrow, default)]
    pub classification: Lenient<'a>,
    #[serde(borrow, default)]
    pub applet_type: Lenient<'a>,
    #[serde(borrow, default)]
    pub reporting_group: Lenient<'a>,
    #[serde(borrow, default)]
    pub message_count: Lenient<'a>,
    #[serde(borrow, default)]
    pub virtual_queues: List<Str<'a>>,
    #[serde(borrow, default)]
    pub presented_skills: List<Str<'a>>,
    #[serde(borrow, default)]
    pub targets: List<Target<'a>>,
}

/// The target of a virtual queue.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "named as in the API's documentation")]
pub struct Target<'a> {
    #[serde(borrow)]
    pub virtual_queue: Option<Str<'a>>,
    pub target_time_to_answer: Option<Int>,
}
