//! The page exactly as the API sends it: borrowed, lenient, and known to nobody outside `api`.
//!
//! Unknown fields are skipped, absent ones are null, numbers may come as strings. What stays an
//! error is a documented field of the wrong shape; it costs its record.

use std::borrow::Cow;
use std::fmt;

use super::gather::RawItems;
use crate::interaction::MAX_PARTS;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The envelope with its items read in place: the usual case.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "I: Deserialize<'de>"))]
pub struct Page<'a, I = Vec<Item<'a>>> {
    /// Paging figures.
    pub meta: Option<Meta>,
    /// The interactions. A page without them is none: it would look like a quiet hour.
    pub items: I,
    /// Time of the request.
    #[serde(borrow)]
    pub up_to: Option<Str<'a>>,
    /// Time of the newest event the API has.
    #[serde(borrow)]
    pub latest_update: Option<Str<'a>>,
}

/// The envelope with its items left as they are, so that each can fail alone.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawPage<'a> {
    pub(super) meta: Option<Meta>,
    #[serde(borrow)]
    pub(super) items: RawItems<'a>,
    #[serde(borrow)]
    pub(super) up_to: Option<Str<'a>>,
    #[serde(borrow)]
    pub(super) latest_update: Option<Str<'a>>,
}

/// Paging figures. They may lie; nothing may depend on them alone.
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

/// One interaction. Addresses are not read at all.
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

/// The interaction plan mapping, of which only the group is of use.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "named as in the API's documentation")]
pub struct PlanMapping<'a> {
    #[serde(borrow)]
    pub reporting_group: Option<Str<'a>>,
}

/// One party's channel.
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
    pub integration_type: Loose<'a>,
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

/// An event's properties, as far as they are used. Which exist depends on the type, and types we
/// do not know may use the same names for other shapes, so every shape is accepted here.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "named as in the API's documentation")]
pub struct Properties<'a> {
    #[serde(borrow, default)]
    pub result: Loose<'a>,
    #[serde(borrow, default, rename = "type")]
    pub kind: Loose<'a>,
    #[serde(borrow, default)]
    pub disposition: Loose<'a>,
    #[serde(borrow, default)]
    pub classification: Loose<'a>,
    #[serde(borrow, default)]
    pub applet_type: Loose<'a>,
    #[serde(borrow, default)]
    pub reporting_group: Loose<'a>,
    #[serde(borrow, default)]
    pub message_count: Loose<'a>,
    #[serde(borrow, default)]
    pub virtual_queues: List<Str<'a>>,
    #[serde(borrow, default)]
    pub presented_skills: List<Str<'a>>,
    #[serde(borrow, default)]
    pub targets: List<Target<'a>>,
}

/// A virtual queue's target.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "named as in the API's documentation")]
pub struct Target<'a> {
    #[serde(borrow)]
    pub virtual_queue: Option<Str<'a>>,
    pub target_time_to_answer: Option<Int>,
}

/// Text, borrowed unless it held an escape; a number is taken as its digits.
#[derive(Debug, Clone)]
pub struct Str<'a>(pub Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Str<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Str<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Owned(text.to_owned())))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Owned(number.to_string())))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Owned(number.to_string())))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Str<'de>, E> {
                Ok(Str(Cow::Owned(number.to_string())))
            }
        }
        deserializer.deserialize_any(Text)
    }
}

/// A whole number, also when it comes as a string or with a fraction.
#[derive(Debug, Clone, Copy)]
pub struct Int(pub i64);

impl<'de> Deserialize<'de> for Int {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;
        impl Visitor<'_> for Number {
            type Value = Int;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number")
            }
            fn visit_i64<E>(self, number: i64) -> Result<Int, E> {
                Ok(Int(number))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Int, E> {
                Ok(Int(i64::try_from(number).unwrap_or(i64::MAX)))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Int, E> {
                // The cast saturates, so a huge value stays huge and is judged absurd later.
                Ok(Int(number.round() as i64))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Int, E> {
                let text = text.trim();
                let whole = text.parse().ok();
                let number = whole.or_else(|| {
                    text.parse()
                        .ok()
                        .filter(|n: &f64| n.is_finite())
                        .map(|n| n.round() as i64)
                });
                number
                    .map(Int)
                    .ok_or_else(|| E::custom("text that is no number"))
            }
        }
        deserializer.deserialize_any(Number)
    }
}

/// Text if it is text or a number, nothing for any other shape.
#[derive(Debug, Default)]
pub struct Loose<'a>(pub Option<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Loose<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Loose<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Loose<'de>, E> {
                Ok(Loose(Some(Cow::Borrowed(text))))
            }
            fn visit_str<E>(self, text: &str) -> Result<Loose<'de>, E> {
                Ok(Loose(Some(Cow::Owned(text.to_owned()))))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Loose<'de>, E> {
                Ok(Loose(Some(Cow::Owned(number.to_string()))))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Loose<'de>, E> {
                Ok(Loose(Some(Cow::Owned(number.to_string()))))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Loose<'de>, E> {
                Ok(Loose(Some(Cow::Owned(number.to_string()))))
            }
            fn visit_bool<E>(self, _: bool) -> Result<Loose<'de>, E> {
                Ok(Loose(None))
            }
            fn visit_unit<E>(self) -> Result<Loose<'de>, E> {
                Ok(Loose(None))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Loose<'de>, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Loose(None))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Loose<'de>, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Loose(None))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// The items of a list, nulls left out; nothing for any other shape.
#[derive(Debug)]
pub struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        List(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Items<T> {
            type Value = List<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<T>, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element::<Option<T>>()? {
                    // One more than is allowed is enough to be found too many.
                    if items.len() <= MAX_PARTS {
                        items.extend(item);
                    }
                }
                Ok(List(items))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<List<T>, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(List::default())
            }
            fn visit_str<E>(self, _: &str) -> Result<List<T>, E> {
                Ok(List::default())
            }
            fn visit_i64<E>(self, _: i64) -> Result<List<T>, E> {
                Ok(List::default())
            }
            fn visit_u64<E>(self, _: u64) -> Result<List<T>, E> {
                Ok(List::default())
            }
            fn visit_f64<E>(self, _: f64) -> Result<List<T>, E> {
                Ok(List::default())
            }
            fn visit_bool<E>(self, _: bool) -> Result<List<T>, E> {
                Ok(List::default())
            }
            fn visit_unit<E>(self) -> Result<List<T>, E> {
                Ok(List::default())
            }
        }
        deserializer.deserialize_any(Items(std::marker::PhantomData))
    }
}
