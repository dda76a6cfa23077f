//! How an account is polled.

use std::time::Duration;

use super::start::StartFrom;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// From the start of one poll to the next, once caught up.
    pub interval: Duration,
    /// Where counting of a new account begins.
    pub start_from: StartFrom,
    /// Pause between polls of the live gauges; zero for never.
    pub ongoing_interval: Duration,
    /// Items per page.
    pub page_size: u32,
    /// How far each window looks back.
    pub overlap_ms: i64,
    /// How often the recent past is read again.
    pub rescan_interval_ms: i64,
    /// How much of it.
    pub rescan_span_ms: i64,
}

impl Default for Settings {
    fn default() -> Self {
        const MINUTE_MS: i64 = 60_000;
        Settings {
            interval: Duration::from_secs(15),
            start_from: StartFrom::Now,
            ongoing_interval: Duration::from_secs(15),
            page_size: 1_000,
            overlap_ms: 2 * MINUTE_MS,
            rescan_interval_ms: 60 * MINUTE_MS,
            rescan_span_ms: 6 * 60 * MINUTE_MS,
        }
    }
}

impl Settings {
    /// How far behind the cursor may be before the account counts as catching up: some polls may
    /// fail without it.
    pub fn behind_ms(&self) -> i64 {
        const LEAST_MS: i64 = 5 * 60_000;
        LEAST_MS.max(4 * self.interval.as_millis() as i64)
    }
}
