//! What an account suffers from: said in the log at a bounded rate, and kept for the status.

use tokio::time::Instant;

use super::Failure;
use crate::api::Operation;
use crate::log_throttled;
use crate::net::log_throttle::LogThrottle;

/// A stretch of failures of one operation, the last there was. Times are local, Unix milliseconds.
#[derive(Debug, Clone)]
pub struct Setback {
    /// What failed.
    pub operation: Operation,
    /// Why it failed last.
    pub reason: &'static str,
    /// The same in words, with what to do.
    pub words: String,
    /// When it failed first.
    pub since_ms: i64,
    /// When it failed last.
    pub last_ms: i64,
    /// How often it failed.
    pub failures: u64,
    /// When it went well again, if it did.
    pub ended_ms: Option<i64>,
}

impl Setback {
    /// Whether it keeps anything from being counted at this moment.
    pub fn is_of_counting(&self) -> bool {
        self.operation == Operation::Interactions && self.ended_ms.is_none()
    }
}

/// The failures of one operation of one account.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    repeats: LogThrottle,
    latest: Option<Setback>,
}

impl Troubles {
    /// Takes a failure and says it, unless the same was said not long ago.
    pub(super) fn failed(
        &mut self,
        account: &str,
        operation: Operation,
        failure: &dyn Failure,
        (now, local_ms): (Instant, i64),
    ) {
        let (reason, words) = (failure.reason(), failure.to_string());
        let consequence = match operation {
            Operation::Ongoing => "the live gauges stand still, and vanish if that goes on",
            _ => "its window is asked for again; numbers are late until then",
        };
        let name = operation.as_str();
        log_throttled!(
            self.repeats.record_failure(reason, now), warn, { account, operation = name, reason },
            first: "a poll failed and {consequence}: {words}",
            repeated(times): "polls go on failing, {times}, and {consequence}: {words}",
            suppressed: "failed: {words}",
        );
        let spell = self.latest.take().filter(|known| known.ended_ms.is_none());
        self.latest = Some(Setback {
            operation,
            reason,
            words,
            since_ms: spell.as_ref().map_or(local_ms, |known| known.since_ms),
            last_ms: local_ms,
            failures: spell.map_or(0, |known| known.failures) + 1,
            ended_ms: None,
        });
    }

    /// It went well.
    pub(super) fn went_well(
        &mut self,
        account: &str,
        operation: Operation,
        (now, local_ms): (Instant, i64),
    ) {
        if let Some(over) = self.repeats.record_success(now) {
            tracing::info!(
                account,
                operation = operation.as_str(),
                after = over.reason,
                failures = over.times,
                lasted = %humantime::format_duration(over.lasted),
                "polling works again"
            );
        }
        if let Some(latest) = &mut self.latest {
            latest.ended_ms.get_or_insert(local_ms);
        }
    }

    /// The last stretch of failures.
    pub(super) fn latest(&self) -> Option<&Setback> {
        self.latest.as_ref()
    }
}
