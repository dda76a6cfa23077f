//! One event under assessment: what it shares with all events, whatever its kind.

use crate::catalogue::{Family, Label};
use crate::interaction::{Channel, Event, EventKind, MAX_DURATION_MS, align, stable_hash};
use crate::labels::LabelSet;
use crate::vocabulary::Fact;

use super::assess::Assessment;
use super::record::{Mark, OnceEvent, print};

/// An event of the subject, and where its mark is in the record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Happening<'i> {
    pub(super) channel: &'i Channel<'i>,
    pub(super) event: &'i Event<'i>,
    /// Where it stands in its channel, in short.
    place: u16,
    /// The places of its channel's mark and of its own among that channel's.
    at: (usize, usize),
}

/// Where an event stands in its channel, in short.
fn place(event: &Event<'_>) -> u16 {
    let name = event.name.as_deref().map_or(0, stable_hash);
    print(name.rotate_left(17) ^ event.offset_ms as u64)
}

/// The same before its name was told.
fn place_unnamed(event: &Event<'_>) -> u16 {
    print(event.offset_ms as u64)
}

/// Marks pair within a kind, and those of unknown types within their type.
fn same_group(mark: &Mark, event: &Event<'_>) -> bool {
    mark.kind == event.kind && (mark.kind != EventKind::Other || mark.value == type_print(event))
}

fn type_print(event: &Event<'_>) -> u16 {
    print(event.value.as_deref().map_or(0, stable_hash))
}

impl<'i> Happening<'i> {
    /// The events of a channel whose mark is at `at`, each with a mark of its own, which it gets
    /// where it has none.
    pub(super) fn all(
        channel: &'i Channel<'i>,
        at: usize,
        marks: &mut Vec<Mark>,
    ) -> Vec<Happening<'i>> {
        let of = |event| Happening {
            channel,
            event,
            place: place(event),
            at: (at, 0),
        };
        let mut all: Vec<_> = channel.events.iter().map(of).collect();
        let same_kind = |mark: &Mark, it: &Happening<'_>| same_group(mark, it.event);
        let pairs = align(marks, &all, same_kind, |mark, it| {
            mark.place == it.place && same_group(mark, it.event)
        });
        marks.reserve_exact(pairs.iter().filter(|pair| pair.is_none()).count());
        for (it, pair) in all.iter_mut().zip(pairs) {
            it.at.1 = pair.unwrap_or_else(|| {
                let mut mark = Mark::new(it.event.kind, it.place);
                if it.event.kind == EventKind::Other {
                    mark.value = type_print(it.event);
                }
                marks.push(mark);
                marks.len() - 1
            });
        }
        all
    }

    pub(super) fn mark<'a>(&self, this: &'a mut Assessment<'_, '_, '_>) -> &'a mut Mark {
        &mut this.record.channels[self.at.0].events[self.at.1]
    }

    pub(super) fn is_settled(&self, this: &Assessment<'_, '_, '_>, fact: OnceEvent) -> bool {
        this.record.channels[self.at.0].events[self.at.1].is_settled(fact)
    }

    pub(super) fn settle(&self, this: &mut Assessment<'_, '_, '_>, fact: OnceEvent) {
        self.mark(this).settle(fact);
    }

    /// Tells this event from the interaction's others in what is disputed.
    pub(super) fn whose(&self) -> u64 {
        1 << 63 | (self.at.0 as u64) << 16 | self.at.1 as u64
    }

    /// When it began.
    pub(super) fn began_ms(&self, this: &Assessment<'_, '_, '_>) -> i64 {
        this.subject.start_ms.saturating_add(self.event.offset_ms)
    }

    /// When it was over. One whose duration is not known was over when its interaction was.
    pub(super) fn over_ms(&self, this: &Assessment<'_, '_, '_>) -> i64 {
        let Some(ms) = self.event.duration_ms else {
            return this.subject.end_ms();
        };
        let ms = ms.clamp(0, MAX_DURATION_MS);
        self.began_ms(this).saturating_add(ms)
    }

    /// Whether its duration is there and no running value: with its result where it has one, else
    /// once its channel or the interaction is over.
    pub(super) fn has_finished(&self, this: &Assessment<'_, '_, '_>) -> bool {
        let over = if self.event.kind.has_result() {
            self.event.value.is_some()
        } else {
            this.subject.has_ended(self.channel)
        };
        (over || this.is_over()) && self.event.duration_ms.is_some()
    }

    /// Remembers the value it counted with.
    pub(super) fn remember_value(&self, this: &mut Assessment<'_, '_, '_>) {
        let value = self.event.value.as_deref();
        self.mark(this).value = value.map_or(0, |value| print(stable_hash(value)));
    }

    /// Settles something that is final at first sight; whether it counts.
    pub(super) fn saw(&self, this: &mut Assessment<'_, '_, '_>, fact: Fact) -> bool {
        self.settle(this, OnceEvent::Seen);
        let counts = this.counts(fact, self.began_ms(this));
        if counts {
            self.settle(this, OnceEvent::SeenCounted);
            self.remember_value(this);
        }
        counts
    }

    /// Observes its duration once it is final and `set` knows the labels.
    pub(super) fn measure(
        &self,
        this: &mut Assessment<'_, '_, '_>,
        fact: Fact,
        family: Family,
        set: impl FnOnce(&mut Assessment<'_, '_, '_>) -> Option<LabelSet>,
    ) {
        if self.is_settled(this, OnceEvent::Measured) {
            return;
        }
        if !self.has_finished(this) {
            return this.waits(fact, "its duration is not final yet");
        }
        let ms = self.event.duration_ms.unwrap_or(0);
        let Some(believed) = this.believed(fact, ms, self.whose()) else {
            return;
        };
        let Some(set) = set(this) else {
            return this.waits(fact, "not all its labels are known yet");
        };
        if let Some(believed) = self.measured(this, fact, believed) {
            this.tally.observe(family, &set, believed);
        }
    }

    /// Settles a believed duration; the milliseconds if they count.
    pub(super) fn measured(
        &self,
        this: &mut Assessment<'_, '_, '_>,
        fact: Fact,
        believed: u64,
    ) -> Option<u64> {
        self.settle(this, OnceEvent::Measured);
        if !this.counts(fact, self.over_ms(this)) {
            return None;
        }
        self.settle(this, OnceEvent::MeasuredCounted);
        if self.event.value.is_some() {
            self.remember_value(this);
        }
        self.mark(this).duration = print(believed);
        Some(believed)
    }

    /// Counts it as an event like any other, once it has finished or its interaction has ended.
    pub(super) fn finished(&self, this: &mut Assessment<'_, '_, '_>) {
        if self.is_settled(this, OnceEvent::Finished) {
            return;
        }
        if !(self.has_finished(this) || this.has_ended()) {
            return this.waits(Fact::Event, "it has not finished yet");
        }
        let own_name = (self.event.kind == EventKind::Other)
            .then(|| this.own_label(Label::EventType, self.event.value.as_deref()));
        if own_name == Some(None) {
            return this.waits(Fact::Event, "its type is not known yet");
        }
        self.settle(this, OnceEvent::Finished);
        if this.counts(Fact::Event, self.over_ms(this)) {
            match own_name.flatten() {
                Some(id) => {
                    let set = LabelSet::new().with(Label::EventType, id);
                    this.tally.count(Family::Events, &set);
                }
                None => this.tally.count_event(self.event.kind),
            }
        }
    }

    /// What this version says against what was counted: another place, another value, another
    /// duration.
    pub(super) fn dispute(
        &self,
        this: &mut Assessment<'_, '_, '_>,
        [seen, done, measured]: [Fact; 3],
    ) {
        let mark = self.mark(this).clone();
        let (was_seen, was_done) = (
            mark.is_settled(OnceEvent::SeenCounted),
            mark.is_settled(OnceEvent::DoneCounted),
        );
        let was_measured = mark.is_settled(OnceEvent::MeasuredCounted);
        let is = self.place;
        let counted = was_seen || was_done || was_measured;
        if !counted || mark.place == place_unnamed(self.event) {
            // Nothing counted under its old place, or all that is new is its name.
            self.mark(this).place = is;
        }
        if !counted {
            return;
        }
        if is != self.mark(this).place {
            this.contradict(seen, u64::from(is), self.whose());
        }
        if let Some(value) = self.event.value.as_deref() {
            let (hash, fact) = (stable_hash(value), if was_done { done } else { seen });
            // A queue entry counts without a value; the value it gets is no contradiction.
            let valued = was_done || was_measured || !self.event.kind.has_result();
            if valued && print(hash) != mark.value {
                this.contradict(fact, hash, self.whose());
            }
        }
        if let Some(ms) = self.event.duration_ms
            && was_measured
            && self.has_finished(this)
            && print(ms as u64) != mark.duration
        {
            this.contradict(measured, ms as u64, self.whose());
        }
    }
}
