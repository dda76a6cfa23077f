//! A rate limit as a token bucket: pure functions of the times passed in.

use std::num::NonZeroU32;
use std::time::Duration;

/// The divisor of a minute's requests that gives the burst: a poll of a few pages should not be
/// slowed down, and a catch-up should not send in bursts.
const BURST_DIVISOR: u32 = 8;

const MINUTE: Duration = Duration::from_secs(60);

/// A token bucket.
///
/// It is stored as one point in time, when the bucket will be full again, so nothing is rounded
/// and nothing drifts. Times are since any fixed origin, the same for all calls.
#[derive(Debug, Clone)]
pub struct TokenBucket {
    interval: Duration,
    burst_room: Duration,
    full_at: Duration,
}

impl TokenBucket {
    /// A full bucket that allows `burst` requests at once and gains one every `interval`.
    pub fn new(interval: Duration, burst: NonZeroU32) -> Self {
        Self {
            interval,
            burst_room: interval.saturating_mul(burst.get() - 1),
            full_at: Duration::ZERO,
        }
    }

    /// A full bucket that allows at most `number` requests in any 60 seconds: the burst is part of
    /// the number, not on top of it. 0 means 1.
    pub fn per_minute(number: u32) -> Self {
        let number = number.max(1);
        let burst = NonZeroU32::new(number / BURST_DIVISOR).unwrap_or(NonZeroU32::MIN);
        // The burst and the refills within one minute add up to `number`;
        // the extra nanosecond rounds up.
        let interval = MINUTE / (number - burst.get() + 1) + Duration::from_nanos(1);
        Self::new(interval, burst)
    }

    /// Takes one token at `now`.
    ///
    /// # Errors
    /// How long to wait before the next attempt, if there is none.
    pub fn try_acquire(&mut self, now: Duration) -> Result<(), Duration> {
        let earliest = self.full_at.saturating_sub(self.burst_room);
        if now < earliest {
            return Err(earliest - now);
        }
        self.full_at = self.full_at.max(now).saturating_add(self.interval);
        Ok(())
    }

    /// Allows no request for `wait`, and no burst right after it: the server asked all users of
    /// this bucket to slow down.
    pub fn block_for(&mut self, now: Duration, wait: Duration) {
        self.full_at = self.full_at.max(now + wait + self.burst_room);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Acquires as fast as the bucket allows and returns the time of each token.
    fn greedy(bucket: &mut TokenBucket, from: Duration, until: Duration) -> Vec<Duration> {
        let (mut now, mut taken) = (from, Vec::new());
        while now < until {
            match bucket.try_acquire(now) {
                Ok(()) => taken.push(now),
                Err(wait) => now += wait,
            }
        }
        taken
    }

    #[test]
    fn no_minute_ever_exceeds_the_budget() {
        for per_minute in [1, 2, 7, 8, 80, 159, 6000] {
            let mut bucket = TokenBucket::per_minute(per_minute);
            let mut taken = greedy(&mut bucket, secs(0), secs(150));
            // An idle pause refills the burst, which is when a plain bucket
            // would exceed the number.
            taken.extend(greedy(&mut bucket, secs(170), secs(400)));
            // One request more than the number always spans over a minute.
            for window in taken.windows(per_minute as usize + 1) {
                let span = window[per_minute as usize] - window[0];
                assert!(span >= MINUTE, "{per_minute} a minute in {span:?}");
            }
            assert!(taken.len() > per_minute as usize, "nothing was compared");
        }
    }

    #[test]
    fn a_busy_minute_uses_the_whole_budget() {
        for per_minute in [1, 7, 80] {
            let taken = greedy(&mut TokenBucket::per_minute(per_minute), secs(0), MINUTE);
            assert_eq!(taken.len(), per_minute as usize);
        }
    }

    #[test]
    fn a_burst_is_an_eighth_of_the_minute() {
        let mut bucket = TokenBucket::per_minute(80);
        let at_once =
            std::iter::repeat_with(|| bucket.try_acquire(secs(9))).take_while(Result::is_ok);
        assert_eq!(at_once.count(), 10);
    }

    #[test]
    fn a_hold_lets_nothing_through_and_then_one_at_a_time() {
        let mut bucket = TokenBucket::per_minute(80);
        bucket.block_for(secs(10), secs(30));
        assert_eq!(bucket.try_acquire(secs(15)), Err(secs(25)));
        assert_eq!(bucket.try_acquire(secs(40)), Ok(()));
        assert!(
            bucket.try_acquire(secs(40)).is_err(),
            "no burst after a hold"
        );
    }

    #[test]
    fn a_shorter_hold_does_not_end_a_longer_one() {
        let mut bucket = TokenBucket::per_minute(80);
        bucket.block_for(secs(10), secs(30));
        bucket.block_for(secs(11), secs(1));
        assert_eq!(bucket.try_acquire(secs(20)), Err(secs(20)));
    }

    #[test]
    fn a_burst_comes_back_one_by_one() {
        let three = NonZeroU32::new(3).unwrap();
        let mut bucket = TokenBucket::new(secs(1), three);
        let mut taken = |at| (0..10).filter(|_| bucket.try_acquire(at).is_ok()).count();
        assert_eq!([0, 1, 100].map(|at| taken(secs(at))), [3, 1, 3]);
    }
}
