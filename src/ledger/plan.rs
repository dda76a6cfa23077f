//! From a page to the one commit that counts it.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt, HashSet};

use crate::catalogue::{Family, Label};
use crate::interaction::{Guid, Interaction, Page, merge};
use crate::labels::LabelSet;
use crate::series::Series;
use crate::tally::Tally;
use crate::trace::Outgoing;
use crate::vocabulary::{Fact, MetaMismatch};

use super::account::{Account, Commit, Hole, Meta};
use super::assess::{Moment, assess};
use super::classify::queue_names;
use super::known::Known;
use super::record::{Once, Phase, Record};
use super::rules::Rules;
use super::traces::trace_of;

/// The times a commit is made at.
#[derive(Debug, Clone, Copy)]
pub struct Clocks {
    /// Server time of the page, Unix milliseconds.
    pub server_ms: i64,
    /// Local Unix time in milliseconds: the start of series born now.
    pub local_ms: i64,
    /// Monotonic milliseconds: what holds are measured with.
    pub monotonic_ms: u64,
}

/// What a page's commit changes beside what the page holds.
#[derive(Debug, Clone, Default)]
pub struct Advance {
    /// The cursor, with a window's last page.
    pub cursor_ms: Option<i64>,
    /// Whether the page comes from reading the past again.
    pub recovering: bool,
    /// Disagreements of the envelope.
    pub disagreements: Vec<MetaMismatch>,
    /// The windows owed after this page, if they change with it.
    pub holes: Option<Vec<Hole>>,
}

/// The conversations a plan of this page must know about: those of interactions whose
/// conversation is not settled.
pub fn conversations_of(page: &Page<'_>, rows: &[Option<Record>]) -> Vec<Guid> {
    let settled = |row: &Option<Record>| {
        row.as_ref()
            .is_some_and(|row| row.is_settled(Once::Conversation))
    };
    (page.interactions.iter().zip(rows))
        .filter(|(_, row)| !settled(row))
        .filter_map(|(interaction, _)| interaction.conversation)
        .chain(rows.iter().flatten().filter_map(open_conversation))
        .collect()
}

/// The conversation that is still to be settled of an open interaction.
pub fn open_conversation(row: &Record) -> Option<Guid> {
    let open = row
        .open
        .as_ref()
        .filter(|_| !row.is_settled(Once::Conversation));
    open?.conversation
}

/// Plans the commit of a page.
pub fn plan_page(
    account: &Account,
    rules: &Rules,
    page: Page<'_>,
    known: Known,
    clocks: &Clocks,
    advance: &Advance,
) -> Commit {
    let mut tally = Tally::new(&account.dictionary, account, &rules.shape);
    receipts(&mut tally, &page, advance);
    let mut desk = Desk::new(
        account,
        rules,
        &known.conversations,
        clocks.server_ms,
        advance.recovering,
    );
    let mut meta = account.meta.clone();
    let mut slots = Slots::for_page(&page);
    for (interaction, row) in page.interactions.into_iter().zip(known.rows) {
        slots.take(interaction, row, &mut desk, &mut tally, &mut meta);
    }
    let mut commit = Commit {
        records: Vec::with_capacity(slots.list.len()),
        ..Commit::default()
    };
    for (guid, slot) in slots.list {
        if slot.changed {
            meta.rows += u64::from(slot.is_new);
            commit.write(account, guid, slot.record);
        }
    }
    // In the order of their keys, rows fall into neighbouring leaves of the store.
    commit.records.sort_unstable_by_key(|(guid, _)| *guid);
    if let Some(cursor_ms) = advance.cursor_ms {
        meta.cursor_ms = meta.cursor_ms.max(cursor_ms);
    }
    if let Some(holes) = &advance.holes {
        meta.holes.clone_from(holes);
    }
    desk.finish(commit, tally, clocks, meta)
}

fn receipts(tally: &mut Tally<'_>, page: &Page<'_>, advance: &Advance) {
    let all = LabelSet::new();
    tally.add(Family::RecordsReceived, &all, page.len() as u64);
    tally.touch(Family::RecordsDuplicate, &all);
    // What should stay at 0 is shown at 0.
    for fact in [Fact::Started, Fact::Ended, Fact::QueueExit, Fact::Wait] {
        tally.touch(Family::RecoveredFacts, &all.with(Label::Fact, fact));
    }
    for (reason, _) in &page.rejected {
        tally.count(Family::RecordsRejected, &all.with(Label::Reason, *reason));
    }
    for kind in &advance.disagreements {
        tally.count(Family::MetaDisagreements, &all.with(Label::Kind, *kind));
    }
}

fn note_targets(interaction: &Interaction<'_>, tally: &mut Tally<'_>, meta: &mut Meta) {
    for queue in queue_names(interaction) {
        for (name, target_ms) in &queue.targets {
            if let Some(id) = tally.resolver.resolve(Label::VirtualQueue, Some(name)) {
                meta.targets.insert(id, *target_ms);
            }
        }
    }
}

/// A row on its way through a page; the page may hold its interaction more than once.
struct Slot {
    record: Record,
    is_new: bool,
    changed: bool,
}

impl Slot {
    fn new(interaction: &Interaction<'_>, row: Option<Record>, horizon_ms: Option<i64>) -> Self {
        let is_new = row.is_none();
        let record = row.unwrap_or_else(|| Record::new(interaction.start_ms, horizon_ms));
        Slot {
            record,
            is_new,
            changed: false,
        }
    }
}

/// The rows of a page, in the order in which their interactions come first.
pub(super) struct Slots {
    list: Vec<(Guid, Slot)>,
    places: HashMap<Guid, usize>,
}

impl Slots {
    pub(super) fn for_page(page: &Page<'_>) -> Self {
        let count = page.interactions.len();
        Slots {
            list: Vec::with_capacity(count),
            places: HashMap::with_capacity(count),
        }
    }

    /// Takes in the page's next version; whether it held anything new.
    pub(super) fn take(
        &mut self,
        interaction: Interaction<'_>,
        row: Option<Record>,
        desk: &mut Desk<'_>,
        tally: &mut Tally<'_>,
        meta: &mut Meta,
    ) -> bool {
        note_targets(&interaction, tally, meta);
        let guid = interaction.guid;
        let place = *self.places.entry(guid).or_insert(self.list.len());
        if place == self.list.len() {
            let horizon_ms = desk.account.meta.horizon_ms;
            self.list
                .push((guid, Slot::new(&interaction, row, horizon_ms)));
        }
        let news = desk.take(interaction, &mut self.list[place].1, tally);
        if !news {
            tally.count(Family::RecordsDuplicate, &LabelSet::new());
        }
        news
    }

    /// The row of an interaction as it is by now.
    pub(super) fn record(&self, guid: Guid) -> Option<&Record> {
        let place = *self.places.get(&guid)?;
        self.list.get(place).map(|(_, slot)| &slot.record)
    }
}

/// What assessing versions needs beside the tally.
#[derive(Debug)]
pub(super) struct Desk<'p> {
    account: &'p Account,
    rules: &'p Rules,
    moment: Moment,
    known: &'p HashSet<Guid>,
    seen: HashMap<Guid, u32>,
    outgoing: Vec<Outgoing>,
}

impl<'p> Desk<'p> {
    pub(super) fn new(
        account: &'p Account,
        rules: &'p Rules,
        known: &'p HashSet<Guid>,
        now_ms: i64,
        recovering: bool,
    ) -> Self {
        let moment = Moment {
            now_ms,
            epoch_ms: account.meta.epoch_ms,
            recovering,
        };
        Desk {
            account,
            rules,
            moment,
            known,
            seen: HashMap::default(),
            outgoing: Vec::new(),
        }
    }

    /// Takes in one version; whether it held anything new.
    fn take(
        &mut self,
        mut version: Interaction<'_>,
        slot: &mut Slot,
        tally: &mut Tally<'_>,
    ) -> bool {
        version.drop_running_values();
        if !self.rules.keeps_party_ids() {
            // What is not asked for is not kept, not even while the interaction is open.
            for channel in &mut version.channels {
                channel.party_id = None;
            }
        }
        let first_sight = slot.is_new && !slot.changed;
        let changed = match slot.record.open.take() {
            None => {
                let changed = self.assess(&version, &mut slot.record, tally);
                if slot.record.frozen.is_none() {
                    slot.record.open = Some(Box::new(version.into_owned()));
                }
                changed
            }
            Some(known) => {
                let joined = merge((*known).clone(), version.into_owned());
                let news = joined != *known;
                let changed = self.assess(&joined, &mut slot.record, tally) || news;
                if slot.record.frozen.is_none() {
                    slot.record.open = Some(Box::new(joined));
                    // Whoever is heard of again is open again.
                    slot.record.phase = if changed {
                        Phase::Open
                    } else {
                        slot.record.phase
                    };
                }
                changed
            }
        };
        if changed || first_sight {
            slot.changed = true;
            slot.record.heard(self.moment.now_ms);
        }
        changed || first_sight
    }

    /// Settles what is final in a subject; whether anything about its record changed.
    pub(super) fn assess(
        &mut self,
        subject: &Interaction<'_>,
        record: &mut Record,
        tally: &mut Tally<'_>,
    ) -> bool {
        let (known, seen) = (self.known, &mut self.seen);
        let second = u32::try_from(self.moment.now_ms.div_euclid(1_000)).unwrap_or(u32::MAX);
        let mut first_seen = |guid| seen.insert(guid, second).is_none() && !known.contains(&guid);
        let goes_on = record.frozen.is_none();
        let changed = assess(
            subject,
            record,
            tally,
            self.rules,
            &self.moment,
            &mut first_seen,
        );
        if goes_on && record.frozen.is_some() {
            let trace = trace_of(subject, record, self.account, self.rules, &self.moment);
            self.outgoing.extend(trace);
        }
        changed
    }

    /// Completes a commit with what was tallied and which conversations were seen.
    pub(super) fn finish(
        self,
        mut commit: Commit,
        tally: Tally<'_>,
        clocks: &Clocks,
        meta: Meta,
    ) -> Commit {
        commit.conversations = self.seen.into_iter().collect();
        commit.conversations.sort_unstable();
        commit.outgoing = self.outgoing;
        for outgoing in &mut commit.outgoing {
            outgoing.ready_ms = clocks.local_ms;
        }
        let (delta, resolver) = tally.finish();
        commit.series = self
            .account
            .grown(delta, |id| resolver.text(id), clocks, self.rules);
        commit.admitted = resolver.into_fresh();
        commit.meta = Some(meta);
        commit
    }
}

/// Plans the release of series whose hold is over, if there are any.
pub fn plan_release(account: &Account, rules: &Rules, clocks: &Clocks) -> Option<Commit> {
    let hold_ms = rules.hold.as_millis() as u64;
    let series: Vec<_> = (account.held())
        .filter(|series| clocks.monotonic_ms.saturating_sub(series.held_since_ms) >= hold_ms)
        .map(|series| {
            Arc::new(Series {
                released: true,
                ..Series::clone(series)
            })
        })
        .collect();
    (!series.is_empty()).then(|| Commit {
        series,
        ..Commit::default()
    })
}

impl Commit {
    /// Adds a row, and what it means for the set of open interactions.
    pub(super) fn write(&mut self, account: &Account, guid: Guid, record: Record) {
        match (record.phase == Phase::Open, account.is_open(guid)) {
            (true, false) => self.opened.push(guid),
            (false, true) => self.closed.push(guid),
            _ => {}
        }
        self.records.push((guid, record));
    }
}
