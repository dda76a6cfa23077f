//! What one page adds: increments per series, gathered before anything is changed.
//!
//! This is the only place that knows the bounds on series, and the only one that counts what they
//! cost.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use foldhash::fast::FixedState;

use crate::catalogue::{Family, Kind, Label};
use crate::interaction::EventKind;
use crate::labels::{LabelId, LabelInterner, LabelSet, Resolver};
use crate::series::{SeriesKey, Value};
use crate::vocabulary::{Fact, RejectReason};

/// Increments by series, and the label values they admit.
#[derive(Debug)]
pub struct DeltaBuilder<'s> {
    /// Turns values from outside into label numbers.
    pub resolver: Resolver<'s>,
    known: &'s dyn SeriesIndex,
    options: &'s FamilyOptions,
    /// What was done and why, for whoever asked for an explanation.
    pub explain_log: Option<Vec<ExplainEvent>>,
    delta: Vec<(SeriesKey, Value)>,
    /// Where in `delta` each series is.
    places: HashMap<SeriesKey, usize, FixedState>,
    /// Where those of the documented types of events are, once one was counted: an interaction has
    /// a dozen events, and each counts under its type beside all else.
    event_places: [Option<usize>; EventKind::DOCUMENTED.len()],
    created: [usize; Family::COUNT],
}

/// The shape of families as the operator configured it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FamilyOptions {
    /// Limit on the series of a family.
    pub series_limit: usize,
    /// The labels each narrowed family lacks.
    pub dropped: BTreeMap<Family, Vec<Label>>,
    /// Families that are switched off.
    pub off: BTreeSet<Family>,
}

/// What is left free below a family's limit for what folds into `other`: more series than any
/// family's closed labels can tell apart (8 paths are the most).
const FOLD_RESERVE: usize = 16;

/// One line of an explanation.
#[derive(Debug, Clone, PartialEq)]
pub enum ExplainEvent {
    /// A fact was found final; what became of it, and when it happened.
    Fact(Fact, i64, FactOutcome),
    /// A series moved, by so many or by an observation of so many milliseconds.
    Moved(SeriesKey, u64),
    /// A fact is not final yet, or its labels are not known.
    Pending(Fact, &'static str),
    /// A value was refused.
    Rejected(Fact, RejectReason),
    /// A counted fact was contradicted.
    Corrected(Fact),
}

/// What became of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactOutcome {
    /// It counts.
    Counted,
    /// It happened before counting began.
    BeforeEpoch,
    /// It may have been counted in a row that was since forgotten.
    TooOld,
}

/// What a tally must know of the series that exist.
pub trait SeriesIndex: std::fmt::Debug {
    /// Whether the series exists.
    fn has(&self, key: &SeriesKey) -> bool;
    /// How many series the family has.
    fn len(&self, family: Family) -> usize;
}

/// A tally's outcome.
pub type Delta = Vec<(SeriesKey, Value)>;

impl<'s> DeltaBuilder<'s> {
    /// An empty tally over the known series.
    pub fn new(
        dictionary: &'s LabelInterner,
        known: &'s dyn SeriesIndex,
        shape: &'s FamilyOptions,
    ) -> Self {
        DeltaBuilder {
            resolver: Resolver::new(dictionary),
            known,
            options: shape,
            explain_log: None,
            delta: Vec::new(),
            places: HashMap::default(),
            event_places: [None; EventKind::DOCUMENTED.len()],
            created: [0; Family::COUNT],
        }
    }

    /// Counts `n` more under a label set.
    pub fn add(&mut self, family: Family, set: &LabelSet, n: u64) {
        if self.options.off.contains(&family) {
            return;
        }
        let place = self.place(family, set);
        if n > 0 {
            self.moved(place, n);
        }
        self.delta[place].1.add(n);
    }

    /// Counts one more event of a documented type.
    pub fn count_event(&mut self, kind: EventKind) {
        if let Some(Some(place)) = self.event_places.get(kind as usize) {
            let place = *place;
            self.moved(place, 1);
            return self.delta[place].1.add(1);
        }
        let id = self.resolver.resolve(Label::EventType, Some(kind.name()));
        let set = LabelSet::new().with(Label::EventType, id.unwrap_or(LabelId::NONE));
        self.count(Family::Events, &set);
        // It has no place where the family is switched off or full.
        let place = self.places.get(&self.key(Family::Events, &set)).copied();
        if let Some(slot) = self.event_places.get_mut(kind as usize) {
            *slot = place;
        }
    }

    /// Counts one more under a label set.
    pub fn count(&mut self, family: Family, set: &LabelSet) {
        self.add(family, set, 1);
    }

    /// Takes an observation of `ms` milliseconds under a label set.
    pub fn observe(&mut self, family: Family, set: &LabelSet, ms: u64) {
        if let Kind::Histogram(bounds) = family.info().kind
            && !self.options.off.contains(&family)
        {
            let place = self.place(family, set);
            self.moved(place, ms);
            self.delta[place].1.observe(bounds, ms);
        }
    }

    /// Lets a series exist, at 0 if it is new: a ratio must not miss its numerator.
    pub fn ensure_exists(&mut self, family: Family, set: &LabelSet) {
        let off = self.options.off.contains(&family);
        if !off && !self.exists(family, set) && self.has_room(family) {
            self.place(family, set);
        }
    }

    /// Whether a series exists or is being born.
    pub fn exists(&self, family: Family, set: &LabelSet) -> bool {
        let key = self.key(family, set);
        // Almost all exist for long.
        self.known.has(&key) || self.places.contains_key(&key)
    }

    /// Adds to the explanation, if one was asked for.
    pub fn note(&mut self, note: ExplainEvent) {
        if let Some(journal) = &mut self.explain_log {
            journal.push(note);
        }
    }

    fn moved(&mut self, place: usize, by: u64) {
        let key = self.delta[place].0;
        self.note(ExplainEvent::Moved(key, by));
        self.note_placeholders(key);
    }

    fn key(&self, family: Family, set: &LabelSet) -> SeriesKey {
        let key = SeriesKey::new(family, set);
        match self.options.dropped.get(&family) {
            Some(dropped) => key.without(dropped),
            None => key,
        }
    }

    /// Room for one more series that is not folded.
    fn has_room(&self, family: Family) -> bool {
        let limit = self.options.series_limit.saturating_sub(FOLD_RESERVE);
        self.known.len(family) + self.created[family as usize] < limit
    }

    /// The place of a label set's increment; at the family's limit that of what it folds into.
    fn place(&mut self, family: Family, set: &LabelSet) -> usize {
        let mut key = self.key(family, set);
        if let Some(place) = self.places.get(&key) {
            return *place;
        }
        if !self.known.has(&key) {
            if !self.has_room(family) {
                key = key.folded();
            }
            if !self.places.contains_key(&key) && !self.known.has(&key) {
                self.created[family as usize] += 1;
            }
        }
        self.enter(key)
    }

    fn enter(&mut self, key: SeriesKey) -> usize {
        let next = self.delta.len();
        let place = *self.places.entry(key).or_insert(next);
        if place == next {
            self.delta.push((key, Value::zero(key.family)));
        }
        place
    }

    /// Says which labels of an increment had to give way to a placeholder.
    fn note_placeholders(&mut self, key: SeriesKey) {
        if !key.has_placeholder() {
            return;
        }
        for (label, id) in key.labels() {
            let family = match id {
                LabelId::OTHER => Family::LabelOverflow,
                LabelId::REDACTED => Family::LabelRedacted,
                _ => continue,
            };
            let set = LabelSet::new()
                .with(Label::Family, LabelId::family(key.family))
                .with(Label::Label, LabelId::label(label));
            let note = SeriesKey::new(family, &set);
            let place = self.enter(note);
            self.delta[place].1.add(1);
            self.note(ExplainEvent::Moved(note, 1));
        }
    }

    /// The increments, and the resolver with the values they admit.
    pub fn finish(self) -> (Delta, Resolver<'s>) {
        (self.delta, self.resolver)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Nothing;
    impl SeriesIndex for Nothing {
        fn has(&self, _: &SeriesKey) -> bool {
            false
        }
        fn len(&self, _: Family) -> usize {
            0
        }
    }

    fn limit(free: usize) -> FamilyOptions {
        FamilyOptions {
            series_limit: free + FOLD_RESERVE,
            ..FamilyOptions::default()
        }
    }

    #[test]
    fn a_narrowed_family_lacks_its_label_and_one_switched_off_has_no_series() {
        let dictionary = LabelInterner::default();
        let shape = FamilyOptions {
            dropped: [(Family::QueueEntries, vec![Label::Direction])].into(),
            off: [Family::ServiceLevelMet].into(),
            ..limit(9)
        };
        let mut tally = DeltaBuilder::new(&dictionary, &Nothing, &shape);
        for direction in [LabelId::OTHER, LabelId::NONE] {
            let set = LabelSet::new().with(Label::Direction, direction);
            tally.count(Family::QueueEntries, &set);
            tally.count(Family::ServiceLevelMet, &set);
            tally.ensure_exists(Family::ServiceLevelMet, &set);
        }
        let (delta, _) = tally.finish();
        assert_eq!(delta.len(), 1);
        assert_eq!(delta[0].1, Value::Counter(2));
        let direction = delta[0]
            .0
            .labels()
            .find(|(label, _)| *label == Label::Direction);
        assert_eq!(direction, Some((Label::Direction, LabelId::DROPPED)));
    }

    #[test]
    fn only_increments_count_as_redacted_not_series_that_are_born_beside_them() {
        let dictionary = LabelInterner::default();
        let shape = limit(9);
        let mut tally = DeltaBuilder::new(&dictionary, &Nothing, &shape);
        let set = LabelSet::new().with(Label::VirtualQueue, LabelId::REDACTED);
        tally.count(Family::QueueEntries, &set);
        tally.ensure_exists(Family::ServiceLevelEligible, &set);
        tally.add(Family::ServiceLevelMet, &set, 0);
        let (delta, _) = tally.finish();
        let notes: Vec<_> = (delta.iter())
            .filter(|(key, _)| key.family == Family::LabelRedacted)
            .map(|(_, value)| value.clone())
            .collect();
        assert_eq!((delta.len(), notes), (4, vec![Value::Counter(1)]));
    }

    #[test]
    fn a_family_at_its_limit_folds_what_is_new_and_says_so() {
        let dictionary = LabelInterner::default();
        let shape = limit(2);
        let mut tally = DeltaBuilder::new(&dictionary, &Nothing, &shape);
        for skill in ["a", "b", "c", "d", "a"] {
            let id = tally.resolver.resolve(Label::Skill, Some(skill)).unwrap();
            tally.count(
                Family::QueueSkillRequests,
                &LabelSet::new().with(Label::Skill, id),
            );
        }
        let (delta, _) = tally.finish();
        let mut skills: Vec<_> = (delta.iter())
            .filter(|(key, _)| key.family == Family::QueueSkillRequests)
            .map(|(key, value)| {
                (
                    key.labels().next().unwrap().1 == LabelId::OTHER,
                    value.clone(),
                )
            })
            .collect();
        skills.sort_by_key(|(other, value)| (*other, value == &Value::Counter(1)));
        assert_eq!(
            skills,
            [
                (false, Value::Counter(2)),
                (false, Value::Counter(1)),
                (true, Value::Counter(2)),
            ]
        );
        let overflow: Vec<_> = delta
            .iter()
            .filter(|(key, _)| key.family == Family::LabelOverflow)
            .collect();
        assert_eq!(overflow.len(), 1);
        assert_eq!(overflow[0].1, Value::Counter(2));
    }
}
