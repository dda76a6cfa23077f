//! Lists whose elements are consumed one by one while they are parsed.
//!
//! A page is megabytes of text, of which little is kept. What is not kept must not pile up until the
//! end of the page: writing it to memory and reading it again took longer than decoding it.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

/// Consumes the elements of a list.
pub(crate) trait SeqSink<'de>: Default {
    /// An element as it is parsed.
    type Element: Deserialize<'de>;

    /// Consumes one element.
    fn push(&mut self, element: Self::Element);

    /// Whether another element is accepted; the whole list is an error if not.
    fn has_room(&self) -> bool {
        true
    }
}

/// A list that is parsed into the sink `S`.
#[derive(Debug, Default)]
pub(crate) struct Seq<S>(pub S);

impl<'de, S: SeqSink<'de>> Deserialize<'de> for Seq<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Elements<S>(PhantomData<S>);
        impl<'de, S: SeqSink<'de>> Visitor<'de> for Elements<S> {
            type Value = S;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<S, A::Error> {
                let mut sink = S::default();
                while let Some(element) = seq.next_element()? {
                    if !sink.has_room() {
                        return Err(A::Error::custom("there are too many items"));
                    }
                    sink.push(element);
                }
                Ok(sink)
            }
        }
        deserializer.deserialize_seq(Elements(PhantomData)).map(Seq)
    }
}
