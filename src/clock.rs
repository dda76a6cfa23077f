//! The two clocks: local time, and the API's as far as it is known.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// Where a driver learns the time; tests bring their own.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Local Unix time in milliseconds.
    fn local_ms(&self) -> i64;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clock"
    )]
    fn local_ms(&self) -> i64 {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

/// The API's clock: what its last response said, carried on by the monotonic clock.
#[derive(Debug, Clone, Copy)]
pub struct ServerClock {
    said_ms: i64,
    heard: Instant,
}

/// A response further than this from what the API's clock should show is believed only once a
/// second one confirms it: one wrong `upTo` must not carry the cursor into the future.
const LEAP_MS: i64 = 10 * 60 * 1_000;

impl ServerClock {
    /// A clock that a response set.
    pub fn new(said_ms: i64, heard: Instant) -> Self {
        ServerClock { said_ms, heard }
    }

    /// What the API's clock shows, Unix milliseconds.
    pub fn now_ms(&self, now: Instant) -> i64 {
        let passed = now.saturating_duration_since(self.heard).as_millis();
        self.said_ms
            .saturating_add(i64::try_from(passed).unwrap_or(i64::MAX))
    }

    /// Takes the time another response gives; whether it agrees with what was known.
    pub fn hear(&mut self, said_ms: i64, heard: Instant) -> bool {
        let agrees = (said_ms - self.now_ms(heard)).abs() <= LEAP_MS;
        *self = ServerClock { said_ms, heard };
        agrees
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leap_is_believed_the_second_time() {
        let start = Instant::now();
        let mut clock = ServerClock::new(1_000_000, start);
        assert_eq!(clock.now_ms(start + Duration::from_secs(3)), 1_003_000);
        assert!(clock.hear(1_004_000, start + Duration::from_secs(3)));
        assert!(!clock.hear(90_000_000, start + Duration::from_secs(4)));
        assert!(clock.hear(90_001_000, start + Duration::from_secs(5)));
    }
}
