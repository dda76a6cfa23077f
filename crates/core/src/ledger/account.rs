//! One account's present: everything a reader is shown and the next page is judged by, except the
//! rows of single interactions, which stay on disk.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::FixedState;

use crate::catalogue::{Family, Origin};
use crate::delta::{Delta, SeriesIndex};
use crate::interaction::Guid;
use crate::labels::{LabelId, LabelInterner};
use crate::series::{Series, SeriesKey};

use super::commit::{AccountMeta, Commit, CommitTime};
use super::record::{Phase, Record};
use super::rules::{FINAL_STATUS_TIMEOUT_MS, Rules};

/// Series of one family, in the order of their birth. Shared with snapshots, copied on change.
pub type FamilySeries = Arc<Vec<Arc<Series>>>;

/// One account's present.
#[derive(Debug)]
pub struct Account {
    /// Its name: the `account` label.
    pub name: Arc<str>,
    /// What is stored beside labels, series and rows.
    pub meta: AccountMeta,
    /// Its label values.
    pub labels: Arc<LabelInterner>,
    families: Vec<FamilySeries>,
    index: HashMap<SeriesKey, usize, FixedState>,
    /// Open interactions with the server time at which something is due.
    open: BTreeMap<Guid, i64>,
    /// Series shown at 0 for the time being.
    warming_up: HashSet<SeriesKey, FixedState>,
}

impl Account {
    /// An account without anything counted yet.
    pub fn new(name: &str, meta: AccountMeta, dictionary: LabelInterner) -> Self {
        Account {
            name: name.into(),
            meta,
            labels: Arc::new(dictionary),
            families: vec![FamilySeries::default(); Family::COUNT],
            index: HashMap::default(),
            open: BTreeMap::new(),
            warming_up: HashSet::default(),
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
            let dictionary = Arc::make_mut(&mut self.labels);
            for (label, text) in commit.admitted {
                dictionary.intern(label, text);
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
                let expires =
                    record.last_update_ms() + rules.expire_after_ms(open.medium.as_deref());
                let settles = record
                    .first_final_ms
                    .map_or(i64::MAX, |first| first + FINAL_STATUS_TIMEOUT_MS);
                self.open.insert(guid, expires.min(settles));
            }
            _ => {
                self.open.remove(&guid);
            }
        }
    }

    /// Puts a series in its place, a stored or a changed one.
    pub fn put(&mut self, series: Arc<Series>) {
        if series.revealed {
            self.warming_up.remove(&series.key);
        } else {
            self.warming_up.insert(series.key);
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
    pub(super) fn warming_up(&self) -> impl Iterator<Item = &Arc<Series>> {
        self.warming_up.iter().filter_map(|key| self.find(key))
    }

    /// The monotonic time at which the next hold is over.
    pub fn next_release_ms(&self, rules: &Rules) -> Option<u64> {
        let since = self
            .warming_up()
            .map(|series| series.warmup_since_ms)
            .min()?;
        Some(since + rules.warmup.as_millis() as u64)
    }

    fn find(&self, key: &SeriesKey) -> Option<&Arc<Series>> {
        self.families[key.family as usize].get(*self.index.get(key)?)
    }

    /// The series as they are once these increments are added; new ones are created.
    pub(super) fn apply_delta(
        &self,
        delta: Delta,
        text: impl Fn(LabelId) -> Arc<str>,
        time: CommitTime,
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
                    start_ms: time.local_ms,
                    revealed: rules.warmup.is_zero(),
                    warmup_since_ms: time.monotonic_ms,
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
}

impl SeriesIndex for Account {
    fn has(&self, key: &SeriesKey) -> bool {
        self.index.contains_key(key)
    }

    fn len(&self, family: Family) -> usize {
        self.families[family as usize].len()
    }
}
