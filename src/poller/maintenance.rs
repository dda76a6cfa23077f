//! What time alone changes in a ledger: holds that are over, open interactions that are due, and rows
//! that are too old.

use super::ingestor::Ingestor;
use vcc_core::ledger::{due, plan_due, plan_release, plan_retention, scan_budget};
use vcc_store::StoreError;

/// How often, in server time, rows are searched for old ones.
const MAINTENANCE_MS: i64 = 60_000;

impl Ingestor {
    /// Releases the series whose hold is over.
    ///
    /// # Errors
    /// If that could not be made durable.
    pub fn release(&mut self, server_ms: i64) -> Result<(), StoreError> {
        self.reload_if_dirty()?;
        match plan_release(&self.context(server_ms)) {
            Some(commit) => self.commit(commit),
            None => Ok(()),
        }
    }

    /// Ends or expires open interactions that are due, and evicts rows that are too old. Only to be
    /// called when caught up.
    ///
    /// # Errors
    /// If the state cannot be read, or a change could not be made durable.
    pub fn maintain(&mut self, server_ms: i64) -> Result<(), StoreError> {
        self.reload_if_dirty()?;
        let guids = due(&self.account, self.account.meta.cursor_ms);
        if !guids.is_empty() {
            let known = self.deps.store.prefetch_due(self.id, &guids)?;
            self.commit(plan_due(&self.context(server_ms), known))?;
        }
        if server_ms - self.account.meta.maintained_ms >= MAINTENANCE_MS {
            let rows = scan_budget(&self.account, server_ms);
            let scanned = self
                .deps
                .store
                .scan(self.id, self.account.meta.eviction_cursor, rows)?;
            self.commit(plan_retention(
                &self.account,
                &self.deps.rules,
                scanned,
                server_ms,
            ))?;
        }
        Ok(())
    }
}
