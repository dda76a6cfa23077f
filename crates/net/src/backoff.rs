//! How long to wait before the next attempt: pure functions of the times passed in.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

/// The longest `Retry-After` that is honoured. A server or proxy that asks for hours is probably
/// misconfigured, and one request every five minutes does no harm.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(300);

/// Exponential backoff with jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The longest pause after a first failure; it doubles with every further one.
    pub base: Duration,
    /// The longest pause, unless the server asks for more.
    pub cap: Duration,
    /// How pauses are randomised.
    pub jitter: Jitter,
}

/// How pauses are randomised, so that clients that failed together do not retry together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jitter {
    /// Half of the pause is fixed, half is random. `Retry-After` is a lower bound of the pause:
    /// for a limit of one account, whose requests all come from here.
    Half,
    /// The whole pause is random and starts when `Retry-After` ends: for a server that many
    /// clients share, which all were asked to wait for the same time.
    Full,
}

impl Backoff {
    /// The pause after failed attempt number `attempt` (0 is the first), with `random` between 0
    /// and 1. A `retry_after` counts up to [`RETRY_AFTER_MAX`]; it lengthens the pause and never
    /// shortens it, because `Retry-After: 0` must not become a busy loop.
    pub fn pause(&self, attempt: u32, retry_after: Option<Duration>, random: f64) -> Duration {
        let doubled = self.base.saturating_mul(2_u32.saturating_pow(attempt));
        let most = doubled.min(self.cap);
        let random = random.clamp(0.0, 1.0);
        let requested = retry_after.unwrap_or_default().min(RETRY_AFTER_MAX);
        match self.jitter {
            Jitter::Half => (most / 2 + (most / 2).mul_f64(random)).max(requested),
            Jitter::Full => requested + most.mul_f64(random),
        }
    }
}

/// Parses a `Retry-After` header: seconds, or an HTTP date relative to `now`. The result is at most
/// [`RETRY_AFTER_MAX`]; a date in the past is zero, and an unreadable value is `None`.
pub fn parse_retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    let asked = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // Only a number too large for 64 bits fails here: which is bounded below.
        value.parse().map_or(Duration::MAX, Duration::from_secs)
    } else {
        let date = DateTime::parse_from_rfc2822(value).ok()?;
        let ahead = date.with_timezone(&Utc) - DateTime::<Utc>::from(now);
        ahead.to_std().unwrap_or_default()
    };
    Some(asked.min(RETRY_AFTER_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Backoff = Backoff {
        base: secs(5),
        cap: secs(120),
        jitter: Jitter::Half,
    };

    const FULL: Backoff = Backoff {
        base: secs(2),
        cap: secs(30),
        jitter: Jitter::Full,
    };

    const fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// 21 October 2015, 07:28:00 UTC.
    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + secs(1_445_412_480)
    }

    #[test]
    fn half_a_pause_is_random_and_doubles_up_to_its_cap() {
        assert_eq!(HALF.pause(0, None, 0.0), HALF.base / 2);
        assert_eq!(HALF.pause(0, None, 1.0), HALF.base);
        assert_eq!(HALF.pause(1, None, 1.0), HALF.base * 2);
        assert_eq!(HALF.pause(u32::MAX, None, 1.0), HALF.cap);
    }

    #[test]
    fn a_whole_pause_is_random_and_doubles_up_to_its_cap() {
        assert_eq!(FULL.pause(0, None, 1.0), FULL.base);
        assert_eq!(FULL.pause(2, None, 1.0), FULL.base * 4);
        assert_eq!(FULL.pause(u32::MAX, None, 1.0), FULL.cap);
        assert_eq!(FULL.pause(u32::MAX, None, 0.0), Duration::ZERO);
    }

    #[test]
    fn retry_after_lengthens_but_never_shortens_a_pause() {
        assert_eq!(HALF.pause(0, Some(secs(30)), 0.5), secs(30));
        assert_eq!(HALF.pause(0, Some(Duration::ZERO), 0.0), HALF.base / 2);
        assert_eq!(HALF.pause(0, Some(Duration::MAX), 0.0), RETRY_AFTER_MAX);
    }

    #[test]
    fn a_random_pause_follows_the_one_that_was_asked_for() {
        assert_eq!(FULL.pause(0, Some(secs(40)), 0.0), secs(40));
        assert_eq!(FULL.pause(0, Some(secs(40)), 1.0), secs(40) + FULL.base);
        assert_eq!(FULL.pause(0, Some(Duration::MAX), 0.0), RETRY_AFTER_MAX);
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
}
