//! Version 1, frozen: what it stored as it stored it, and what that is in version 2.
//!
//! Version 1 stored the ledger's own types. Its enumerations were numbered by their order, which
//! these numbers keep. Accounts, labels, open interactions, conversations and traced conversations
//! are the same bytes in both versions.

mod interaction;
mod record;
mod series;
mod trace;

use super::{EncodingError, from_bytes, to_buffer};

pub(super) use record::record;
pub(super) use series::series;
pub(super) use trace::trace;

/// How many kinds of event version 1 had before the one for all others.
const EVENT_KINDS: u32 = 17;
const OTHER_EVENT: u8 = 255;

/// The code of a variant that was stored as its place.
fn code(what: &'static str, place: u32, places: u32) -> Result<u8, EncodingError> {
    match u8::try_from(place + 1) {
        Ok(code) if place < places => Ok(code),
        _ => Err(EncodingError::UnknownCode {
            what,
            code: place.into(),
        }),
    }
}

fn event_kind(place: u32) -> Result<u8, EncodingError> {
    match place {
        EVENT_KINDS => Ok(OTHER_EVENT),
        place => code("event kind", place, EVENT_KINDS),
    }
}
