//! What one page adds: increments per series, gathered before anything is changed.
//!
//! This is the only place that knows the bounds on series, and the only one that counts what they
//! cost.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::catalogue::{Family, Kind, Label};
use crate::labels::{Dictionary, LabelId, LabelSet, Resolver};
use crate::series::{SeriesKey, Value};

/// Increments by series, and the label values they admit.
#[derive(Debug)]
pub struct Tally<'s> {
    /// Turns values from outside into label numbers.
    pub resolver: Resolver<'s>,
    known: &'s dyn KnownSeries,
    limit: usize,
    delta: Vec<(SeriesKey, Value)>,
    /// Where in `delta` each series is.
    places: HashMap<SeriesKey, usize, FixedState>,
    born: [usize; Family::COUNT],
}

/// What a tally must know of the series that exist.
pub trait KnownSeries: std::fmt::Debug {
    /// Whether the series exists.
    fn has(&self, key: &SeriesKey) -> bool;
    /// How many series the family has.
    fn len(&self, family: Family) -> usize;
}

/// A tally's outcome.
pub type Delta = Vec<(SeriesKey, Value)>;

impl<'s> Tally<'s> {
    /// An empty tally over the known series, with the limit on the series of a family.
    pub fn new(dictionary: &'s Dictionary, known: &'s dyn KnownSeries, limit: usize) -> Self {
        Tally {
            resolver: Resolver::new(dictionary),
            known,
            limit,
            delta: Vec::new(),
            places: HashMap::default(),
            born: [0; Family::COUNT],
        }
    }

    /// Counts `n` more under a label set.
    pub fn add(&mut self, family: Family, set: &LabelSet, n: u64) {
        let place = self.place(family, set);
        if n > 0 {
            self.note_placeholders(self.delta[place].0);
        }
        self.delta[place].1.add(n);
    }

    /// Counts one more under a label set.
    pub fn count(&mut self, family: Family, set: &LabelSet) {
        self.add(family, set, 1);
    }

    /// Takes an observation of `ms` milliseconds under a label set.
    pub fn observe(&mut self, family: Family, set: &LabelSet, ms: u64) {
        if let Kind::Histogram(bounds) = family.info().kind {
            let place = self.place(family, set);
            self.note_placeholders(self.delta[place].0);
            self.delta[place].1.observe(bounds, ms);
        }
    }

    /// Lets a series exist, at 0 if it is new: a ratio must not miss its numerator.
    pub fn touch(&mut self, family: Family, set: &LabelSet) {
        if !self.exists(family, set) && self.has_room(family) {
            self.place(family, set);
        }
    }

    /// Whether a series exists or is being born.
    pub fn exists(&self, family: Family, set: &LabelSet) -> bool {
        let key = SeriesKey::new(family, set);
        self.places.contains_key(&key) || self.known.has(&key)
    }

    fn has_room(&self, family: Family) -> bool {
        self.known.len(family) + self.born[family as usize] < self.limit
    }

    /// The place of a label set's increment; at the family's limit that of what it folds into.
    fn place(&mut self, family: Family, set: &LabelSet) -> usize {
        let mut key = SeriesKey::new(family, set);
        if let Some(place) = self.places.get(&key) {
            return *place;
        }
        if !self.known.has(&key) {
            if !self.has_room(family) {
                key = key.folded();
            }
            if !self.places.contains_key(&key) && !self.known.has(&key) {
                self.born[family as usize] += 1;
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
        for (label, id) in key.labels() {
            let family = match id {
                LabelId::OTHER => Family::LabelOverflow,
                LabelId::REDACTED => Family::LabelRedacted,
                _ => continue,
            };
            let set = LabelSet::new()
                .with(Label::Family, LabelId::family(key.family))
                .with(Label::Label, LabelId::label(label));
            let note = self.enter(SeriesKey::new(family, &set));
            self.delta[note].1.add(1);
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
    impl KnownSeries for Nothing {
        fn has(&self, _: &SeriesKey) -> bool {
            false
        }
        fn len(&self, _: Family) -> usize {
            0
        }
    }

    #[test]
    fn only_increments_count_as_redacted_not_series_that_are_born_beside_them() {
        let dictionary = Dictionary::default();
        let mut tally = Tally::new(&dictionary, &Nothing, 9);
        let set = LabelSet::new().with(Label::VirtualQueue, LabelId::REDACTED);
        tally.count(Family::QueueEntries, &set);
        tally.touch(Family::ServiceLevelEligible, &set);
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
        let dictionary = Dictionary::default();
        let mut tally = Tally::new(&dictionary, &Nothing, 2);
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
