//! The facts of `Queue` and `AgentQueue` events.
//!
//! An event is one wait. The acd families count it once; the virtual-queue families count it once
//! per distinct virtual queue it names.

use std::cell::OnceCell;

use crate::catalogue::{Family, Label};
use crate::interaction::{Event, EventKind, QueueDetails};
use crate::labels::{LabelId, LabelSet};
use crate::vocabulary::{Category, Fact, Timing};

use super::classify::{category, timing};
use super::context::FactEvaluator;
use super::event_ref::EventRef;
use super::queue_series::init_queue_series;
use super::record::EventFact;
use super::rules::Rules;

const EXIT_LABELS: [Label; 3] = [Label::Medium, Label::Direction, Label::ReportingGroup];

/// Settles what is final in a queue event.
pub(super) fn evaluate<'i>(eval: &mut FactEvaluator<'_, '_, 'i>, event: EventRef<'i>) {
    let Some(queue) = event.event.queue.as_deref() else {
        return;
    };
    Wait {
        event_ref: event,
        event: event.event,
        queue,
        virtual_queues: OnceCell::new(),
    }
    .evaluate(eval);
}

struct Wait<'i> {
    event_ref: EventRef<'i>,
    event: &'i Event<'i>,
    queue: &'i QueueDetails<'i>,
    virtual_queues: OnceCell<Vec<VirtualQueue>>,
}

/// How a wait ended.
#[derive(Debug, Clone, Copy)]
struct Outcome {
    category: Category,
    /// `None` if the duration is not known or not valid.
    wait_ms: Option<u64>,
}

impl Outcome {
    fn timing(self, target_ms: Option<i64>, rules: &Rules) -> Timing {
        timing(
            self.category,
            self.wait_ms,
            target_ms,
            rules.short_abandon_ms,
        )
    }
}

/// A virtual queue that a wait stands for, and its target in milliseconds.
type VirtualQueue = (LabelId, Option<i64>);

impl Wait<'_> {
    fn evaluate(&self, eval: &mut FactEvaluator<'_, '_, '_>) {
        if self.event.kind == EventKind::Queue {
            self.entry(eval);
            self.skills(eval);
        }
        self.exit(eval);
        self.wait(eval);
    }

    /// The labels of a wait, once they and its virtual queues are known.
    fn labels(&self, eval: &FactEvaluator<'_, '_, '_>) -> Option<LabelSet> {
        let named = !self.queue.virtual_queues.is_empty() || eval.has_ended();
        eval.known(&EXIT_LABELS).filter(|_| named)
    }

    /// The virtual queues it names; `none` if it names none.
    fn virtual_queues(&self, eval: &mut FactEvaluator<'_, '_, '_>) -> &[VirtualQueue] {
        self.virtual_queues.get_or_init(|| self.resolved(eval))
    }

    fn resolved(&self, eval: &mut FactEvaluator<'_, '_, '_>) -> Vec<VirtualQueue> {
        if self.queue.virtual_queues.is_empty() {
            return vec![(LabelId::NONE, eval.ctx.rules.default_target_ms)];
        }
        let mut names: Vec<(&str, &str)> = Vec::with_capacity(self.queue.virtual_queues.len());
        for name in &self.queue.virtual_queues {
            let shown = eval.ctx.rules.renamed(Label::VirtualQueue, name);
            // Two names of one queue are one queue.
            if names.iter().all(|(_, known)| *known != shown) {
                names.push((name, shown));
            }
        }
        (names.into_iter())
            .map(|(name, _)| {
                let id = eval.label_or_none(Label::VirtualQueue, Some(name));
                (id, self.target_ms(eval, name))
            })
            .collect()
    }

    /// The record's own target of a virtual queue, else the configured one.
    fn target_ms(&self, eval: &FactEvaluator<'_, '_, '_>, virtual_queue: &str) -> Option<i64> {
        let own = self
            .queue
            .targets
            .iter()
            .find(|(queue, _)| queue == virtual_queue);
        own.map(|(_, ms)| *ms)
            .or_else(|| eval.ctx.rules.fallback_target_ms(virtual_queue))
    }

    fn entry(&self, eval: &mut FactEvaluator<'_, '_, '_>) {
        if self.event_ref.is_processed(eval, EventFact::Seen) {
            return;
        }
        let Some(set) = self.labels(eval) else {
            return eval.note_pending(Fact::QueueEntry, "not all its labels are known yet");
        };
        self.event_ref.mark_processed(eval, EventFact::Seen);
        if !eval.counts(Fact::QueueEntry, self.event_ref.began_ms(eval)) {
            return;
        }
        self.event_ref.mark_processed(eval, EventFact::SeenCounted);
        for (queue, _) in self.virtual_queues(eval) {
            let set = set.with(Label::VirtualQueue, *queue);
            eval.delta.count(Family::QueueEntries, &set);
            init_queue_series(eval, &set, Family::QueueExits, Family::QueueWait);
            eval.delta.ensure_exists(Family::ServiceLevelEligible, &set);
            eval.delta.ensure_exists(Family::ServiceLevelMet, &set);
        }
    }

    /// Final once the skills are named.
    fn skills(&self, eval: &mut FactEvaluator<'_, '_, '_>) {
        if self.queue.skills.is_empty() || self.event_ref.is_processed(eval, EventFact::Extra) {
            return;
        }
        self.event_ref.mark_processed(eval, EventFact::Extra);
        if eval.counts(Fact::Skill, self.event_ref.began_ms(eval)) {
            for skill in &self.queue.skills {
                let id = eval.label_or_none(Label::Skill, Some(skill));
                let set = LabelSet::new().with(Label::Skill, id);
                eval.delta.count(Family::QueueSkillRequests, &set);
            }
        }
    }

    /// Final when result and duration are both there, or the interaction has ended.
    fn exit(&self, eval: &mut FactEvaluator<'_, '_, '_>) {
        if self.event_ref.is_processed(eval, EventFact::Done) {
            return;
        }
        let (exit, wait) = self.facts();
        if !(self.event_ref.has_finished(eval) || eval.has_ended()) {
            return eval.note_pending(exit, "it has no result and duration yet");
        }
        let Some(set) = self.labels(eval) else {
            return eval.note_pending(exit, "not all its labels are known yet");
        };
        let acd = eval
            .delta
            .resolver
            .resolve(Label::AcdQueue, self.event.name.as_deref());
        if acd.is_none() && !eval.has_ended() {
            return eval.note_pending(exit, "the name of its queue is not known yet");
        }
        let wait_ms = self
            .event
            .duration_ms
            .and_then(|ms| eval.validate_duration(wait, ms, self.event_ref.part_id()));
        self.event_ref.mark_processed(eval, EventFact::Done);
        if !eval.counts(exit, self.event_ref.ended_ms(eval)) {
            self.event_ref.mark_processed(eval, EventFact::Measured);
            return;
        }
        let value = self.event.value.as_deref();
        let result = eval.label_or_none(Label::QueueResult, value);
        self.event_ref.mark_processed(eval, EventFact::DoneCounted);
        self.event_ref.remember_value(eval);
        let set = set.with(Label::QueueResult, result);
        let outcome = Outcome {
            category: category(value),
            wait_ms,
        };
        if self.event.kind == EventKind::Queue {
            let set = set.with(Label::AcdQueue, acd.unwrap_or(LabelId::NONE));
            self.acd_exit(eval, &set, outcome);
        }
        for (queue, target_ms) in self.virtual_queues(eval) {
            let set = set.with(Label::VirtualQueue, *queue);
            self.virtual_exit(eval, &set, outcome, *target_ms);
        }
    }

    fn acd_exit(&self, eval: &mut FactEvaluator<'_, '_, '_>, set: &LabelSet, outcome: Outcome) {
        let target_ms = eval.ctx.rules.shortest_target_ms(self.queue);
        let timing = outcome.timing(target_ms, eval.ctx.rules);
        init_queue_series(eval, set, Family::AcdQueueExits, Family::AcdQueueWait);
        eval.delta
            .count(Family::AcdQueueExits, &set.with(Label::Timing, timing));
        eval.observe_lateness(Fact::Wait, self.event_ref.ended_ms(eval));
    }

    fn virtual_exit(
        &self,
        eval: &mut FactEvaluator<'_, '_, '_>,
        set: &LabelSet,
        outcome: Outcome,
        target_ms: Option<i64>,
    ) {
        let timing = outcome.timing(target_ms, eval.ctx.rules);
        let timed = set.with(Label::Timing, timing);
        if self.event.kind == EventKind::AgentQueue {
            init_queue_series(eval, set, Family::AgentQueueExits, Family::AgentQueueWait);
            eval.delta.count(Family::AgentQueueExits, &timed);
            return;
        }
        init_queue_series(eval, set, Family::QueueExits, Family::QueueWait);
        eval.delta.count(Family::QueueExits, &timed);
        let eligible = matches!(timing, Timing::Within | Timing::Late)
            && match outcome.category {
                Category::Answered | Category::Abandoned => true,
                Category::Breakout => eval.ctx.rules.count_breakouts,
                Category::Agent | Category::Unknown => false,
            };
        let met = eligible && outcome.category == Category::Answered && timing == Timing::Within;
        eval.delta
            .add(Family::ServiceLevelEligible, set, u64::from(eligible));
        eval.delta.add(Family::ServiceLevelMet, set, u64::from(met));
    }

    /// Final with the exit; a valid duration that comes later is observed when it comes.
    fn wait(&self, eval: &mut FactEvaluator<'_, '_, '_>) {
        if !self.event_ref.is_processed(eval, EventFact::DoneCounted)
            || self.event_ref.is_processed(eval, EventFact::Measured)
        {
            return;
        }
        let (_, fact) = self.facts();
        let Some(ms) = self.event.duration_ms else {
            return;
        };
        let Some(valid) = eval.validate_duration(fact, ms, self.event_ref.part_id()) else {
            return;
        };
        let Some(set) = self.labels(eval) else { return };
        let Some(valid) = self.event_ref.count_duration(eval, fact, valid) else {
            return;
        };
        let set = set.with(Label::Category, category(self.event.value.as_deref()));
        let family = match self.event.kind {
            EventKind::AgentQueue => Family::AgentQueueWait,
            _ => {
                eval.delta.observe(Family::AcdQueueWait, &set, valid);
                Family::QueueWait
            }
        };
        for (queue, _) in self.virtual_queues(eval) {
            let set = set.with(Label::VirtualQueue, *queue);
            eval.delta.observe(family, &set, valid);
        }
    }

    fn facts(&self) -> (Fact, Fact) {
        match self.event.kind {
            EventKind::AgentQueue => (Fact::AgentQueueExit, Fact::AgentQueueWait),
            _ => (Fact::QueueExit, Fact::Wait),
        }
    }
}
