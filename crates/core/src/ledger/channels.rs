//! The facts of a channel as a whole: its end, and for an agent's channel the offer and its result.

use crate::catalogue::{Family, Label};
use crate::interaction::{Channel, Event, MAX_DURATION_MS, Role, stable_hash};
use crate::labels::{LabelId, LabelSet};
use crate::vocabulary::{AttemptResult, Fact, OfferResult};

use super::classify::{OfferSource, offer};
use super::context::FactEvaluator;
use super::record::{ChannelFact, ChannelRecord, fingerprint};

/// The order in which the series of offers are created: where the limit of a family leaves no room for all
/// of them, the first matter most.
const OFFER_RESULTS: [OfferResult; 3] = [
    OfferResult::Answered,
    OfferResult::Unanswered,
    OfferResult::CallerLeft,
];

/// A channel of the subject, with the position of its mark in the record.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChannelRef<'i> {
    pub(super) channel: &'i Channel<'i>,
    pub(super) at: usize,
}

/// The result of an offer, and the virtual queue that made it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offered {
    result: OfferResult,
    virtual_queue: LabelId,
}

const OFFER_LABELS: [Label; 3] = [Label::Medium, Label::Direction, Label::ReportingGroup];

impl<'i> ChannelRef<'i> {
    fn mark<'a>(&self, eval: &'a mut FactEvaluator<'_, '_, '_>) -> &'a mut ChannelRecord {
        &mut eval.record.channels[self.at]
    }

    fn is_settled(&self, eval: &FactEvaluator<'_, '_, '_>, fact: ChannelFact) -> bool {
        eval.record.channels[self.at].is_processed(fact)
    }

    fn part_id(&self) -> u64 {
        1 << 62 | self.at as u64
    }

    /// Unix milliseconds. A channel without a duration ends with its interaction.
    fn ended_ms(&self, eval: &FactEvaluator<'_, '_, '_>) -> i64 {
        let Some(ms) = self.channel.duration_ms else {
            return eval.subject.end_ms();
        };
        let over = self.channel.offset_ms + ms.clamp(0, MAX_DURATION_MS);
        eval.subject.start_ms.saturating_add(over)
    }

    /// Whether it has ended, on its own or with its interaction.
    fn is_over(&self, eval: &FactEvaluator<'_, '_, '_>) -> bool {
        eval.subject.has_ended(self.channel) || eval.has_ended()
    }

    /// Settles what is final in the channel; returns the offer once its result is final.
    pub(super) fn evaluate(&self, eval: &mut FactEvaluator<'_, '_, '_>) -> Option<Offered> {
        self.end(eval);
        self.check_corrections(eval);
        match self.channel.role {
            Role::Agent => {
                let offered = self.offered(eval);
                self.offer(eval, offered);
                self.handle(eval, offered);
                offered
            }
            Role::External => {
                self.attempt(eval);
                None
            }
            _ => None,
        }
    }

    /// Final when it has ended.
    fn end(&self, eval: &mut FactEvaluator<'_, '_, '_>) {
        if self.is_settled(eval, ChannelFact::End) {
            return;
        }
        if !self.is_over(eval) {
            return eval.note_pending(Fact::ChannelEnd, "the channel has not ended yet");
        }
        let role = eval.own_label(Label::Role, self.channel.role.text());
        let reason = eval.own_label(Label::EndReason, self.channel.end_reason.as_deref());
        let kind = eval.own_label(Label::IntegrationType, self.channel.integration.as_deref());
        let (Some(role), Some(reason), Some(kind), Some(set)) =
            (role, reason, kind, eval.known(&[Label::Medium]))
        else {
            return eval.note_pending(Fact::ChannelEnd, "not all its labels are known yet");
        };
        self.mark(eval).mark_processed(ChannelFact::End);
        if eval.counts(Fact::ChannelEnd, self.ended_ms(eval)) {
            self.mark(eval).mark_processed(ChannelFact::EndCounted);
            let text = self.channel.end_reason.as_deref();
            self.mark(eval).end_reason = text.map_or(0, |text| fingerprint(stable_hash(text)));
            let set = set.with(Label::Role, role).with(Label::EndReason, reason);
            eval.delta.count(
                Family::ChannelsEnded,
                &set.with(Label::IntegrationType, kind),
            );
        }
    }

    /// The offer, once its result is final: the channel and the queue that offered it are over, or
    /// the interaction has ended.
    fn offered(&self, eval: &mut FactEvaluator<'_, '_, '_>) -> Option<Offered> {
        if !self.is_over(eval) {
            return None;
        }
        let delivery = match offer(eval.subject, self.channel) {
            OfferSource::Pending(_) if !eval.has_ended() => return None,
            OfferSource::Pending(queue) => queue,
            OfferSource::Queue(queue) => Some(queue),
            OfferSource::Direct => None,
        };
        let names = delivery.and_then(|event| event.queue.as_deref());
        if names.is_some_and(|names| names.virtual_queues.is_empty()) && !eval.has_ended() {
            return None;
        }
        let name = names.and_then(|names| names.virtual_queues.first());
        Some(Offered {
            result: self.result(delivery),
            virtual_queue: eval.label_or_none(Label::VirtualQueue, name.map(|name| &**name)),
        })
    }

    fn result(&self, delivery: Option<&Event<'_>>) -> OfferResult {
        /// A hang-up also ended the ringing if the two times differ by no more than this.
        const SAME_MOMENT_MS: i64 = 1_000;
        if self.channel.connected_ms().is_some() {
            return OfferResult::Answered;
        }
        let rang_until = self.channel.duration_ms.map(|ms| {
            (self.channel.offset_ms + ms.clamp(0, MAX_DURATION_MS)).saturating_add(SAME_MOMENT_MS)
        });
        let left_ringing = delivery.is_some_and(|queue| {
            let left = queue.offset_ms + queue.duration_ms.unwrap_or(0).clamp(0, MAX_DURATION_MS);
            queue.value.as_deref() == Some("HangUp") && rang_until.is_none_or(|until| left <= until)
        });
        if left_ringing {
            OfferResult::CallerLeft
        } else {
            OfferResult::Unanswered
        }
    }

    fn offer(&self, eval: &mut FactEvaluator<'_, '_, '_>, offered: Option<Offered>) {
        if self.is_settled(eval, ChannelFact::Offer) {
            return;
        }
        let (Some(offered), Some(set)) = (offered, eval.known(&OFFER_LABELS)) else {
            return eval.note_pending(Fact::Offer, "what became of it is not final yet");
        };
        self.mark(eval).mark_processed(ChannelFact::Offer);
        if !eval.counts(Fact::Offer, self.ended_ms(eval)) {
            return;
        }
        let set = set.with(Label::VirtualQueue, offered.virtual_queue);
        let set = set.with(Label::Agent, self.agent(eval));
        for result in OFFER_RESULTS {
            let set = set.with(Label::AttemptResult, result);
            eval.delta.ensure_exists(Family::AgentOffers, &set);
            eval.delta.ensure_exists(Family::PerAgentOffers, &set);
        }
        let set = set.with(Label::AttemptResult, offered.result);
        eval.delta.count(Family::AgentOffers, &set);
        eval.delta.count(Family::PerAgentOffers, &set);
    }

    fn agent(&self, eval: &mut FactEvaluator<'_, '_, '_>) -> LabelId {
        eval.label_or_none(Label::Agent, self.channel.party_id.as_deref())
    }

    /// Final with the channel's end; one that comes later counts when it comes.
    fn handle(&self, eval: &mut FactEvaluator<'_, '_, '_>, offered: Option<Offered>) {
        let Some(ms) = self.channel.handle_ms else {
            return;
        };
        if self.is_settled(eval, ChannelFact::Handle) {
            return;
        }
        let is_final = eval.subject.has_ended(self.channel) || eval.is_over();
        let (true, Some(offered), Some(set)) = (is_final, offered, eval.known(&OFFER_LABELS))
        else {
            return eval.note_pending(Fact::AgentHandle, "the agent's channel has not ended yet");
        };
        let Some(valid) = eval.validate_duration(Fact::AgentHandle, ms, self.part_id()) else {
            return;
        };
        self.mark(eval).mark_processed(ChannelFact::Handle);
        if eval.counts(Fact::AgentHandle, self.ended_ms(eval)) {
            self.mark(eval).mark_processed(ChannelFact::HandleCounted);
            self.mark(eval).handle = fingerprint(valid);
            let set = set.with(Label::VirtualQueue, offered.virtual_queue);
            eval.delta.observe(Family::AgentHandle, &set, valid);
            let set = set.with(Label::Agent, self.agent(eval));
            eval.delta.observe(Family::PerAgentHandle, &set, valid);
        }
    }

    /// The attempt to reach an outside party of an outbound interaction; final when its channel has
    /// ended.
    fn attempt(&self, eval: &mut FactEvaluator<'_, '_, '_>) {
        if eval.subject.direction.as_deref() != Some("Outbound")
            || self.is_settled(eval, ChannelFact::Attempt)
        {
            return;
        }
        let (true, Some(set)) = (self.is_over(eval), eval.known(&[Label::Medium])) else {
            return eval.note_pending(Fact::OutboundAttempt, "the channel has not ended yet");
        };
        self.mark(eval).mark_processed(ChannelFact::Attempt);
        if eval.counts(Fact::OutboundAttempt, self.ended_ms(eval)) {
            for result in [AttemptResult::Connected, AttemptResult::Unconnected] {
                let set = set.with(Label::AttemptResult, result);
                eval.delta.ensure_exists(Family::OutboundAttempts, &set);
            }
            let connected = self.channel.connected_ms().is_some();
            let result = if connected {
                AttemptResult::Connected
            } else {
                AttemptResult::Unconnected
            };
            eval.delta.count(
                Family::OutboundAttempts,
                &set.with(Label::AttemptResult, result),
            );
        }
    }

    /// Compares this version with the end reason and handle time that were counted.
    fn check_corrections(&self, eval: &mut FactEvaluator<'_, '_, '_>) {
        let mark = self.mark(eval);
        let (ended, handled) = (
            mark.is_processed(ChannelFact::EndCounted),
            mark.is_processed(ChannelFact::HandleCounted),
        );
        let (reason, handle) = (mark.end_reason, mark.handle);
        if let Some(text) = self.channel.end_reason.as_deref()
            && ended
            && reason != 0
            && fingerprint(stable_hash(text)) != reason
        {
            eval.record_correction(Fact::ChannelEnd, stable_hash(text), self.part_id());
        }
        if let Some(ms) = self.channel.handle_ms
            && handled
            && eval.subject.has_ended(self.channel)
            && fingerprint(ms as u64) != handle
        {
            eval.record_correction(Fact::AgentHandle, ms as u64, self.part_id());
        }
    }
}

/// The labels of ringing at an agent, once the result of the offer is final.
pub(super) fn ring_labels(
    eval: &mut FactEvaluator<'_, '_, '_>,
    offered: Option<Offered>,
) -> Option<LabelSet> {
    let set = eval.known(&[Label::Medium, Label::Direction])?;
    Some(set.with(Label::AttemptResult, offered?.result))
}
