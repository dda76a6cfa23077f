//! The synchronous half of polling: a page's bytes become a durable commit and a new snapshot.
//!
//! It runs on a blocking thread, because it computes and waits for the disk.

use std::sync::Arc;

use bytes::Bytes;
use tokio::time::Instant;

use crate::api::{NotAPage, decode, salvage};
use crate::clock::Clock;
use crate::health::AccountHealth;
use crate::interaction::Page;
use crate::ledger::{
    Account, AccountView, Commit, CommitTime, EvalContext, Hole, Meta, Rules, WindowProgress, due,
    plan_due, plan_page, plan_release, plan_retention, stretch,
};
use crate::snapshot::Publisher;
use crate::spans;
use crate::store::{AccountId, Store, StoreError};
use crate::vocabulary::MetaMismatch;

use super::reading::{Facts, Reading, Step, disagreements};

/// How often, in server time, open interactions and old rows are looked after.
const MAINTENANCE_MS: i64 = 60_000;

/// Everything that one account's pages change.
#[derive(Debug)]
pub struct Core {
    /// The account's present.
    pub account: Account,
    /// Its number in the store.
    pub id: AccountId,
    /// The state.
    pub store: Arc<Store>,
    /// What counts as what.
    pub rules: Arc<Rules>,
    /// Where snapshots go.
    pub publisher: Arc<Publisher>,
    /// The account's place among the published ones.
    pub place: usize,
    /// The account's instruments.
    pub health: Arc<AccountHealth>,
    /// Local time.
    pub clock: Arc<dyn Clock>,
    /// The origin of the monotonic times in the series.
    pub started: Instant,
    /// Whether a commit failed and nobody knows how much of it the disk has.
    pub unsure: bool,
}

/// Why a page could not be taken in.
#[derive(Debug)]
pub enum PageTrouble {
    /// It is not JSON.
    NotJson(NotAPage),
    /// It has no usable `upTo`.
    NoUpTo,
    /// Its `upTo` is far from what the API's clock should show.
    ClockLeap,
    /// What it changes could not be made durable.
    Store(StoreError),
}

impl From<StoreError> for PageTrouble {
    fn from(error: StoreError) -> Self {
        PageTrouble::Store(error)
    }
}

/// What a window is read for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// To move on.
    Forward,
    /// To find what was missed.
    Reread,
    /// To fill a hole.
    Fill(Hole),
}

impl Core {
    fn context(&self, server_ms: i64) -> EvalContext<'_> {
        let time = CommitTime {
            server_ms,
            local_ms: self.clock.local_ms(),
            monotonic_ms: self.monotonic_ms(),
        };
        EvalContext::new(&self.account, &self.rules, time)
    }

    /// Monotonic milliseconds, as in the series.
    pub fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Takes in one page of a window being read, durably.
    ///
    /// # Errors
    /// If the page cannot be understood or stored; then nothing of it counts.
    pub fn take(
        &mut self,
        body: &Bytes,
        received: Instant,
        number: u32,
        limit: u32,
        reading: &mut Reading,
        purpose: &Purpose,
    ) -> Result<Step, PageTrouble> {
        self.make_sure()?;
        let page = decode(body).map_err(PageTrouble::NotJson)?;
        spans::items(page.len());
        let facts = Facts::of(&page).ok_or(PageTrouble::NoUpTo)?;
        if !self
            .health
            .heard(facts.up_to_ms, page.latest_update_ms, received)
        {
            return Err(PageTrouble::ClockLeap);
        }
        let mut disagreements = disagreements(&page, number, limit);
        let step = reading.on_page(&facts);
        if step == Step::Stale {
            return Ok(step);
        }
        if reading.taken_as_it_is {
            disagreements.push(MetaMismatch::WindowNotWhole);
        }
        let mut advance = WindowProgress {
            disagreements,
            ..WindowProgress::default()
        };
        advance.recovering = *purpose == Purpose::Reread;
        if let Step::Done(cursor_ms) = step {
            match purpose {
                Purpose::Forward => advance.cursor_ms = Some(cursor_ms),
                Purpose::Reread => {}
                Purpose::Fill(hole) => advance.holes = Some(self.without(hole)),
            }
        }
        self.count(page, facts.up_to_ms, &advance)?;
        Ok(step)
    }

    fn without(&self, hole: &Hole) -> Vec<Hole> {
        let holes = self.account.meta.holes.iter();
        holes
            .filter(|known| known.start_ms != hole.start_ms)
            .cloned()
            .collect()
    }

    /// Counts what can be saved of an unreadable page and records its window as a hole.
    ///
    /// # Errors
    /// If it could not be made durable.
    pub fn leave_hole(
        &mut self,
        body: &[u8],
        hole: Hole,
        server_ms: i64,
    ) -> Result<(), StoreError> {
        self.make_sure()?;
        let mut holes = self.account.meta.holes.clone();
        let cursor_ms = Some(hole.end_ms);
        holes.push(hole);
        let advance = WindowProgress {
            cursor_ms,
            holes: Some(holes),
            ..WindowProgress::default()
        };
        self.count(salvage(body), server_ms, &advance)
    }

    /// Stores when the recent past was last read again.
    ///
    /// # Errors
    /// If it could not be made durable.
    pub fn reread(&mut self, began_ms: i64) -> Result<(), StoreError> {
        self.change_meta(|meta| meta.reread_ms = began_ms)
    }

    fn change_meta(&mut self, change: impl FnOnce(&mut Meta)) -> Result<(), StoreError> {
        self.make_sure()?;
        let mut meta = self.account.meta.clone();
        change(&mut meta);
        self.commit(Commit {
            meta: Some(meta),
            ..Commit::default()
        })
    }

    /// Postpones a hole after a vain attempt.
    ///
    /// # Errors
    /// If it could not be made durable.
    pub fn postpone(&mut self, hole: &Hole, attempts: u32, next_ms: i64) -> Result<(), StoreError> {
        self.make_sure()?;
        let mut holes = self.without(hole);
        holes.push(Hole {
            attempts,
            next_ms,
            ..hole.clone()
        });
        self.change_meta(|meta| meta.holes = holes)
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
        let known = self.store.prefetch(self.id, &page)?;
        let commit = plan_page(&self.context(server_ms), page, known, advance);
        self.commit(commit)
    }

    /// Makes a commit durable, then the present, then visible: in this order.
    fn commit(&mut self, mut commit: Commit) -> Result<(), StoreError> {
        if !commit.outgoing.is_empty() {
            let conversations = commit.traced_conversations();
            commit.link(self.store.traced(self.id, &conversations)?);
        }
        let began = Instant::now();
        let span = spans::commit();
        let outcome = span.in_scope(|| self.store.commit(self.id, &self.account, &commit));
        if outcome.is_err() {
            spans::failed(&span, "state");
        }
        drop(span);
        self.health.committed(began.elapsed(), outcome.is_ok());
        self.unsure = outcome.is_err();
        self.health.traces_gave_way(outcome?);
        self.publisher.expect(self.place, &commit.outgoing);
        self.account.apply(commit, &self.rules);
        spans::publish().in_scope(|| self.publish());
        Ok(())
    }

    /// Reads the account anew after a failed commit: the disk may have all of it, for example if
    /// only its last sync failed. Rows would then say counted what no series here has.
    fn make_sure(&mut self) -> Result<(), StoreError> {
        if !self.unsure {
            return Ok(());
        }
        let (began, monotonic_ms) = (Instant::now(), self.monotonic_ms());
        let loaded = self
            .store
            .load_account(&self.account.name, &self.rules, monotonic_ms)
            .and_then(|loaded| loaded.ok_or(StoreError::AccountGone));
        match loaded {
            Ok(loaded) => {
                self.account = loaded.account;
                self.unsure = false;
                self.publish();
                Ok(())
            }
            Err(error) => {
                // What cannot even be opened cannot be committed to: the failure goes on.
                self.health.committed(began.elapsed(), false);
                Err(error)
            }
        }
    }

    /// Shows the present to readers.
    pub fn publish(&self) {
        let view = AccountView::of(&self.account);
        self.health.published(&view);
        self.publisher.publish(self.place, view);
    }

    /// Releases the series whose hold is over.
    ///
    /// # Errors
    /// If that could not be made durable.
    pub fn release(&mut self, server_ms: i64) -> Result<(), StoreError> {
        self.make_sure()?;
        match plan_release(&self.context(server_ms)) {
            Some(commit) => self.commit(commit),
            None => Ok(()),
        }
    }

    /// Looks after what time alone changes: open interactions whose time has come, and rows that
    /// are too old. Only to be called when caught up.
    ///
    /// # Errors
    /// If the state cannot be read, or a change could not be made durable.
    pub fn maintain(&mut self, server_ms: i64) -> Result<(), StoreError> {
        self.make_sure()?;
        let guids = due(&self.account, self.account.meta.cursor_ms);
        if !guids.is_empty() {
            let known = self.store.prefetch_due(self.id, &guids)?;
            self.commit(plan_due(&self.context(server_ms), known))?;
        }
        if server_ms - self.account.meta.swept_ms >= MAINTENANCE_MS {
            let rows = stretch(&self.account, server_ms);
            let scanned = self
                .store
                .scan(self.id, self.account.meta.sweep_from, rows)?;
            self.commit(plan_retention(
                &self.account,
                &self.rules,
                scanned,
                server_ms,
            ))?;
        }
        Ok(())
    }
}
