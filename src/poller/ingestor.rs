//! The blocking half of polling: turns the bytes of a page into a durable commit and a new snapshot.
//!
//! It runs on a blocking thread, because it computes and waits for the disk.

use std::sync::Arc;

use bytes::Bytes;
use tokio::time::Instant;

use crate::health::AccountHealth;
use crate::ops::self_tracing;
use vcc_core::interaction::Page;
use vcc_core::ledger::{
    Account, AccountMeta, AccountView, Commit, CommitTime, EvalContext, Rules, UnreadWindow,
    WindowProgress, plan_page,
};
use vcc_core::vocabulary::MetaMismatch;
use vcc_exposition::Publisher;
use vcc_net::clock::Clock;
use vcc_store::{AccountId, Store, StoreError};
use vcc_vonage::{decode, salvage};

use super::errors::IngestError;
use super::page_order::{PageInfo, PageOrder, Step, meta_mismatches};

/// What an account is ingested with.
#[derive(Debug, Clone)]
pub struct Deps {
    pub store: Arc<Store>,
    pub rules: Arc<Rules>,
    pub publisher: Arc<Publisher>,
    /// The account's position among the published ones.
    pub account_index: usize,
    pub health: Arc<AccountHealth>,
    pub clock: Arc<dyn Clock>,
    /// The origin of the monotonic times in the series.
    pub started: Instant,
}

/// One account's ledger, and the only writer of it.
#[derive(Debug)]
pub struct Ingestor {
    pub account: Account,
    pub id: AccountId,
    pub deps: Deps,
    /// Whether a commit failed, so that `account` may be behind what is on the disk.
    dirty: bool,
}

/// A page as it was received.
#[derive(Debug)]
pub struct PageRequest {
    pub body: Bytes,
    pub received: Instant,
    /// Its number in the window, from 1.
    pub number: u32,
    /// The items that were asked for per page.
    pub limit: u32,
}

/// What a window is read for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadMode {
    Forward,
    /// To find what was processed late.
    Rescan,
    /// To close an unread window.
    RetryUnread(UnreadWindow),
}

impl Ingestor {
    pub fn new(account: Account, id: AccountId, deps: Deps) -> Self {
        Ingestor {
            account,
            id,
            deps,
            dirty: false,
        }
    }

    pub(super) fn context(&self, server_ms: i64) -> EvalContext<'_> {
        let time = CommitTime {
            server_ms,
            local_ms: self.deps.clock.local_ms(),
            monotonic_ms: self.monotonic_ms(),
        };
        EvalContext::new(&self.account, &self.deps.rules, time)
    }

    /// Monotonic milliseconds, as in the series.
    pub fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.deps.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Ingests one page of a window durably, and returns what to read next.
    ///
    /// # Errors
    /// If the page cannot be understood or stored; then nothing of it counts.
    pub fn ingest_page(
        &mut self,
        request: &PageRequest,
        reader: &mut PageOrder,
        mode: &ReadMode,
    ) -> Result<Step, IngestError> {
        self.reload_if_dirty()?;
        let page = decode(&request.body).map_err(|page| IngestError::NotJson {
            problem: page.to_string(),
            body: request.body.clone(),
        })?;
        self_tracing::items(page.len());
        let info = PageInfo::of(&page).ok_or(IngestError::NoUpTo)?;
        let (up_to_ms, latest_ms) = (info.up_to_ms, page.latest_update_ms);
        let health = &self.deps.health;
        if !health.observe_server_time(up_to_ms, latest_ms, request.received) {
            return Err(IngestError::ClockJump);
        }
        let mut mismatches = meta_mismatches(&page, request.number, request.limit);
        let step = reader.on_page(&info);
        if step == Step::Stale {
            return Ok(step);
        }
        if reader.accepted_unstable {
            mismatches.push(MetaMismatch::WindowNotWhole);
        }
        let mut advance = WindowProgress {
            meta_mismatches: mismatches,
            ..WindowProgress::default()
        };
        advance.recovering = *mode == ReadMode::Rescan;
        if let Step::Done(cursor_ms) = step {
            match mode {
                ReadMode::Forward => advance.cursor_ms = Some(cursor_ms),
                ReadMode::Rescan => {}
                ReadMode::RetryUnread(unread) => {
                    advance.unread_windows = Some(self.unread_windows_except(unread))
                }
            }
        }
        self.count(page, up_to_ms, &advance)?;
        Ok(step)
    }

    fn unread_windows_except(&self, unread: &UnreadWindow) -> Vec<UnreadWindow> {
        let all = self.account.meta.unread_windows.iter();
        all.filter(|known| known.start_ms != unread.start_ms)
            .cloned()
            .collect()
    }

    /// Counts what can be salvaged of an unreadable page, and moves the cursor past its window, which
    /// is remembered as unread.
    ///
    /// # Errors
    /// If it could not be made durable.
    pub fn leave_unread_window(
        &mut self,
        body: &[u8],
        unread: UnreadWindow,
        server_ms: i64,
    ) -> Result<(), StoreError> {
        self.reload_if_dirty()?;
        let mut all = self.account.meta.unread_windows.clone();
        let cursor_ms = Some(unread.end_ms);
        all.push(unread);
        let advance = WindowProgress {
            cursor_ms,
            unread_windows: Some(all),
            ..WindowProgress::default()
        };
        self.count(salvage(body), server_ms, &advance)
    }

    /// Stores that the recent past was read again from this server time on.
    ///
    /// # Errors
    /// If it could not be made durable.
    pub fn finish_rescan(&mut self, began_ms: i64) -> Result<(), StoreError> {
        self.change_meta(|meta| meta.rescanned_ms = began_ms)
    }

    fn change_meta(&mut self, change: impl FnOnce(&mut AccountMeta)) -> Result<(), StoreError> {
        self.reload_if_dirty()?;
        let mut meta = self.account.meta.clone();
        change(&mut meta);
        self.commit(Commit {
            meta: Some(meta),
            ..Commit::default()
        })
    }

    /// Postpones the next attempt at an unread window.
    ///
    /// # Errors
    /// If it could not be made durable.
    pub fn postpone(
        &mut self,
        unread: &UnreadWindow,
        attempts: u32,
        next_ms: i64,
    ) -> Result<(), StoreError> {
        self.reload_if_dirty()?;
        let mut all = self.unread_windows_except(unread);
        all.push(UnreadWindow {
            attempts,
            next_ms,
            ..unread.clone()
        });
        self.change_meta(|meta| meta.unread_windows = all)
    }

    fn count(
        &mut self,
        page: Page<'_>,
        server_ms: i64,
        advance: &WindowProgress,
    ) -> Result<(), StoreError> {
        for (reason, guid) in &page.rejected {
            let guid = guid.map(|guid| guid.to_string()).unwrap_or_default();
            tracing::debug!(account = %self.account.name, reason = reason.as_str(), guid, "record rejected");
        }
        let known = self.deps.store.prefetch(self.id, &page)?;
        let commit = plan_page(&self.context(server_ms), page, known, advance);
        self.commit(commit)
    }

    /// Stores a commit, then applies it to the account, then publishes the account: in this order.
    pub(super) fn commit(&mut self, mut commit: Commit) -> Result<(), StoreError> {
        if !commit.outgoing.is_empty() {
            let conversations = commit.traced_conversations();
            commit.link(self.deps.store.traced(self.id, &conversations)?);
        }
        let began = Instant::now();
        let span = self_tracing::commit();
        let outcome = span.in_scope(|| self.deps.store.commit(self.id, &self.account, &commit));
        if outcome.is_err() {
            self_tracing::failed(&span, "state");
        }
        drop(span);
        self.deps.health.committed(began.elapsed(), outcome.is_ok());
        self.dirty = outcome.is_err();
        self.deps.health.traces_evicted(outcome?);
        self.deps
            .publisher
            .register_pending(self.deps.account_index, &commit.outgoing);
        self.account.apply(commit, &self.deps.rules);
        self_tracing::publish().in_scope(|| self.publish());
        Ok(())
    }

    /// Reads the account from the state again after a failed commit: the disk may have all of it, for
    /// example if only its last sync failed. Rows would then count as seen what no series here has.
    pub(super) fn reload_if_dirty(&mut self) -> Result<(), StoreError> {
        if !self.dirty {
            return Ok(());
        }
        let (began, monotonic_ms) = (Instant::now(), self.monotonic_ms());
        let loaded = self
            .deps
            .store
            .load_account(&self.account.name, &self.deps.rules, monotonic_ms)
            .and_then(|loaded| loaded.ok_or(StoreError::AccountGone));
        match loaded {
            Ok(loaded) => {
                self.account = loaded.account;
                self.dirty = false;
                self.publish();
                Ok(())
            }
            Err(error) => {
                // What cannot be opened cannot be committed to either: still a failed commit.
                self.deps.health.committed(began.elapsed(), false);
                Err(error)
            }
        }
    }

    /// Publishes the account as it is now.
    pub fn publish(&self) {
        let view = AccountView::of(&self.account);
        self.deps.health.published(&view);
        self.deps.publisher.publish(self.deps.account_index, view);
    }
}
