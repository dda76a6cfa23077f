//! The configuration file as it was written: every key optional, nothing judged.
//!
//! A derived `deny_unknown_fields` would stop at the first surprise, and an
//! operator would meet the mistakes of a file one restart at a time. Here a key
//! that is not known is noted and a value of the wrong shape is kept as such, so
//! that `check` can report all of them at once.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What stands behind a key.
#[derive(Debug, Default)]
pub(super) enum Shape<T> {
    /// The key is not in the file.
    #[default]
    Absent,
    /// The key is there and nothing, or null, follows it.
    Empty,
    /// A value of another shape, and what it is in words.
    Wrong(&'static str),
    /// A value of the right shape.
    Right(T),
}

/// A single value, spelled as in the file where YAML lets us know.
#[derive(Debug)]
pub(super) struct Text {
    /// The value.
    pub(super) text: String,
    /// False when YAML read a number or a truth value: `0x1F` or `1e5` then
    /// arrives as its meaning, which is wrong for a name and right for a number.
    pub(super) exact: bool,
}

/// A single value.
pub(super) type Leaf = Shape<Text>;

impl Leaf {
    /// A value that comes from elsewhere than the file: spelled as it is.
    pub(super) fn spelled(text: String) -> Self {
        Shape::Right(Text { text, exact: true })
    }
}

/// What a [`Shape`] may hold: each method that is not overridden says no, after
/// reading past the value.
pub(super) trait Part<'de>: Sized {
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

impl Part<'_> for Text {
    fn from_text(text: String, exact: bool) -> Option<Self> {
        Some(Self { text, exact })
    }
}

impl<'de, T: Part<'de>> Part<'de> for Vec<Shape<T>> {
    fn from_list<A: SeqAccess<'de>>(mut list: A) -> Result<Option<Self>, A::Error> {
        let mut items = Self::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Some(items))
    }
}

impl<'de, T: Part<'de>> Part<'de> for BTreeMap<String, Shape<T>> {
    fn from_map<A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
        let mut entries = Self::new();
        while let Some((key, value)) = map.next_entry()? {
            entries.insert(key, value);
        }
        Ok(Some(entries))
    }
}

impl<'de, T: Part<'de>> Deserialize<'de> for Shape<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor(PhantomData))
    }
}

struct ShapeVisitor<T>(PhantomData<T>);

impl<'de, T: Part<'de>> ShapeVisitor<T> {
    fn text<E>(text: String, exact: bool) -> Result<Shape<T>, E> {
        Ok(T::from_text(text, exact).map_or(Shape::Wrong("a single value"), Shape::Right))
    }
}

impl<'de, T: Part<'de>> Visitor<'de> for ShapeVisitor<T> {
    type Value = Shape<T>;

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
        Ok(Shape::Empty)
    }
    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Shape::Empty)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Ok(T::from_map(map)?.map_or(Shape::Wrong("a block of keys"), Shape::Right))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Ok(T::from_list(list)?.map_or(Shape::Wrong("a list"), Shape::Right))
    }
}

/// A block with a fixed set of keys.
pub(super) trait Block: Default {
    /// The keys the block may have, as they are written.
    const KEYS: &'static [&'static str];
    /// The keys it had besides, in the order of the file.
    fn unknown(&self) -> &[String];
}

/// Declares blocks: the field names are the keys, so that the list of allowed
/// keys cannot drift from the fields.
macro_rules! blocks {
    ($($(#[$doc:meta])* $block:ident { $($key:ident: $shape:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Default)]
        pub(super) struct $block {
            $(pub(super) $key: $shape,)*
            unknown: Vec<String>,
        }

        impl Block for $block {
            const KEYS: &'static [&'static str] = &[$(stringify!($key)),*];

            fn unknown(&self) -> &[String] {
                &self.unknown
            }
        }

        impl<'de> Part<'de> for $block {
            fn from_map<A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
                let mut block = Self::default();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        $(stringify!($key) => block.$key = map.next_value()?,)*
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                            block.unknown.push(key);
                        }
                    }
                }
                Ok(Some(block))
            }
        }
    )*};
}

blocks! {
    /// The whole file.
    File {
        accounts: Shape<Vec<Shape<Account>>>,
        poll: Shape<Poll>,
        ledger: Shape<Ledger>,
        state: Shape<State>,
        web: Shape<Web>,
        metrics: Shape<Metrics>,
        service_level: Shape<ServiceLevel>,
        otlp: Shape<Otlp>,
    }
    /// One entry of `accounts`.
    Account {
        name: Leaf,
        region: Leaf,
        api_url: Leaf,
        token_url: Leaf,
        client_id: Leaf,
        client_secret_file: Leaf,
        client_secret_env: Leaf,
        client_secret_credential: Leaf,
    }
    /// The block `poll`.
    Poll {
        interval: Leaf,
        page_size: Leaf,
        start_from: Leaf,
        overlap: Leaf,
        requests_per_minute: Leaf,
        reread_interval: Leaf,
        reread_span: Leaf,
        timeout: Leaf,
        ongoing_interval: Leaf,
    }
    /// The block `ledger`.
    Ledger {
        retention: Leaf,
        expire_after: Leaf,
        expire_phone_after: Leaf,
    }
    /// The block `state`.
    State {
        path: Leaf,
    }
    /// The block `web`.
    Web {
        listen_address: Leaf,
        telemetry_path: Leaf,
    }
    /// The block `metrics`.
    Metrics {
        new_series_hold: Leaf,
        series_limit: Leaf,
        label_limits: Shape<BTreeMap<String, Leaf>>,
        labels: Shape<BTreeMap<String, Shape<Vec<Leaf>>>>,
        rename: Shape<BTreeMap<String, Shape<BTreeMap<String, Leaf>>>>,
        per_agent: Leaf,
        native_histograms: Leaf,
        created_samples: Leaf,
    }
    /// The block `service_level`.
    ServiceLevel {
        objective: Leaf,
        short_abandon: Leaf,
        breakouts: Leaf,
        default_target: Leaf,
        targets: Shape<BTreeMap<String, Leaf>>,
    }
    /// The block `otlp`.
    Otlp {
        endpoint: Leaf,
        metrics_endpoint: Leaf,
        traces_endpoint: Leaf,
        headers: Shape<BTreeMap<String, Leaf>>,
        header_files: Shape<BTreeMap<String, Leaf>>,
        compression: Leaf,
        timeout: Leaf,
        ca_file: Leaf,
        resource: Shape<BTreeMap<String, Leaf>>,
        metrics: Shape<OtlpMetrics>,
        traces: Shape<OtlpTraces>,
    }
    /// The block `otlp.metrics`.
    OtlpMetrics {
        enabled: Leaf,
        interval: Leaf,
    }
    /// The block `otlp.traces`.
    OtlpTraces {
        exporter: Leaf,
        interactions: Leaf,
        sample_ratio: Leaf,
        party_ids: Leaf,
    }
}
