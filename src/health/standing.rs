//! Where an account stands: when it was polled, how far it has come, what it has counted today.

use std::time::Duration;

use tokio::time::Instant;

use super::AccountHealth;
use super::catchup::{CatchUp, Estimate};
use super::day::{Day, Ended, Since, ended};
use super::troubles::{Setback, Troubles};
use crate::api::Operation;
use crate::ledger::AccountView;

/// A poll that ended.
#[derive(Debug, Clone, Copy)]
pub struct Poll {
    /// When, local Unix time in milliseconds.
    pub ended_ms: i64,
    /// How long it took.
    pub took: Duration,
    /// Whether it brought everything it was to bring.
    pub succeeded: bool,
}

/// The polls of an account for its interactions.
#[derive(Debug, Clone, Copy)]
pub struct Polls {
    /// The pause from one to the next.
    pub interval: Duration,
    /// The last one.
    pub last: Option<Poll>,
    /// When one last succeeded, local Unix time in milliseconds.
    pub succeeded_ms: Option<i64>,
    /// In how long the next one begins; nothing while one is under way.
    pub next_in: Option<Duration>,
}

impl AccountHealth {
    /// Notes that the next poll for interactions begins then, or that one is under way.
    pub fn next_poll(&self, at: Option<Instant>) {
        self.live().next_poll = at;
    }

    /// The polls for interactions.
    pub fn polls(&self) -> Polls {
        let live = self.live();
        Polls {
            interval: self.poll_interval,
            last: live.last_poll,
            succeeded_ms: (live.success_ms.get(Operation::Interactions.as_str())).copied(),
            next_in: live
                .next_poll
                .map(|at| at.saturating_duration_since(Instant::now())),
        }
    }

    /// What the account suffers from or suffered from last, by operation.
    pub fn setbacks(&self) -> Vec<Setback> {
        let live = self.live();
        let operations = [Operation::Interactions, Operation::Ongoing].map(Operation::as_str);
        let troubles = operations.iter().filter_map(|it| live.troubles.get(it));
        troubles.filter_map(Troubles::latest).cloned().collect()
    }

    /// How far the API's clock was ahead of ours when it was last heard, in milliseconds.
    pub fn skew_ms(&self) -> Option<i64> {
        self.live().skew_ms
    }

    /// Notes the API the account is read from.
    pub fn reads(&self, api_url: &str) {
        self.live().api_url = Some(api_url.to_owned());
    }

    /// The API the account is read from, once it is polled.
    pub fn api_url(&self) -> Option<String> {
        self.live().api_url.clone()
    }

    /// Notes what is shown from now on.
    pub fn published(&self, view: &AccountView) {
        let cursor_ms = view.meta.cursor_ms;
        let mut live = self.live();
        match &mut live.day {
            Some(day) => day.moved(cursor_ms, || ended(view)),
            day => *day = Some(Day::start(self.clock.local_ms(), cursor_ms, ended(view))),
        }
        if let Some(catch_up) = &mut live.catch_up {
            catch_up.moved(cursor_ms, Instant::now());
        }
    }

    /// What has ended since the day began, and when it did.
    pub fn today(&self, view: &AccountView) -> Option<(Since, Ended)> {
        let live = self.live();
        let day = live.day.as_ref()?;
        Some((day.since(), day.counted(ended(view))))
    }

    /// A window is read from the cursor on: if that is far behind, catching up begins or goes on.
    pub fn sets_out(&self, cursor_ms: i64) {
        if self.is_catching_up(cursor_ms) == Some(true) {
            let begin = || CatchUp::begin(cursor_ms, Instant::now());
            self.live().catch_up.get_or_insert_with(begin);
        }
    }

    /// The present is reached: what catching up was, if it was.
    pub fn arrived(&self) -> Option<CatchUp> {
        self.live().catch_up.take()
    }

    /// How far catching up has come, while it goes on.
    pub fn catch_up(&self) -> Option<(CatchUp, Estimate)> {
        let (server_ms, now) = (self.server_ms()?, Instant::now());
        let catch_up = self.live().catch_up.clone()?;
        let estimate = catch_up.estimate(server_ms, now);
        Some((catch_up, estimate))
    }
}
