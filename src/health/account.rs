//! One account's share of the instruments, and the gauges of this moment.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Health;
use crate::api::{Observer, Operation};
use crate::catalogue::Family;
use crate::clock::{Clock, ServerClock};
use crate::expose::Gauge;
use crate::ongoing::Ongoing;
use crate::snapshot::AccountView;

/// Why a poll failed: a reason out of a closed list for the label, and words for people.
pub trait Failure: std::fmt::Display {
    /// The value of the `reason` label.
    fn reason(&self) -> &'static str;
}

/// What is known of one account's API right now.
#[derive(Debug, Default)]
struct Live {
    clock: Option<ServerClock>,
    lag: Option<(i64, Instant)>,
    latest_update_ms: Option<i64>,
    skew_ms: Option<i64>,
    up: BTreeMap<&'static str, bool>,
    success_ms: BTreeMap<&'static str, i64>,
    token_expiry_ms: Option<i64>,
    /// By operation: the reason polls fail for, and its words.
    trouble: BTreeMap<&'static str, (&'static str, String)>,
    /// How often what is going on now is looked at, if it is.
    watch_interval: Option<Duration>,
    /// What was going on when it was last looked.
    ongoing: Option<(Arc<Ongoing>, Instant)>,
}

/// One account's share of the instruments. The API client reports to it.
#[derive(Debug)]
pub struct AccountHealth {
    name: Arc<str>,
    health: Arc<Health>,
    clock: Arc<dyn Clock>,
    poll_interval: Duration,
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

    fn live(&self) -> MutexGuard<'_, Live> {
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
            live.trouble.remove(operation);
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
    fn ongoing(&self) -> Option<Arc<Ongoing>> {
        /// Some looks may fail without the gauges going blank.
        const LEAST: Duration = Duration::from_secs(60);
        let live = self.live();
        let (ongoing, since) = live.ongoing.as_ref()?;
        let fresh = LEAST.max(3 * live.watch_interval?);
        (since.elapsed() <= fresh).then(|| Arc::clone(ongoing))
    }

    /// Notes the end of a poll.
    pub fn polled(&self, operation: Operation, took: Duration, trouble: Option<&dyn Failure>) {
        let operation = operation.as_str();
        let labels = [&*self.name, operation];
        self.health.polls.with_label_values(&labels).inc();
        self.health
            .poll_duration
            .with_label_values(&labels)
            .observe(took.as_secs_f64());
        let mut live = self.live();
        live.up.insert(operation, trouble.is_none());
        if let Some(trouble) = trouble {
            let labels = [&*self.name, operation, trouble.reason()];
            self.health.poll_failures.with_label_values(&labels).inc();
        } else {
            live.success_ms.insert(operation, self.clock.local_ms());
            if let Some((reason, _)) = live.trouble.remove(operation) {
                tracing::info!(
                    account = &*self.name,
                    operation,
                    after = reason,
                    "polling works again"
                );
            }
        }
    }

    /// Says what is wrong with an account, once for as long as it stays the same.
    pub fn complain(&self, operation: Operation, trouble: &dyn Failure) {
        let consequence = match operation {
            Operation::Ongoing => "the live gauges stand still, and vanish if that goes on",
            _ => "its window is asked for again; numbers are late until then",
        };
        let operation = operation.as_str();
        let (reason, text) = (trouble.reason(), trouble.to_string());
        let mut live = self.live();
        if live
            .trouble
            .get(operation)
            .is_some_and(|(known, _)| *known == reason)
        {
            tracing::debug!(
                account = &*self.name,
                operation,
                reason,
                "still failing: {text}"
            );
        } else {
            tracing::warn!(
                account = &*self.name,
                operation,
                reason,
                "a poll failed and {consequence}: {text}"
            );
        }
        live.trouble.insert(operation, (reason, text));
    }

    /// What the account suffers from, in words, until a poll succeeds.
    pub fn trouble(&self) -> Option<String> {
        let live = self.live();
        let operations = [Operation::Interactions, Operation::Ongoing].map(Operation::as_str);
        let mut troubles = operations.iter().filter_map(|it| live.trouble.get(it));
        troubles.next().map(|(_, text)| text.clone())
    }

    /// Notes traces that had to give way in a full outbox.
    pub fn traces_gave_way(&self, count: u64) {
        if count > 0 {
            self.health.traces_dropped("full", count);
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

    /// The gauges of this moment, of the account and, once it was read, of its ledger.
    pub fn gauges(&self, view: Option<&AccountView>) -> Vec<Gauge> {
        let mut out = Gauges {
            account: self.name.to_string(),
            gauges: Vec::new(),
        };
        let lag_ms = self.lag_ms();
        let live = self.live();
        out.time(Family::ApiLag, lag_ms);
        out.time(Family::ApiLatestUpdate, live.latest_update_ms);
        out.time(Family::ApiClockSkew, live.skew_ms);
        out.time(Family::ApiTokenExpiry, live.token_expiry_ms);
        for (operation, up) in &live.up {
            out.labelled(Family::Up, "operation", operation, f64::from(u8::from(*up)));
        }
        for (operation, at_ms) in &live.success_ms {
            out.labelled(
                Family::PollLastSuccess,
                "operation",
                operation,
                seconds(*at_ms),
            );
        }
        let watch_interval = live.watch_interval;
        drop(live);
        let intervals = [
            (Operation::Interactions, Some(self.poll_interval)),
            (Operation::Ongoing, watch_interval),
        ];
        for (operation, interval) in intervals {
            if let Some(interval) = interval {
                let (name, seconds) = (operation.as_str(), interval.as_secs_f64());
                out.labelled(Family::PollInterval, "operation", name, seconds);
            }
        }
        if let Some(view) = view {
            self.ledger_gauges(&mut out, view);
        }
        out.gauges
    }

    fn ledger_gauges(&self, out: &mut Gauges, view: &AccountView) {
        let catching_up = self.is_catching_up(view.meta.cursor_ms);
        out.value(
            Family::CatchupInProgress,
            catching_up.map(|yes| f64::from(u8::from(yes))),
        );
        if let (Some(false), Some(ongoing)) = (catching_up, self.ongoing()) {
            out.gauges.extend(ongoing.gauges(&self.name, view));
        }
        out.time(Family::CursorTimestamp, Some(view.meta.cursor_ms));
        out.time(Family::Epoch, Some(view.meta.counting_since_ms));
        out.value(Family::Holes, Some(view.meta.holes.len() as f64));
        out.value(Family::LedgerInteractions, Some(view.meta.rows as f64));
        out.value(Family::OpenInteractions, Some(view.open as f64));
    }
}

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1_000.0
}

/// Gathers gauges of one account.
struct Gauges {
    account: String,
    gauges: Vec<Gauge>,
}

impl Gauges {
    fn value(&mut self, family: Family, value: Option<f64>) {
        let labels = vec![("account", Cow::Owned(self.account.clone()))];
        self.gauges.extend(value.map(|value| Gauge {
            family,
            labels,
            value,
        }));
    }

    fn time(&mut self, family: Family, ms: Option<i64>) {
        self.value(family, ms.map(seconds));
    }

    fn labelled(&mut self, family: Family, label: &'static str, text: &'static str, value: f64) {
        let labels = vec![
            ("account", self.account.clone().into()),
            (label, text.into()),
        ];
        self.gauges.push(Gauge {
            family,
            labels,
            value,
        });
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
