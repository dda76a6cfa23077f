//! The facts of a channel as a whole: its end, and for an agent's the offer and what came of it.

use crate::catalogue::{Family, Label};
use crate::interaction::{Channel, Event, MAX_DURATION_MS, Role, stable_hash};
use crate::labels::{LabelId, LabelSet};
use crate::vocabulary::{AttemptResult, Fact, OfferResult};

use super::assess::Assessment;
use super::classify::{Delivery, offer};
use super::record::{ChannelMark, OnceChannel, print};

/// A channel of the subject, and where its mark is in the record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leg<'i> {
    pub(super) channel: &'i Channel<'i>,
    pub(super) at: usize,
}

/// What became of an offer, and under which virtual queue it was made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offered {
    result: OfferResult,
    virtual_queue: LabelId,
}

const OFFER_LABELS: [Label; 3] = [Label::Medium, Label::Direction, Label::ReportingGroup];

impl<'i> Leg<'i> {
    fn mark<'a>(&self, this: &'a mut Assessment<'_, '_, '_>) -> &'a mut ChannelMark {
        &mut this.record.channels[self.at]
    }

    fn is_settled(&self, this: &Assessment<'_, '_, '_>, fact: OnceChannel) -> bool {
        this.record.channels[self.at].is_settled(fact)
    }

    fn whose(&self) -> u64 {
        1 << 62 | self.at as u64
    }

    /// When it ended; one whose duration is not known ended with its interaction.
    fn over_ms(&self, this: &Assessment<'_, '_, '_>) -> i64 {
        let Some(ms) = self.channel.duration_ms else {
            return this.subject.end_ms();
        };
        let over = self.channel.offset_ms + ms.clamp(0, MAX_DURATION_MS);
        this.subject.start_ms.saturating_add(over)
    }

    /// Whether it has ended, by itself or with its interaction.
    fn is_over(&self, this: &Assessment<'_, '_, '_>) -> bool {
        this.subject.has_ended(self.channel) || this.has_ended()
    }

    /// Settles what is final in the channel; what is known of the offer, if it was one.
    pub(super) fn assess(&self, this: &mut Assessment<'_, '_, '_>) -> Option<Offered> {
        self.end(this);
        self.dispute(this);
        match self.channel.role {
            Role::Agent => {
                let offered = self.offered(this);
                self.offer(this, offered);
                self.handle(this, offered);
                offered
            }
            Role::External => {
                self.attempt(this);
                None
            }
            _ => None,
        }
    }

    /// Final when it has ended.
    fn end(&self, this: &mut Assessment<'_, '_, '_>) {
        if self.is_settled(this, OnceChannel::End) {
            return;
        }
        if !self.is_over(this) {
            return this.waits(Fact::ChannelEnd, "the channel has not ended yet");
        }
        let role = this.own_label(Label::Role, self.channel.role.text());
        let reason = this.own_label(Label::EndReason, self.channel.end_reason.as_deref());
        let kind = this.own_label(Label::IntegrationType, self.channel.integration.as_deref());
        let (Some(role), Some(reason), Some(kind), Some(set)) =
            (role, reason, kind, this.known(&[Label::Medium]))
        else {
            return this.waits(Fact::ChannelEnd, "not all its labels are known yet");
        };
        self.mark(this).settle(OnceChannel::End);
        if this.counts(Fact::ChannelEnd, self.over_ms(this)) {
            self.mark(this).settle(OnceChannel::EndCounted);
            let text = self.channel.end_reason.as_deref();
            self.mark(this).end_reason = text.map_or(0, |text| print(stable_hash(text)));
            let set = set.with(Label::Role, role).with(Label::EndReason, reason);
            this.tally.count(
                Family::ChannelsEnded,
                &set.with(Label::IntegrationType, kind),
            );
        }
    }

    /// What became of the offer, once that is final: the channel and the queue that offered it
    /// are over, or the interaction has ended.
    fn offered(&self, this: &mut Assessment<'_, '_, '_>) -> Option<Offered> {
        if !self.is_over(this) {
            return None;
        }
        let delivery = match offer(this.subject, self.channel) {
            Delivery::Unsettled(_) if !this.has_ended() => return None,
            Delivery::Unsettled(queue) => queue,
            Delivery::By(queue) => Some(queue),
            Delivery::Direct => None,
        };
        let names = delivery.and_then(|event| event.queue.as_deref());
        if names.is_some_and(|names| names.virtual_queues.is_empty()) && !this.has_ended() {
            return None;
        }
        let name = names.and_then(|names| names.virtual_queues.first());
        let id = name.and_then(|name| this.tally.resolver.resolve(Label::VirtualQueue, Some(name)));
        Some(Offered {
            result: self.result(delivery),
            virtual_queue: id.unwrap_or(LabelId::NONE),
        })
    }

    fn result(&self, delivery: Option<&Event<'_>>) -> OfferResult {
        /// A hang-up is the reason the phone stopped ringing also if the two clocks disagree a bit.
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

    fn offer(&self, this: &mut Assessment<'_, '_, '_>, offered: Option<Offered>) {
        if self.is_settled(this, OnceChannel::Offer) {
            return;
        }
        let (Some(offered), Some(set)) = (offered, this.known(&OFFER_LABELS)) else {
            return this.waits(Fact::Offer, "what became of it is not final yet");
        };
        self.mark(this).settle(OnceChannel::Offer);
        if !this.counts(Fact::Offer, self.over_ms(this)) {
            return;
        }
        let set = set.with(Label::VirtualQueue, offered.virtual_queue);
        let set = set.with(Label::Agent, self.agent(this));
        for result in [
            OfferResult::Answered,
            OfferResult::Unanswered,
            OfferResult::CallerLeft,
        ] {
            let set = set.with(Label::Outturn, result);
            this.tally.touch(Family::AgentOffers, &set);
            this.tally.touch(Family::PerAgentOffers, &set);
        }
        let set = set.with(Label::Outturn, offered.result);
        this.tally.count(Family::AgentOffers, &set);
        this.tally.count(Family::PerAgentOffers, &set);
    }

    fn agent(&self, this: &mut Assessment<'_, '_, '_>) -> LabelId {
        let id = self.channel.party_id.as_deref();
        let id = this.tally.resolver.resolve(Label::Agent, id);
        id.unwrap_or(LabelId::NONE)
    }

    /// Final with the channel's end; one that comes later counts when it comes.
    fn handle(&self, this: &mut Assessment<'_, '_, '_>, offered: Option<Offered>) {
        let Some(ms) = self.channel.handle_ms else {
            return;
        };
        if self.is_settled(this, OnceChannel::Handle) {
            return;
        }
        let is_final = this.subject.has_ended(self.channel) || this.is_over();
        let (true, Some(offered), Some(set)) = (is_final, offered, this.known(&OFFER_LABELS))
        else {
            return this.waits(Fact::AgentHandle, "the agent's channel has not ended yet");
        };
        let Some(believed) = this.believed(Fact::AgentHandle, ms, self.whose()) else {
            return;
        };
        self.mark(this).settle(OnceChannel::Handle);
        if this.counts(Fact::AgentHandle, self.over_ms(this)) {
            self.mark(this).settle(OnceChannel::HandleCounted);
            self.mark(this).handle = print(believed);
            let set = set.with(Label::VirtualQueue, offered.virtual_queue);
            this.tally.observe(Family::AgentHandle, &set, believed);
            let set = set.with(Label::Agent, self.agent(this));
            this.tally.observe(Family::PerAgentHandle, &set, believed);
        }
    }

    /// An outside party dialled in an outbound interaction; final when its channel has ended.
    fn attempt(&self, this: &mut Assessment<'_, '_, '_>) {
        if this.subject.direction.as_deref() != Some("Outbound")
            || self.is_settled(this, OnceChannel::Attempt)
        {
            return;
        }
        let (true, Some(set)) = (self.is_over(this), this.known(&[Label::Medium])) else {
            return this.waits(Fact::OutboundAttempt, "the channel has not ended yet");
        };
        self.mark(this).settle(OnceChannel::Attempt);
        if this.counts(Fact::OutboundAttempt, self.over_ms(this)) {
            for result in [AttemptResult::Connected, AttemptResult::Unconnected] {
                this.tally
                    .touch(Family::OutboundAttempts, &set.with(Label::Outturn, result));
            }
            let connected = self.channel.connected_ms().is_some();
            let result = if connected {
                AttemptResult::Connected
            } else {
                AttemptResult::Unconnected
            };
            this.tally
                .count(Family::OutboundAttempts, &set.with(Label::Outturn, result));
        }
    }

    fn dispute(&self, this: &mut Assessment<'_, '_, '_>) {
        let mark = self.mark(this);
        let (ended, handled) = (
            mark.is_settled(OnceChannel::EndCounted),
            mark.is_settled(OnceChannel::HandleCounted),
        );
        let (reason, handle) = (mark.end_reason, mark.handle);
        if let Some(text) = self.channel.end_reason.as_deref()
            && ended
            && reason != 0
            && print(stable_hash(text)) != reason
        {
            this.contradict(Fact::ChannelEnd, stable_hash(text), self.whose());
        }
        if let Some(ms) = self.channel.handle_ms
            && handled
            && this.subject.has_ended(self.channel)
            && print(ms as u64) != handle
        {
            this.contradict(Fact::AgentHandle, ms as u64, self.whose());
        }
    }
}

/// The labels of ringing at an agent, once what became of the offer is final.
pub(super) fn ring_labels(
    this: &mut Assessment<'_, '_, '_>,
    offered: Option<Offered>,
) -> Option<LabelSet> {
    let set = this.known(&[Label::Medium, Label::Direction])?;
    Some(set.with(Label::Outturn, offered?.result))
}
