//! Decides which facts of an interaction are final and not yet counted, and counts them.
//!
//! Every fact is settled at most once per interaction; a settled fact never counts again. The
//! condition under which a fact is final is written beside it.

use crate::catalogue::Label;
use crate::delta::DeltaBuilder;
use crate::interaction::{Channel, Guid, Interaction};
use crate::vocabulary::Fact;

use super::channels::ChannelRef;
use super::context::{EvalContext, FactEvaluator};
use super::event_ref::EventRef;
use super::record::{FinalLabels, Phase, Record};
use super::rules::FINAL_STATUS_TIMEOUT_MS;
use super::{classify, events, queues};

/// Settles what is final in `subject`; returns whether anything about the record changed.
///
/// `first_seen` returns whether a conversation had not been seen before, and remembers it.
pub(super) fn evaluate(
    ctx: &EvalContext<'_>,
    subject: &Interaction<'_>,
    record: &mut Record,
    delta: &mut DeltaBuilder<'_>,
    first_seen: &mut dyn FnMut(Guid) -> bool,
) -> bool {
    let mut eval = FactEvaluator::new(ctx, subject, record, delta);
    eval.check_final_labels();
    let ending = eval.is_ending();
    if ending {
        eval.end();
    }
    if let Some(frozen) = eval.record.final_labels {
        eval.use_final_labels(&frozen);
    }
    eval.started();
    eval.conversation(first_seen);
    for channel in &subject.channels {
        eval.channel(channel);
    }
    let counted = !ending || eval.ended();
    eval.explain_end();
    eval.totals();
    if !counted {
        eval.skip_totals();
    }
    eval.categorized();
    eval.changed
}

impl<'i> FactEvaluator<'_, '_, 'i> {
    /// Settles what is final in a channel and its events.
    fn channel(&mut self, channel: &'i Channel<'i>) {
        let at = self.record.record_of(channel);
        let offered = ChannelRef { channel, at }.evaluate(self);
        let marks = &mut self.record.channels[at].events;
        for event in EventRef::all(channel, at, marks) {
            if event.event.queue.is_some() {
                queues::evaluate(self, event);
            }
            events::evaluate(self, event, offered);
        }
    }

    /// An interaction ends when it is over, its duration is known and every channel has ended;
    /// failing that, an hour after its first final status.
    fn is_ending(&mut self) -> bool {
        if self.has_ended() || !self.subject.is_final() {
            return false;
        }
        let now_ms = self.ctx.now_ms();
        let first = *self.record.first_final_ms.get_or_insert(now_ms);
        self.subject.is_complete() || now_ms - first >= FINAL_STATUS_TIMEOUT_MS
    }

    /// Ends the interaction: from now on it counts under the labels of this version.
    fn end(&mut self) {
        let own_queue = classify::last_queue(self.subject)
            .and_then(|event| event.queue.as_deref()?.virtual_queues.first());
        self.record.final_labels = Some(FinalLabels {
            medium: self.labels.get(Label::Medium),
            direction: self.labels.get(Label::Direction),
            outcome: self.labels.get(Label::Outcome),
            virtual_queue: self.label_or_none(Label::VirtualQueue, own_queue.map(|it| &**it)),
            reporting_group: self.labels.get(Label::ReportingGroup),
        });
        self.record.phase = Phase::Closed;
        self.changed = true;
    }

    /// Records for an explanation why the interaction has not ended.
    fn explain_end(&mut self) {
        if !self.has_ended() {
            self.note_pending(
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
}
