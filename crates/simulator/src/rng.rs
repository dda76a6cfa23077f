//! Seeded random numbers.
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

/// A seeded random number generator. Its sequence is the same on every machine and in every version.
#[derive(Debug, Clone)]
pub(crate) struct SimRng(Pcg64Mcg);

impl SimRng {
    /// The stream of the numbered thing; `purpose` keeps streams of different uses apart.
    ///
    /// Any part of a simulation can be generated again on its own, because its stream depends on nothing else.
    pub(crate) fn new(seed: u64, purpose: u64, number: u64) -> Self {
        let mixed = (seed ^ purpose.rotate_left(32))
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .wrapping_add(number.wrapping_mul(0xD1B5_4A32_D192_ED03));
        Self(Pcg64Mcg::seed_from_u64(mixed))
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        // A number is drawn for every probability, zero included, so that it does not shift the sequence.
        self.unit() < probability
    }

    /// A number in [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    /// An integer from `low` to `high`, both inclusive.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high.max(low))
    }

    /// An index below `count`, or zero if there is none.
    pub(crate) fn index(&mut self, count: usize) -> usize {
        self.0.random_range(0..count.max(1))
    }

    /// One element; each is equally likely.
    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.index(from.len())]
    }

    /// One element, with a probability in proportion to its weight.
    pub(crate) fn weighted<T: Copy>(&mut self, from: &[(u32, T)]) -> T {
        let total: u32 = from.iter().map(|(weight, _)| weight).sum();
        let mut remaining = self.between(0, i64::from(total) - 1);
        for (weight, value) in from {
            remaining -= i64::from(*weight);
            if remaining < 0 {
                return *value;
            }
        }
        from[from.len() - 1].1
    }

    /// An exponentially distributed number with this mean, as the gaps between independent arrivals.
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    pub(crate) fn guid(&mut self) -> String {
        let high = self.0.random::<u64>() >> 16;
        self.guid_from(high)
    }

    /// A guid with these first 48 bits: the API's guids begin with the time.
    pub(crate) fn guid_from(&mut self, high: u64) -> String {
        let (middle, low) = (self.0.random::<u16>(), self.0.random::<u64>());
        let variant = 0x8000 | ((low >> 48) & 0x3FFF);
        format!(
            "{:08x}-{:04x}-4{:03x}-{variant:04x}-{:012x}",
            (high >> 16) & 0xFFFF_FFFF,
            high & 0xFFFF,
            middle & 0xFFF,
            low & 0xFFFF_FFFF_FFFF
        )
    }
}
