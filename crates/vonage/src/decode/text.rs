//! Texts of a page: blank ones are absent, documented ones have one spelling.

use std::borrow::Cow;

use super::super::wire;

/// The text, unless it is blank: that says as little as null.
pub(super) fn text(value: Option<wire::Str<'_>>) -> Option<Cow<'_, str>> {
    value.map(|text| text.0).filter(|text| !is_blank(text))
}

/// The same for a value that may have any shape.
pub(super) fn lenient(value: wire::Lenient<'_>) -> Option<Cow<'_, str>> {
    value.0.filter(|text| !is_blank(text))
}

fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

/// The documented spelling of a documented value, whatever its letter case, so that it stays one
/// label value; any other text as it is.
pub(super) fn canonical<'a>(text: Cow<'a, str>, documented: &[&'static str]) -> Cow<'a, str> {
    match documented
        .iter()
        .find(|word| text.eq_ignore_ascii_case(word))
    {
        Some(word) => Cow::Borrowed(word),
        None => text,
    }
}
