//! What is read in one transaction: an account as a whole, or a stretch of its rows.

use std::sync::Arc;

use foldhash::HashSet;
use redb::{ReadTransaction, ReadableTable};

use super::AccountId;
use super::error::StoreError;
use super::schema::account::decode_account;
use super::schema::{self, ACCOUNTS, CONVERSATIONS, LABELS, OPEN, ROWS, SERIES};
use vcc_core::catalogue::Family;
use vcc_core::interaction::Guid;
use vcc_core::labels::LabelInterner;
use vcc_core::ledger::{Account, AccountMeta, EvictionScan, Record, Rules};

/// What the ledger has of each interaction.
pub(super) fn rows(
    transaction: &ReadTransaction,
    id: AccountId,
    guids: &[Guid],
) -> Result<Vec<Option<Record>>, StoreError> {
    let table = transaction.open_table(ROWS)?;
    let read = |guid: &Guid| match table.get((id.0, guid.0))? {
        Some(value) => Ok(Some(schema::decode_record(value.value())?)),
        None => Ok(None),
    };
    guids.iter().map(read).collect()
}

/// Which of these conversations were seen before.
pub(super) fn conversations(
    transaction: &ReadTransaction,
    id: AccountId,
    guids: &[Guid],
) -> Result<HashSet<Guid>, StoreError> {
    let table = transaction.open_table(CONVERSATIONS)?;
    let mut seen = HashSet::default();
    for guid in guids {
        if table.get((id.0, guid.0))?.is_some() {
            seen.insert(*guid);
        }
    }
    Ok(seen)
}

/// See [`Store::scan`].
pub(super) fn scan(
    transaction: &ReadTransaction,
    id: AccountId,
    from: Guid,
    rows: u64,
) -> Result<EvictionScan, StoreError> {
    let table = transaction.open_table(ROWS)?;
    let mut scanned = EvictionScan::default();
    let mut last = u128::MAX;
    for entry in table.range((id.0, from.0)..=(id.0, u128::MAX))? {
        let (key, value) = entry?;
        let guid = Guid(key.value().1);
        if scanned.rows.len() as u64 >= rows {
            scanned.next = guid;
            last = guid.0 - 1;
            break;
        }
        let (phase, news_ms) = schema::decode_header(value.value())?;
        scanned.rows.push((guid, phase, news_ms));
    }
    let table = transaction.open_table(CONVERSATIONS)?;
    for entry in table.range((id.0, from.0)..=(id.0, last))? {
        let (key, value) = entry?;
        scanned
            .conversations
            .push((Guid(key.value().1), i64::from(value.value()) * 1_000));
    }
    Ok(scanned)
}

/// An account's present as it is stored, and the families that begin anew under these rules.
pub(super) type Whole = (AccountId, Account, Vec<Family>);

pub(super) fn read_whole(
    transaction: &ReadTransaction,
    name: &str,
    rules: &Rules,
    monotonic_ms: u64,
) -> Result<Option<Whole>, StoreError> {
    let Some((id, meta)) = read_account(transaction, name)? else {
        return Ok(None);
    };
    let empty = LabelInterner::new(rules.label_limits.clone(), Arc::clone(&rules.renames));
    let dictionary = filled(empty, transaction, id)?;
    let mut account = Account::new(name, meta, dictionary);
    let redefined = account.redefined(rules);
    let table = transaction.open_table(SERIES)?;
    for entry in table.range((id.0, "")..(id.0 + 1, ""))? {
        let (key, value) = entry?;
        let (key, dictionary) = (key.value().1, &account.labels);
        let series = schema::decode_series(key, value.value(), dictionary, monotonic_ms)?;
        if let Some(series) = series.filter(|series| !redefined.contains(&series.key.family)) {
            account.put(Arc::new(series));
        }
    }
    let open = transaction.open_table(OPEN)?;
    let rows = transaction.open_table(ROWS)?;
    for entry in open.range((id.0, 0)..=(id.0, u128::MAX))? {
        let guid = Guid(entry?.0.value().1);
        if let Some(value) = rows.get((id.0, guid.0))? {
            account.note_open(guid, &schema::decode_record(value.value())?, rules);
        }
    }
    Ok(Some((id, account, redefined)))
}

/// A dictionary with the label values that were admitted of an account.
pub(super) fn filled(
    mut dictionary: LabelInterner,
    transaction: &ReadTransaction,
    id: AccountId,
) -> Result<LabelInterner, StoreError> {
    let labels = transaction.open_table(LABELS)?;
    for entry in labels.range((id.0, 0)..=(id.0, u32::MAX))? {
        let (_, value) = entry?;
        let (label, text) = value.value();
        dictionary.intern(schema::label_by_name(label)?, text.into());
    }
    Ok(dictionary)
}

/// The accounts that are there.
pub(super) fn account_names(transaction: &ReadTransaction) -> Result<Vec<String>, StoreError> {
    let mut names = Vec::new();
    for entry in transaction.open_table(ACCOUNTS)?.iter()? {
        names.push(entry?.0.value().to_owned());
    }
    Ok(names)
}

pub(super) fn read_account(
    transaction: &ReadTransaction,
    name: &str,
) -> Result<Option<(AccountId, AccountMeta)>, StoreError> {
    let table = transaction.open_table(ACCOUNTS)?;
    let Some(value) = table.get(name)? else {
        return Ok(None);
    };
    let (id, meta) = decode_account(value.value())?;
    Ok(Some((AccountId(id), meta)))
}
