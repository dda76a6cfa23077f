//! What the evaluators of facts share: the page's context, and the interaction under evaluation.

use crate::catalogue::{Family, Label};
use crate::delta::{DeltaBuilder, ExplainEvent, FactOutcome};
use crate::interaction::{Interaction, MAX_DURATION_MS};
use crate::labels::{LabelId, LabelSet};
use crate::vocabulary::{Fact, RejectReason};

use super::account::Account;
use super::commit::CommitTime;
use super::fingerprint::fact_code;
use super::record::{FinalLabels, Record};
use super::rules::Rules;

/// What every version of a page is evaluated against; built once per commit.
#[derive(Debug, Clone, Copy)]
pub struct EvalContext<'p> {
    /// The account before the commit.
    pub account: &'p Account,
    /// Its counting rules.
    pub rules: &'p Rules,
    /// The times of the commit.
    pub time: CommitTime,
    /// Whether the page comes from reading the past again.
    pub(super) recovering: bool,
}

impl<'p> EvalContext<'p> {
    /// The context of a commit made at this time.
    pub fn new(account: &'p Account, rules: &'p Rules, time: CommitTime) -> Self {
        EvalContext {
            account,
            rules,
            time,
            recovering: false,
        }
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.time.server_ms
    }

    pub(super) fn epoch_ms(&self) -> i64 {
        self.account.meta.epoch_ms
    }
}

/// One version of an interaction under evaluation, with its row and what it adds.
#[derive(Debug)]
pub(super) struct FactEvaluator<'c, 's, 'i> {
    pub(super) ctx: &'c EvalContext<'c>,
    pub(super) subject: &'i Interaction<'i>,
    pub(super) record: &'c mut Record,
    pub(super) delta: &'c mut DeltaBuilder<'s>,
    /// The labels of the interaction as a whole; the final ones once it has ended.
    pub(super) labels: LabelSet,
    /// The labels that are null in this version.
    missing: Vec<Label>,
    /// Whether anything about the record changed.
    pub(super) changed: bool,
}

impl<'c, 's, 'i> FactEvaluator<'c, 's, 'i> {
    pub(super) fn new(
        ctx: &'c EvalContext<'c>,
        subject: &'i Interaction<'i>,
        record: &'c mut Record,
        delta: &'c mut DeltaBuilder<'s>,
    ) -> Self {
        let mut labels = LabelSet::new();
        let mut missing = Vec::new();
        for (label, text) in [
            (Label::Medium, &subject.medium),
            (Label::Direction, &subject.direction),
            (Label::MediumManager, &subject.medium_manager),
            (Label::Outcome, &subject.outcome),
            (Label::ReportingGroup, &subject.reporting_group),
        ] {
            match delta.resolver.resolve(label, text.as_deref()) {
                Some(id) => labels = labels.with(label, id),
                None => missing.push(label),
            }
        }
        FactEvaluator {
            ctx,
            subject,
            record,
            delta,
            labels,
            missing,
            changed: false,
        }
    }

    /// Whether the interaction has ended, with this version or an earlier one.
    pub(super) fn has_ended(&self) -> bool {
        self.record.final_labels.is_some()
    }

    /// Whether the interaction has ended and this version is a final one, so that its values are
    /// final too.
    pub(super) fn is_over(&self) -> bool {
        self.has_ended() && self.subject.is_final()
    }

    pub(super) fn is_missing(&self, label: Label) -> bool {
        self.missing.contains(&label)
    }

    /// Replaces the labels of this version by those the interaction ended with.
    pub(super) fn use_final_labels(&mut self, frozen: &FinalLabels) {
        self.labels = (self.labels)
            .with(Label::Medium, frozen.medium)
            .with(Label::Direction, frozen.direction)
            .with(Label::Outcome, frozen.outcome)
            .with(Label::VirtualQueue, frozen.virtual_queue)
            .with(Label::ReportingGroup, frozen.reporting_group);
    }

    /// The label set, if each of these labels is known. Null counts as `none` only once the
    /// interaction has ended; before that the fact waits.
    pub(super) fn known(&self, labels: &[Label]) -> Option<LabelSet> {
        let waits = !self.has_ended() && labels.iter().any(|label| self.is_missing(*label));
        (!waits).then_some(self.labels)
    }

    /// The number of a channel's or an event's own label; `None` while null may still become a
    /// value.
    pub(super) fn own_label(&mut self, label: Label, text: Option<&str>) -> Option<LabelId> {
        let id = self.delta.resolver.resolve(label, text);
        id.or_else(|| self.has_ended().then_some(LabelId::NONE))
    }

    /// The number of a label value, `none` for null.
    pub(super) fn label_or_none(&mut self, label: Label, text: Option<&str>) -> LabelId {
        let id = self.delta.resolver.resolve(label, text);
        id.unwrap_or(LabelId::NONE)
    }

    /// Whether a fact that is being settled counts, given when it happened.
    pub(super) fn counts(&mut self, fact: Fact, event_ms: i64) -> bool {
        self.changed = true;
        if event_ms < self.ctx.epoch_ms() {
            self.delta
                .note(ExplainEvent::Fact(fact, event_ms, FactOutcome::BeforeEpoch));
            return false;
        }
        if (self.record.eviction_watermark_ms).is_some_and(|horizon_ms| event_ms <= horizon_ms) {
            self.delta
                .note(ExplainEvent::Fact(fact, event_ms, FactOutcome::TooOld));
            self.reject(fact, RejectReason::TooOld);
            return false;
        }
        self.delta
            .note(ExplainEvent::Fact(fact, event_ms, FactOutcome::Counted));
        if self.ctx.recovering {
            self.delta.count(
                Family::RecoveredFacts,
                &LabelSet::new().with(Label::Fact, fact),
            );
        }
        true
    }

    /// Records for an explanation why a fact does not count yet.
    pub(super) fn note_pending(&mut self, fact: Fact, why: &'static str) {
        self.delta.note(ExplainEvent::Pending(fact, why));
    }

    /// Counts a value as rejected.
    pub(super) fn reject(&mut self, fact: Fact, reason: RejectReason) {
        self.delta.note(ExplainEvent::Rejected(fact, reason));
        let set = LabelSet::new()
            .with(Label::Fact, fact)
            .with(Label::Reason, reason);
        self.delta.count(Family::FactsRejected, &set);
    }

    /// Validates a duration. An invalid one is rejected and counted once; a valid one that comes
    /// later still counts. `part_id` tells the parts of the interaction apart.
    pub(super) fn validate_duration(&mut self, fact: Fact, ms: i64, part_id: u64) -> Option<u64> {
        self.validate_up_to(MAX_DURATION_MS, fact, ms, part_id)
    }

    /// As [`Self::validate_duration`], for a value with another maximum.
    pub(super) fn validate_up_to(
        &mut self,
        most: i64,
        fact: Fact,
        value: i64,
        part_id: u64,
    ) -> Option<u64> {
        let reason = match value {
            ..0 => RejectReason::Negative,
            value if value <= most => return Some(value as u64),
            _ => RejectReason::Absurd,
        };
        let detail = part_id.rotate_left(20) ^ value as u64 ^ fact_code(fact.as_str());
        if self.record.record_correction(reason.as_str(), detail) {
            self.changed = true;
            self.reject(fact, reason);
        }
        None
    }

    /// Counts a contradiction of something counted, once per fact and new value.
    pub(super) fn record_correction(&mut self, fact: Fact, new_value: u64, part_id: u64) {
        let detail = part_id.rotate_left(20) ^ new_value;
        if self.record.record_correction(fact.as_str(), detail) {
            self.changed = true;
            self.delta.note(ExplainEvent::Corrected(fact));
            let set = LabelSet::new().with(Label::Fact, fact);
            self.delta.count(Family::InteractionCorrections, &set);
        }
    }

    /// Observes the delay between a fact and its being counted.
    pub(super) fn observe_lateness(&mut self, fact: Fact, event_ms: i64) {
        let late = (self.ctx.now_ms() - event_ms).max(0) as u64;
        self.delta.observe(
            Family::FactLateness,
            &LabelSet::new().with(Label::Fact, fact),
            late,
        );
    }
}
