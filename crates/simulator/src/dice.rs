//! Chance, drawn from a seed and a number, so that any part of the world can be made again on its own.
use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

/// A small seeded source of chance.
#[derive(Debug, Clone)]
pub(super) struct Dice(Pcg64Mcg);

impl Dice {
    /// The dice of one numbered thing in the world of `seed`; `purpose` keeps different uses apart.
    pub(super) fn new(seed: u64, purpose: u64, number: u64) -> Self {
        let mixed = (seed ^ purpose.rotate_left(32))
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .wrapping_add(number.wrapping_mul(0xD1B5_4A32_D192_ED03));
        Self(Pcg64Mcg::seed_from_u64(mixed))
    }

    /// True with this probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        // Always drawing keeps the sequence the same whatever the probability is.
        self.unit() < probability
    }

    /// A number in [0, 1).
    pub(super) fn unit(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    /// A whole number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high.max(low))
    }

    /// An index below `count`, or zero if there is none.
    pub(super) fn index(&mut self, count: usize) -> usize {
        self.0.random_range(0..count.max(1))
    }

    /// One of these.
    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.index(from.len())]
    }

    /// The value whose share of the weights is hit.
    pub(super) fn weighted<T: Copy>(&mut self, from: &[(u32, T)]) -> T {
        let total: u32 = from.iter().map(|(weight, _)| weight).sum();
        let mut left = self.between(0, i64::from(total) - 1);
        for (weight, value) in from {
            left -= i64::from(*weight);
            if left < 0 {
                return *value;
            }
        }
        from[from.len() - 1].1
    }

    /// A waiting time with this mean, as between independent arrivals.
    pub(super) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// A guid of random digits.
    pub(super) fn guid(&mut self) -> String {
        let high = self.0.random::<u64>() >> 16;
        self.guid_from(high)
    }

    /// A guid whose first 48 bits are given, as the API's begin with the time.
    pub(super) fn guid_from(&mut self, high: u64) -> String {
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
