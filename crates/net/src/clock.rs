//! The local clock, and the server's as its responses show it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// A source of local time; tests pass their own.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Local Unix time in milliseconds.
    fn local_ms(&self) -> i64;

    /// The same as a [`SystemTime`].
    fn system_time(&self) -> SystemTime {
        let ms = u64::try_from(self.local_ms()).unwrap_or(0);
        UNIX_EPOCH + Duration::from_millis(ms)
    }
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

/// A server's clock: the time of its last response plus the time that has passed since.
#[derive(Debug, Clone, Copy)]
pub struct ServerClock {
    said_ms: i64,
    heard: Instant,
    /// A time that did not agree, until another response confirms or contradicts it.
    doubted: Option<(i64, Instant)>,
}

/// A time further than this from the expected one is accepted only once a second response confirms
/// it: one wrong `upTo` must not move the cursor into the future.
const LEAP_MS: i64 = 10 * 60 * 1_000;

impl ServerClock {
    /// The clock as a response received at `heard` shows it.
    pub fn new(said_ms: i64, heard: Instant) -> Self {
        ServerClock {
            said_ms,
            heard,
            doubted: None,
        }
    }

    /// The time of the server at `now`, in Unix milliseconds.
    pub fn now_ms(&self, now: Instant) -> i64 {
        carried_ms(self.said_ms, self.heard, now)
    }

    /// Takes the time of another response and returns whether it was accepted. A jump is accepted
    /// once the next response agrees with it.
    pub fn observe(&mut self, said_ms: i64, heard: Instant) -> bool {
        let agrees = |with_ms: i64| (said_ms - with_ms).abs() <= LEAP_MS;
        let confirmed = self
            .doubted
            .is_some_and(|(doubted_ms, since)| agrees(carried_ms(doubted_ms, since, heard)));
        let believed = confirmed || agrees(self.now_ms(heard));
        if believed {
            *self = ServerClock::new(said_ms, heard);
        } else {
            self.doubted = Some((said_ms, heard));
        }
        believed
    }
}

fn carried_ms(said_ms: i64, heard: Instant, now: Instant) -> i64 {
    let passed = now.saturating_duration_since(heard).as_millis();
    said_ms.saturating_add(i64::try_from(passed).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leap_is_believed_the_second_time() {
        let start = Instant::now();
        let mut clock = ServerClock::new(1_000_000, start);
        assert_eq!(clock.now_ms(start + Duration::from_secs(3)), 1_003_000);
        assert!(clock.observe(1_004_000, start + Duration::from_secs(3)));
        assert!(!clock.observe(90_000_000, start + Duration::from_secs(4)));
        assert!(clock.observe(90_001_000, start + Duration::from_secs(5)));
        assert_eq!(clock.now_ms(start + Duration::from_secs(6)), 90_002_000);
    }

    #[test]
    fn a_leap_that_is_refuted_leaves_the_clock_as_it_was() {
        let start = Instant::now();
        let mut clock = ServerClock::new(90_000_000, start);
        assert!(!clock.observe(1_000, start + Duration::from_secs(1)));
        assert_eq!(clock.now_ms(start + Duration::from_secs(2)), 90_002_000);
        assert!(clock.observe(90_003_000, start + Duration::from_secs(3)));
        assert!(!clock.observe(1_000, start + Duration::from_secs(4)));
    }
}
