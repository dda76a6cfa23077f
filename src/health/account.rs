//! The instruments of one account: what its poller and its API client report to.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tokio::time::Instant;

use super::failures::Failure;
use super::instruments::Health;
use super::observations::{AccountObservations, LiveGauges, Poll};
use vcc_net::clock::{Clock, ServerClock};
use vcc_otlp::DropReason;
use vcc_vonage::{Observer, Operation};

/// When an account is polled for its interactions.
#[derive(Debug, Clone, Copy)]
pub struct PollSchedule {
    pub interval: Duration,
    /// How far behind the cursor may be before the account counts as catching up.
    pub behind_ms: i64,
}

/// The instruments of one account. The API client reports to it.
#[derive(Debug)]
pub struct AccountHealth {
    pub(super) name: Arc<str>,
    health: Arc<Health>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) schedule: PollSchedule,
    observed: Mutex<AccountObservations>,
}

impl AccountHealth {
    /// Creates the counters that alerts use at 0.
    ///
    /// `reasons` are the values of the label of failed polls.
    pub fn new(
        name: &str,
        health: Arc<Health>,
        clock: Arc<dyn Clock>,
        schedule: PollSchedule,
        reasons: impl Iterator<Item = &'static str>,
    ) -> Arc<Self> {
        let operation = Operation::Interactions.as_str();
        health.polls.with_label_values(&[name, operation]);
        for reason in reasons {
            health
                .poll_failures
                .with_label_values(&[name, operation, reason]);
        }
        for operation in [Operation::Token, Operation::Interactions] {
            health
                .throttled
                .with_label_values(&[name, operation.as_str()]);
            health
                .retries
                .with_label_values(&[name, operation.as_str()]);
        }
        Arc::new(AccountHealth {
            name: name.into(),
            health,
            clock,
            schedule,
            observed: Mutex::default(),
        })
    }

    pub(super) fn observed(&self) -> MutexGuard<'_, AccountObservations> {
        self.observed.lock()
    }

    /// Notes the times of a page. Returns whether the API's clock agrees with what was known of it.
    pub fn observe_server_time(
        &self,
        up_to_ms: i64,
        latest_update_ms: Option<i64>,
        received: Instant,
    ) -> bool {
        let mut seen = self.observed();
        seen.skew_ms = Some(up_to_ms - self.clock.local_ms());
        if let Some(latest_ms) = latest_update_ms {
            seen.latest_update_ms = Some(latest_ms);
            seen.lag = Some(((up_to_ms - latest_ms).max(0), received));
        }
        match &mut seen.clock {
            Some(clock) => clock.observe(up_to_ms, received),
            clock => {
                *clock = Some(ServerClock::new(up_to_ms, received));
                true
            }
        }
    }

    /// What the API's clock shows, Unix milliseconds; nothing before the first response.
    pub fn server_ms(&self) -> Option<i64> {
        let clock = self.observed().clock?;
        Some(clock.now_ms(Instant::now()))
    }

    /// Notes that ongoing interactions are polled this often, or not (any more).
    ///
    /// `reasons` are the values of the label of failed polls; their counters are created at 0.
    pub fn watch(&self, interval: Option<Duration>, reasons: impl Iterator<Item = &'static str>) {
        let operation = Operation::Ongoing.as_str();
        let mut seen = self.observed();
        seen.live_interval = interval;
        if interval.is_some() {
            let labels = [&*self.name, operation];
            self.health.polls.with_label_values(&labels);
            self.health.throttled.with_label_values(&labels);
            self.health.retries.with_label_values(&labels);
            for reason in reasons {
                let labels = [&*self.name, operation, reason];
                self.health.poll_failures.with_label_values(&labels);
            }
        } else {
            seen.live = None;
            seen.up.remove(operation);
            seen.success_ms.remove(operation);
            seen.failures.remove(operation);
        }
    }

    /// Whether the operation's last attempt succeeded.
    pub fn is_up(&self, operation: Operation) -> bool {
        self.observed().up.get(operation.as_str()) == Some(&true)
    }

    pub fn set_live(&self, gauges: Arc<dyn LiveGauges>) {
        self.observed().live = Some((gauges, Instant::now()));
    }

    /// The live gauges, unless the last successful poll is too long ago.
    pub(super) fn fresh_live(&self) -> Option<Arc<dyn LiveGauges>> {
        /// Some polls may fail without the gauges going blank.
        const LEAST: Duration = Duration::from_secs(60);
        let seen = self.observed();
        let (gauges, since) = seen.live.as_ref()?;
        let fresh = LEAST.max(3 * seen.live_interval?);
        (since.elapsed() <= fresh).then(|| Arc::clone(gauges))
    }

    /// Notes the end of a poll.
    pub fn polled(&self, operation: Operation, took: Duration, failure: Option<&dyn Failure>) {
        let name = operation.as_str();
        let labels = [&*self.name, name];
        self.health.polls.with_label_values(&labels).inc();
        self.health
            .poll_duration
            .with_label_values(&labels)
            .observe(took.as_secs_f64());
        let (mut seen, local_ms) = (self.observed(), self.clock.local_ms());
        seen.up.insert(name, failure.is_none());
        if operation == Operation::Interactions {
            seen.last_poll = Some(Poll {
                ended_ms: local_ms,
                took,
                succeeded: failure.is_none(),
            });
        }
        if let Some(failure) = failure {
            let labels = [&*self.name, name, failure.reason()];
            self.health.poll_failures.with_label_values(&labels).inc();
        } else {
            seen.success_ms.insert(name, local_ms);
            if let Some(log) = seen.failures.get_mut(name) {
                log.succeeded(&self.name, operation, (Instant::now(), local_ms));
            }
        }
    }

    /// Logs a failure, at a bounded rate while it stays the same.
    pub fn log_failure(&self, operation: Operation, failure: &dyn Failure) {
        let now = (Instant::now(), self.clock.local_ms());
        let mut seen = self.observed();
        let log = seen.failures.entry(operation.as_str()).or_default();
        log.failed(&self.name, operation, failure, now);
    }

    /// Notes traces that were evicted from a full outbox.
    pub fn traces_evicted(&self, count: u64) {
        if count > 0 {
            let otlp = self.health.otlp_metrics();
            otlp.traces_dropped(DropReason::Full, count);
        }
    }

    pub fn committed(&self, took: Duration, durable: bool) {
        self.health.committed(took, durable);
    }

    /// Local Unix time in milliseconds.
    pub fn local_ms(&self) -> i64 {
        self.clock.local_ms()
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Milliseconds the API's newest event is behind its clock, as of seen.
    pub fn lag_ms(&self) -> Option<i64> {
        let (lag_ms, since) = self.observed().lag?;
        Some(lag_ms + i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX / 2))
    }

    /// Whether the cursor is so far behind that live gauges would mislead; nothing before the first
    /// response.
    pub fn is_catching_up(&self, cursor_ms: i64) -> Option<bool> {
        Some(self.server_ms()? - cursor_ms > self.schedule.behind_ms)
    }
}

impl Observer for AccountHealth {
    fn request(&self, operation: Operation, code: &str, seconds: f64) {
        let name = operation.as_str();
        self.health
            .requests
            .with_label_values(&[&*self.name, name, code])
            .inc();
        self.health
            .request_duration
            .with_label_values(&[&*self.name, name])
            .observe(seconds);
        if operation == Operation::Token {
            let granted = code == "200";
            let mut seen = self.observed();
            seen.up.insert(name, granted);
            if granted {
                seen.success_ms.insert(name, self.clock.local_ms());
            }
        }
    }

    fn throttled(&self, operation: Operation) {
        self.health
            .throttled
            .with_label_values(&[&*self.name, operation.as_str()])
            .inc();
    }

    fn retried(&self, operation: Operation) {
        self.health
            .retries
            .with_label_values(&[&*self.name, operation.as_str()])
            .inc();
    }

    fn token_expires(&self, remaining: Duration) {
        let remaining_ms = i64::try_from(remaining.as_millis()).unwrap_or(i64::MAX / 2);
        self.observed().token_expiry_ms = Some(self.clock.local_ms().saturating_add(remaining_ms));
    }
}
