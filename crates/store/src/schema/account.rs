//! An account as it is stored.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::codes::{label_code, label_value};
use super::{EncodingError, from_bytes};
use vcc_core::interaction::Guid;
use vcc_core::ledger::{AccountMeta, UnreadWindow};

/// An account; its name is the key.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredAccount<'a> {
    pub(super) id: u32,
    pub(super) api_url: Cow<'a, str>,
    pub(super) epoch_ms: i64,
    pub(super) counting_since_ms: i64,
    pub(super) cursor_ms: i64,
    pub(super) horizon_ms: Option<i64>,
    pub(super) unread: Vec<StoredUnreadWindow>,
    pub(super) definitions: Cow<'a, BTreeMap<String, String>>,
    /// Targets in milliseconds by label value: see `codes`.
    pub(super) targets: Vec<(u32, i64)>,
    pub(super) rows: u64,
    pub(super) sweep_from: u128,
    pub(super) swept_ms: i64,
    pub(super) reread_ms: i64,
}

/// A window that could not be read yet.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredUnreadWindow {
    pub(super) start_ms: i64,
    pub(super) end_ms: i64,
    pub(super) attempts: u32,
    pub(super) next_ms: i64,
}

/// Encodes an account under its number in the store's keys.
pub(crate) fn encode_account(id: u32, meta: &AccountMeta) -> Result<Vec<u8>, EncodingError> {
    let targets = meta.targets.iter();
    let targets: Result<_, _> = targets
        .map(|(queue, ms)| Ok::<_, EncodingError>((label_code(*queue)?, *ms)))
        .collect();
    let stored = StoredAccount {
        id,
        api_url: Cow::Borrowed(&meta.api_url),
        epoch_ms: meta.epoch_ms,
        counting_since_ms: meta.counting_since_ms,
        cursor_ms: meta.cursor_ms,
        horizon_ms: meta.eviction_watermark_ms,
        unread: meta
            .unread_windows
            .iter()
            .map(StoredUnreadWindow::from)
            .collect(),
        definitions: Cow::Borrowed(&meta.definitions),
        targets: targets?,
        rows: meta.rows,
        sweep_from: meta.eviction_cursor.0,
        swept_ms: meta.maintained_ms,
        reread_ms: meta.rescanned_ms,
    };
    Ok(postcard::to_stdvec(&stored)?)
}

/// An account's number, and what is stored of it as a whole.
pub(crate) fn decode_account(bytes: &[u8]) -> Result<(u32, AccountMeta), EncodingError> {
    let stored: StoredAccount<'_> = from_bytes(bytes)?;
    let targets = stored.targets.into_iter();
    let targets: Result<_, _> = targets
        .map(|(queue, ms)| Ok::<_, EncodingError>((label_value(queue)?, ms)))
        .collect();
    let meta = AccountMeta {
        api_url: stored.api_url.into_owned(),
        epoch_ms: stored.epoch_ms,
        counting_since_ms: stored.counting_since_ms,
        cursor_ms: stored.cursor_ms,
        eviction_watermark_ms: stored.horizon_ms,
        unread_windows: stored.unread.into_iter().map(UnreadWindow::from).collect(),
        definitions: stored.definitions.into_owned(),
        targets: targets?,
        rows: stored.rows,
        eviction_cursor: Guid(stored.sweep_from),
        maintained_ms: stored.swept_ms,
        rescanned_ms: stored.reread_ms,
    };
    Ok((stored.id, meta))
}

impl From<&UnreadWindow> for StoredUnreadWindow {
    fn from(window: &UnreadWindow) -> Self {
        StoredUnreadWindow {
            start_ms: window.start_ms,
            end_ms: window.end_ms,
            attempts: window.attempts,
            next_ms: window.next_ms,
        }
    }
}

impl From<StoredUnreadWindow> for UnreadWindow {
    fn from(stored: StoredUnreadWindow) -> Self {
        UnreadWindow {
            start_ms: stored.start_ms,
            end_ms: stored.end_ms,
            attempts: stored.attempts,
            next_ms: stored.next_ms,
        }
    }
}
