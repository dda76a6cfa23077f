//! What one transaction writes.

use redb::WriteTransaction;

use super::AccountId;
use super::error::StoreError;
use super::schema::account::encode_account;
use super::schema::{self, ACCOUNTS, CONVERSATIONS, LABELS, OPEN, ROWS, SERIES, TRACED};
use super::{Store, outbox};
use vcc_core::ledger::{Account, AccountMeta, Commit};

impl Store {
    /// Makes a commit durable: all of it or nothing. Returns how many waiting traces had to give
    /// way to its own.
    ///
    /// # Errors
    /// If it could not be made durable; the state is then as it was.
    pub fn commit(
        &self,
        id: AccountId,
        account: &Account,
        commit: &Commit,
    ) -> Result<u64, StoreError> {
        self.handle.write_outbox(|transaction| {
            write_rows(transaction, id, commit)?;
            let outbox = outbox::write(transaction, id, commit)?;
            let mut labels = transaction.open_table(LABELS)?;
            for (index, (label, text)) in commit.admitted.iter().enumerate() {
                let number = (account.labels.len() + index) as u32;
                labels.insert((id.0, number), (label.name(), &**text))?;
            }
            drop(labels);
            let mut table = transaction.open_table(SERIES)?;
            let (mut key, mut value) = (String::new(), Vec::new());
            for series in &commit.series {
                let value = schema::encode_series(series, &mut value)?;
                table.insert((id.0, schema::series_key(series, &mut key)), value)?;
            }
            drop(table);
            if let Some(meta) = &commit.meta {
                write_account(transaction, &account.name, id, meta)?;
            }
            Ok(outbox)
        })
    }
}

fn write_rows(
    transaction: &WriteTransaction,
    id: AccountId,
    commit: &Commit,
) -> Result<(), StoreError> {
    let mut rows = transaction.open_table(ROWS)?;
    let mut buffer = Vec::new();
    for (guid, record) in &commit.records {
        rows.insert((id.0, guid.0), schema::encode_record(record, &mut buffer)?)?;
    }
    for guid in &commit.evicted {
        rows.remove((id.0, guid.0))?;
    }
    let mut open = transaction.open_table(OPEN)?;
    for guid in &commit.opened {
        open.insert((id.0, guid.0), ())?;
    }
    for guid in &commit.closed {
        open.remove((id.0, guid.0))?;
    }
    let mut conversations = transaction.open_table(CONVERSATIONS)?;
    for (guid, second) in &commit.conversations {
        conversations.insert((id.0, guid.0), second)?;
    }
    for guid in &commit.evicted_conversations {
        conversations.remove((id.0, guid.0))?;
    }
    drop(conversations);
    if !commit.evicted_conversations.is_empty() {
        let mut traced = transaction.open_table(TRACED)?;
        for guid in &commit.evicted_conversations {
            traced.remove((id.0, guid.0))?;
        }
    }
    Ok(())
}

pub(super) fn write_account(
    transaction: &WriteTransaction,
    name: &str,
    id: AccountId,
    meta: &AccountMeta,
) -> Result<(), StoreError> {
    let mut table = transaction.open_table(ACCOUNTS)?;
    table.insert(name, encode_account(id.0, meta)?.as_slice())?;
    Ok(())
}
