//! Everything in a state, read without the store's code.

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

const META: TableDefinition<'_, &str, u32> = TableDefinition::new("vcc-exporter");
const ACCOUNTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("accounts");
const LABELS: TableDefinition<'_, (u32, u32), (&str, &str)> = TableDefinition::new("labels");
const SERIES: TableDefinition<'_, (u32, &str), &[u8]> = TableDefinition::new("series");
const ROWS: TableDefinition<'_, (u32, u128), &[u8]> = TableDefinition::new("rows");
const OPEN: TableDefinition<'_, (u32, u128), ()> = TableDefinition::new("open");
const CONVERSATIONS: TableDefinition<'_, (u32, u128), u32> = TableDefinition::new("conversations");

/// One line an entry, table by table.
pub fn dump(database: &Database) -> Vec<String> {
    let transaction = database.begin_read().unwrap();
    let mut lines = Vec::new();
    macro_rules! table {
        ($definition:ident) => {
            let table = transaction.open_table($definition).unwrap();
            for entry in table.iter().unwrap() {
                let (key, value) = entry.unwrap();
                let (key, value) = (key.value(), value.value());
                lines.push(format!("{} {key:?} {value:?}", stringify!($definition)));
            }
        };
    }
    table!(META);
    table!(ACCOUNTS);
    table!(LABELS);
    table!(SERIES);
    table!(ROWS);
    table!(OPEN);
    table!(CONVERSATIONS);
    lines
}

/// The entries that a page read twice must not change: all but what was received.
pub fn without_receipts(mut lines: Vec<String>) -> Vec<String> {
    lines.retain(|line| !line.contains("vcc_records_"));
    lines
}
