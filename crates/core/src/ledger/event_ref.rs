//! An event under evaluation: what evaluators of all kinds of event share.

use crate::catalogue::{Family, Label};
use crate::interaction::{Channel, Event, EventKind, MAX_DURATION_MS, align, stable_hash};
use crate::labels::LabelSet;
use crate::vocabulary::Fact;

use super::context::FactEvaluator;
use super::record::{EventFact, EventRecord, fingerprint};

/// An event of the subject, with the position of its mark in the record.
#[derive(Debug, Clone, Copy)]
pub(super) struct EventRef<'i> {
    pub(super) channel: &'i Channel<'i>,
    pub(super) event: &'i Event<'i>,
    /// A fingerprint of its offset and name.
    place: u16,
    /// The positions of its channel's mark, and of its own among that channel's marks.
    at: (usize, usize),
}

/// A fingerprint of an event's offset and name.
fn place(event: &Event<'_>) -> u16 {
    let name = event.name.as_deref().map_or(0, stable_hash);
    fingerprint(name.rotate_left(17) ^ event.offset_ms as u64)
}

/// The same while its name is null.
fn place_unnamed(event: &Event<'_>) -> u16 {
    fingerprint(event.offset_ms as u64)
}

/// Marks pair within a kind, and those of unknown types within their type.
fn same_group(mark: &EventRecord, event: &Event<'_>) -> bool {
    mark.kind == event.kind && (mark.kind != EventKind::Other || mark.value == type_print(event))
}

fn type_print(event: &Event<'_>) -> u16 {
    fingerprint(event.value.as_deref().map_or(0, stable_hash))
}

impl<'i> EventRef<'i> {
    /// The events of a channel whose mark is at `at`, each with a mark of its own, which it gets
    /// where it has none.
    pub(super) fn all(
        channel: &'i Channel<'i>,
        at: usize,
        marks: &mut Vec<EventRecord>,
    ) -> Vec<EventRef<'i>> {
        let of = |event| EventRef {
            channel,
            event,
            place: place(event),
            at: (at, 0),
        };
        let mut all: Vec<_> = channel.events.iter().map(of).collect();
        let same_kind = |mark: &EventRecord, it: &EventRef<'_>| same_group(mark, it.event);
        let pairs = align(marks, &all, same_kind, |mark, it| {
            mark.place == it.place && same_group(mark, it.event)
        });
        marks.reserve_exact(pairs.iter().filter(|pair| pair.is_none()).count());
        for (it, pair) in all.iter_mut().zip(pairs) {
            it.at.1 = pair.unwrap_or_else(|| {
                let mut mark = EventRecord::new(it.event.kind, it.place);
                if it.event.kind == EventKind::Other {
                    mark.value = type_print(it.event);
                }
                marks.push(mark);
                marks.len() - 1
            });
        }
        all
    }

    pub(super) fn mark<'a>(&self, eval: &'a mut FactEvaluator<'_, '_, '_>) -> &'a mut EventRecord {
        &mut eval.record.channels[self.at.0].events[self.at.1]
    }

    pub(super) fn is_processed(&self, eval: &FactEvaluator<'_, '_, '_>, fact: EventFact) -> bool {
        eval.record.channels[self.at.0].events[self.at.1].is_processed(fact)
    }

    pub(super) fn mark_processed(&self, eval: &mut FactEvaluator<'_, '_, '_>, fact: EventFact) {
        self.mark(eval).mark_processed(fact);
    }

    /// Tells this event from the other parts of the interaction, in corrections and rejections.
    pub(super) fn part_id(&self) -> u64 {
        1 << 63 | (self.at.0 as u64) << 16 | self.at.1 as u64
    }

    /// Unix milliseconds.
    pub(super) fn began_ms(&self, eval: &FactEvaluator<'_, '_, '_>) -> i64 {
        eval.subject.start_ms.saturating_add(self.event.offset_ms)
    }

    /// Unix milliseconds. An event without a duration ends with its interaction.
    pub(super) fn ended_ms(&self, eval: &FactEvaluator<'_, '_, '_>) -> i64 {
        let Some(ms) = self.event.duration_ms else {
            return eval.subject.end_ms();
        };
        let ms = ms.clamp(0, MAX_DURATION_MS);
        self.began_ms(eval).saturating_add(ms)
    }

    /// Whether its duration is known and final: with its result where its kind has one, else once
    /// its channel or the interaction is over.
    pub(super) fn has_finished(&self, eval: &FactEvaluator<'_, '_, '_>) -> bool {
        let over = if self.event.kind.has_result() {
            self.event.value.is_some()
        } else {
            eval.subject.has_ended(self.channel)
        };
        (over || eval.is_over()) && self.event.duration_ms.is_some()
    }

    /// Remembers the value it counted with, to recognise a correction.
    pub(super) fn remember_value(&self, eval: &mut FactEvaluator<'_, '_, '_>) {
        let value = self.event.value.as_deref();
        self.mark(eval).value = value.map_or(0, |value| fingerprint(stable_hash(value)));
    }

    /// Settles a fact that is final at first sight; returns whether it counts.
    pub(super) fn count_seen(&self, eval: &mut FactEvaluator<'_, '_, '_>, fact: Fact) -> bool {
        self.mark_processed(eval, EventFact::Seen);
        let counts = eval.counts(fact, self.began_ms(eval));
        if counts {
            self.mark_processed(eval, EventFact::SeenCounted);
            self.remember_value(eval);
        }
        counts
    }

    /// Observes its duration once that is final and `set` returns the labels.
    pub(super) fn observe_duration(
        &self,
        eval: &mut FactEvaluator<'_, '_, '_>,
        fact: Fact,
        family: Family,
        set: impl FnOnce(&mut FactEvaluator<'_, '_, '_>) -> Option<LabelSet>,
    ) {
        if self.is_processed(eval, EventFact::Measured) {
            return;
        }
        if !self.has_finished(eval) {
            return eval.note_pending(fact, "its duration is not final yet");
        }
        let ms = self.event.duration_ms.unwrap_or(0);
        let Some(valid) = eval.validate_duration(fact, ms, self.part_id()) else {
            return;
        };
        let Some(set) = set(eval) else {
            return eval.note_pending(fact, "not all its labels are known yet");
        };
        if let Some(valid) = self.count_duration(eval, fact, valid) {
            eval.delta.observe(family, &set, valid);
        }
    }

    /// Settles a valid duration; returns the milliseconds if they count.
    pub(super) fn count_duration(
        &self,
        eval: &mut FactEvaluator<'_, '_, '_>,
        fact: Fact,
        valid: u64,
    ) -> Option<u64> {
        self.mark_processed(eval, EventFact::Measured);
        if !eval.counts(fact, self.ended_ms(eval)) {
            return None;
        }
        self.mark_processed(eval, EventFact::MeasuredCounted);
        if self.event.value.is_some() {
            self.remember_value(eval);
        }
        self.mark(eval).duration = fingerprint(valid);
        Some(valid)
    }

    /// Counts it as an event like any other, once it has finished or its interaction has ended.
    pub(super) fn count_finished(&self, eval: &mut FactEvaluator<'_, '_, '_>) {
        if self.is_processed(eval, EventFact::Finished) {
            return;
        }
        if !(self.has_finished(eval) || eval.has_ended()) {
            return eval.note_pending(Fact::Event, "it has not finished yet");
        }
        let own_name = (self.event.kind == EventKind::Other)
            .then(|| eval.own_label(Label::EventType, self.event.value.as_deref()));
        if own_name == Some(None) {
            return eval.note_pending(Fact::Event, "its type is not known yet");
        }
        self.mark_processed(eval, EventFact::Finished);
        if eval.counts(Fact::Event, self.ended_ms(eval)) {
            match own_name.flatten() {
                Some(id) => {
                    let set = LabelSet::new().with(Label::EventType, id);
                    eval.delta.count(Family::Events, &set);
                }
                None => eval.delta.count_event(self.event.kind),
            }
        }
    }

    /// Compares the place, value and duration of this version with those that were counted, and
    /// counts a correction of the fact that each belongs to.
    pub(super) fn check_corrections(
        &self,
        eval: &mut FactEvaluator<'_, '_, '_>,
        [seen, done, measured]: [Fact; 3],
    ) {
        let mark = self.mark(eval).clone();
        let (was_seen, was_done) = (
            mark.is_processed(EventFact::SeenCounted),
            mark.is_processed(EventFact::DoneCounted),
        );
        let was_measured = mark.is_processed(EventFact::MeasuredCounted);
        let is = self.place;
        let counted = was_seen || was_done || was_measured;
        if !counted || mark.place == place_unnamed(self.event) {
            // Nothing counted under its old place, or all that is new is its name.
            self.mark(eval).place = is;
        }
        if !counted {
            return;
        }
        if is != self.mark(eval).place {
            eval.record_correction(seen, u64::from(is), self.part_id());
        }
        if let Some(value) = self.event.value.as_deref() {
            let (hash, fact) = (stable_hash(value), if was_done { done } else { seen });
            // A queue entry counts without a value; a value that arrives later is not a correction.
            let valued = was_done || was_measured || !self.event.kind.has_result();
            if valued && fingerprint(hash) != mark.value {
                eval.record_correction(fact, hash, self.part_id());
            }
        }
        if let Some(ms) = self.event.duration_ms
            && was_measured
            && self.has_finished(eval)
            && fingerprint(ms as u64) != mark.duration
        {
            eval.record_correction(measured, ms as u64, self.part_id());
        }
    }
}
