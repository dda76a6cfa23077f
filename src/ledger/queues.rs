//! The facts of `Queue` and `AgentQueue` events.
//!
//! An event is one wait. The acd families count it once; the virtual-queue families count it once
//! per distinct virtual queue it names.

use std::cell::OnceCell;

use crate::catalogue::{Family, Label};
use crate::interaction::{Event, EventKind, QueueDetails};
use crate::labels::{LabelId, LabelSet};
use crate::vocabulary::{Category, Fact, Timing};

use super::assess::Assessment;
use super::classify::{category, timing};
use super::happening::Happening;
use super::record::OnceEvent;
use super::rules::Rules;

const EXIT_LABELS: [Label; 3] = [Label::Medium, Label::Direction, Label::ReportingGroup];

/// The results that exist for every queue from its first entry on.
const MAIN_RESULTS: [&str; 2] = ["Delivered", "HangUp"];

/// Settles what is final in a queue event.
pub(super) fn assess<'i>(this: &mut Assessment<'_, '_, 'i>, event: Happening<'i>) {
    let Some(queue) = event.event.queue.as_deref() else {
        return;
    };
    Wait {
        of: event,
        event: event.event,
        queue,
        virtual_queues: OnceCell::new(),
    }
    .assess(this);
}

struct Wait<'i> {
    of: Happening<'i>,
    event: &'i Event<'i>,
    queue: &'i QueueDetails<'i>,
    virtual_queues: OnceCell<Vec<VirtualQueue>>,
}

/// A virtual queue that a wait stands for, and its target.
type VirtualQueue = (LabelId, Option<i64>);

impl Wait<'_> {
    fn assess(&self, this: &mut Assessment<'_, '_, '_>) {
        if self.event.kind == EventKind::Queue {
            self.entry(this);
            self.skills(this);
        }
        self.exit(this);
        self.wait(this);
    }

    /// The labels of a wait, once they and its virtual queues are known.
    fn labels(&self, this: &Assessment<'_, '_, '_>) -> Option<LabelSet> {
        let named = !self.queue.virtual_queues.is_empty() || this.has_ended();
        this.known(&EXIT_LABELS).filter(|_| named)
    }

    /// The virtual queues it names; `none` if it names none.
    fn virtual_queues(&self, this: &mut Assessment<'_, '_, '_>) -> &[VirtualQueue] {
        self.virtual_queues.get_or_init(|| self.resolved(this))
    }

    fn resolved(&self, this: &mut Assessment<'_, '_, '_>) -> Vec<VirtualQueue> {
        if self.queue.virtual_queues.is_empty() {
            return vec![(LabelId::NONE, this.rules.default_target_ms)];
        }
        let mut names: Vec<(&str, &str)> = Vec::with_capacity(self.queue.virtual_queues.len());
        for name in &self.queue.virtual_queues {
            let shown = this.rules.renamed(Label::VirtualQueue, name);
            // Two names of one queue are one queue.
            if names.iter().all(|(_, known)| *known != shown) {
                names.push((name, shown));
            }
        }
        (names.into_iter())
            .map(|(name, _)| {
                let id = this.tally.resolver.resolve(Label::VirtualQueue, Some(name));
                (id.unwrap_or(LabelId::NONE), self.target_ms(this, name))
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

    /// Final at first sight.
    fn entry(&self, this: &mut Assessment<'_, '_, '_>) {
        if self.of.is_settled(this, OnceEvent::Seen) {
            return;
        }
        let Some(set) = self.labels(this) else {
            return this.waits(Fact::QueueEntry, "not all its labels are known yet");
        };
        self.of.settle(this, OnceEvent::Seen);
        if !this.counts(Fact::QueueEntry, self.of.began_ms(this)) {
            return;
        }
        self.of.settle(this, OnceEvent::SeenCounted);
        for (queue, _) in self.virtual_queues(this) {
            let set = set.with(Label::VirtualQueue, *queue);
            this.tally.count(Family::QueueEntries, &set);
            born_together(this, &set, Family::QueueExits, Family::QueueWait);
            this.tally.touch(Family::ServiceLevelEligible, &set);
            this.tally.touch(Family::ServiceLevelMet, &set);
        }
    }

    /// Final once the skills are named.
    fn skills(&self, this: &mut Assessment<'_, '_, '_>) {
        if self.queue.skills.is_empty() || self.of.is_settled(this, OnceEvent::Extra) {
            return;
        }
        self.of.settle(this, OnceEvent::Extra);
        if this.counts(Fact::Skill, self.of.began_ms(this)) {
            for skill in &self.queue.skills {
                let id = this.tally.resolver.resolve(Label::Skill, Some(skill));
                let set = LabelSet::new().with(Label::Skill, id.unwrap_or(LabelId::NONE));
                this.tally.count(Family::QueueSkillRequests, &set);
            }
        }
    }

    /// Final when result and duration are both there, or the interaction has ended.
    fn exit(&self, this: &mut Assessment<'_, '_, '_>) {
        if self.of.is_settled(this, OnceEvent::Done) {
            return;
        }
        let (exit, wait) = self.facts();
        if !(self.of.has_finished(this) || this.has_ended()) {
            return this.waits(exit, "it has no result and duration yet");
        }
        let Some(set) = self.labels(this) else {
            return this.waits(exit, "not all its labels are known yet");
        };
        let acd = this
            .tally
            .resolver
            .resolve(Label::AcdQueue, self.event.name.as_deref());
        if acd.is_none() && !this.has_ended() {
            return this.waits(exit, "the name of its queue is not known yet");
        }
        let wait_ms = self
            .event
            .duration_ms
            .and_then(|ms| this.believed(wait, ms, self.of.whose()));
        self.of.settle(this, OnceEvent::Done);
        if !this.counts(exit, self.of.over_ms(this)) {
            self.of.settle(this, OnceEvent::Measured);
            return;
        }
        let result = this
            .tally
            .resolver
            .resolve(Label::Result, self.event.value.as_deref());
        let result = result.unwrap_or(LabelId::NONE);
        self.of.settle(this, OnceEvent::DoneCounted);
        self.of.remember_value(this);
        let set = set.with(Label::Result, result);
        let category = category(self.event.value.as_deref());
        if self.event.kind == EventKind::Queue {
            let set = set.with(Label::AcdQueue, acd.unwrap_or(LabelId::NONE));
            let target = shortest_target_ms(self.queue, this.rules);
            let timing = timing(category, wait_ms, target, this.rules.short_abandon_ms);
            born_together(this, &set, Family::AcdQueueExits, Family::AcdQueueWait);
            this.tally
                .count(Family::AcdQueueExits, &set.with(Label::Timing, timing));
            this.lateness(Fact::Wait, self.of.over_ms(this));
        }
        for (queue, target_ms) in self.virtual_queues(this) {
            let set = set.with(Label::VirtualQueue, *queue);
            self.virtual_exit(this, set, category, wait_ms, *target_ms);
        }
    }

    fn virtual_exit(
        &self,
        this: &mut Assessment<'_, '_, '_>,
        set: LabelSet,
        category: Category,
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
        let eligible = matches!(timing, Timing::Within | Timing::Late)
            && match category {
                Category::Answered | Category::Abandoned => true,
                Category::Breakout => this.rules.count_breakouts,
                _ => false,
            };
        let met = eligible && category == Category::Answered && timing == Timing::Within;
        this.tally
            .add(Family::ServiceLevelEligible, &set, u64::from(eligible));
        this.tally
            .add(Family::ServiceLevelMet, &set, u64::from(met));
    }

    /// Final with the exit; a valid duration that comes later is observed when it comes.
    fn wait(&self, this: &mut Assessment<'_, '_, '_>) {
        if !self.of.is_settled(this, OnceEvent::DoneCounted)
            || self.of.is_settled(this, OnceEvent::Measured)
        {
            return;
        }
        let (_, fact) = self.facts();
        let Some(ms) = self.event.duration_ms else {
            return;
        };
        let Some(believed) = this.believed(fact, ms, self.of.whose()) else {
            return;
        };
        let Some(set) = self.labels(this) else { return };
        let Some(believed) = self.of.measured(this, fact, believed) else {
            return;
        };
        let set = set.with(Label::Category, category(self.event.value.as_deref()));
        let family = match self.event.kind {
            EventKind::AgentQueue => Family::AgentQueueWait,
            _ => {
                this.tally.observe(Family::AcdQueueWait, &set, believed);
                Family::QueueWait
            }
        };
        for (queue, _) in self.virtual_queues(this) {
            let set = set.with(Label::VirtualQueue, *queue);
            this.tally.observe(family, &set, believed);
        }
    }

    fn facts(&self) -> (Fact, Fact) {
        match self.event.kind {
            EventKind::AgentQueue => (Fact::AgentQueueExit, Fact::AgentQueueWait),
            _ => (Fact::QueueExit, Fact::Wait),
        }
    }
}

/// The shortest target of the virtual queues a wait stands for.
pub(super) fn shortest_target_ms(queue: &QueueDetails<'_>, rules: &Rules) -> Option<i64> {
    let own = queue.targets.iter().map(|(_, ms)| *ms).min();
    own.or_else(|| {
        let names = queue.virtual_queues.iter();
        names
            .filter_map(|name| rules.fallback_target_ms(name))
            .min()
    })
    .or(rules.default_target_ms)
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
                .exists(exits, &set.with(Label::Timing, Timing::Within))
        {
            return;
        }
        for timing in [
            Timing::Within,
            Timing::Late,
            Timing::NoTarget,
            Timing::Short,
        ] {
            // Only a hang-up can be short.
            if timing != Timing::Short || result == "HangUp" {
                this.tally.touch(exits, &set.with(Label::Timing, timing));
            }
        }
    }
    for category in [Category::Answered, Category::Abandoned, Category::Breakout] {
        this.tally
            .touch(waits, &set.with(Label::Category, category));
    }
}
