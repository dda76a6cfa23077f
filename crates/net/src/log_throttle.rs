//! Limits what a repeated failure logs: the first time in full, then once in a while with the number
//! of repetitions, so that the log stays readable and silence never looks like health.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

/// A failure that continues is logged again after this long.
const REPEAT_INTERVAL: Duration = Duration::from_secs(10 * 60);

/// A failure that returns after a recovery is logged again after this long already: a line that
/// says all is well must not stay the last one for ten minutes.
const RELAPSE_INTERVAL: Duration = Duration::from_secs(60);

/// What to log about a failure. [`log_throttled`](crate::log_throttled) does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogDecision {
    /// The failure in full: it is new.
    First,
    /// That the failure continues, and how often it happened.
    Repeated(Repetition),
    /// Nothing: it was logged not long ago.
    Suppressed,
}

/// Logs a failure as a [`LogDecision`] says: at `level` with the text `first` or `repeated`, which
/// may name the [`Repetition`], or at debug level with the text `suppressed`, if there is one.
///
/// ```ignore
/// log_throttled!(throttle.record_failure(reason, now), warn, { account, reason },
///     first: "a poll failed: {error}",
///     repeated(times): "polls keep failing, {times}: {error}",
///     suppressed: "failed: {error}",
/// );
/// ```
#[macro_export]
macro_rules! log_throttled {
    (
        $decision:expr, $level:ident, $fields:tt,
        first: $first:literal,
        repeated($times:ident): $repeated:literal
        $(, suppressed: $suppressed:literal)? $(,)?
    ) => {
        match $decision {
            $crate::log_throttle::LogDecision::First => {
                tracing::$level!($fields, $first)
            }
            $crate::log_throttle::LogDecision::Repeated($times) => {
                tracing::$level!($fields, $repeated)
            }
            $crate::log_throttle::LogDecision::Suppressed => {
                $(tracing::debug!($fields, $suppressed))?
            }
        }
    };
}

/// How often a failure happened since it was logged last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repetition {
    /// The number of failures, this one included.
    pub count: u64,
    /// The time since the failure was logged.
    pub within: Duration,
}

impl fmt::Display for Repetition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = if self.count == 1 { "time" } else { "times" };
        let within = humantime::format_duration(whole_seconds(self.within));
        write!(f, "{} {times} in the last {within}", self.count)
    }
}

/// An outage that was logged and is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovered {
    /// The reason of the last failure.
    pub reason: &'static str,
    /// The number of failures.
    pub times: u64,
    /// From the first failure to the recovery, in whole seconds.
    pub lasted: Duration,
}

/// Limits the log of one source of failures. Their reasons come from a closed list, so memory is
/// bounded.
#[derive(Debug, Default)]
pub struct LogThrottle {
    reasons: BTreeMap<&'static str, LoggedReason>,
    outage: Option<Outage>,
}

#[derive(Debug)]
struct LoggedReason {
    logged_at: Instant,
    unlogged: u64,
}

/// Failures with no success in between.
#[derive(Debug)]
struct Outage {
    began: Instant,
    times: u64,
    latest: &'static str,
    logged: bool,
}

impl LogThrottle {
    /// Records a failure and decides what to log about it.
    pub fn record_failure(&mut self, reason: &'static str, now: Instant) -> LogDecision {
        let outage = self.outage.get_or_insert(Outage {
            began: now,
            times: 0,
            latest: reason,
            logged: false,
        });
        outage.times += 1;
        outage.latest = reason;
        let pause = match outage.logged {
            true => REPEAT_INTERVAL,
            false => RELAPSE_INTERVAL,
        };
        let decision = match self.reasons.get_mut(reason) {
            None => LogDecision::First,
            Some(known) => {
                let within = now.saturating_duration_since(known.logged_at);
                known.unlogged += 1;
                let count = known.unlogged;
                if within < pause {
                    return LogDecision::Suppressed;
                }
                LogDecision::Repeated(Repetition { count, within })
            }
        };
        outage.logged = true;
        let logged = LoggedReason {
            logged_at: now,
            unlogged: 0,
        };
        self.reasons.insert(reason, logged);
        decision
    }

    /// Records a success and returns the outage that it ends, if anything was logged about one.
    pub fn record_success(&mut self, now: Instant) -> Option<Recovered> {
        let recently = |reason: &LoggedReason| {
            now.saturating_duration_since(reason.logged_at) < REPEAT_INTERVAL
        };
        self.reasons.retain(|_, reason| recently(reason));
        let outage = self.outage.take()?;
        outage.logged.then(|| Recovered {
            reason: outage.latest,
            times: outage.times,
            lasted: whole_seconds(now.saturating_duration_since(outage.began)),
        })
    }
}

fn whole_seconds(duration: Duration) -> Duration {
    Duration::from_secs(duration.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_goes_on_is_said_once_and_then_every_ten_minutes_with_how_often() {
        let (mut throttle, start) = (LogThrottle::default(), Instant::now());
        let mut said = Vec::new();
        for n in 0..121 {
            let at = start + 15 * n * SECOND;
            match throttle.record_failure("timeout", at) {
                LogDecision::First => said.push((n, String::new())),
                LogDecision::Repeated(times) => said.push((n, times.to_string())),
                LogDecision::Suppressed => {}
            }
        }
        let again = "40 times in the last 10m".to_owned();
        let expected = [
            (0, String::new()),
            (40, again.clone()),
            (80, again.clone()),
            (120, again),
        ];
        assert_eq!(said, expected);
        let over = throttle.record_success(start + 1_815 * SECOND).unwrap();
        assert_eq!((over.reason, over.times), ("timeout", 121));
        assert_eq!(over.lasted, 1_815 * SECOND);
        assert_eq!(throttle.record_success(start + 1_816 * SECOND), None);
    }

    #[test]
    fn each_reason_is_new_once_however_they_alternate() {
        let (mut throttle, start) = (LogThrottle::default(), Instant::now());
        let reasons = ["timeout", "server_error"];
        let said = (0..40).filter(|n| {
            let reason = reasons[*n as usize % 2];
            throttle.record_failure(reason, start + 15 * *n * SECOND) != LogDecision::Suppressed
        });
        assert_eq!(said.collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn what_comes_and_goes_is_said_at_a_bounded_rate_and_never_long_after_all_was_said_to_be_well()
    {
        let (mut throttle, start) = (LogThrottle::default(), Instant::now());
        let (mut failures, mut recoveries) = (0, 0);
        for n in 0..240 {
            let at = start + 15 * n * SECOND;
            if n % 2 == 0 {
                failures +=
                    u32::from(throttle.record_failure("connect", at) != LogDecision::Suppressed);
            } else {
                recoveries += u32::from(throttle.record_success(at).is_some());
            }
        }
        assert_eq!(
            (failures, recoveries),
            (60, 60),
            "in an hour of 120 failures"
        );
        let lasting = start + 10_000 * SECOND;
        assert_eq!(
            throttle.record_failure("connect", lasting),
            LogDecision::Repeated(Repetition {
                count: 2,
                within: 10_000 * SECOND - 59 * 60 * SECOND,
            })
        );
    }

    #[test]
    fn what_comes_back_after_a_long_time_is_new() {
        let (mut throttle, start) = (LogThrottle::default(), Instant::now());
        assert_eq!(
            throttle.record_failure("connect", start),
            LogDecision::First
        );
        assert!(throttle.record_success(start + SECOND).is_some());
        assert!(throttle.record_success(start + 700 * SECOND).is_none());
        assert_eq!(
            throttle.record_failure("connect", start + 900 * SECOND),
            LogDecision::First
        );
    }
}
