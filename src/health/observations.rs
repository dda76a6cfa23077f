//! What is known of one account right now.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::catchup::CatchUp;
use super::daily::DailyBaseline;
use super::failures::FailureLog;
use vcc_core::ledger::AccountView;
use vcc_core::series::Gauge;
use vcc_net::clock::ServerClock;

/// A poll that ended.
#[derive(Debug, Clone, Copy)]
pub struct Poll {
    /// Local Unix time in milliseconds.
    pub ended_ms: i64,
    pub took: Duration,
    pub succeeded: bool,
}

/// The polls of an account for its interactions.
#[derive(Debug, Clone, Copy)]
pub struct Polls {
    /// The pause from one to the next.
    pub interval: Duration,
    pub last: Option<Poll>,
    /// When one last succeeded, local Unix time in milliseconds.
    pub succeeded_ms: Option<i64>,
    /// Time until the next one begins; nothing while one is under way.
    pub next_in: Option<Duration>,
}

/// Gauges of the present, which are exported for as long as they are fresh.
pub trait LiveGauges: std::fmt::Debug + Send + Sync {
    /// The gauges of an account; `view` is what is counted of it.
    fn gauges(&self, account: &str, view: &AccountView) -> Vec<Gauge>;
}

/// By operation where a map is keyed by text.
#[derive(Debug, Default)]
pub(super) struct AccountObservations {
    pub(super) api_url: Option<String>,
    pub(super) clock: Option<ServerClock>,
    pub(super) lag: Option<(i64, Instant)>,
    pub(super) latest_update_ms: Option<i64>,
    pub(super) skew_ms: Option<i64>,
    pub(super) up: BTreeMap<&'static str, bool>,
    pub(super) success_ms: BTreeMap<&'static str, i64>,
    pub(super) token_expiry_ms: Option<i64>,
    pub(super) failures: BTreeMap<&'static str, FailureLog>,
    /// The last poll for interactions.
    pub(super) last_poll: Option<Poll>,
    /// When the next one begins, unless one is under way.
    pub(super) next_poll: Option<Instant>,
    pub(super) daily: Option<DailyBaseline>,
    pub(super) catch_up: Option<CatchUp>,
    /// The pause between polls of ongoing interactions, if they are polled.
    pub(super) live_interval: Option<Duration>,
    /// What the last one gave, and when.
    pub(super) live: Option<(Arc<dyn LiveGauges>, Instant)>,
}
