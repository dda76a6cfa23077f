//! The facts of an interaction as a whole.

use crate::catalogue::{Family, Label};
use crate::interaction::{Guid, stable_hash};
use crate::vocabulary::{AssistantOutcome, Fact, RejectReason, TransferKind};

use super::classify;
use super::context::FactEvaluator;
use super::fingerprint::label_code;
use super::record::InteractionFact;

/// A total of an interaction: its place in the record's counted values, and its names.
const TOTALS: [(usize, InteractionFact, Fact, Family); 3] = [
    (
        0,
        InteractionFact::Duration,
        Fact::Duration,
        Family::InteractionDuration,
    ),
    (
        1,
        InteractionFact::Talk,
        Fact::Talk,
        Family::InteractionTalk,
    ),
    (
        2,
        InteractionFact::Handle,
        Fact::Handle,
        Family::InteractionHandle,
    ),
];

/// The place of the time of categorisation among the record's counted values.
const CATEGORIZED: usize = 3;

impl FactEvaluator<'_, '_, '_> {
    /// Final at first sight.
    pub(super) fn started(&mut self) {
        if self.record.is_processed(InteractionFact::Started) {
            let (was, is) = (self.record.start_ms, self.subject.start_ms);
            if was != is && was >= self.ctx.epoch_ms() {
                self.record_correction(Fact::Started, is as u64, 0);
            }
            return;
        }
        let needed = [Label::Medium, Label::Direction, Label::MediumManager];
        let Some(set) = self.known(&needed) else {
            return self.note_pending(Fact::Started, "not all its labels are known yet");
        };
        self.record.mark_processed(InteractionFact::Started);
        if self.counts(Fact::Started, self.subject.start_ms) {
            self.delta.count(Family::InteractionsStarted, &set);
        }
    }

    /// Final at first sight; counts for the first interaction seen of a conversation.
    pub(super) fn conversation(&mut self, first_seen: &mut dyn FnMut(Guid) -> bool) {
        if self.record.is_processed(InteractionFact::Conversation) {
            return;
        }
        let Some(conversation) = self.subject.conversation else {
            return;
        };
        let Some(set) = self.known(&[Label::Medium, Label::Direction]) else {
            return;
        };
        self.record.mark_processed(InteractionFact::Conversation);
        self.changed = true;
        if first_seen(conversation) && self.counts(Fact::Conversation, self.subject.start_ms) {
            self.delta.count(Family::ConversationsStarted, &set);
        }
    }

    /// Everything that is counted at the moment of the end; returns whether the end counts.
    pub(super) fn ended(&mut self) -> bool {
        self.record.mark_processed(InteractionFact::Ended);
        let end_ms = self.subject.end_ms();
        if !self.counts(Fact::Ended, end_ms) {
            return false;
        }
        let set = self.labels;
        let path = classify::path(self.subject);
        self.delta
            .count(Family::Interactions, &set.with(Label::Path, path));
        for kind in TransferKind::ALL {
            self.delta.ensure_exists(
                Family::InteractionsTransferred,
                &set.with(Label::Kind, *kind),
            );
        }
        if let Some(kind) = classify::transfer(self.subject) {
            self.delta.count(
                Family::InteractionsTransferred,
                &set.with(Label::Kind, kind),
            );
        }
        let requeued = u64::from(classify::times_queued(self.subject) >= 2);
        self.delta.add(Family::InteractionsRequeued, &set, requeued);
        if let Some(ms) = classify::time_to_agent(self.subject) {
            // An offset is before the start only by clock jitter between the parties.
            self.delta
                .observe(Family::TimeToAgent, &set, ms.max(0) as u64);
        }
        self.assistant();
        self.observe_lateness(Fact::Ended, end_ms);
        true
    }

    /// Counts the end of an interaction with virtual assistants under the last one.
    fn assistant(&mut self) {
        let Some((assistant, outcome)) = classify::assistant(self.subject) else {
            return;
        };
        let id = self.label_or_none(Label::Assistant, assistant);
        let set = self.labels.with(Label::Assistant, id);
        for outcome in AssistantOutcome::ALL {
            self.delta.ensure_exists(
                Family::AssistantInteractions,
                &set.with(Label::AttemptResult, *outcome),
            );
        }
        self.delta.count(
            Family::AssistantInteractions,
            &set.with(Label::AttemptResult, outcome),
        );
    }

    /// The totals of an end that does not count never count, even if a later version moves the end
    /// to a later time.
    pub(super) fn skip_totals(&mut self) {
        for (_, once, ..) in TOTALS {
            self.record.mark_processed(once);
        }
    }

    /// Duration, talk and handle time: final with the end, by which the channel of every agent has
    /// ended or is taken as ended. A value that comes later counts then, under the final labels.
    pub(super) fn totals(&mut self) {
        if !self.has_ended() || !self.subject.is_final() {
            return;
        }
        let subject = self.subject;
        let values = [subject.duration_ms, subject.talk_ms, subject.handle_ms];
        for ((index, once, fact, family), value) in TOTALS.into_iter().zip(values) {
            let Some(ms) = value else { continue };
            if self.record.is_processed(once) {
                let counted = self.record.counted[index];
                if subject.is_complete() && counted.is_some_and(|counted| counted != ms) {
                    self.record_correction(fact, ms as u64, 0);
                }
                continue;
            }
            let Some(valid) = self.validate_duration(fact, ms, 0) else {
                continue;
            };
            self.record.mark_processed(once);
            if self.counts(fact, subject.end_ms()) {
                self.record.counted[index] = Some(ms);
                self.delta.observe(family, &self.labels, valid);
            }
        }
    }

    /// Final when set.
    pub(super) fn categorized(&mut self) {
        let Some(time) = self.subject.categorized else {
            return;
        };
        let Ok(at_ms) = time else {
            let reason = RejectReason::UnreadableTime;
            if self.record.record_correction(reason.as_str(), 0) {
                self.changed = true;
                self.reject(Fact::Categorized, reason);
            }
            return;
        };
        if self.record.is_processed(InteractionFact::Categorized) {
            if self.record.counted[CATEGORIZED].is_some_and(|counted| counted != at_ms) {
                self.record_correction(Fact::Categorized, at_ms as u64, 0);
            }
            return;
        }
        let Some(set) = self.known(&[Label::Medium]) else {
            return;
        };
        self.record.mark_processed(InteractionFact::Categorized);
        if self.counts(Fact::Categorized, at_ms) {
            self.record.counted[CATEGORIZED] = Some(at_ms);
            self.delta.count(Family::InteractionsCategorized, &set);
        }
    }

    /// Compares the labels of a complete version with those the end was counted under.
    pub(super) fn check_final_labels(&mut self) {
        let Some(frozen) = self.record.final_labels else {
            return;
        };
        if !self.subject.is_complete() || self.subject.end_ms() < self.ctx.epoch_ms() {
            return;
        }
        for (label, was) in [
            (Label::Medium, frozen.medium),
            (Label::Direction, frozen.direction),
            (Label::Outcome, frozen.outcome),
            (Label::ReportingGroup, frozen.reporting_group),
        ] {
            let is = self.labels.get(label);
            if is != was && !self.is_missing(label) {
                let text = self.delta.resolver.text(is);
                self.record_correction(Fact::Ended, stable_hash(&text), label_code(label));
            }
        }
    }
}
