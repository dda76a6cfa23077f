//! How many requests are let through: a token bucket over times that are handed in.

use std::num::NonZeroU32;
use std::time::Duration;

/// Which part of a minute's requests may go out at once, as a divisor: a poll
/// of a few pages should not be stretched, a catch-up should not come in gusts.
const BURST_DIVISOR: u32 = 8;

const MINUTE: Duration = Duration::from_secs(60);

/// A token bucket.
///
/// It is kept as one point in time (when the bucket will be full again), so
/// there is nothing to round and nothing to drift.
#[derive(Debug, Clone)]
pub struct Budget {
    interval: Duration,
    burst_room: Duration,
    full_at: Duration,
}

impl Budget {
    /// A full bucket for `burst` requests at once, which gains one every `interval`.
    pub fn new(interval: Duration, burst: NonZeroU32) -> Self {
        Self {
            interval,
            burst_room: interval.saturating_mul(burst.get() - 1),
            full_at: Duration::ZERO,
        }
    }

    /// A full bucket that never lets more than its number of requests through
    /// in any minute, wherever that minute begins: the burst is part of the
    /// number, not on top of it. 0 is taken as 1.
    pub fn per_minute(number: u32) -> Self {
        let number = number.max(1);
        let burst = NonZeroU32::new(number / BURST_DIVISOR).unwrap_or(NonZeroU32::MIN);
        // The burst and the refills within one minute add up to `number`;
        // the extra nanosecond rounds up.
        let interval = MINUTE / (number - burst.get() + 1) + Duration::from_nanos(1);
        Self::new(interval, burst)
    }

    /// Takes one request at `now` (time since any fixed origin), or says how
    /// long to wait before asking again.
    pub fn take(&mut self, now: Duration) -> Result<(), Duration> {
        let earliest = self.full_at.saturating_sub(self.burst_room);
        if now < earliest {
            return Err(earliest - now);
        }
        self.full_at = self.full_at.max(now).saturating_add(self.interval);
        Ok(())
    }

    /// Lets nothing through for `wait`, and no burst right after it: whoever
    /// shares this budget has been told to slow down.
    pub fn hold(&mut self, now: Duration, wait: Duration) {
        self.full_at = self.full_at.max(now + wait + self.burst_room);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Takes as fast as the budget allows and returns when each went through.
    fn greedy(budget: &mut Budget, from: Duration, until: Duration) -> Vec<Duration> {
        let (mut now, mut taken) = (from, Vec::new());
        while now < until {
            match budget.take(now) {
                Ok(()) => taken.push(now),
                Err(wait) => now += wait,
            }
        }
        taken
    }

    #[test]
    fn no_minute_ever_exceeds_the_budget() {
        for per_minute in [1, 2, 7, 8, 80, 159, 6000] {
            let mut budget = Budget::per_minute(per_minute);
            let mut taken = greedy(&mut budget, secs(0), secs(150));
            // An idle pause refills the burst, which is when a plain bucket
            // would exceed the number.
            taken.extend(greedy(&mut budget, secs(170), secs(400)));
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
            let taken = greedy(&mut Budget::per_minute(per_minute), secs(0), MINUTE);
            assert_eq!(taken.len(), per_minute as usize);
        }
    }

    #[test]
    fn a_burst_is_an_eighth_of_the_minute() {
        let mut budget = Budget::per_minute(80);
        let at_once = std::iter::repeat_with(|| budget.take(secs(9))).take_while(Result::is_ok);
        assert_eq!(at_once.count(), 10);
    }

    #[test]
    fn a_hold_lets_nothing_through_and_then_one_at_a_time() {
        let mut budget = Budget::per_minute(80);
        budget.hold(secs(10), secs(30));
        assert_eq!(budget.take(secs(15)), Err(secs(25)));
        assert_eq!(budget.take(secs(40)), Ok(()));
        assert!(budget.take(secs(40)).is_err(), "no burst after a hold");
    }

    #[test]
    fn a_shorter_hold_does_not_end_a_longer_one() {
        let mut budget = Budget::per_minute(80);
        budget.hold(secs(10), secs(30));
        budget.hold(secs(11), secs(1));
        assert_eq!(budget.take(secs(20)), Err(secs(20)));
    }

    #[test]
    fn a_burst_comes_back_one_by_one() {
        let three = NonZeroU32::new(3).unwrap();
        let mut budget = Budget::new(secs(1), three);
        let mut taken = |at| (0..10).filter(|_| budget.take(at).is_ok()).count();
        assert_eq!([0, 1, 100].map(|at| taken(secs(at))), [3, 1, 3]);
    }
}
