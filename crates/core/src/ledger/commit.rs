//! What one durable transaction changes, and the times it is made at.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::catalogue::Label;
use crate::interaction::Guid;
use crate::labels::LabelId;
use crate::series::Series;
use crate::trace::{self, PendingTrace};
use crate::vocabulary::MetaMismatch;

use super::record::{Phase, Record};
use super::rules::Rules;

/// How many earlier interactions of its conversation a trace is linked to. A conversation is a
/// call and its call-back, seldom more.
pub const MAX_LINKS: usize = 8;

/// What is stored of an account beside its labels, series and rows. All times are server time in
/// Unix milliseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountMeta {
    /// The API this account was read from; a known account never changes it.
    pub api_url: String,
    /// Facts before this never count.
    pub epoch_ms: i64,
    /// Start of the current counters: the epoch, or the time at which a restored backup was opened.
    pub counting_since_ms: i64,
    /// Everything processed up to here has been read.
    pub cursor_ms: i64,
    /// The latest news of any row ever evicted.
    pub eviction_watermark_ms: Option<i64>,
    /// Windows the API could not be read for.
    pub unread_windows: Vec<UnreadWindow>,
    /// What each family's numbers meant when they were counted.
    pub definitions: BTreeMap<String, String>,
    /// The last target seen per virtual queue, in milliseconds.
    pub targets: BTreeMap<LabelId, i64>,
    /// How many rows there are.
    pub rows: u64,
    /// The row at which the next search for rows to evict starts.
    pub eviction_cursor: Guid,
    /// Server time of the last maintenance.
    pub maintained_ms: i64,
    /// Server time of the last re-reading of the recent past.
    pub rescanned_ms: i64,
}

impl AccountMeta {
    /// What a new account begins with, at this server time.
    pub fn new(api_url: &str, epoch_ms: i64, server_ms: i64, rules: &Rules) -> AccountMeta {
        AccountMeta {
            api_url: api_url.to_owned(),
            epoch_ms,
            counting_since_ms: epoch_ms,
            cursor_ms: epoch_ms,
            eviction_watermark_ms: None,
            unread_windows: Vec::new(),
            definitions: rules.definitions(),
            targets: BTreeMap::new(),
            rows: 0,
            eviction_cursor: Guid::default(),
            maintained_ms: server_ms,
            rescanned_ms: server_ms,
        }
    }
}

/// A window the API could not be read for and that is still owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadWindow {
    /// Its start, inclusive.
    pub start_ms: i64,
    /// Its end, exclusive.
    pub end_ms: i64,
    /// How often it was tried in vain.
    pub attempts: u32,
    /// Server time of the next attempt.
    pub next_ms: i64,
}

/// The times a commit is made at.
#[derive(Debug, Clone, Copy)]
pub struct CommitTime {
    /// Server time of the page, Unix milliseconds.
    pub server_ms: i64,
    /// Local Unix time in milliseconds: the start of the series that the commit creates.
    pub local_ms: i64,
    /// Monotonic milliseconds: what holds are measured with.
    pub monotonic_ms: u64,
}

/// What the commit of a page changes besides what the page holds.
#[derive(Debug, Clone, Default)]
pub struct WindowProgress {
    /// The new cursor; set with the last page of a window.
    pub cursor_ms: Option<i64>,
    /// Whether the page comes from reading the past again.
    pub recovering: bool,
    /// Contradictions in the envelope of the page.
    pub meta_mismatches: Vec<MetaMismatch>,
    /// The unread windows after this page, if they change with it.
    pub unread_windows: Option<Vec<UnreadWindow>>,
}

/// Everything one durable transaction changes.
#[derive(Debug, Default)]
pub struct Commit {
    /// Rows to write.
    pub records: Vec<(Guid, Record)>,
    /// Rows to forget.
    pub evicted: Vec<Guid>,
    /// Interactions that become open, and that cease to be.
    pub opened: Vec<Guid>,
    /// See `opened`.
    pub closed: Vec<Guid>,
    /// Conversations seen, with the second they were seen in.
    pub conversations: Vec<(Guid, u32)>,
    /// Conversations to forget.
    pub evicted_conversations: Vec<Guid>,
    /// Traces to send.
    pub outgoing: Vec<PendingTrace>,
    /// Conversations with the interactions of theirs that were traced last.
    pub traced: Vec<(Guid, Vec<Guid>)>,
    /// Label values admitted, in the order of their numbers.
    pub admitted: Vec<(Label, Arc<str>)>,
    /// Series as they are after the commit.
    pub series: Vec<Arc<Series>>,
    /// The account's other facts after the commit; `None` leaves them.
    pub meta: Option<AccountMeta>,
}

impl Commit {
    /// Adds a row, and what it means for the set of open interactions, in which it is or is not
    /// now.
    pub(super) fn write(&mut self, guid: Guid, record: Record, is_open: bool) {
        match (record.phase == Phase::Open, is_open) {
            (true, false) => self.opened.push(guid),
            (false, true) => self.closed.push(guid),
            _ => {}
        }
        self.records.push((guid, record));
    }

    /// The conversations that the traces of this commit belong to.
    pub fn traced_conversations(&self) -> Vec<Guid> {
        let mut all: Vec<_> = self
            .outgoing
            .iter()
            .filter_map(|it| it.conversation)
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Links each trace to the earlier ones of its conversation. `earlier` holds those in the
    /// state, of [`Commit::traced_conversations`].
    pub fn link(&mut self, mut earlier: HashMap<Guid, Vec<Guid>>) {
        for outgoing in &mut self.outgoing {
            let Some(conversation) = outgoing.conversation else {
                continue;
            };
            let known = earlier.entry(conversation).or_default();
            if let Some(root) = outgoing.trace.spans.first_mut() {
                let others = known.iter().filter(|guid| **guid != outgoing.guid);
                root.links = others
                    .map(|guid| trace::trace_of(*guid))
                    .map(|id| (id, trace::root_of(id)))
                    .collect();
            }
            if !known.contains(&outgoing.guid) {
                known.push(outgoing.guid);
            }
            let beyond = known.len().saturating_sub(MAX_LINKS);
            known.drain(..beyond);
        }
        self.traced = earlier.into_iter().collect();
        self.traced
            .sort_unstable_by_key(|(conversation, _)| *conversation);
    }
}
