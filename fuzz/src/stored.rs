//! A state whose database is whole, and that holds what the exporter has not written: it is refused
//! in words or read, and what was read is written so that it reads the same.

use std::path::PathBuf;
use std::sync::Mutex;

use redb::backends::InMemoryBackend;
use redb::{Database, WriteTransaction};
use vcc_core::interaction::Guid;
use vcc_core::ledger::Commit;
use vcc_store::{Store, StoreError};

use super::changed::any_or_changed;
use super::example::{EXAMPLE, NAME, RULES};
use super::tables::{ACCOUNTS, CONVERSATIONS, LABELS, OPEN, OUTBOX, ROWS, SCHEMA, SERIES, TRACED};

/// What a row, a conversation and a trace are found by.
const GUID: Guid = Guid(7);

/// The first byte chooses a table, the others are a record in it, or changes of one; a key that is a
/// text stands in front of it and ends with a zero.
pub fn check(data: &[u8]) {
    let Some((table, data)) = data.split_first() else {
        return;
    };
    let table = usize::from(*table) % EXAMPLE.records.len();
    let record = any_or_changed(&EXAMPLE.records[table], data);
    let database = Mutex::new(Some(state(table, &record).unwrap()));
    let opener = move || Ok(database.lock().unwrap().take().unwrap());
    let store = Store::open_with(PathBuf::from("memory"), Box::new(opener)).unwrap();
    // After a failed write the store would open its database anew, of which there is no second.
    let _refused = read(&store);
}

/// A state that is in order but for one record.
fn state(table: usize, record: &[u8]) -> Result<Database, redb::Error> {
    let database = Database::builder().create_with_backend(InMemoryBackend::new())?;
    let transaction = database.begin_write()?;
    in_order(&transaction)?;
    let zero = record.iter().position(|byte| *byte == 0);
    let (text, value) = record.split_at(zero.map_or(0, |at| at + 1));
    let text = String::from_utf8_lossy(text);
    let text = text.trim_end_matches('\0');
    match table {
        0 => drop(transaction.open_table(ACCOUNTS)?.insert(NAME, record)?),
        1 => drop(transaction.open_table(SERIES)?.insert((0, text), value)?),
        2 => drop(transaction.open_table(ROWS)?.insert((0, GUID.0), record)?),
        3 => drop(
            transaction
                .open_table(OUTBOX)?
                .insert((0, 0, [0; 16]), record)?,
        ),
        4 => drop(
            transaction
                .open_table(TRACED)?
                .insert((0, GUID.0), record)?,
        ),
        _ => {
            let value = String::from_utf8_lossy(value);
            transaction
                .open_table(LABELS)?
                .insert((0, 0), (text, &*value))?;
        }
    }
    transaction.commit()?;
    Ok(database)
}

fn in_order(transaction: &WriteTransaction) -> Result<(), redb::Error> {
    transaction.open_table(SCHEMA)?.insert("schema", 2)?;
    transaction
        .open_table(ACCOUNTS)?
        .insert(NAME, EXAMPLE.records[0][0].as_slice())?;
    transaction.open_table(LABELS)?;
    transaction.open_table(SERIES)?;
    transaction.open_table(ROWS)?;
    transaction.open_table(OPEN)?.insert((0, GUID.0), ())?;
    transaction.open_table(CONVERSATIONS)?;
    transaction.open_table(OUTBOX)?;
    transaction.open_table(TRACED)?;
    Ok(())
}

/// Everything a start reads, and an export.
fn read(store: &Store) -> Result<(), StoreError> {
    store.info()?;
    store.outbox()?;
    store.queued_traces(usize::MAX)?;
    let loaded = store.load_account(NAME, &RULES, 0)?.unwrap();
    store.traced(loaded.id, &[GUID])?;
    let rows = store.rows(loaded.id, &[GUID])?;
    let scanned = store.scan(loaded.id, Guid::default(), u64::MAX)?;
    // A scan reads only the beginning of a row.
    let whole = rows.iter().flatten();
    let whole: Vec<_> = whole
        .map(|row| (GUID, row.phase, row.last_update_ms()))
        .collect();
    assert_eq!(scanned.rows, whole);
    // All of it once more, as if a page had touched everything.
    let series = loaded.account.all_series();
    let written = Commit {
        records: rows.into_iter().flatten().map(|row| (GUID, row)).collect(),
        series: series
            .iter()
            .flat_map(|family| family.iter().cloned())
            .collect(),
        meta: Some(loaded.account.meta.clone()),
        ..Commit::default()
    };
    let text = format!("{:?} {:?}", written.records, written.series);
    store.commit(loaded.id, &loaded.account, &written)?;
    let again = store.load_account(NAME, &RULES, 0)?.unwrap();
    let rows = store.rows(again.id, &[GUID])?;
    let records: Vec<_> = rows.into_iter().flatten().map(|row| (GUID, row)).collect();
    let series = again.account.all_series();
    let series: Vec<_> = series.iter().flat_map(|family| family.iter()).collect();
    assert_eq!(format!("{records:?} {series:?}"), text);
    assert_eq!(again.account.meta, loaded.account.meta);
    Ok(())
}
