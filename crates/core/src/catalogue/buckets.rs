//! The classic buckets, in milliseconds, the unit of every stored duration.

const SECOND: i64 = 1_000;

/// Multiplies bounds given in seconds into milliseconds, the unit of every stored duration.
const fn seconds<const N: usize>(bounds: [i64; N]) -> [i64; N] {
    let mut out = bounds;
    let mut i = 0;
    while i < N {
        out[i] = bounds[i] * SECOND;
        i += 1;
    }
    out
}

/// Bounds for waits: live media and cases in one layout, because a sum by `le` needs one layout.
pub const WAIT: &[i64] = &seconds([
    1, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1800, 3600, 14_400, 28_800, 86_400,
    259_200,
]);
/// Bounds for time spent talking.
pub(super) const TALK: &[i64] = &seconds([
    10, 30, 60, 120, 180, 240, 300, 420, 600, 900, 1200, 1800, 2700, 3600, 7200, 14_400,
]);
/// Bounds for handling and for whole interactions, up to a week for cases.
pub(super) const LONG: &[i64] = &seconds([
    10, 30, 60, 120, 180, 240, 300, 420, 600, 900, 1200, 1800, 3600, 7200, 14_400, 28_800, 86_400,
    172_800, 259_200, 604_800,
]);
/// Bounds for ringing.
pub(super) const RING: &[i64] = &seconds([1, 2, 3, 5, 8, 10, 15, 20, 25, 30, 45, 60, 120, 300]);
/// Bounds for holds, wrap-up, assistants, monitoring and recordings.
pub(super) const SPELL: &[i64] = &seconds([
    1, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1800, 3600,
]);
/// Bounds for ratings: a score of 1 is kept as 1,000, like a second.
pub(super) const SCORE: &[i64] = &seconds([1, 2, 3, 4, 5]);
/// Bounds for how late a fact was learnt.
pub(super) const LATENESS: &[i64] = &seconds([
    1, 2, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 86_400,
]);
/// Bounds for one exchange with the API, a whole poll, or a commit.
pub(super) const EXCHANGE: &[i64] = &[
    5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000,
];
