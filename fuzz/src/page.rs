//! A page of interactions, whole and broken: one bad item costs no other, and a page that comes
//! twice counts once.

use std::collections::HashMap;

use foldhash::{HashSet, HashSetExt};
use serde_json::value::RawValue;
use vcc_core::catalogue::Family;
use vcc_core::interaction::{Guid, Page};
use vcc_core::labels::LabelInterner;
use vcc_core::ledger::{
    Account, Commit, CommitTime, EvalContext, PrefetchedRows, Record, WindowProgress, plan_page,
};
use vcc_core::series::{SeriesKey, Value};
use vcc_vonage::{decode, salvage};

use super::example::{NAME, NOW_MS, RULES, new_account_meta};

/// Items no page has more of.
const MOST_ITEMS: usize = 10_000;

/// Two items that are in order.
const BEFORE: &str =
    r#"{"guid":"016f7e44-7525-4e37-b0db-5dd09afe592e","start":"2020-01-07T12:48:48.023Z"}"#;
const AFTER: &str =
    r#"{"guid":"03d154eb-f3fa-4151-bf61-eff2e8197343","start":"2020-01-07T12:49:37.955Z"}"#;

pub fn check(data: &[u8]) {
    let read = || decode(data).unwrap_or_else(|_| salvage(data));
    same(&read(), &read());
    assert!(read().len() <= MOST_ITEMS);
    if let Ok(text) = std::str::from_utf8(data) {
        its_neighbours_are_kept(text);
    }
    twice_is_once(read);
}

/// The bytes as an item between two others.
fn its_neighbours_are_kept(text: &str) {
    let body = format!(r#"{{"items":[{BEFORE},{text},{AFTER}]}}"#);
    let body = body.as_bytes();
    let read = decode(body).unwrap_or_else(|_| salvage(body));
    let alone = format!(r#"{{"items":[{BEFORE}]}}"#);
    let first = &decode(alone.as_bytes()).unwrap().interactions[0];
    assert_eq!(read.interactions.first(), Some(first), "the one before");
    // What is no value of its own can end the list early, or hide what follows in a string.
    if serde_json::from_str::<&RawValue>(text).is_ok() {
        assert_eq!(read.len(), 3);
        let alone = format!(r#"{{"items":[{AFTER}]}}"#);
        let last = &decode(alone.as_bytes()).unwrap().interactions[0];
        assert_eq!(read.interactions.last(), Some(last), "the one after");
    }
}

fn same(one: &Page<'_>, other: &Page<'_>) {
    assert_eq!(one.interactions, other.interactions);
    assert_eq!(one.rejected, other.rejected);
    let envelope = |page: &Page<'_>| {
        let (count, pages, total) = (page.count, page.page_count, page.total_count);
        (page.up_to_ms, page.latest_update_ms, count, pages, total)
    };
    assert_eq!(envelope(one), envelope(other));
}

fn twice_is_once<'a>(read: impl Fn() -> Page<'a>) {
    let rules = &*RULES;
    let dictionary = LabelInterner::new(rules.label_limits.clone(), rules.renames.clone());
    let mut account = Account::new(NAME, new_account_meta(), dictionary);
    let mut rows = HashMap::new();
    let mut seen = HashSet::new();
    let mut counted = Vec::new();
    for _ in 0..2 {
        let commit = plan(&account, read(), &rows, &seen);
        rows.extend(commit.records.iter().cloned());
        seen.extend(commit.conversations.iter().map(|(guid, _)| *guid));
        account.apply(commit, rules);
        counted.push(business(&account));
    }
    assert_eq!(counted[0], counted[1], "counted twice");
}

type Rows = HashMap<Guid, Record>;

fn plan(account: &Account, page: Page<'_>, rows: &Rows, seen: &HashSet<Guid>) -> Commit {
    let guids = page.interactions.iter().map(|one| one.guid);
    let known = PrefetchedRows {
        rows: guids.map(|guid| rows.get(&guid).cloned()).collect(),
        conversations: seen.clone(),
    };
    let clocks = CommitTime {
        server_ms: NOW_MS,
        local_ms: NOW_MS,
        monotonic_ms: 0,
    };
    let advance = WindowProgress::default();
    let ctx = EvalContext::new(account, &RULES, clocks);
    plan_page(&ctx, page, known, &advance)
}

/// What is counted of the contact centre, without the receipts for what came.
fn business(account: &Account) -> Vec<(SeriesKey, Value)> {
    let is_receipt = |name: &str| {
        let receipts = ["vcc_records_", "vcc_exporter_", "vcc_api_"];
        receipts.iter().any(|prefix| name.starts_with(prefix))
    };
    let families = Family::ALL.iter();
    let counted = families.filter(|family| !is_receipt(family.info().name));
    let series = counted.flat_map(|family| account.series(*family).iter());
    series.map(|one| (one.key, one.value.clone())).collect()
}
