//! Forgetting: rows long without news leave the ledger, a stretch of it at a time.
//!
//! The stretches are sized so that the whole ledger is walked about once a day of server time. An
//! index by age would cost every row some thirty bytes for ever; the walk costs nothing.

use crate::interaction::Guid;

use super::account::Account;
use super::commit::Commit;
use super::record::Phase;
use super::rules::{EXPIRED_RETENTION_FACTOR, Rules};

/// How many rows one commit walks at most and at least.
const STRETCH: std::ops::RangeInclusive<u64> = 200..=20_000;

const DAY_MS: i64 = 86_400_000;

/// A stretch of the ledger as the store read it.
#[derive(Debug, Default)]
pub struct EvictionScan {
    /// Each row's guid, phase and time of last news.
    pub rows: Vec<(Guid, Phase, i64)>,
    /// Conversations of the same stretch of guids, with the time they were last seen.
    pub conversations: Vec<(Guid, i64)>,
    /// Where the next stretch begins; the lowest guid again after the last one.
    pub next: Guid,
}

/// How many rows the next stretch should hold.
pub fn scan_budget(account: &Account, now_ms: i64) -> u64 {
    let passed = (now_ms - account.meta.maintained_ms).clamp(0, DAY_MS) as u64;
    let share = account.meta.rows.saturating_mul(passed) / DAY_MS as u64;
    share.clamp(*STRETCH.start(), *STRETCH.end())
}

/// Plans the eviction of what is too old in a stretch. Ages are measured against the cursor, so
/// that an outage, during which the cursor stands still, evicts nothing.
pub fn plan_retention(
    account: &Account,
    rules: &Rules,
    scanned: EvictionScan,
    now_ms: i64,
) -> Commit {
    let mut meta = account.meta.clone();
    let cursor_ms = meta.cursor_ms;
    let mut commit = Commit::default();
    for (guid, phase, news_ms) in scanned.rows {
        let kept_ms = match phase {
            Phase::Open => continue,
            Phase::Closed => rules.retention_ms,
            Phase::Expired => rules.retention_ms * EXPIRED_RETENTION_FACTOR,
        };
        if cursor_ms - news_ms > kept_ms {
            meta.eviction_watermark_ms = meta.eviction_watermark_ms.max(Some(news_ms));
            meta.rows = meta.rows.saturating_sub(1);
            commit.evicted.push(guid);
        }
    }
    let old = |(_, seen_ms): &(Guid, i64)| cursor_ms - seen_ms > rules.retention_ms;
    let conversations = scanned.conversations.into_iter();
    commit.evicted_conversations = conversations.filter(old).map(|(guid, _)| guid).collect();
    meta.eviction_cursor = scanned.next;
    meta.maintained_ms = now_ms;
    commit.meta = Some(meta);
    commit
}
