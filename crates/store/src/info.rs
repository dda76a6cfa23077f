//! What is in a state, in figures.

use std::fmt;
use std::path::Path;

use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata};

use super::error::StoreError;
use super::identity;
use super::schema::account::decode_account;
use super::schema::{ACCOUNTS, BACKUP, LABELS, META, OPEN, OUTBOX, SCHEMA_VERSION, SERIES};
use vcc_core::ledger::AccountMeta;

/// What is in a state.
#[derive(Debug)]
pub struct Info {
    /// The identifier it was made with.
    pub instance_id: Option<String>,
    /// Whether it is a copy that no exporter has opened yet.
    pub is_backup: bool,
    /// The size of its file.
    pub size_bytes: u64,
    /// Traces that wait for a receiver.
    pub waiting_traces: u64,
    /// Its accounts, by name.
    pub accounts: Vec<AccountInfo>,
}

/// What is in a state of one account.
#[derive(Debug)]
pub struct AccountInfo {
    /// Its name.
    pub name: String,
    /// What is stored of it as a whole.
    pub meta: AccountMeta,
    /// Interactions that have not ended.
    pub open: usize,
    /// Series.
    pub series: usize,
    /// Label values from outside.
    pub label_values: usize,
}

pub(super) fn info(transaction: &ReadTransaction, path: &Path) -> Result<Info, StoreError> {
    let mut accounts = Vec::new();
    for entry in transaction.open_table(ACCOUNTS)?.iter()? {
        let (name, value) = entry?;
        let (id, meta) = decode_account(value.value())?;
        let series = transaction.open_table(SERIES)?;
        let labels = transaction.open_table(LABELS)?;
        let open = transaction.open_table(OPEN)?;
        accounts.push(AccountInfo {
            name: name.value().to_owned(),
            meta,
            open: open.range((id, 0)..=(id, u128::MAX))?.count(),
            series: series.range((id, "")..(id + 1, ""))?.count(),
            label_values: labels.range((id, 0)..=(id, u32::MAX))?.count(),
        });
    }
    Ok(Info {
        instance_id: identity::stored(transaction)?,
        is_backup: transaction.open_table(META)?.get(BACKUP)?.is_some(),
        size_bytes: std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
        waiting_traces: transaction.open_table(OUTBOX)?.len()?,
        accounts,
    })
}

impl fmt::Display for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |what: &str, value: &dyn fmt::Display| writeln!(f, "{what:<22}{value}");
        line("schema version", &SCHEMA_VERSION)?;
        line(
            "instance",
            &self.instance_id.as_deref().unwrap_or("none yet"),
        )?;
        line("size", &format_args!("{} bytes", self.size_bytes))?;
        line("traces waiting", &self.waiting_traces)?;
        if self.is_backup {
            line(
                "a copy",
                &"opened by an exporter, every counter begins at 0 again",
            )?;
        }
        for account in &self.accounts {
            write!(f, "\n{account}")?;
        }
        Ok(())
    }
}

impl fmt::Display for AccountInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let meta = &self.meta;
        let mut line = |what: &str, value: &dyn fmt::Display| writeln!(f, "  {what:<20}{value}");
        line("account", &self.name)?;
        line("reads from", &meta.api_url)?;
        line("facts count from", &time(meta.epoch_ms))?;
        line("counters count from", &time(meta.counting_since_ms))?;
        line("has read up to", &time(meta.cursor_ms))?;
        line("interactions", &meta.rows)?;
        line("of these open", &self.open)?;
        line("series", &self.series)?;
        line("label values", &self.label_values)?;
        line("windows owed", &meta.unread_windows.len())
    }
}

/// A time as people read it; stored times are server time.
fn time(ms: i64) -> impl fmt::Display {
    chrono::DateTime::from_timestamp_millis(ms)
        .unwrap_or_default()
        .format("%Y-%m-%d %H:%M:%S UTC")
}
