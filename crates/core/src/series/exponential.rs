//! The exponential buckets every histogram keeps beside its classic ones: what Prometheus calls a
//! native histogram and OpenTelemetry an exponential one.
//!
//! Bucket `i` holds what is above `base^(i-1)` seconds and not above `base^i`, where
//! `base = 2^(2^-schema)`: <https://prometheus.io/docs/specs/native_histograms/>.

/// The schema a histogram begins with: eight buckets an octave, so a quantile is off by less than
/// a tenth.
pub const SCHEMA: i8 = 3;

/// The coarsest schema that Prometheus knows.
const MIN_SCHEMA: i8 = -4;

/// The most buckets of one histogram. Waits from a second to a week take 154; beyond that the
/// resolution is halved, which no count or sum notices. OpenTelemetry's own limit is the same.
pub(super) const MAX_BUCKETS: usize = 160;

/// The upper bounds of the eight buckets of the octave from 0.5 to 1, but for the last: the powers
/// of 2^(1/8), as doubles, the same on every machine.
const OCTAVE: [f64; 8] = [
    0.5,
    0.545_253_866_332_628_8,
    0.594_603_557_501_360_5,
    0.648_419_777_325_504_8,
    std::f64::consts::FRAC_1_SQRT_2,
    0.771_105_412_703_970_4,
    0.840_896_415_253_714_4,
    0.917_004_043_204_671_1,
];

/// Exponential buckets, as many as have something in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExponentialBuckets {
    schema: i8,
    zero: u64,
    buckets: Vec<(i16, u64)>,
}

impl Default for ExponentialBuckets {
    fn default() -> Self {
        ExponentialBuckets {
            schema: SCHEMA,
            zero: 0,
            buckets: Vec::new(),
        }
    }
}

impl ExponentialBuckets {
    /// Buckets out of a resolution, the observations of zero, and index and count of each bucket
    /// that is not empty. `None` if the indices are out of order or the resolution is none of
    /// Prometheus's that is at most [`SCHEMA`].
    pub fn from_parts(schema: i8, zero: u64, buckets: Vec<(i16, u64)>) -> Option<Self> {
        let is_sound = (MIN_SCHEMA..=SCHEMA).contains(&schema)
            && buckets.len() <= MAX_BUCKETS
            && buckets.is_sorted_by(|one, next| one.0 < next.0);
        is_sound.then_some(ExponentialBuckets {
            schema,
            zero,
            buckets,
        })
    }

    /// The resolution: 2^schema buckets an octave.
    pub fn schema(&self) -> i8 {
        self.schema
    }

    /// Observations of exactly zero.
    pub fn zero(&self) -> u64 {
        self.zero
    }

    /// Index and count of each bucket that is not empty, in the order of the indices.
    pub fn buckets(&self) -> &[(i16, u64)] {
        &self.buckets
    }

    /// How many observations there are.
    pub fn count(&self) -> u64 {
        self.zero + self.buckets.iter().map(|(_, count)| count).sum::<u64>()
    }

    /// Takes an observation of `ms` milliseconds.
    pub fn observe(&mut self, ms: u64) {
        if ms == 0 {
            self.zero += 1;
            return;
        }
        self.add(coarser(index(ms), SCHEMA - self.schema), 1);
        self.enforce_limit();
    }

    /// Adds everything another one counted.
    pub fn merge(&mut self, other: &ExponentialBuckets) {
        let schema = self.schema.min(other.schema);
        self.downscale(self.schema - schema);
        for (index, count) in &other.buckets {
            self.add(coarser(*index, other.schema - schema), *count);
        }
        self.zero += other.zero;
        self.enforce_limit();
    }

    /// Adds to a bucket of the present resolution. Most have something in them already, and what is
    /// added is a page's few, so they are changed where they are.
    fn add(&mut self, index: i16, count: u64) {
        match self.buckets.binary_search_by_key(&index, |(at, _)| *at) {
            Ok(place) => self.buckets[place].1 += count,
            Err(place) => self.buckets.insert(place, (index, count)),
        }
    }

    /// Halves the resolution until the buckets are few enough.
    fn enforce_limit(&mut self) {
        while self.buckets.len() > MAX_BUCKETS {
            self.downscale(1);
        }
    }

    fn downscale(&mut self, steps: i8) {
        if steps > 0 {
            self.schema -= steps;
            let fine = std::mem::take(&mut self.buckets);
            for (index, count) in fine {
                self.add(coarser(index, steps), count);
            }
        }
    }
}

/// The bucket that holds a bucket's observations at a resolution this many steps lower.
fn coarser(index: i16, steps: i8) -> i16 {
    ((index - 1) >> steps) + 1
}

/// The bucket of a duration of at least one millisecond, at the finest resolution.
fn index(ms: u64) -> i16 {
    /// Where a double keeps its exponent, and what is added to it there.
    const MANTISSA_BITS: u32 = 52;
    const BIAS: i16 = 1_022;
    let bits = (ms as f64 / 1_000.0).to_bits();
    // Positive and normal, so that it is fraction * 2^exponent with a fraction from 0.5 to 1.
    let exponent = (bits >> MANTISSA_BITS) as i16 - BIAS;
    let mantissa = bits & ((1 << MANTISSA_BITS) - 1);
    let fraction = f64::from_bits(mantissa | (BIAS as u64) << MANTISSA_BITS);
    let within = OCTAVE.partition_point(|bound| *bound < fraction) as i16;
    within + (exponent - 1) * OCTAVE.len() as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[u64]) -> ExponentialBuckets {
        let mut native = ExponentialBuckets::default();
        values.iter().for_each(|ms| native.observe(*ms));
        native
    }

    #[test]
    fn powers_of_two_are_upper_bounds_of_their_buckets() {
        // One second is base^0, two are base^8; what is above falls into the next bucket.
        for (ms, is) in [
            (1_000, 0),
            (1_001, 1),
            (2_000, 8),
            (2_001, 9),
            (500, -8),
            (125, -24),
        ] {
            assert_eq!(index(ms), is, "{ms} ms");
        }
        assert_eq!(of(&[0, 0, 1_000]).zero(), 2);
    }

    #[test]
    fn too_many_buckets_halve_the_resolution_and_lose_nothing() {
        let values: Vec<_> = (0..300u32)
            .map(|n| 1.09f64.powi(n as i32) as u64 + 1)
            .collect();
        let native = of(&values);
        assert!(native.schema() < SCHEMA && native.buckets().len() <= MAX_BUCKETS);
        assert_eq!(native.count(), 300);
        assert_eq!(of(&[u64::MAX, 1]).count(), 2);
    }

    proptest! {
        #[test]
        fn a_value_is_within_its_bucket(ms in 1u64..400 * 86_400_000) {
            let (upper, seconds) = (2f64.powf(f64::from(index(ms)) / 8.0), ms as f64 / 1_000.0);
            let lower = upper / 2f64.powf(1.0 / 8.0);
            prop_assert!(lower * 0.999_999_999 < seconds && seconds <= upper * 1.000_000_001);
        }

        #[test]
        fn merged_is_as_observed_together_in_any_order(
            a in prop::collection::vec(0u64..1 << 50, 0..400),
            b in prop::collection::vec(0u64..1 << 20, 0..400),
        ) {
            let (mut ab, mut ba) = (of(&a), of(&b));
            ab.merge(&of(&b));
            ba.merge(&of(&a));
            prop_assert_eq!(&ab, &ba);
            prop_assert_eq!(ab.count(), (a.len() + b.len()) as u64);
            prop_assert!(ab.buckets().is_sorted_by(|x, y| x.0 < y.0));
            // The resolution may differ from that of one by one, the counts may not.
            let mut whole = of(&[a, b].concat());
            let schema = whole.schema().min(ab.schema());
            ab.downscale(ab.schema() - schema);
            whole.downscale(whole.schema() - schema);
            prop_assert_eq!(ab, whole);
        }
    }
}
