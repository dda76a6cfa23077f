//! What one transaction writes.

use redb::WriteTransaction;

use super::AccountId;
use super::error::StoreError;
use super::schema::{self, ACCOUNTS, CONVERSATIONS, OPEN, ROWS, StoredAccount, TRACED};
use crate::ledger::{Commit, Meta};

pub(super) fn write_rows(
    transaction: &WriteTransaction,
    id: AccountId,
    commit: &Commit,
) -> Result<(), StoreError> {
    let mut rows = transaction.open_table(ROWS)?;
    let mut buffer = Vec::new();
    for (guid, record) in &commit.records {
        rows.insert((id.0, guid.0), schema::encode(record, &mut buffer)?)?;
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
    meta: &Meta,
) -> Result<(), StoreError> {
    let stored = StoredAccount {
        id: id.0,
        meta: meta.clone(),
    };
    let mut table = transaction.open_table(ACCOUNTS)?;
    table.insert(name, postcard::to_stdvec(&stored)?.as_slice())?;
    Ok(())
}
