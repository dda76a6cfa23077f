//! How long to wait before asking again: pure decisions over times that are handed in.

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
}
