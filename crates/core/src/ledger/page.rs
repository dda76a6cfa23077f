//! Evaluates the versions of a page one after the other, each against its row.

use foldhash::{HashMap, HashMapExt, HashSet};

use crate::catalogue::{Family, Label};
use crate::delta::DeltaBuilder;
use crate::interaction::{Guid, Interaction, merge};
use crate::labels::LabelSet;
use crate::trace::PendingTrace;

use super::classify::queue_names;
use super::commit::{AccountMeta, Commit};
use super::context::EvalContext;
use super::evaluate::evaluate;
use super::record::{Phase, Record};
use super::traces::trace_of;

/// A row while its page is evaluated; the page may hold its interaction more than once.
pub(super) struct RowState {
    pub(super) record: Record,
    pub(super) is_new: bool,
    pub(super) changed: bool,
}

impl RowState {
    fn new(interaction: &Interaction<'_>, row: Option<Record>, horizon_ms: Option<i64>) -> Self {
        let is_new = row.is_none();
        let record = row.unwrap_or_else(|| Record::new(interaction.start_ms, horizon_ms));
        RowState {
            record,
            is_new,
            changed: false,
        }
    }
}

/// The rows of a page, in the order in which their interactions come first.
pub(super) struct PageRows {
    pub(super) list: Vec<(Guid, RowState)>,
    places: HashMap<Guid, usize>,
}

impl PageRows {
    pub(super) fn with_capacity(interactions: usize) -> Self {
        PageRows {
            list: Vec::with_capacity(interactions),
            places: HashMap::with_capacity(interactions),
        }
    }

    /// Evaluates the next version of the page; returns whether it held anything new.
    pub(super) fn evaluate(
        &mut self,
        interaction: Interaction<'_>,
        row: Option<Record>,
        page: &mut PageEvaluator<'_>,
    ) -> bool {
        page.note_targets(&interaction);
        let guid = interaction.guid;
        let place = *self.places.entry(guid).or_insert(self.list.len());
        if place == self.list.len() {
            let horizon_ms = page.ctx.account.meta.eviction_watermark_ms;
            let state = RowState::new(&interaction, row, horizon_ms);
            self.list.push((guid, state));
        }
        let news = page.take(interaction, &mut self.list[place].1);
        if !news {
            page.delta.count(Family::RecordsDuplicate, &LabelSet::new());
        }
        news
    }

    /// The row of an interaction after the versions taken so far.
    pub(super) fn record(&self, guid: Guid) -> Option<&Record> {
        let place = *self.places.get(&guid)?;
        self.list.get(place).map(|(_, state)| &state.record)
    }
}

/// Evaluates versions and collects what their commit changes.
#[derive(Debug)]
pub(super) struct PageEvaluator<'p> {
    ctx: EvalContext<'p>,
    /// Conversations that were seen before.
    conversations: &'p HashSet<Guid>,
    /// Conversations of this page, with the second they were seen in.
    seen: HashMap<Guid, u32>,
    outgoing: Vec<PendingTrace>,
    pub(super) delta: DeltaBuilder<'p>,
    pub(super) meta: AccountMeta,
}

impl<'p> PageEvaluator<'p> {
    pub(super) fn new(ctx: EvalContext<'p>, conversations: &'p HashSet<Guid>) -> Self {
        let EvalContext { account, rules, .. } = ctx;
        PageEvaluator {
            ctx,
            conversations,
            seen: HashMap::default(),
            outgoing: Vec::new(),
            delta: DeltaBuilder::new(&account.labels, account, &rules.family_options),
            meta: account.meta.clone(),
        }
    }

    fn note_targets(&mut self, interaction: &Interaction<'_>) {
        for queue in queue_names(interaction) {
            for (name, target_ms) in &queue.targets {
                if let Some(id) = (self.delta.resolver).resolve(Label::VirtualQueue, Some(name)) {
                    self.meta.targets.insert(id, *target_ms);
                }
            }
        }
    }

    /// Merges a version into its row and evaluates it; returns whether it held anything new.
    fn take(&mut self, mut version: Interaction<'_>, state: &mut RowState) -> bool {
        version.drop_running_values();
        if !self.ctx.rules.keeps_party_ids() {
            // What is not asked for is not kept, not even while the interaction is open.
            for channel in &mut version.channels {
                channel.party_id = None;
            }
        }
        let first_sight = state.is_new && !state.changed;
        let record = &mut state.record;
        let changed = match record.open.take() {
            None => {
                let changed = self.evaluate(&version, record);
                if record.final_labels.is_none() {
                    record.open = Some(Box::new(version.into_owned()));
                }
                changed
            }
            Some(known) => {
                let joined = merge((*known).clone(), version.into_owned());
                let news = joined != *known;
                let changed = self.evaluate(&joined, record) || news;
                if record.final_labels.is_none() {
                    record.open = Some(Box::new(joined));
                    // A new version reopens an interaction that has expired.
                    if changed {
                        record.phase = Phase::Open;
                    }
                }
                changed
            }
        };
        if changed || first_sight {
            state.changed = true;
            record.touch(self.ctx.now_ms());
        }
        changed || first_sight
    }

    /// Settles what is final in a subject; returns whether anything about its record changed.
    pub(super) fn evaluate(&mut self, subject: &Interaction<'_>, record: &mut Record) -> bool {
        let (known, seen) = (self.conversations, &mut self.seen);
        let second = self.ctx.now_ms().div_euclid(1_000);
        let second = u32::try_from(second).unwrap_or(u32::MAX);
        let mut first_seen = |guid| seen.insert(guid, second).is_none() && !known.contains(&guid);
        let was_open = record.final_labels.is_none();
        let delta = &mut self.delta;
        let changed = evaluate(&self.ctx, subject, record, delta, &mut first_seen);
        if was_open && record.final_labels.is_some() {
            // This evaluates the interaction a second time, against an empty record: the trace and
            // its exemplars must also show the facts that earlier versions have counted, and the
            // evaluation above moved only what is new.
            self.outgoing.extend(trace_of(&self.ctx, subject, record));
        }
        changed
    }

    /// Completes a commit with what was counted and which conversations were seen.
    pub(super) fn finish(self, mut commit: Commit) -> Commit {
        let EvalContext {
            account,
            rules,
            time,
            ..
        } = self.ctx;
        commit.conversations = self.seen.into_iter().collect();
        commit.conversations.sort_unstable();
        commit.outgoing = self.outgoing;
        for outgoing in &mut commit.outgoing {
            outgoing.ready_ms = time.local_ms;
        }
        let (delta, resolver) = self.delta.finish();
        commit.series = account.apply_delta(delta, |id| resolver.text(id), time, rules);
        commit.admitted = resolver.into_fresh();
        commit.meta = Some(self.meta);
        commit
    }
}
