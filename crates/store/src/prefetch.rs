//! Reads, in one transaction, what a plan needs to know of the interactions it counts.

use redb::{ReadTransaction, ReadableDatabase};

use super::error::StoreError;
use super::{AccountId, ReadOnlyStore, Store, read};
use vcc_core::interaction::{Guid, Page};
use vcc_core::ledger::{DueRows, PrefetchedRows, conversations_of, open_conversation};

impl Store {
    /// Reads what [`plan_page`](vcc_core::ledger::plan_page) needs to know of a page.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn prefetch(&self, id: AccountId, page: &Page<'_>) -> Result<PrefetchedRows, StoreError> {
        self.read(|transaction| known(transaction, id, page))
    }

    /// Reads what [`plan_due`](vcc_core::ledger::plan_due) needs to know of the interactions that are
    /// due.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn prefetch_due(&self, id: AccountId, due: &[Guid]) -> Result<DueRows, StoreError> {
        self.read(|transaction| {
            let rows = read::rows(transaction, id, due)?;
            let rows = due.iter().copied().zip(rows);
            let rows: Vec<_> = rows.filter_map(|(guid, row)| Some((guid, row?))).collect();
            let wanted = rows.iter().filter_map(|(_, row)| open_conversation(row));
            let wanted: Vec<_> = wanted.collect();
            let conversations = read::conversations(transaction, id, &wanted)?;
            Ok(DueRows {
                rows,
                conversations,
            })
        })
    }
}

impl ReadOnlyStore {
    /// As [`Store::prefetch`].
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn prefetch(&self, id: AccountId, page: &Page<'_>) -> Result<PrefetchedRows, StoreError> {
        known(&self.database.begin_read()?, id, page)
    }
}

fn known(
    transaction: &ReadTransaction,
    id: AccountId,
    page: &Page<'_>,
) -> Result<PrefetchedRows, StoreError> {
    let guids: Vec<_> = page.interactions.iter().map(|it| it.guid).collect();
    let rows = read::rows(transaction, id, &guids)?;
    let conversations = read::conversations(transaction, id, &conversations_of(page, &rows))?;
    Ok(PrefetchedRows {
        rows,
        conversations,
    })
}
