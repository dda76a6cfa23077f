//! The tables of the state, as src/store/schema/mod.rs defines them.

use redb::TableDefinition;

pub const SCHEMA: TableDefinition<'_, &str, u32> = TableDefinition::new("vcc-exporter");
pub const ACCOUNTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("accounts");
pub const LABELS: TableDefinition<'_, (u32, u32), (&str, &str)> = TableDefinition::new("labels");
pub const SERIES: TableDefinition<'_, (u32, &str), &[u8]> = TableDefinition::new("series");
pub const ROWS: TableDefinition<'_, (u32, u128), &[u8]> = TableDefinition::new("rows");
pub const OPEN: TableDefinition<'_, (u32, u128), ()> = TableDefinition::new("open");
pub const CONVERSATIONS: TableDefinition<'_, (u32, u128), u32> =
    TableDefinition::new("conversations");
pub const OUTBOX: TableDefinition<'_, (i64, u32, [u8; 16]), &[u8]> = TableDefinition::new("outbox");
pub const TRACED: TableDefinition<'_, (u32, u128), &[u8]> = TableDefinition::new("traced");
