//! When to try again: a pure decision over numbers that are handed in.

use std::time::Duration;

/// The longest pause after a first failure; it doubles with every further one. A receiver that
/// restarts is back within seconds.
pub const BASE: Duration = Duration::from_secs(2);

/// No pause of our own is longer: with the default interval, a push that failed is tried again
/// before the next one would be due.
pub const CAP: Duration = Duration::from_secs(30);

/// How long to wait after failed attempt number `attempt` (0 is the first).
///
/// The whole pause is drawn by `jitter` (0 to 1), so that exporters that failed together do not
/// come back together. What the receiver asks for is the least; it is bounded where it is read.
pub fn backoff(attempt: u32, retry_after: Option<Duration>, jitter: f64) -> Duration {
    let most = BASE.saturating_mul(2_u32.saturating_pow(attempt)).min(CAP);
    let own = most.mul_f64(jitter.clamp(0.0, 1.0));
    // Spread over what is asked for too, or all of those asked would come back in one moment.
    retry_after.map_or(own, |asked| asked + own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_their_cap_and_are_drawn_from_nothing_on() {
        assert_eq!(backoff(0, None, 1.0), BASE);
        assert_eq!(backoff(2, None, 1.0), BASE * 4);
        assert_eq!(backoff(u32::MAX, None, 1.0), CAP);
        assert_eq!(backoff(u32::MAX, None, 0.0), Duration::ZERO);
    }

    #[test]
    fn what_is_asked_for_is_the_least() {
        let asked = Duration::from_secs(40);
        assert_eq!(backoff(0, Some(asked), 0.0), asked);
        assert_eq!(backoff(0, Some(asked), 1.0), asked + BASE);
    }
}
