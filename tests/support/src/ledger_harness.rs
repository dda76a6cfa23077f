//! The rules alone: pages go in, numbers come out, with a state in memory and no poller.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use vcc_core::interaction::{Guid, Page};
use vcc_core::ledger::{
    Account, AccountMeta, AccountView, CommitTime, EvalContext, Rules, WindowProgress, due,
    plan_due, plan_page, plan_retention,
};
use vcc_core::series::SeriesKey;
use vcc_core::trace::{PendingTrace, Trace};
use vcc_exporter::assembly;
use vcc_exporter::config::Config;
use vcc_exposition::{Encoded, FormatKind, Options};
use vcc_store::{AccountId, Store};
use vcc_vonage::{decode, salvage};

use super::exposition::{BUSINESS, Exposition, Labels};
use super::item::START_MS;
use super::simulated_api::memory_store;

const HOUR_MS: i64 = 3_600_000;

/// One account's ledger, with a clock that is moved by hand.
pub struct LedgerHarness {
    pub store: Arc<Store>,
    id: AccountId,
    pub account: Account,
    pub rules: Rules,
    /// Server time.
    pub now_ms: i64,
    /// Whether what comes now comes from reading the past again.
    pub recovering: bool,
    /// What its traces may stand for.
    pub observed: Vec<(SeriesKey, u64)>,
    /// The traces of its last commit.
    pub outgoing: Vec<PendingTrace>,
    /// How many traces had to give way in its outbox.
    pub given_way: u64,
}

impl LedgerHarness {
    /// A ledger whose epoch is a day before the items of `support::item`, an hour after them.
    pub fn new() -> Self {
        Self::with(START_MS - 24 * HOUR_MS, |_| {})
    }

    /// A ledger with another epoch.
    pub fn since(epoch_ms: i64) -> Self {
        Self::with(epoch_ms, |_| {})
    }

    /// A ledger with an epoch and rules of its own. New series are shown at once, because holds
    /// are a matter of showing and not of counting.
    pub fn with(epoch_ms: i64, adjust: impl FnOnce(&mut Rules)) -> Self {
        let mut rules = assembly::rules(&Config::defaults(Vec::new()));
        rules.warmup = std::time::Duration::ZERO;
        adjust(&mut rules);
        let now_ms = START_MS + HOUR_MS;
        let store = memory_store();
        let meta = AccountMeta::new("http://127.0.0.1:1/", epoch_ms, now_ms, &rules);
        let (id, account) = store.create_account("acme", &rules, meta).unwrap();
        LedgerHarness {
            store,
            id,
            account,
            rules,
            now_ms,
            recovering: false,
            observed: Vec::new(),
            outgoing: Vec::new(),
            given_way: 0,
        }
    }

    /// The traces that wait to be sent.
    pub fn traces(&self) -> Vec<Trace> {
        let waiting = self.store.queued_traces(usize::MAX).unwrap();
        waiting.into_iter().map(|waiting| waiting.trace).collect()
    }

    /// Takes in one item, alone on its page.
    pub fn take(&mut self, item: &Value) {
        self.take_all([item]);
    }

    /// Takes in several items on one page.
    pub fn take_all<'v>(&mut self, items: impl IntoIterator<Item = &'v Value>) {
        let items: Vec<_> = items.into_iter().collect();
        let body = json!({ "meta": {}, "items": items }).to_string();
        self.take_body(body.as_bytes());
    }

    /// Takes in items given as text.
    pub fn take_texts<'t>(&mut self, items: impl IntoIterator<Item = &'t String>) {
        let items: Vec<_> = items.into_iter().map(String::as_str).collect();
        self.take_body(format!(r#"{{"items":[{}]}}"#, items.join(",")).as_bytes());
    }

    /// Takes in a page as it is sent.
    pub fn take_body(&mut self, body: &[u8]) {
        let page = decode(body).unwrap();
        self.count(page, WindowProgress::default());
    }

    /// Takes in what can be saved of a page that is not JSON.
    pub fn take_broken(&mut self, body: &[u8]) {
        assert!(decode(body).is_err(), "this page is not broken");
        self.count(salvage(body), WindowProgress::default());
    }

    fn count(&mut self, page: Page<'_>, advance: WindowProgress) {
        let recovering = self.recovering;
        let advance = WindowProgress {
            recovering,
            ..advance
        };
        let known = self.store.prefetch(self.id, &page).unwrap();
        let clocks = self.clocks();
        let (account, rules) = (&self.account, &self.rules);
        let commit = plan_page(
            &EvalContext::new(account, rules, clocks),
            page,
            known,
            &advance,
        );
        self.commit(commit);
    }

    fn clocks(&self) -> CommitTime {
        CommitTime {
            server_ms: self.now_ms,
            local_ms: self.now_ms,
            monotonic_ms: 0,
        }
    }

    fn commit(&mut self, mut commit: vcc_core::ledger::Commit) {
        let conversations = commit.traced_conversations();
        commit.link(self.store.traced(self.id, &conversations).unwrap());
        self.outgoing.clone_from(&commit.outgoing);
        for outgoing in &commit.outgoing {
            self.observed.extend(outgoing.observations.iter().copied());
        }
        let given_way = self.store.commit(self.id, &self.account, &commit);
        self.given_way += given_way.unwrap();
        self.account.apply(commit, &self.rules);
    }

    /// Time passes, everything is read, and what is due is looked after.
    pub fn pass(&mut self, ms: i64) {
        self.now_ms += ms;
        let advance = WindowProgress {
            cursor_ms: Some(self.now_ms),
            ..WindowProgress::default()
        };
        self.count(Page::default(), advance);
        self.maintain();
    }

    /// Looks after what is due, with the cursor where it is.
    pub fn maintain(&mut self) {
        let guids = due(&self.account, self.account.meta.cursor_ms);
        let known = self.store.prefetch_due(self.id, &guids).unwrap();
        let clocks = self.clocks();
        let commit = plan_due(&EvalContext::new(&self.account, &self.rules, clocks), known);
        self.commit(commit);
        let scanned = self.store.scan(self.id, Guid::default(), u64::MAX).unwrap();
        let commit = plan_retention(&self.account, &self.rules, scanned, self.now_ms);
        self.commit(commit);
    }

    /// Goes on with what was stored, as after a restart.
    pub fn reopen(&mut self) {
        let loaded = self.store.load_account("acme", &self.rules, 0).unwrap();
        let loaded = loaded.unwrap();
        assert_eq!(loaded.restarted, Vec::<&str>::new());
        (self.id, self.account) = (loaded.id, loaded.account);
    }

    /// Everything it shows.
    pub fn shown(&self) -> Exposition {
        let encoded = Encoded::new(
            FormatKind::Text,
            Options::default(),
            &[Arc::new(AccountView::of(&self.account))],
        );
        Exposition::parse(std::str::from_utf8(&encoded.plain).unwrap())
    }

    /// The sum of a name's samples with these label values.
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.shown().sum(name, labels)
    }

    /// The samples of a name that are not 0, as text.
    pub fn samples(&self, name: &str) -> Vec<String> {
        let shown = self.shown();
        let samples = shown.0.get(name).into_iter().flatten();
        let text = |labels: &Labels| {
            let pairs: Vec<_> = labels.iter().map(|(n, v)| format!("{n}={v}")).collect();
            pairs.join(" ")
        };
        let samples = samples.filter(|(_, value)| *value != "0");
        samples
            .map(|(labels, value)| format!("{} {value}", text(labels)))
            .collect()
    }

    /// Everything that must not depend on how often and in which order versions come: every
    /// business sample that is not 0, contradictions and rejections included. Which interaction of
    /// a conversation is seen first depends on the order, so conversations stand there as a sum.
    pub fn business(&self) -> BTreeMap<(String, Labels), String> {
        const CONVERSATIONS: &str = "vcc_conversations_started_total";
        const MORE: [&str; 2] = [
            "vcc_interaction_corrections_total",
            "vcc_facts_rejected_total",
        ];
        let shown = self.shown();
        let mut out = BTreeMap::new();
        for (name, samples) in &shown.0 {
            let family = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|s| name.strip_suffix(s));
            let family = family.unwrap_or(name);
            if family == CONVERSATIONS || !(BUSINESS.contains(&family) || MORE.contains(&family)) {
                continue;
            }
            for (labels, value) in samples.iter().filter(|(_, value)| *value != "0") {
                out.insert((name.clone(), labels.clone()), value.clone());
            }
        }
        let sum = shown.sum(CONVERSATIONS, &[]).to_string();
        out.insert((CONVERSATIONS.to_owned(), Labels::new()), sum);
        out
    }
}
