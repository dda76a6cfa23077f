//! Which facts of an interaction are final and not yet counted, and under which labels they count.
//!
//! Every fact is settled at most once per interaction; a settled fact never counts again. What
//! makes a fact final is written beside it.

use crate::catalogue::{Family, Label};
use crate::interaction::{Channel, Guid, Interaction, MAX_DURATION_MS, stable_hash};
use crate::labels::{LabelId, LabelSet};
use crate::tally::{Note, Tally, Verdict};
use crate::vocabulary::{AssistantOutcome, Fact, RejectReason, TransferKind};

use super::classify;
use super::happening::Happening;
use super::legs::Leg;
use super::record::{Frozen, Once, Phase, Record};
use super::rules::{Rules, SETTLE_MS};
use super::{events, queues};

/// When and how a page was learnt.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Server time of the page.
    pub now_ms: i64,
    /// Facts before this server time never count.
    pub epoch_ms: i64,
    /// Whether the page comes from reading the past again.
    pub recovering: bool,
}

/// One interaction under assessment.
#[derive(Debug)]
pub(super) struct Assessment<'c, 's, 'i> {
    pub(super) subject: &'i Interaction<'i>,
    pub(super) record: &'c mut Record,
    pub(super) tally: &'c mut Tally<'s>,
    pub(super) rules: &'c Rules,
    pub(super) moment: &'c Moment,
    labels: LabelSet,
    missing: Vec<Label>,
    changed: bool,
}

/// Settles what is final in `subject`; whether anything about the record changed.
///
/// `first_seen` says whether a conversation had not been seen before, and remembers it.
pub fn assess(
    subject: &Interaction<'_>,
    record: &mut Record,
    tally: &mut Tally<'_>,
    rules: &Rules,
    moment: &Moment,
    first_seen: &mut dyn FnMut(Guid) -> bool,
) -> bool {
    let (labels, missing) = labels_of(subject, tally);
    let mut this = Assessment {
        subject,
        record,
        tally,
        rules,
        moment,
        labels,
        missing,
        changed: false,
    };
    this.dispute_frozen();
    let ending = this.is_ending();
    if ending {
        this.freeze();
    }
    if let Some(frozen) = this.record.frozen {
        this.labels = frozen_labels(this.labels, &frozen);
    }
    this.started();
    this.conversation(first_seen);
    for channel in &subject.channels {
        this.channel(channel);
    }
    let counted = !ending || this.ended();
    this.awaits_its_end();
    this.totals();
    if !counted {
        this.forgo_totals();
    }
    this.categorized();
    this.changed
}

fn labels_of(subject: &Interaction<'_>, tally: &mut Tally<'_>) -> (LabelSet, Vec<Label>) {
    let mut labels = LabelSet::new();
    let mut missing = Vec::new();
    for (label, text) in [
        (Label::Medium, &subject.medium),
        (Label::Direction, &subject.direction),
        (Label::MediumManager, &subject.medium_manager),
        (Label::Outcome, &subject.outcome),
        (Label::ReportingGroup, &subject.reporting_group),
    ] {
        match tally.resolver.resolve(label, text.as_deref()) {
            Some(id) => labels = labels.with(label, id),
            None => missing.push(label),
        }
    }
    (labels, missing)
}

fn frozen_labels(labels: LabelSet, frozen: &Frozen) -> LabelSet {
    labels
        .with(Label::Medium, frozen.medium)
        .with(Label::Direction, frozen.direction)
        .with(Label::Outcome, frozen.outcome)
        .with(Label::VirtualQueue, frozen.virtual_queue)
        .with(Label::ReportingGroup, frozen.reporting_group)
}

impl<'i> Assessment<'_, '_, 'i> {
    /// Whether the interaction has ended, by now or before.
    pub(super) fn has_ended(&self) -> bool {
        self.record.frozen.is_some()
    }

    /// Whether the interaction has ended and this version says so: what it shows is final.
    pub(super) fn is_over(&self) -> bool {
        self.has_ended() && self.subject.is_final()
    }

    /// Settles what is final in a channel and its events.
    fn channel(&mut self, channel: &'i Channel<'i>) {
        let at = self.record.mark_of(channel);
        let offered = Leg { channel, at }.assess(self);
        let marks = &mut self.record.channels[at].events;
        for event in Happening::all(channel, at, marks) {
            if event.event.queue.is_some() {
                queues::assess(self, event);
            }
            events::assess(self, event, offered);
        }
    }

    /// It ends when it is over, its duration is known and every channel has ended; failing that,
    /// an hour after its first final status.
    fn is_ending(&mut self) -> bool {
        if self.has_ended() || !self.subject.is_final() {
            return false;
        }
        let first = *self.record.first_final_ms.get_or_insert(self.moment.now_ms);
        self.subject.is_complete() || self.moment.now_ms - first >= SETTLE_MS
    }

    /// Says in an explanation why it has not ended.
    fn awaits_its_end(&mut self) {
        if !self.has_ended() {
            self.waits(
                Fact::Ended,
                if self.subject.is_final() {
                    "it is over, but its duration or the end of a channel is missing; an hour \
                     after the first final status it is taken as it is"
                } else {
                    "it goes on"
                },
            );
        }
    }

    fn freeze(&mut self) {
        let own_queue = classify::last_queue(self.subject)
            .and_then(|event| event.queue.as_deref()?.virtual_queues.first())
            .and_then(|name| self.tally.resolver.resolve(Label::VirtualQueue, Some(name)));
        self.record.frozen = Some(Frozen {
            medium: self.labels.get(Label::Medium),
            direction: self.labels.get(Label::Direction),
            outcome: self.labels.get(Label::Outcome),
            virtual_queue: own_queue.unwrap_or(LabelId::NONE),
            reporting_group: self.labels.get(Label::ReportingGroup),
        });
        self.record.phase = Phase::Closed;
        self.changed = true;
    }

    /// The label set, if every one of these labels is known: null counts as `none` only once the
    /// interaction has ended, before that the fact waits.
    pub(super) fn known(&self, labels: &[Label]) -> Option<LabelSet> {
        let waits = !self.has_ended() && labels.iter().any(|label| self.missing.contains(label));
        (!waits).then_some(self.labels)
    }

    /// Whether a fact that is being settled counts, given when it happened.
    pub(super) fn counts(&mut self, fact: Fact, event_ms: i64) -> bool {
        self.changed = true;
        if event_ms < self.moment.epoch_ms {
            self.tally
                .note(Note::Fact(fact, event_ms, Verdict::BeforeEpoch));
            return false;
        }
        if (self.record.horizon_ms).is_some_and(|horizon_ms| event_ms <= horizon_ms) {
            self.tally.note(Note::Fact(fact, event_ms, Verdict::TooOld));
            self.refuse(fact, RejectReason::TooOld);
            return false;
        }
        self.tally
            .note(Note::Fact(fact, event_ms, Verdict::Counted));
        if self.moment.recovering {
            self.tally.count(
                Family::RecoveredFacts,
                &LabelSet::new().with(Label::Fact, fact),
            );
        }
        true
    }

    /// Says in an explanation why a fact does not count yet.
    pub(super) fn waits(&mut self, fact: Fact, why: &'static str) {
        self.tally.note(Note::Waits(fact, why));
    }

    /// The number of a label of its own; `None` while null may still become a value.
    pub(super) fn own_label(&mut self, label: Label, text: Option<&str>) -> Option<LabelId> {
        let id = self.tally.resolver.resolve(label, text);
        id.or_else(|| self.has_ended().then_some(LabelId::NONE))
    }

    /// Counts a value as refused.
    pub(super) fn refuse(&mut self, fact: Fact, reason: RejectReason) {
        self.tally.note(Note::Refused(fact, reason));
        let set = LabelSet::new()
            .with(Label::Fact, fact)
            .with(Label::Reason, reason);
        self.tally.count(Family::FactsRejected, &set);
    }

    /// A duration that can be believed. Another one is refused, once, and may still be followed
    /// by a valid one. `whose` tells the interaction's parts apart.
    pub(super) fn believed(&mut self, fact: Fact, ms: i64, whose: u64) -> Option<u64> {
        self.believed_up_to(MAX_DURATION_MS, fact, ms, whose)
    }

    /// The same for a value with another bound.
    pub(super) fn believed_up_to(
        &mut self,
        most: i64,
        fact: Fact,
        value: i64,
        whose: u64,
    ) -> Option<u64> {
        let reason = match value {
            ..0 => RejectReason::Negative,
            value if value <= most => return Some(value as u64),
            _ => RejectReason::Absurd,
        };
        let detail = whose.rotate_left(20) ^ value as u64 ^ stable_hash(fact.as_str());
        if self.record.dispute(reason.as_str(), detail) {
            self.changed = true;
            self.refuse(fact, reason);
        }
        None
    }

    /// Counts a contradiction of something counted, once per fact and new value.
    pub(super) fn contradict(&mut self, fact: Fact, new_value: u64, whose: u64) {
        if self
            .record
            .dispute(fact.as_str(), whose.rotate_left(20) ^ new_value)
        {
            self.changed = true;
            self.tally.note(Note::Contradicted(fact));
            let set = LabelSet::new().with(Label::Fact, fact);
            self.tally.count(Family::InteractionCorrections, &set);
        }
    }

    /// Observes how long after it happened a fact was learnt.
    pub(super) fn lateness(&mut self, fact: Fact, event_ms: i64) {
        let late = (self.moment.now_ms - event_ms).max(0) as u64;
        self.tally.observe(
            Family::FactLateness,
            &LabelSet::new().with(Label::Fact, fact),
            late,
        );
    }

    /// Final at first sight.
    fn started(&mut self) {
        if self.record.is_settled(Once::Started) {
            let (was, is) = (self.record.start_ms, self.subject.start_ms);
            if was != is && was >= self.moment.epoch_ms {
                self.contradict(Fact::Started, is as u64, 0);
            }
            return;
        }
        let needed = [Label::Medium, Label::Direction, Label::MediumManager];
        let Some(set) = self.known(&needed) else {
            return self.waits(Fact::Started, "not all its labels are known yet");
        };
        self.record.settle(Once::Started);
        if self.counts(Fact::Started, self.subject.start_ms) {
            self.tally.count(Family::InteractionsStarted, &set);
        }
    }

    /// Final at first sight; counts for the first interaction seen of a conversation.
    fn conversation(&mut self, first_seen: &mut dyn FnMut(Guid) -> bool) {
        if self.record.is_settled(Once::Conversation) {
            return;
        }
        let Some(conversation) = self.subject.conversation else {
            return;
        };
        let Some(set) = self.known(&[Label::Medium, Label::Direction]) else {
            return;
        };
        self.record.settle(Once::Conversation);
        self.changed = true;
        if first_seen(conversation) && self.counts(Fact::Conversation, self.subject.start_ms) {
            self.tally.count(Family::ConversationsStarted, &set);
        }
    }

    /// Everything that is counted in the moment of the end; whether it counts.
    fn ended(&mut self) -> bool {
        self.record.settle(Once::Ended);
        let end_ms = self.subject.end_ms();
        if !self.counts(Fact::Ended, end_ms) {
            return false;
        }
        let set = self.labels;
        let path = classify::path(self.subject);
        self.tally
            .count(Family::Interactions, &set.with(Label::Path, path));
        for kind in [TransferKind::Consult, TransferKind::Transfer] {
            self.tally.touch(
                Family::InteractionsTransferred,
                &set.with(Label::Kind, kind),
            );
        }
        if let Some(kind) = classify::transfer(self.subject) {
            self.tally.count(
                Family::InteractionsTransferred,
                &set.with(Label::Kind, kind),
            );
        }
        let requeued = u64::from(classify::times_queued(self.subject) >= 2);
        self.tally.add(Family::InteractionsRequeued, &set, requeued);
        if let Some(ms) = classify::time_to_agent(self.subject) {
            // An offset is before the start only by clock jitter between the parties.
            self.tally
                .observe(Family::TimeToAgent, &set, ms.max(0) as u64);
        }
        self.assistant();
        self.lateness(Fact::Ended, end_ms);
        true
    }

    /// Counts the end of an interaction with a virtual assistant under its last one.
    fn assistant(&mut self) {
        let Some((assistant, outturn)) = classify::assistant(self.subject) else {
            return;
        };
        let id = self.tally.resolver.resolve(Label::Assistant, assistant);
        let set = self
            .labels
            .with(Label::Assistant, id.unwrap_or(LabelId::NONE));
        for outturn in [
            AssistantOutcome::Contained,
            AssistantOutcome::Queued,
            AssistantOutcome::Agent,
        ] {
            self.tally.touch(
                Family::AssistantInteractions,
                &set.with(Label::Outturn, outturn),
            );
        }
        self.tally.count(
            Family::AssistantInteractions,
            &set.with(Label::Outturn, outturn),
        );
    }

    /// What belongs to an end that does not count never counts, even if a later version says that
    /// the end was later.
    fn forgo_totals(&mut self) {
        for fact in [Once::Duration, Once::Talk, Once::Handle] {
            self.record.settle(fact);
        }
    }

    /// Duration, talk and handle time: final with the end, by which every agent's channel has
    /// ended or is taken as ended. What comes later counts when it comes, under the frozen labels.
    fn totals(&mut self) {
        if !self.has_ended() || !self.subject.is_final() {
            return;
        }
        let subject = self.subject;
        for (index, once, fact, family, value) in [
            (
                0,
                Once::Duration,
                Fact::Duration,
                Family::InteractionDuration,
                subject.duration_ms,
            ),
            (
                1,
                Once::Talk,
                Fact::Talk,
                Family::InteractionTalk,
                subject.talk_ms,
            ),
            (
                2,
                Once::Handle,
                Fact::Handle,
                Family::InteractionHandle,
                subject.handle_ms,
            ),
        ] {
            let Some(ms) = value else { continue };
            if self.record.is_settled(once) {
                let counted = self.record.counted[index];
                if subject.is_complete() && counted.is_some_and(|counted| counted != ms) {
                    self.contradict(fact, ms as u64, 0);
                }
                continue;
            }
            let Some(believed) = self.believed(fact, ms, 0) else {
                continue;
            };
            self.record.settle(once);
            if self.counts(fact, subject.end_ms()) {
                self.record.counted[index] = Some(ms);
                self.tally.observe(family, &self.labels, believed);
            }
        }
    }

    /// Final when set.
    fn categorized(&mut self) {
        let Some(time) = self.subject.categorized else {
            return;
        };
        let Ok(at_ms) = time else {
            if self
                .record
                .dispute(RejectReason::UnreadableTime.as_str(), 0)
            {
                self.changed = true;
                self.refuse(Fact::Categorized, RejectReason::UnreadableTime);
            }
            return;
        };
        if self.record.is_settled(Once::Categorized) {
            if self.record.counted[3].is_some_and(|counted| counted != at_ms) {
                self.contradict(Fact::Categorized, at_ms as u64, 0);
            }
            return;
        }
        let Some(set) = self.known(&[Label::Medium]) else {
            return;
        };
        self.record.settle(Once::Categorized);
        if self.counts(Fact::Categorized, at_ms) {
            self.record.counted[3] = Some(at_ms);
            self.tally.count(Family::InteractionsCategorized, &set);
        }
    }

    /// Labels of a complete version against those its end was counted under.
    fn dispute_frozen(&mut self) {
        let Some(frozen) = self.record.frozen else {
            return;
        };
        if !self.subject.is_complete() || self.subject.end_ms() < self.moment.epoch_ms {
            return;
        }
        for (label, was) in [
            (Label::Medium, frozen.medium),
            (Label::Direction, frozen.direction),
            (Label::Outcome, frozen.outcome),
            (Label::ReportingGroup, frozen.reporting_group),
        ] {
            let is = self.labels.get(label);
            if is != was && !self.missing.contains(&label) {
                let text = self.tally.resolver.text(is);
                self.contradict(Fact::Ended, stable_hash(&text), label as u64);
            }
        }
    }
}
