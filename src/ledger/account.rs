//! One account's present: everything a reader is shown and the next page is judged by, except the
//! rows of single interactions, which stay on disk.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::FixedState;
use serde::{Deserialize, Serialize};

use crate::catalogue::{Family, Label, Origin};
use crate::interaction::Guid;
use crate::labels::{Dictionary, LabelId};
use crate::series::{Series, SeriesKey};
use crate::tally::{Delta, KnownSeries};
use crate::trace::Outgoing;

use super::plan::Clocks;
use super::record::{Phase, Record};
use super::rules::{Rules, SETTLE_MS};

/// What is stored of an account beside its labels, series and rows. All times are server time in
/// Unix milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    /// The API this account was read from; a known account never changes it.
    pub api_url: String,
    /// Facts before this never count.
    pub epoch_ms: i64,
    /// Since when the present series count: the epoch, or the moment a restored backup began anew.
    pub counting_since_ms: i64,
    /// Everything processed up to here has been read.
    pub cursor_ms: i64,
    /// The latest news of any row ever evicted.
    pub horizon_ms: Option<i64>,
    /// Windows the API could not be read for.
    pub holes: Vec<Hole>,
    /// What each family's numbers meant when they were counted.
    pub definitions: BTreeMap<String, String>,
    /// The last target seen per virtual queue, in milliseconds.
    pub targets: BTreeMap<LabelId, i64>,
    /// How many rows there are.
    pub rows: u64,
    /// Where the search for rows to evict goes on.
    pub sweep_from: Guid,
    /// Server time of the last maintenance.
    pub swept_ms: i64,
    /// Server time of the last re-reading of the recent past.
    pub reread_ms: i64,
}

impl Meta {
    /// What a new account begins with, at this server time.
    pub fn new(api_url: &str, epoch_ms: i64, server_ms: i64, rules: &Rules) -> Meta {
        Meta {
            api_url: api_url.to_owned(),
            epoch_ms,
            counting_since_ms: epoch_ms,
            cursor_ms: epoch_ms,
            horizon_ms: None,
            holes: Vec::new(),
            definitions: Account::definitions(rules),
            targets: BTreeMap::new(),
            rows: 0,
            sweep_from: Guid::default(),
            swept_ms: server_ms,
            reread_ms: server_ms,
        }
    }
}

/// A window the API could not be read for and that is still owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hole {
    /// Its start, inclusive.
    pub start_ms: i64,
    /// Its end, exclusive.
    pub end_ms: i64,
    /// How often it was tried in vain.
    pub attempts: u32,
    /// Server time of the next attempt.
    pub next_ms: i64,
}

/// Series of one family, in the order of their birth. Shared with snapshots, copied on change.
pub type FamilySeries = Arc<Vec<Arc<Series>>>;

/// Everything one durable transaction changes.
#[derive(Debug, Default)]
pub struct Commit {
    /// Rows to write.
    pub records: Vec<(Guid, Record)>,
    /// Rows to forget.
    pub evicted: Vec<Guid>,
    /// Interactions that become open, and that cease to be.
    pub opened: Vec<Guid>,
    /// See `opened`.
    pub closed: Vec<Guid>,
    /// Conversations seen, with the second they were seen in.
    pub conversations: Vec<(Guid, u32)>,
    /// Conversations to forget.
    pub evicted_conversations: Vec<Guid>,
    /// Traces to send.
    pub outgoing: Vec<Outgoing>,
    /// Conversations with the interactions of theirs that were traced last.
    pub traced: Vec<(Guid, Vec<Guid>)>,
    /// Label values admitted, in the order of their numbers.
    pub admitted: Vec<(Label, Arc<str>)>,
    /// Series as they are after the commit.
    pub series: Vec<Arc<Series>>,
    /// The account's other facts after the commit; `None` leaves them.
    pub meta: Option<Meta>,
}

/// One account's present.
#[derive(Debug)]
pub struct Account {
    /// Its name: the `account` label.
    pub name: Arc<str>,
    /// What is stored beside labels, series and rows.
    pub meta: Meta,
    /// Its label values.
    pub dictionary: Arc<Dictionary>,
    families: Vec<FamilySeries>,
    index: HashMap<SeriesKey, usize, FixedState>,
    /// Open interactions with the server time at which something is due.
    open: BTreeMap<Guid, i64>,
    /// Series shown at 0 for the time being.
    held: HashSet<SeriesKey, FixedState>,
}

impl Account {
    /// An account without anything counted yet.
    pub fn new(name: &str, meta: Meta, dictionary: Dictionary) -> Self {
        Account {
            name: name.into(),
            meta,
            dictionary: Arc::new(dictionary),
            families: vec![FamilySeries::default(); Family::COUNT],
            index: HashMap::default(),
            open: BTreeMap::new(),
            held: HashSet::default(),
        }
    }

    /// The series of a family.
    pub fn series(&self, family: Family) -> &FamilySeries {
        &self.families[family as usize]
    }

    /// The series of every family, shared.
    pub fn all_series(&self) -> Vec<FamilySeries> {
        self.families.clone()
    }

    /// How many interactions are open.
    pub fn open_count(&self) -> usize {
        self.open.len()
    }

    /// Whether an interaction is open.
    pub(super) fn is_open(&self, guid: Guid) -> bool {
        self.open.contains_key(&guid)
    }

    /// Open interactions for which something is due, the longest due first, at most `limit`.
    pub(super) fn due(&self, now_ms: i64, limit: usize) -> Vec<Guid> {
        let mut due: Vec<_> = (self.open.iter())
            .filter(|(_, deadline)| **deadline <= now_ms)
            .map(|(guid, deadline)| (*deadline, *guid))
            .collect();
        due.sort_unstable();
        due.into_iter().take(limit).map(|(_, guid)| guid).collect()
    }

    /// The open interactions whose deadline is nearest.
    pub(super) fn nearest_due(&self, count: usize) -> Vec<Guid> {
        self.due(i64::MAX, count)
    }

    /// Takes a durable commit as the present.
    pub fn apply(&mut self, commit: Commit, rules: &Rules) {
        for (guid, record) in &commit.records {
            self.note_open(*guid, record, rules);
        }
        if !commit.admitted.is_empty() {
            let dictionary = Arc::make_mut(&mut self.dictionary);
            for (label, text) in commit.admitted {
                dictionary.admit(label, text);
            }
        }
        for series in commit.series {
            self.put(series);
        }
        if let Some(meta) = commit.meta {
            self.meta = meta;
        }
    }

    /// Remembers when something is due for an interaction, if it is open.
    pub fn note_open(&mut self, guid: Guid, record: &Record, rules: &Rules) {
        match (&record.open, record.phase) {
            (Some(open), Phase::Open) => {
                let expires = record.news_ms() + rules.expire_after_ms(open.medium.as_deref());
                let settles = record
                    .first_final_ms
                    .map_or(i64::MAX, |first| first + SETTLE_MS);
                self.open.insert(guid, expires.min(settles));
            }
            _ => {
                self.open.remove(&guid);
            }
        }
    }

    /// Puts a series in its place, a stored or a changed one.
    pub fn put(&mut self, series: Arc<Series>) {
        if series.released {
            self.held.remove(&series.key);
        } else {
            self.held.insert(series.key);
        }
        let family = Arc::make_mut(&mut self.families[series.key.family as usize]);
        match self.index.get(&series.key) {
            Some(place) => family[*place] = series,
            None => {
                self.index.insert(series.key, family.len());
                family.push(series);
            }
        }
    }

    /// Series shown at 0 for the time being.
    pub(super) fn held(&self) -> impl Iterator<Item = &Arc<Series>> {
        self.held.iter().filter_map(|key| self.find(key))
    }

    /// The monotonic time at which the next hold is over.
    pub fn next_release_ms(&self, rules: &Rules) -> Option<u64> {
        let since = self.held().map(|series| series.held_since_ms).min()?;
        Some(since + rules.hold.as_millis() as u64)
    }

    fn find(&self, key: &SeriesKey) -> Option<&Arc<Series>> {
        self.families[key.family as usize].get(*self.index.get(key)?)
    }

    /// The series a tally's increments lead to.
    pub(super) fn grown(
        &self,
        delta: Delta,
        text: impl Fn(LabelId) -> Arc<str>,
        clocks: &Clocks,
        rules: &Rules,
    ) -> Vec<Arc<Series>> {
        let mut series: Vec<_> = (delta.into_iter())
            .map(|(key, increment)| match self.find(&key) {
                Some(known) => {
                    let mut grown = Series::clone(known);
                    grown.value.merge(&increment);
                    Arc::new(grown)
                }
                None => Arc::new(Series {
                    labels: key.labels().map(|(_, id)| text(id)).collect(),
                    key,
                    value: increment,
                    start_ms: clocks.local_ms,
                    released: rules.hold.is_zero(),
                    held_since_ms: clocks.monotonic_ms,
                }),
            })
            .collect();
        // Births in a settled order, so that equal histories look equal.
        series.sort_unstable_by_key(|series| series.key);
        series
    }

    /// Families whose stored numbers meant something else than they would now.
    pub fn redefined(&self, rules: &Rules) -> Vec<Family> {
        let ledger = Family::ALL
            .iter()
            .filter(|family| family.info().origin == Origin::Ledger);
        ledger
            .copied()
            .filter(|family| {
                let known = self.meta.definitions.get(family.info().name);
                known.is_some_and(|known| *known != rules.definition(*family))
            })
            .collect()
    }

    /// The definitions of every ledger family under these rules.
    pub fn definitions(rules: &Rules) -> BTreeMap<String, String> {
        let ledger = Family::ALL
            .iter()
            .filter(|family| family.info().origin == Origin::Ledger);
        ledger
            .map(|family| (family.info().name.to_owned(), rules.definition(*family)))
            .collect()
    }
}

impl KnownSeries for Account {
    fn has(&self, key: &SeriesKey) -> bool {
        self.index.contains_key(key)
    }

    fn len(&self, family: Family) -> usize {
        self.families[family as usize].len()
    }
}
