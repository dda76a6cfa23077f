//! A state as the exporter leaves it, to begin from: its file, and each record in it.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use redb::{ReadOnlyDatabase, ReadableDatabase, ReadableTable};
use vcc_core::ledger::{
    Account, AccountMeta, CommitTime, EvalContext, Rules, TraceRules, WindowProgress, plan_page,
};
use vcc_exporter::assembly;
use vcc_exporter::config::Config;
use vcc_store::{AccountId, FILE_NAME, Store};
use vcc_vonage::decode;

use super::tables::{ACCOUNTS, LABELS, OUTBOX, ROWS, SERIES, TRACED};

/// The account.
pub const NAME: &str = "acme";

/// 2026-04-01, later than what the pages tell of.
pub const NOW_MS: i64 = 1_775_001_600_000;

const PAGES: [&[u8]; 2] = [
    include_bytes!("../../tests/data/pages/day.json"),
    include_bytes!("../../tests/data/events/queue_still_waiting.json"),
];

/// How it is counted: as by default, with every interaction as a trace.
pub static RULES: LazyLock<Rules> = LazyLock::new(|| Rules {
    traces: Some(TraceRules {
        share: 1.0,
        party_ids: true,
    }),
    ..assembly::rules(&Config::defaults(Vec::new()))
});

/// The state.
pub static EXAMPLE: LazyLock<Example> = LazyLock::new(|| Example::make().unwrap());

#[derive(Debug)]
pub struct Example {
    /// The bytes of its file.
    pub file: Vec<u8>,
    /// The account after each commit; before the first there was none.
    pub commits: Vec<Option<AccountMeta>>,
    /// What is in each table, in the order of `tables`. A key that is a text stands before its value and
    /// ends with a zero.
    pub records: [Vec<Vec<u8>>; 6],
}

impl Example {
    fn make() -> Result<Self, redb::Error> {
        let folder = tempfile::tempdir()?;
        let commits = count(folder.path());
        let path = folder.path().join(FILE_NAME);
        let records = records(&path)?;
        let file = fs::read(path)?;
        Ok(Example {
            file,
            commits,
            records,
        })
    }
}

/// An account that has counted nothing.
pub fn new_account_meta() -> AccountMeta {
    AccountMeta::new("http://127.0.0.1:1/", 0, NOW_MS, &RULES)
}

fn count(directory: &Path) -> Vec<Option<AccountMeta>> {
    let store = Store::open(directory).unwrap();
    let created = store.create_account(NAME, &RULES, new_account_meta());
    let (id, mut account) = created.unwrap();
    let mut commits = vec![None, Some(account.meta.clone())];
    for body in PAGES {
        take(&store, id, &mut account, body);
        commits.push(Some(account.meta.clone()));
    }
    commits
}

fn take(store: &Store, id: AccountId, account: &mut Account, body: &[u8]) {
    let page = decode(body).unwrap();
    let known = store.prefetch(id, &page).unwrap();
    let clocks = CommitTime {
        server_ms: NOW_MS,
        local_ms: NOW_MS,
        monotonic_ms: 0,
    };
    let advance = WindowProgress::default();
    let ctx = EvalContext::new(account, &RULES, clocks);
    let commit = plan_page(&ctx, page, known, &advance);
    store.commit(id, account, &commit).unwrap();
    account.apply(commit, &RULES);
}

fn records(path: &Path) -> Result<[Vec<Vec<u8>>; 6], redb::Error> {
    let transaction = ReadOnlyDatabase::open(path)?.begin_read()?;
    macro_rules! each {
        ($table:expr, |$key:ident, $value:ident| $record:expr) => {{
            let mut all = Vec::new();
            for entry in transaction.open_table($table)?.iter()? {
                let ($key, $value) = entry?;
                all.push($record);
            }
            all
        }};
    }
    Ok([
        each!(ACCOUNTS, |_key, value| value.value().to_vec()),
        each!(SERIES, |key, value| named(key.value().1, value.value())),
        each!(ROWS, |_key, value| value.value().to_vec()),
        each!(OUTBOX, |_key, value| value.value().to_vec()),
        each!(TRACED, |_key, value| value.value().to_vec()),
        each!(LABELS, |_key, value| named(
            value.value().0,
            value.value().1.as_bytes()
        )),
    ])
}

fn named(key: &str, value: &[u8]) -> Vec<u8> {
    [key.as_bytes(), &[0], value].concat()
}
