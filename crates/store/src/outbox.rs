//! Traces between the commit that made them and the receiver that took them.
//!
//! They are written with the counts they belong to and removed when they were taken. A crash in
//! between sends them again, and their identities make that one trace.

use std::collections::HashMap;

use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata, WriteTransaction};

use super::error::StoreError;
use super::schema::{self, OUTBOX, TRACED};
use super::{AccountId, Store};
use vcc_core::interaction::Guid;
use vcc_core::ledger::Commit;
use vcc_core::trace::Trace;

/// The most traces that wait: some forty megabytes, and what a busy centre ends in an hour. Beyond
/// it the oldest give way.
pub const OUTBOX_LIMIT: u64 = 20_000;

/// A trace's place in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxKey(i64, u32, [u8; 16]);

/// A trace that waits to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct QueuedTrace {
    /// Its place, by which it is removed.
    pub key: OutboxKey,
    /// The trace.
    pub trace: Trace,
}

/// How much waits to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxStatus {
    /// How many traces wait.
    pub items: u64,
    /// Since when the oldest does, local Unix time in milliseconds; `None` if nothing waits.
    pub oldest_ms: Option<i64>,
}

impl OutboxStatus {
    fn of(
        table: &impl ReadableTable<(i64, u32, [u8; 16]), &'static [u8]>,
    ) -> Result<Self, StoreError> {
        Ok(OutboxStatus {
            items: table.len()?,
            oldest_ms: table.first()?.map(|(key, _)| key.value().0),
        })
    }
}

/// How much waits in the database.
pub(super) fn status(transaction: &ReadTransaction) -> Result<OutboxStatus, StoreError> {
    OutboxStatus::of(&transaction.open_table(OUTBOX)?)
}

/// Writes a commit's traces. Returns how many had to give way, and what waits after that if it is
/// not what waited before.
pub(super) fn write(
    transaction: &WriteTransaction,
    id: AccountId,
    commit: &Commit,
) -> Result<(u64, Option<OutboxStatus>), StoreError> {
    // Most commits have none, and a table that is opened for writing is written.
    if commit.outgoing.is_empty() {
        return Ok((0, None));
    }
    let mut buffer = Vec::new();
    let mut outbox = transaction.open_table(OUTBOX)?;
    for outgoing in &commit.outgoing {
        let key = (outgoing.ready_ms, id.0, outgoing.trace.id.0);
        outbox.insert(key, schema::encode_trace(&outgoing.trace, &mut buffer)?)?;
    }
    let mut given_way = 0;
    while outbox.len()? > OUTBOX_LIMIT {
        outbox.pop_first()?;
        given_way += 1;
    }
    let status = OutboxStatus::of(&outbox)?;
    drop(outbox);
    let mut traced = transaction.open_table(TRACED)?;
    for (conversation, guids) in &commit.traced {
        traced.insert(
            (id.0, conversation.0),
            schema::encode_guids(guids, &mut buffer)?,
        )?;
    }
    Ok((given_way, Some(status)))
}

impl Store {
    /// The interactions of these conversations that were traced before.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn traced(
        &self,
        id: AccountId,
        conversations: &[Guid],
    ) -> Result<HashMap<Guid, Vec<Guid>>, StoreError> {
        self.read(|transaction| {
            let table = transaction.open_table(TRACED)?;
            let mut found = HashMap::new();
            for guid in conversations {
                if let Some(value) = table.get((id.0, guid.0))? {
                    found.insert(*guid, schema::decode_guids(value.value())?);
                }
            }
            Ok(found)
        })
    }

    /// The oldest traces that wait, at most so many.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn queued_traces(&self, most: usize) -> Result<Vec<QueuedTrace>, StoreError> {
        self.read(|transaction| {
            let table = transaction.open_table(OUTBOX)?;
            let oldest = table.iter()?.take(most);
            oldest
                .map(|entry| {
                    let (key, value) = entry?;
                    let (ready_ms, account, trace) = key.value();
                    Ok(QueuedTrace {
                        key: OutboxKey(ready_ms, account, trace),
                        trace: schema::decode_trace(value.value())?,
                    })
                })
                .collect()
        })
    }

    /// How many traces wait, and since when the oldest does, local Unix time in milliseconds, as the
    /// database has it.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn outbox(&self) -> Result<(u64, Option<i64>), StoreError> {
        let status = self.read(status)?;
        Ok((status.items, status.oldest_ms))
    }

    /// The same as of the last write, from memory: never waits for the database and never fails.
    pub fn outbox_status(&self) -> OutboxStatus {
        self.handle.outbox()
    }

    /// Removes traces that were taken, or refused for good.
    ///
    /// # Errors
    /// If that could not be made durable; they will be sent again.
    pub fn remove_traces(&self, places: &[OutboxKey]) -> Result<(), StoreError> {
        self.handle.write_outbox(|transaction| {
            let mut table = transaction.open_table(OUTBOX)?;
            for OutboxKey(ready_ms, account, trace) in places {
                table.remove((*ready_ms, *account, *trace))?;
            }
            Ok(((), Some(OutboxStatus::of(&table)?)))
        })
    }

    /// Removes traces that were ready before a time; how many.
    ///
    /// # Errors
    /// If that could not be made durable.
    pub fn expire(&self, before_ms: i64) -> Result<u64, StoreError> {
        let (_, oldest) = self.outbox()?;
        if oldest.is_none_or(|oldest| oldest >= before_ms) {
            return Ok(0);
        }
        self.handle.write_outbox(|transaction| {
            let mut table = transaction.open_table(OUTBOX)?;
            let before = table.len()?;
            table.retain_in(..(before_ms, 0, [0; 16]), |_, _| false)?;
            let status = OutboxStatus::of(&table)?;
            Ok((before - status.items, Some(status)))
        })
    }
}
