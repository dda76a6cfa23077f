//! How an account is polled.

use std::time::Duration;

#[derive(Debug, Clone)]
pub struct Settings {
    /// From the start of one poll to the next, once caught up.
    pub interval: Duration,
    /// Items per page.
    pub page_size: u32,
    /// How far each window looks back.
    pub overlap_ms: i64,
    /// How often the recent past is read again.
    pub reread_interval_ms: i64,
    /// How much of it.
    pub reread_span_ms: i64,
}

impl Settings {
    /// How far behind the cursor may be before the account counts as catching up: some polls may
    /// fail without it.
    pub fn behind_ms(&self) -> i64 {
        const LEAST_MS: i64 = 5 * 60_000;
        LEAST_MS.max(4 * self.interval.as_millis() as i64)
    }
}
