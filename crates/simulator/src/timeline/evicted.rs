//! The numbers of evicted arrivals.
use std::collections::BTreeMap;

/// A set of numbers kept as ranges, because most evicted arrivals are neighbours.
#[derive(Debug, Default)]
pub(super) struct EvictedNumbers {
    /// From the first to the last number of each range.
    ranges: BTreeMap<u64, u64>,
}

impl EvictedNumbers {
    /// Adds a number that is not in the set.
    pub(super) fn insert(&mut self, number: u64) {
        let last = self.ranges.remove(&(number + 1)).unwrap_or(number);
        let before = self.ranges.range(..number).next_back();
        let before = before.map(|(first, last)| (*first, *last));
        match before {
            Some((first, end)) if end + 1 == number => self.ranges.insert(first, last),
            _ => self.ranges.insert(number, last),
        };
    }

    pub(super) fn contains(&self, number: u64) -> bool {
        let range = self.ranges.range(..=number).next_back();
        range.is_some_and(|(_, last)| number <= *last)
    }

    pub(super) fn last(&self) -> Option<u64> {
        self.ranges.last_key_value().map(|(_, last)| *last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_inserted_in_any_order_are_contained_and_join_into_ranges() {
        let mut evicted = EvictedNumbers::default();
        assert_eq!(evicted.last(), None);
        for number in [5, 3, 9, 4, 0, 1] {
            evicted.insert(number);
        }
        let contained: Vec<u64> = (0..12).filter(|it| evicted.contains(*it)).collect();
        assert_eq!(contained, [0, 1, 3, 4, 5, 9]);
        assert_eq!(evicted.ranges, BTreeMap::from([(0, 1), (3, 5), (9, 9)]));
        assert_eq!(evicted.last(), Some(9));
    }
}
