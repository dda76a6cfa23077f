//! Declares the keys of a file: the field names are the keys and their comments the documentation,
//! so that neither can differ from the code that reads them.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::raw::{Raw, Text};
use super::values::spans;

/// A block with a fixed set of keys.
pub trait Section: Default {
    /// The keys the block may have, as they are written.
    const KEYS: &'static [&'static str];
    /// The keys it had besides, in the order of the file.
    fn unknown(&self) -> &[String];
}

/// A key as the documentation has it.
#[derive(Debug)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// What it means.
    pub text: &'static str,
    /// What applies when it is not there; empty where there is nothing to say.
    pub default: &'static str,
    /// Its values.
    pub allowed: Allowed,
    /// The keys below it.
    pub below: &'static [Key],
    /// Whether it holds a list of blocks.
    pub is_list: bool,
}

/// Which values a key may have.
#[derive(Debug)]
pub enum Allowed {
    /// There is nothing to say.
    Anything,
    /// In words.
    Text(&'static str),
    /// A duration; the bounds are in seconds.
    Seconds(RangeInclusive<u64>),
    /// A whole number.
    Whole(RangeInclusive<u64>),
    /// A number, which may have decimals.
    Number(RangeInclusive<f64>),
    /// A block with free keys, each of which has a value like this.
    Per(&'static str, &'static Allowed),
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Allowed::Anything => Ok(()),
            Allowed::Text(text) => f.write_str(text),
            Allowed::Seconds(range) => f.write_str(&spans(
                &(Duration::from_secs(*range.start())..=Duration::from_secs(*range.end())),
            )),
            Allowed::Whole(range) => write!(f, "{} to {}", range.start(), range.end()),
            Allowed::Number(range) => write!(f, "{} to {}", range.start(), range.end()),
            Allowed::Per(what, allowed) => write!(f, "per {what} {allowed}"),
        }
    }
}

/// What may stand behind a key, for the documentation.
pub trait Documented {
    /// The keys below it.
    const BELOW: &'static [Key] = &[];
    /// Whether it is a list.
    const IS_LIST: bool = false;
}

impl Documented for Text {}
impl<T> Documented for BTreeMap<String, Raw<T>> {}
impl<T: Documented> Documented for Vec<Raw<T>> {
    const BELOW: &'static [Key] = T::BELOW;
    const IS_LIST: bool = true;
}
impl<T: Documented> Documented for Raw<T> {
    const BELOW: &'static [Key] = T::BELOW;
    const IS_LIST: bool = T::IS_LIST;
}

/// Declares sections, each a struct with one field per key:
///
/// ```text
/// sections! {
///     /// The block `poll`.
///     Poll {
///         /// The time from one poll to the next.
///         interval: Scalar, default "15s", allowed(seconds 5..=HOUR);
///     }
/// }
/// ```
///
/// A key with a range also becomes a constant of the struct (`Poll::interval`), by which the value
/// is checked: the documented range is the enforced one.
#[macro_export]
macro_rules! sections {
    ($($(#[doc = $about:literal])* $section:ident { $(
        $(#[doc = $text:literal])*
        $key:ident: $raw:ty
        $(, default $default:literal)?
        $(, allowed($($allowed:tt)+))?;
    )* })*) => {$(
        $(#[doc = $about])*
        #[derive(Debug, Default)]
        pub(crate) struct $section {
            $(pub(crate) $key: $raw,)*
            unknown: Vec<String>,
        }

        #[allow(non_upper_case_globals, dead_code)]
        impl $section {
            $($crate::sections!(@range $key $($($allowed)+)?);)*
        }

        impl $crate::Documented for $section {
            const BELOW: &'static [$crate::Key] = &[$($crate::Key {
                name: stringify!($key),
                text: concat!($($text),*),
                default: concat!($($default)?),
                allowed: $crate::sections!(@allowed $($($allowed)+)?),
                below: <$raw as $crate::Documented>::BELOW,
                is_list: <$raw as $crate::Documented>::IS_LIST,
            }),*];
        }

        impl $crate::Section for $section {
            const KEYS: &'static [&'static str] = &[$(stringify!($key)),*];

            fn unknown(&self) -> &[String] {
                &self.unknown
            }
        }

        impl<'de> $crate::FromYaml<'de> for $section {
            fn from_map<A: $crate::serde::de::MapAccess<'de>>(
                mut map: A,
            ) -> Result<Option<Self>, A::Error> {
                let mut section = Self::default();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        $(stringify!($key) => section.$key = map.next_value()?,)*
                        _ => {
                            map.next_value::<$crate::serde::de::IgnoredAny>()?;
                            section.unknown.push(key);
                        }
                    }
                }
                Ok(Some(section))
            }
        }
    )*};

    // What the documentation says is allowed.
    (@allowed) => { $crate::Allowed::Anything };
    (@allowed $text:literal) => { $crate::Allowed::Text($text) };
    (@allowed seconds $range:expr) => { $crate::Allowed::Seconds($range) };
    (@allowed whole $number:ident $range:expr) => { $crate::Allowed::Whole($range) };
    (@allowed number $range:expr) => { $crate::Allowed::Number($range) };
    (@allowed per $what:literal $($each:tt)+) => {
        $crate::Allowed::Per($what, &$crate::sections!(@allowed $($each)+))
    };

    // The range as a constant, where there is one.
    (@range $key:ident) => {};
    (@range $key:ident $text:literal) => {};
    (@range $key:ident seconds $range:expr) => {
        pub(crate) const $key: std::ops::RangeInclusive<u64> = $range;
    };
    (@range $key:ident whole $number:ident $range:expr) => {
        pub(crate) const $key: std::ops::RangeInclusive<$number> = $range;
    };
    (@range $key:ident number $range:expr) => {
        pub(crate) const $key: std::ops::RangeInclusive<f64> = $range;
    };
    (@range $key:ident per $what:literal $($each:tt)+) => {
        $crate::sections!(@range $key $($each)+);
    };
}
