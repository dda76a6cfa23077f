//! The current failures of an account: logged at a bounded rate, and kept for the status.

use tokio::time::Instant;

use vcc_net::log_throttle::LogThrottle;
use vcc_net::log_throttled;
use vcc_vonage::Operation;

/// Why a poll failed: a reason out of a closed list for the label, and a message.
pub trait Failure: std::fmt::Display {
    /// The value of the `reason` label.
    fn reason(&self) -> &'static str;
}

/// Consecutive failures of one operation. Times are local, Unix milliseconds.
#[derive(Debug, Clone)]
pub struct FailureStreak {
    pub operation: Operation,
    /// The `reason` label of the last one.
    pub reason: &'static str,
    /// The message of the last one, with what to do.
    pub words: String,
    pub since_ms: i64,
    pub last_ms: i64,
    pub failures: u64,
    /// When the operation succeeded again, if it did.
    pub ended_ms: Option<i64>,
}

impl FailureStreak {
    /// Whether it delays counting right now.
    pub fn is_of_counting(&self) -> bool {
        self.operation == Operation::Interactions && self.ended_ms.is_none()
    }
}

/// The failures of one operation of one account.
#[derive(Debug, Default)]
pub(super) struct FailureLog {
    repeats: LogThrottle,
    latest: Option<FailureStreak>,
}

impl FailureLog {
    /// Records a failure, and logs it unless the same was logged not long ago.
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
        self.latest = Some(FailureStreak {
            operation,
            reason,
            words,
            since_ms: spell.as_ref().map_or(local_ms, |known| known.since_ms),
            last_ms: local_ms,
            failures: spell.map_or(0, |known| known.failures) + 1,
            ended_ms: None,
        });
    }

    /// Ends the streak, and logs that if it was logged.
    pub(super) fn succeeded(
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

    pub(super) fn latest(&self) -> Option<&FailureStreak> {
        self.latest.as_ref()
    }
}
