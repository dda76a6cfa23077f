//! One account's share of the instruments, and what is known of its API at this moment.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Health;
use super::catchup::CatchUp;
use super::day::Day;
use super::standing::Poll;
use super::troubles::Troubles;
use crate::api::{Observer, Operation};
use crate::clock::{Clock, ServerClock};
use crate::ongoing::Ongoing;
use crate::otlp::DropReason;

/// Why a poll failed: a reason out of a closed list for the label, and words for people.
pub trait Failure: std::fmt::Display {
    /// The value of the `reason` label.
    fn reason(&self) -> &'static str;
}

/// What is known of one account's API right now.
#[derive(Debug, Default)]
pub(super) struct Live {
    pub(super) api_url: Option<String>,
    clock: Option<ServerClock>,
    lag: Option<(i64, Instant)>,
    pub(super) latest_update_ms: Option<i64>,
    pub(super) skew_ms: Option<i64>,
    pub(super) up: BTreeMap<&'static str, bool>,
    pub(super) success_ms: BTreeMap<&'static str, i64>,
    pub(super) token_expiry_ms: Option<i64>,
    /// By operation.
    pub(super) troubles: BTreeMap<&'static str, Troubles>,
    /// The last poll for interactions.
    pub(super) last_poll: Option<Poll>,
    /// When the next one begins, unless one is under way.
    pub(super) next_poll: Option<Instant>,
    /// What the counters showed when the day began.
    pub(super) day: Option<Day>,
    pub(super) catch_up: Option<CatchUp>,
    /// How often what is going on now is looked at, if it is.
    pub(super) watch_interval: Option<Duration>,
    /// What was going on when it was last looked.
    ongoing: Option<(Arc<Ongoing>, Instant)>,
}

/// One account's share of the instruments. The API client reports to it.
#[derive(Debug)]
pub struct AccountHealth {
    pub(super) name: Arc<str>,
    health: Arc<Health>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) poll_interval: Duration,
    behind_ms: i64,
    live: Mutex<Live>,
}

impl AccountHealth {
    /// The instruments of an account; counters that alerts look at exist at 0 from now on.
    ///
    /// `behind_ms` is how far the cursor may be behind before that is called catching up;
    /// `reasons` are those polls can fail for.
    pub fn new(
        name: &str,
        health: Arc<Health>,
        clock: Arc<dyn Clock>,
        poll_interval: Duration,
        behind_ms: i64,
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
        let live = Mutex::default();
        Arc::new(AccountHealth {
            name: name.into(),
            health,
            clock,
            poll_interval,
            behind_ms,
            live,
        })
    }

    pub(super) fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes the times a page gave; whether the API's clock agrees with what was known of it.
    pub fn heard(&self, up_to_ms: i64, latest_update_ms: Option<i64>, received: Instant) -> bool {
        let mut live = self.live();
        live.skew_ms = Some(up_to_ms - self.clock.local_ms());
        if let Some(latest_ms) = latest_update_ms {
            live.latest_update_ms = Some(latest_ms);
            live.lag = Some(((up_to_ms - latest_ms).max(0), received));
        }
        match &mut live.clock {
            Some(clock) => clock.hear(up_to_ms, received),
            clock => {
                *clock = Some(ServerClock::new(up_to_ms, received));
                true
            }
        }
    }

    /// What the API's clock shows, if it was ever heard.
    pub fn server_ms(&self) -> Option<i64> {
        let clock = self.live().clock?;
        Some(clock.now_ms(Instant::now()))
    }

    /// Notes that what is going on now is looked at this often, or not (any more).
    ///
    /// `reasons` are those looking can fail for: their counters exist at 0 from now on.
    pub fn watch(&self, interval: Option<Duration>, reasons: impl Iterator<Item = &'static str>) {
        let operation = Operation::Ongoing.as_str();
        let mut live = self.live();
        live.watch_interval = interval;
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
            live.ongoing = None;
            live.up.remove(operation);
            live.success_ms.remove(operation);
            live.troubles.remove(operation);
        }
    }

    /// Whether the operation's last attempt succeeded.
    pub fn is_up(&self, operation: Operation) -> bool {
        self.live().up.get(operation.as_str()) == Some(&true)
    }

    /// Takes what is going on now.
    pub fn saw(&self, ongoing: Ongoing) {
        self.live().ongoing = Some((Arc::new(ongoing), Instant::now()));
    }

    /// What is going on now, unless it was not looked at for too long.
    pub(super) fn ongoing(&self) -> Option<Arc<Ongoing>> {
        /// Some looks may fail without the gauges going blank.
        const LEAST: Duration = Duration::from_secs(60);
        let live = self.live();
        let (ongoing, since) = live.ongoing.as_ref()?;
        let fresh = LEAST.max(3 * live.watch_interval?);
        (since.elapsed() <= fresh).then(|| Arc::clone(ongoing))
    }

    /// Notes the end of a poll.
    pub fn polled(&self, operation: Operation, took: Duration, trouble: Option<&dyn Failure>) {
        let name = operation.as_str();
        let labels = [&*self.name, name];
        self.health.polls.with_label_values(&labels).inc();
        self.health
            .poll_duration
            .with_label_values(&labels)
            .observe(took.as_secs_f64());
        let (mut live, local_ms) = (self.live(), self.clock.local_ms());
        live.up.insert(name, trouble.is_none());
        if operation == Operation::Interactions {
            live.last_poll = Some(Poll {
                ended_ms: local_ms,
                took,
                succeeded: trouble.is_none(),
            });
        }
        if let Some(trouble) = trouble {
            let labels = [&*self.name, name, trouble.reason()];
            self.health.poll_failures.with_label_values(&labels).inc();
        } else {
            live.success_ms.insert(name, local_ms);
            if let Some(troubles) = live.troubles.get_mut(name) {
                troubles.went_well(&self.name, operation, (Instant::now(), local_ms));
            }
        }
    }

    /// Says what is wrong with an account, at a bounded rate while it stays the same.
    pub fn complain(&self, operation: Operation, trouble: &dyn Failure) {
        let now = (Instant::now(), self.clock.local_ms());
        let mut live = self.live();
        let troubles = live.troubles.entry(operation.as_str()).or_default();
        troubles.failed(&self.name, operation, trouble, now);
    }

    /// Notes traces that had to give way in a full outbox.
    pub fn traces_gave_way(&self, count: u64) {
        if count > 0 {
            let otlp = self.health.otlp_metrics();
            otlp.traces_dropped(DropReason::Full, count);
        }
    }

    /// Notes a commit.
    pub fn committed(&self, took: Duration, durable: bool) {
        self.health.committed(took, durable);
    }

    /// Local Unix time in milliseconds.
    pub fn local_ms(&self) -> i64 {
        self.clock.local_ms()
    }

    /// The account's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Milliseconds the API's newest event is behind its clock, as of now.
    pub fn lag_ms(&self) -> Option<i64> {
        let (lag_ms, since) = self.live().lag?;
        Some(lag_ms + i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX / 2))
    }

    /// Whether the cursor is so far behind that everything seen is history.
    pub fn is_catching_up(&self, cursor_ms: i64) -> Option<bool> {
        Some(self.server_ms()? - cursor_ms > self.behind_ms)
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
            let mut live = self.live();
            live.up.insert(name, granted);
            if granted {
                live.success_ms.insert(name, self.clock.local_ms());
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
        self.live().token_expiry_ms = Some(self.clock.local_ms().saturating_add(remaining_ms));
    }
}
