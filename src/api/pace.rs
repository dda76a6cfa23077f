//! How fast to ask: pure decisions over times that are handed in.
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

/// The first pause after a failure; it doubles with every further attempt.
/// The API's limit "resets after a short period", and its vendor's own sample
/// waits ten seconds, so anything much shorter would only be refused again.
pub const BACKOFF_BASE: Duration = Duration::from_secs(5);

/// No pause of our own is longer than this: after an outage the exporter is
/// back within two minutes of the API being back.
pub const BACKOFF_CAP: Duration = Duration::from_secs(120);

/// The longest `Retry-After` that is believed. A server or a proxy that asks
/// for hours is more likely mistaken than right, and asking once in five
/// minutes harms nobody.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(300);

/// Requests a minute for one account. The limit is unpublished and shared by
/// all APIs of the account; the vendor's own code stays under 160, and half of
/// that leaves room for the account's other integrations.
pub const REQUESTS_PER_MINUTE: u32 = 80;

/// Which part of a minute's requests may go out at once, as a divisor: a poll
/// of a few pages should not be stretched, a catch-up should not come in gusts.
const BURST_DIVISOR: u32 = 8;

const MINUTE: Duration = Duration::from_secs(60);

/// How long to wait after failed attempt number `attempt` (0 is the first).
///
/// Half of the pause is fixed and half is drawn by `jitter` (0 to 1), so that
/// exporters that failed together do not come back together. What the server
/// asked for is honoured up to [`RETRY_AFTER_MAX`]; it can lengthen the pause
/// but not shorten it, because `Retry-After: 0` must not become a busy loop.
pub fn backoff(attempt: u32, retry_after: Option<Duration>, jitter: f64) -> Duration {
    let doubled = BACKOFF_BASE.saturating_mul(2_u32.saturating_pow(attempt));
    let half = doubled.min(BACKOFF_CAP) / 2;
    let own = half + half.mul_f64(jitter.clamp(0.0, 1.0));
    own.max(retry_after.unwrap_or_default().min(RETRY_AFTER_MAX))
}

/// Reads a `Retry-After` header, either seconds or an HTTP date, which is
/// judged against `now`. The answer is at most [`RETRY_AFTER_MAX`]; a date in
/// the past is zero, and what cannot be read is as good as no header.
pub fn parse_retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    let asked = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // Only a number too large for 64 bits fails here: that is "for ever".
        value.parse().map_or(Duration::MAX, Duration::from_secs)
    } else {
        let date = DateTime::parse_from_rfc2822(value).ok()?;
        let ahead = date.with_timezone(&Utc) - DateTime::<Utc>::from(now);
        ahead.to_std().unwrap_or_default()
    };
    Some(asked.min(RETRY_AFTER_MAX))
}

/// A token bucket that never lets more than its number of requests through in
/// any minute, wherever that minute begins: the burst is part of the number,
/// not on top of it.
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
    /// A full bucket for `per_minute` requests; 0 is taken as 1.
    pub fn new(per_minute: u32) -> Self {
        let per_minute = per_minute.max(1);
        let burst = (per_minute / BURST_DIVISOR).max(1);
        // The burst and the refills within one minute add up to `per_minute`;
        // the extra nanosecond rounds up.
        let interval = MINUTE / (per_minute - burst + 1) + Duration::from_nanos(1);
        Self {
            interval,
            burst_room: interval * (burst - 1),
            full_at: Duration::ZERO,
        }
    }

    /// Takes one request at `now` (time since any fixed origin), or says how
    /// long to wait before asking again.
    pub fn take(&mut self, now: Duration) -> Result<(), Duration> {
        let earliest = self.full_at.saturating_sub(self.burst_room);
        if now < earliest {
            return Err(earliest - now);
        }
        self.full_at = self.full_at.max(now) + self.interval;
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

    /// 21 October 2015, 07:28:00 UTC.
    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + secs(1_445_412_480)
    }

    #[test]
    fn backoff_doubles_between_half_and_whole_up_to_its_cap() {
        assert_eq!(backoff(0, None, 0.0), BACKOFF_BASE / 2);
        assert_eq!(backoff(0, None, 1.0), BACKOFF_BASE);
        assert_eq!(backoff(1, None, 1.0), BACKOFF_BASE * 2);
        assert_eq!(backoff(u32::MAX, None, 1.0), BACKOFF_CAP);
    }

    #[test]
    fn retry_after_lengthens_but_never_shortens_a_pause() {
        assert_eq!(backoff(0, Some(secs(30)), 0.5), secs(30));
        assert_eq!(backoff(0, Some(Duration::ZERO), 0.0), BACKOFF_BASE / 2);
        assert_eq!(backoff(0, Some(Duration::MAX), 0.0), RETRY_AFTER_MAX);
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        assert_eq!(parse_retry_after(" 17 ", now()), Some(secs(17)));
        let date = "Wed, 21 Oct 2015 07:28:42 GMT";
        assert_eq!(parse_retry_after(date, now()), Some(secs(42)));
    }

    #[test]
    fn absurd_retry_after_is_bounded_or_ignored() {
        let read = |value| parse_retry_after(value, now());
        assert_eq!(
            read("99999999999999999999999999"),
            Some(RETRY_AFTER_MAX),
            "beyond 64 bits"
        );
        assert_eq!(read("86400"), Some(RETRY_AFTER_MAX));
        assert_eq!(read("Fri, 21 Oct 2095 07:28:00 GMT"), Some(RETRY_AFTER_MAX));
        assert_eq!(read("Tue, 20 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        for garbage in ["", "soon", "-5", "1.5", "Wed, 99 Oct 2015 07:28:00 GMT"] {
            assert_eq!(read(garbage), None, "{garbage:?}");
        }
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
            let mut budget = Budget::new(per_minute);
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
            let taken = greedy(&mut Budget::new(per_minute), secs(0), MINUTE);
            assert_eq!(taken.len(), per_minute as usize);
        }
    }

    #[test]
    fn a_burst_is_an_eighth_of_the_minute() {
        let mut budget = Budget::new(80);
        let at_once = std::iter::repeat_with(|| budget.take(secs(9))).take_while(Result::is_ok);
        assert_eq!(at_once.count(), 10);
    }

    #[test]
    fn a_hold_lets_nothing_through_and_then_one_at_a_time() {
        let mut budget = Budget::new(80);
        budget.hold(secs(10), secs(30));
        assert_eq!(budget.take(secs(15)), Err(secs(25)));
        assert_eq!(budget.take(secs(40)), Ok(()));
        assert!(budget.take(secs(40)).is_err(), "no burst after a hold");
    }

    #[test]
    fn a_shorter_hold_does_not_end_a_longer_one() {
        let mut budget = Budget::new(80);
        budget.hold(secs(10), secs(30));
        budget.hold(secs(11), secs(1));
        assert_eq!(budget.take(secs(20)), Err(secs(20)));
    }
}
