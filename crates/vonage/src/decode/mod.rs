//! From the bytes of a page to interactions. An item that cannot be read is rejected with a reason,
//! and costs no other.
//!
//! Each level is decoded while its list is parsed: [`mod@interaction`], [`channel`], [`event`].

mod channel;
mod event;
mod interaction;
mod text;
mod time;

use serde_json::error::Category;
use serde_json::value::RawValue;
use thiserror::Error;

use super::wire::{
    self,
    seq::{Seq, SeqSink},
};
use vcc_core::interaction::{Guid, Page};
use vcc_core::vocabulary::RecordRejectReason;

pub(super) use interaction::MAX_ITEMS;
use interaction::{Item, Items, interaction};
pub use time::parse_time;

/// The body is not the JSON of a page, so nothing is known about its content. The texts name a line
/// and a column and hold no content.
#[derive(Debug, Error)]
pub enum InvalidPage {
    /// It is JSON, but not an object that could be an envelope. The error of the parser is not kept,
    /// because it may quote values.
    #[error("its envelope has the wrong shape at line {line} column {column}")]
    Envelope {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// It is not JSON.
    #[error(transparent)]
    Syntax(serde_json::Error),
}

impl From<serde_json::Error> for InvalidPage {
    fn from(error: serde_json::Error) -> Self {
        match error.classify() {
            Category::Data => Self::Envelope {
                line: error.line(),
                column: error.column(),
            },
            _ => Self::Syntax(error),
        }
    }
}

/// Decodes a page.
///
/// # Errors
/// If the body is not JSON, or not an object that could be an envelope.
pub fn decode(body: &[u8]) -> Result<Page<'_>, InvalidPage> {
    let read: Result<wire::Page<'_, Seq<Items<'_>>>, _> = match std::str::from_utf8(body) {
        // UTF-8 is checked many times faster as a whole than string by string.
        Ok(text) => serde_json::from_str(text),
        // The flaw may be in what is skipped, so each string that is kept is checked by itself.
        Err(_) => serde_json::from_slice(body),
    };
    match read {
        Ok(page) => Ok(Page {
            interactions: page.items.0.interactions,
            rejected: page.items.0.rejected,
            ..envelope(page.meta, page.up_to, page.latest_update)
        }),
        // A value has the wrong shape, or is none at all (a number out of range, half a surrogate
        // pair): decode the items one by one, so that only its own item fails.
        Err(error) => decode_each(body).ok_or_else(|| error.into()),
    }
}

/// The items of a page as they are, each to be decoded alone.
#[derive(Debug, Default)]
struct RawItems<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> SeqSink<'de> for RawItems<'a> {
    type Element = &'a RawValue;

    fn push(&mut self, item: &'a RawValue) {
        self.0.push(item);
    }

    fn has_room(&self) -> bool {
        self.0.len() < MAX_ITEMS
    }
}

fn decode_each(body: &[u8]) -> Option<Page<'_>> {
    let page: wire::Page<'_, Seq<RawItems<'_>>> = serde_json::from_slice(body).ok()?;
    let mut out = envelope(page.meta, page.up_to, page.latest_update);
    for raw in page.items.0.0 {
        take_text(&mut out, raw.get());
    }
    Some(out)
}

/// Decodes the text of one item into `out`, or rejects it.
pub(super) fn take_text<'a>(out: &mut Page<'a>, text: &'a str) {
    match serde_json::from_str::<Item<'a>>(text).map(interaction) {
        Ok(Ok(interaction)) => out.interactions.push(interaction),
        Ok(Err(rejected)) => out.rejected.push(rejected),
        Err(_) if !text.trim_start().starts_with('{') => {
            out.rejected.push((RecordRejectReason::NotAnObject, None))
        }
        Err(error) if error.classify() == Category::Data => {
            out.rejected
                .push((RecordRejectReason::WrongType, guid_of(text)));
        }
        Err(_) => out.rejected.push((RecordRejectReason::Malformed, None)),
    }
}

fn guid_of(text: &str) -> Option<Guid> {
    #[derive(serde::Deserialize)]
    struct OnlyGuid<'a> {
        #[serde(borrow)]
        guid: Option<wire::Str<'a>>,
    }
    let item: OnlyGuid<'_> = serde_json::from_str(text).ok()?;
    Guid::parse(&item.guid?.0)
}

fn envelope<'a>(
    meta: Option<wire::Meta>,
    up_to: Option<wire::Str<'_>>,
    latest_update: Option<wire::Str<'_>>,
) -> Page<'a> {
    let meta = meta.unwrap_or_default();
    Page {
        up_to_ms: up_to.and_then(|text| parse_time(&text.0)),
        latest_update_ms: latest_update.and_then(|text| parse_time(&text.0)),
        count: meta.count.map(|n| n.0),
        page_count: meta.page_count.map(|n| n.0),
        total_count: meta.total_count.map(|n| n.0),
        interactions: Vec::new(),
        rejected: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        r#"{"guid":"016f7e44-7525-4e37-b0db-5dd09afe592e","start":"2020-01-07T12:48:48.023Z"}"#;

    #[test]
    fn a_value_that_is_none_costs_its_record_and_no_neighbour() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for (value, reason) in [
            ("1e999", RecordRejectReason::Malformed),
            (r#""\ud800""#, RecordRejectReason::Malformed),
            ("{}", RecordRejectReason::WrongType),
            ("true", RecordRejectReason::WrongType),
            (deep.as_str(), RecordRejectReason::WrongType),
        ] {
            let value = value.replace("\\\\", "\\");
            let bad = GOOD.replace("\"start\"", &format!("\"duration\":{value},\"start\""));
            let body =
                format!(r#"{{"items":[{GOOD},{bad},{GOOD}],"upTo":"2020-01-07T13:00:00Z"}}"#);
            let page = decode(body.as_bytes()).unwrap();
            assert_eq!(page.interactions.len(), 2, "{value}");
            assert_eq!(page.rejected[0].0, reason, "{value}");
        }
    }
}
