//! The facts of `Queue` and `AgentQueue` events.
//!
//! An event is one wait. The acd families count it once; the virtual-queue families count it once
//! per distinct virtual queue it names.

use crate::catalogue::{Family, Label};
use crate::interaction::{Event, EventKind, QueueDetails, stable_hash};
use crate::labels::{LabelId, LabelSet, Word};

use super::assess::{Assessment, pair_marks};
use super::classify::{category, queue_events, timing};
use super::record::{Mark, OnceQueued};

const EXIT_LABELS: [Label; 3] = [Label::Medium, Label::Direction, Label::ReportingGroup];

/// The results that exist for every queue from its first entry on.
const MAIN_RESULTS: [&str; 2] = ["Delivered", "HangUp"];

/// Settles what is final in the queue events of the subject.
pub(super) fn assess(this: &mut Assessment<'_, '_, '_>) {
    let subject = this.subject;
    let events: Vec<_> = queue_events(subject).collect();
    let identities: Vec<_> = (events.iter())
        .map(|(channel, event, _)| (channel.id, event.kind, event.offset_ms, name_hash(event)))
        .collect();
    let pairs = pair_marks(this.record, &identities);
    for (((_, event, queue), identity), pair) in events.into_iter().zip(identities).zip(pairs) {
        let index = pair.unwrap_or_else(|| {
            let (channel, kind, offset_ms, name) = identity;
            this.record
                .marks
                .push(Mark::new(channel, kind, offset_ms, name));
            this.record.marks.len() - 1
        });
        Wait {
            index,
            event,
            queue,
        }
        .assess(this);
    }
}

fn name_hash(event: &Event<'_>) -> u32 {
    event
        .name
        .as_deref()
        .map_or(0, |name| stable_hash(name) as u32)
}

struct Wait<'i> {
    index: usize,
    event: &'i Event<'i>,
    queue: &'i QueueDetails<'i>,
}

impl Wait<'_> {
    fn assess(&self, this: &mut Assessment<'_, '_, '_>) {
        if self.event.kind == EventKind::Queue {
            self.entry(this);
            self.skills(this);
        }
        self.exit(this);
        self.wait(this);
        self.dispute(this);
    }

    fn entered_ms(&self, this: &Assessment<'_, '_, '_>) -> i64 {
        this.subject.start_ms.saturating_add(self.event.offset_ms)
    }

    fn is_settled(&self, this: &Assessment<'_, '_, '_>, fact: OnceQueued) -> bool {
        this.record.marks[self.index].is_settled(fact)
    }

    fn settle(&self, this: &mut Assessment<'_, '_, '_>, fact: OnceQueued) {
        this.record.marks[self.index].settle(fact);
    }

    /// The labels of a wait, once they and its virtual queues are known.
    fn labels(&self, this: &Assessment<'_, '_, '_>) -> Option<LabelSet> {
        let named = !self.queue.virtual_queues.is_empty() || this.has_ended();
        this.known(&EXIT_LABELS).filter(|_| named)
    }

    /// A label set per virtual queue, with its target; `none` if it names none.
    fn per_queue(
        &self,
        this: &mut Assessment<'_, '_, '_>,
        set: LabelSet,
    ) -> Vec<(LabelSet, Option<i64>)> {
        if self.queue.virtual_queues.is_empty() {
            let target = this.rules.default_target_ms;
            return vec![(set.with(Label::VirtualQueue, LabelId::NONE), target)];
        }
        (self.queue.virtual_queues.iter())
            .map(|name| {
                let id = this.tally.resolver.resolve(Label::VirtualQueue, Some(name));
                let set = set.with(Label::VirtualQueue, id.unwrap_or(LabelId::NONE));
                (set, self.target_ms(this, name))
            })
            .collect()
    }

    /// The record's own target of a virtual queue, else the configured one.
    fn target_ms(&self, this: &Assessment<'_, '_, '_>, virtual_queue: &str) -> Option<i64> {
        let own = self
            .queue
            .targets
            .iter()
            .find(|(queue, _)| queue == virtual_queue);
        own.map(|(_, ms)| *ms)
            .or_else(|| this.rules.fallback_target_ms(virtual_queue))
    }

    /// The shortest target of the virtual queues it stands for.
    fn shortest_target_ms(&self, this: &Assessment<'_, '_, '_>) -> Option<i64> {
        let own = self.queue.targets.iter().map(|(_, ms)| *ms).min();
        own.or_else(|| {
            let names = self.queue.virtual_queues.iter();
            names
                .filter_map(|name| this.rules.fallback_target_ms(name))
                .min()
        })
        .or(this.rules.default_target_ms)
    }

    /// Final at first sight.
    fn entry(&self, this: &mut Assessment<'_, '_, '_>) {
        if self.is_settled(this, OnceQueued::Entry) {
            return;
        }
        let Some(set) = self.labels(this) else { return };
        self.settle(this, OnceQueued::Entry);
        if !this.counts(Word::QueueEntry, self.entered_ms(this)) {
            return;
        }
        for (set, _) in self.per_queue(this, set) {
            this.tally.count(Family::QueueEntries, &set);
            born_together(this, &set, Family::QueueExits, Family::QueueWait);
            this.tally.touch(Family::ServiceLevelEligible, &set);
            this.tally.touch(Family::ServiceLevelMet, &set);
        }
    }

    /// Final once the skills are named.
    fn skills(&self, this: &mut Assessment<'_, '_, '_>) {
        if self.queue.skills.is_empty() || self.is_settled(this, OnceQueued::Skills) {
            return;
        }
        self.settle(this, OnceQueued::Skills);
        if this.counts(Word::Skill, self.entered_ms(this)) {
            for skill in &self.queue.skills {
                let id = this.tally.resolver.resolve(Label::Skill, Some(skill));
                let set = LabelSet::new().with(Label::Skill, id.unwrap_or(LabelId::NONE));
                this.tally.count(Family::QueueSkillRequests, &set);
            }
        }
    }

    /// Final when result and duration are both there, or the interaction has ended.
    fn exit(&self, this: &mut Assessment<'_, '_, '_>) {
        let finished = self.queue.result.is_some() && self.event.duration_ms.is_some();
        if self.is_settled(this, OnceQueued::Exit) || !(finished || this.has_ended()) {
            return;
        }
        let Some(set) = self.labels(this) else { return };
        let acd = this
            .tally
            .resolver
            .resolve(Label::AcdQueue, self.event.name.as_deref());
        if acd.is_none() && !this.has_ended() {
            return;
        }
        let (exit, wait) = self.facts();
        let wait_ms = self
            .event
            .duration_ms
            .and_then(|ms| this.believed(wait, ms));
        self.settle(this, OnceQueued::Exit);
        if !this.counts(exit, self.left_ms(this)) {
            self.settle(this, OnceQueued::Wait);
            return;
        }
        let result = this
            .tally
            .resolver
            .resolve(Label::Result, self.queue.result.as_deref());
        let result = result.unwrap_or(LabelId::NONE);
        self.settle(this, OnceQueued::ExitCounted);
        this.record.marks[self.index].result = result;
        let set = set.with(Label::Result, result);
        let category = category(self.queue.result.as_deref());
        if self.event.kind == EventKind::Queue {
            let set = set.with(Label::AcdQueue, acd.unwrap_or(LabelId::NONE));
            let target = self.shortest_target_ms(this);
            let timing = timing(category, wait_ms, target, this.rules.short_abandon_ms);
            born_together(this, &set, Family::AcdQueueExits, Family::AcdQueueWait);
            this.tally
                .count(Family::AcdQueueExits, &set.with(Label::Timing, timing));
            this.lateness(Word::Wait, self.left_ms(this));
        }
        for (set, target) in self.per_queue(this, set) {
            self.virtual_exit(this, set, category, wait_ms, target);
        }
    }

    fn virtual_exit(
        &self,
        this: &mut Assessment<'_, '_, '_>,
        set: LabelSet,
        category: Word,
        wait_ms: Option<u64>,
        target_ms: Option<i64>,
    ) {
        let timing = timing(category, wait_ms, target_ms, this.rules.short_abandon_ms);
        if self.event.kind == EventKind::AgentQueue {
            born_together(this, &set, Family::AgentQueueExits, Family::AgentQueueWait);
            this.tally
                .count(Family::AgentQueueExits, &set.with(Label::Timing, timing));
            return;
        }
        born_together(this, &set, Family::QueueExits, Family::QueueWait);
        this.tally
            .count(Family::QueueExits, &set.with(Label::Timing, timing));
        let eligible = matches!(timing, Word::Within | Word::Late)
            && match category {
                Word::Answered | Word::Abandoned => true,
                Word::Breakout => this.rules.count_breakouts,
                _ => false,
            };
        let met = eligible && category == Word::Answered && timing == Word::Within;
        this.tally
            .add(Family::ServiceLevelEligible, &set, u64::from(eligible));
        this.tally
            .add(Family::ServiceLevelMet, &set, u64::from(met));
    }

    /// Final with the exit; a valid duration that comes later is observed when it comes.
    fn wait(&self, this: &mut Assessment<'_, '_, '_>) {
        if !self.is_settled(this, OnceQueued::ExitCounted)
            || self.is_settled(this, OnceQueued::Wait)
        {
            return;
        }
        let (_, fact) = self.facts();
        let Some(ms) = self.event.duration_ms else {
            return;
        };
        let Some(believed) = this.believed(fact, ms) else {
            return;
        };
        let Some(set) = self.labels(this) else { return };
        self.settle(this, OnceQueued::Wait);
        if !this.counts(fact, self.left_ms(this)) {
            return;
        }
        this.record.marks[self.index].duration_ms = Some(ms);
        let set = set.with(Label::Category, category(self.queue.result.as_deref()));
        let family = match self.event.kind {
            EventKind::AgentQueue => Family::AgentQueueWait,
            _ => {
                this.tally.observe(Family::AcdQueueWait, &set, believed);
                Family::QueueWait
            }
        };
        for (set, _) in self.per_queue(this, set) {
            this.tally.observe(family, &set, believed);
        }
    }

    fn facts(&self) -> (Word, Word) {
        match self.event.kind {
            EventKind::AgentQueue => (Word::AgentQueueExit, Word::AgentQueueWait),
            _ => (Word::QueueExit, Word::Wait),
        }
    }

    /// When the wait was over. One whose duration is not known was over when its interaction was.
    fn left_ms(&self, this: &Assessment<'_, '_, '_>) -> i64 {
        let Some(wait_ms) = self.event.duration_ms else {
            return this.subject.end_ms();
        };
        let wait_ms = wait_ms.clamp(0, crate::interaction::MAX_DURATION_MS);
        self.entered_ms(this).saturating_add(wait_ms)
    }

    /// What this version says against what was counted.
    fn dispute(&self, this: &mut Assessment<'_, '_, '_>) {
        let mark = this.record.marks[self.index].clone();
        let entered_ms = this.record.start_ms.saturating_add(mark.offset_ms);
        let moved = mark.offset_ms != self.event.offset_ms || mark.name != name_hash(self.event);
        if moved && mark.is_settled(OnceQueued::Entry) && entered_ms >= this.moment.epoch_ms {
            let identity = self.event.offset_ms as u64 ^ u64::from(name_hash(self.event)) << 32;
            this.contradict(Word::QueueEntry, identity);
        }
        if !mark.is_settled(OnceQueued::ExitCounted) {
            return;
        }
        let (exit, wait) = self.facts();
        let Some(result) = self.queue.result.as_deref() else {
            return;
        };
        if this.tally.resolver.resolve(Label::Result, Some(result)) != Some(mark.result) {
            this.contradict(exit, stable_hash(result));
        }
        if let (Some(is), Some(was)) = (self.event.duration_ms, mark.duration_ms)
            && is != was
        {
            this.contradict(wait, is as u64);
        }
    }
}

/// Lets the main results, all timings and the three categories of a queue exist together, so that
/// no ratio misses its numerator.
fn born_together(this: &mut Assessment<'_, '_, '_>, set: &LabelSet, exits: Family, waits: Family) {
    for (place, result) in MAIN_RESULTS.into_iter().enumerate() {
        let id = this.tally.resolver.resolve(Label::Result, Some(result));
        let set = set.with(Label::Result, id.unwrap_or(LabelId::NONE));
        // Where the first one exists, so do the others.
        if place == 0
            && this
                .tally
                .exists(exits, &set.with(Label::Timing, Word::Within))
        {
            return;
        }
        for timing in [Word::Within, Word::Late, Word::NoTarget, Word::Short] {
            // Only a hang-up can be short.
            if timing != Word::Short || result == "HangUp" {
                this.tally.touch(exits, &set.with(Label::Timing, timing));
            }
        }
    }
    for category in [Word::Answered, Word::Abandoned, Word::Breakout] {
        this.tally
            .touch(waits, &set.with(Label::Category, category));
    }
}
