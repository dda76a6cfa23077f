//! What a person hands in: a page, a list of interactions, or one interaction alone.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

use vcc_core::interaction::Page;
use vcc_vonage::{decode, salvage};

/// The largest input that is read, in bytes: several times the largest page.
pub const MAX_INPUT_BYTES: u64 = 64 << 20;

/// An input in the shape of a page.
#[derive(Debug)]
pub struct Input<'a> {
    body: Cow<'a, [u8]>,
}

/// What was read of an input.
#[derive(Debug)]
pub struct ParsedInput<'a> {
    /// The page, with what could not be read of it.
    pub page: Page<'a>,
    /// Why the input is no JSON, if it is not and was salvaged.
    pub broken: Option<String>,
}

/// Enough of an object to tell a page from an interaction.
#[derive(Deserialize)]
struct InputShape {
    items: Option<IgnoredAny>,
}

/// Why an input cannot be explained.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// There is nothing but white space.
    #[error("it is empty")]
    Empty,
    /// It is neither an object nor a list.
    #[error("it is not JSON: it begins with neither {{ nor [")]
    NotJson,
    /// It is broken, and no item in it is whole.
    #[error("it cannot be read ({0}), and nothing in it can be saved")]
    Unreadable(String),
}

impl<'a> Input<'a> {
    /// Recognises an input.
    ///
    /// # Errors
    /// If it is neither an object nor a list.
    pub fn new(bytes: &'a [u8]) -> Result<Self, InputError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let body = match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
            None => return Err(InputError::Empty),
            Some(b'[') => wrapped(b"{\"items\":", bytes, b"}"),
            Some(b'{') if is_page(bytes) => Cow::Borrowed(bytes),
            Some(b'{') => wrapped(b"{\"items\":[", bytes, b"]}"),
            Some(_) => return Err(InputError::NotJson),
        };
        Ok(Input { body })
    }

    /// Reads it as the exporter reads a page; if it is broken, what is whole in it.
    ///
    /// # Errors
    /// If nothing could be read.
    pub fn read(&self) -> Result<ParsedInput<'_>, InputError> {
        let broken = match decode(&self.body) {
            Ok(page) => return Ok(ParsedInput { page, broken: None }),
            Err(error) => error.to_string(),
        };
        let page = salvage(&self.body);
        if page.interactions.is_empty() {
            return Err(InputError::Unreadable(broken));
        }
        Ok(ParsedInput {
            page,
            broken: Some(broken),
        })
    }
}

fn wrapped<'a>(head: &[u8], bytes: &[u8], tail: &[u8]) -> Cow<'a, [u8]> {
    Cow::Owned([head, bytes, tail].concat())
}

/// Whether an object is a page; a broken one is, if it speaks of items at all.
fn is_page(bytes: &[u8]) -> bool {
    match serde_json::from_slice::<InputShape>(bytes) {
        Ok(probe) => probe.items.is_some(),
        Err(_) => bytes.windows(7).any(|window| window == b"\"items\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ITEM: &str =
        r#"{"guid":"11111111-1111-4111-8111-111111111111","start":"2026-03-02T09:00:00Z"}"#;

    fn counts(text: &str) -> (usize, usize, bool) {
        let input = Input::new(text.as_bytes()).unwrap();
        let read = input.read().unwrap();
        let page = &read.page;
        (
            page.interactions.len(),
            page.rejected.len(),
            read.broken.is_some(),
        )
    }

    #[test]
    fn a_page_a_list_and_an_item_are_told_apart() {
        assert_eq!(counts(ITEM), (1, 0, false));
        assert_eq!(counts(&format!("\u{feff} [{ITEM},{ITEM}]")), (2, 0, false));
        assert_eq!(counts(&format!(r#"{{"items":[{ITEM},7]}}"#)), (1, 1, false));
        assert_eq!(counts(r#"{"items":[]}"#), (0, 0, false));
        assert_eq!(counts(r#"{"start":"2026-03-02T09:00:00Z"}"#), (0, 1, false));
    }

    #[test]
    fn what_is_whole_in_a_broken_input_is_read() {
        let broken = r#"{"guid!: 1,
            "start":"2026-03-02T09:00:00Z"}"#;
        for text in [
            format!(r#"{{"items":[{ITEM},{broken}],"upTo":"2026"#),
            format!("[{ITEM},{broken}]"),
        ] {
            assert_eq!(counts(&text), (1, 1, true), "{text}");
        }
    }

    #[test]
    fn anything_else_is_said_to_be_unreadable() {
        for (text, error) in [
            ("", InputError::Empty),
            (" \n", InputError::Empty),
            ("<html>", InputError::NotJson),
            ("7", InputError::NotJson),
        ] {
            let refused = Input::new(text.as_bytes()).err();
            assert_eq!(refused, Some(error), "{text}");
        }
        for text in ["{", "{\"guid!: 1}", "[1,", "{\"items\":["] {
            let input = Input::new(text.as_bytes()).unwrap();
            let refused = input.read().err();
            assert!(matches!(refused, Some(InputError::Unreadable(_))), "{text}");
        }
    }
}
