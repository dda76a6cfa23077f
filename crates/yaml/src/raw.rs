//! A YAML value as it was written, whatever its type.
//!
//! A derived `deny_unknown_fields` stops at the first error, and an operator would meet the errors
//! of a file one restart at a time. Here a value of another type is kept as such, so that all
//! errors can be reported at once.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What stands behind a key.
#[derive(Debug, Default)]
pub enum Raw<T> {
    /// The key is not in the file.
    #[default]
    Absent,
    /// The key is there and nothing, or null, follows it.
    Empty,
    /// A value of another shape, and what it is in words.
    WrongType(&'static str),
    /// A value of the right shape.
    Value(T),
}

/// A single value, spelled as in the file where YAML lets us know.
#[derive(Debug)]
pub struct Text {
    /// The value.
    pub text: String,
    /// False when YAML read a number or a truth value: `0x1F` or `1e5` then
    /// arrives as its meaning, which is wrong for a name and right for a number.
    pub exact: bool,
}

/// A single value.
pub type Scalar = Raw<Text>;

impl Scalar {
    /// A value that comes from elsewhere than the file: spelled as it is.
    pub fn spelled(text: String) -> Self {
        Raw::Value(Text { text, exact: true })
    }
}

/// What a [`Raw`] may hold: each method that is not overridden says no, after
/// reading past the value.
pub trait FromYaml<'de>: Sized {
    /// Takes a single value.
    fn from_text(_text: String, _exact: bool) -> Option<Self> {
        None
    }
    /// Takes a block of keys.
    fn from_map<A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
    /// Takes a list.
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

impl FromYaml<'_> for Text {
    fn from_text(text: String, exact: bool) -> Option<Self> {
        Some(Self { text, exact })
    }
}

impl<'de, T: FromYaml<'de>> FromYaml<'de> for Vec<Raw<T>> {
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        let mut items = Self::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Some(items))
    }
}

impl<'de, T: FromYaml<'de>> FromYaml<'de> for BTreeMap<String, Raw<T>> {
    fn from_map<A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
        let mut entries = Self::new();
        while let Some((key, value)) = map.next_entry()? {
            entries.insert(key, value);
        }
        Ok(Some(entries))
    }
}

impl<'de, T: FromYaml<'de>> Deserialize<'de> for Raw<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor(PhantomData))
    }
}

struct RawVisitor<T>(PhantomData<T>);

impl<'de, T: FromYaml<'de>> RawVisitor<T> {
    fn text<E>(text: String, exact: bool) -> Result<Raw<T>, E> {
        Ok(T::from_text(text, exact).map_or(Raw::WrongType("a single value"), Raw::Value))
    }
}

impl<'de, T: FromYaml<'de>> Visitor<'de> for RawVisitor<T> {
    type Value = Raw<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, a list or a block of keys")
    }
    fn visit_str<E: Error>(self, v: &str) -> Result<Self::Value, E> {
        Self::text(v.to_owned(), true)
    }
    fn visit_bool<E: Error>(self, v: bool) -> Result<Self::Value, E> {
        Self::text(v.to_string(), false)
    }
    fn visit_i64<E: Error>(self, v: i64) -> Result<Self::Value, E> {
        Self::text(v.to_string(), false)
    }
    fn visit_u64<E: Error>(self, v: u64) -> Result<Self::Value, E> {
        Self::text(v.to_string(), false)
    }
    fn visit_i128<E: Error>(self, v: i128) -> Result<Self::Value, E> {
        Self::text(v.to_string(), false)
    }
    fn visit_u128<E: Error>(self, v: u128) -> Result<Self::Value, E> {
        Self::text(v.to_string(), false)
    }
    fn visit_f64<E: Error>(self, v: f64) -> Result<Self::Value, E> {
        Self::text(v.to_string(), false)
    }
    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Raw::Empty)
    }
    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Raw::Empty)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Ok(T::from_map(map)?.map_or(Raw::WrongType("a block of keys"), Raw::Value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Ok(T::from_list(list)?.map_or(Raw::WrongType("a list"), Raw::Value))
    }
}
