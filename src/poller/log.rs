//! What the poller logs of catching up.

use std::time::Duration;

use tokio::time::Instant;

use crate::health::AccountHealth;

#[derive(Debug, Default)]
pub(super) struct CatchUpLog {
    /// When progress was last logged, since catching up began.
    last: Option<Instant>,
}

impl CatchUpLog {
    /// Logs how far along catching up is, at most every few seconds.
    pub(super) fn log_progress(&mut self, health: &AccountHealth, cursor_ms: i64, behind_ms: i64) {
        const PAUSE: Duration = Duration::from_secs(10);
        if self.last.is_some_and(|last| last.elapsed() < PAUSE) {
            return;
        }
        self.last = Some(Instant::now());
        let estimate = health.catch_up().map(|(_, estimate)| estimate);
        let share = estimate.map_or(0.0, |estimate| estimate.share);
        let remaining = estimate.and_then(|estimate| estimate.remaining);
        tracing::info!(
            account = health.name(), read_up_to = %utc(cursor_ms),
            behind = %in_seconds(Duration::from_millis(behind_ms.unsigned_abs())),
            done = %format_args!("{:.0}%", (share * 100.0).floor()),
            remaining = remaining.map_or("unknown".to_owned(), in_seconds),
            "catching up"
        );
    }

    /// Ends catching up, and logs that if its progress was logged.
    pub(super) fn log_arrival(&mut self, health: &AccountHealth) {
        let arrived = health.finish_catch_up();
        if let (Some(_), Some(catch_up)) = (self.last.take(), arrived) {
            tracing::info!(
                account = health.name(), from = %utc(catch_up.from_ms()),
                took = in_seconds(catch_up.began().elapsed()),
                "caught up: polls go on at their interval"
            );
        }
    }
}

fn in_seconds(duration: Duration) -> String {
    humantime::format_duration(Duration::from_secs(duration.as_secs())).to_string()
}

/// A moment as RFC 3339.
pub(super) fn utc(ms: i64) -> String {
    let time = chrono::DateTime::from_timestamp_millis(ms).unwrap_or_default();
    time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
