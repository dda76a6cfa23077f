//! The state of an account for the status: its polls, its failures, how far it has caught up, and what
//! it has counted today.

use tokio::time::Instant;

use super::account::AccountHealth;
use super::catchup::{CatchUp, Estimate};
use super::daily::{Baseline, DailyBaseline, DailyTotals, totals};
use super::failures::{FailureLog, FailureStreak};
use super::observations::Polls;
use vcc_core::ledger::AccountView;
use vcc_vonage::Operation;

impl AccountHealth {
    /// Notes that the next poll for interactions begins then, or that one is under way.
    pub fn next_poll(&self, at: Option<Instant>) {
        self.observed().next_poll = at;
    }

    pub fn polls(&self) -> Polls {
        let seen = self.observed();
        Polls {
            interval: self.schedule.interval,
            last: seen.last_poll,
            succeeded_ms: (seen.success_ms.get(Operation::Interactions.as_str())).copied(),
            next_in: seen
                .next_poll
                .map(|at| at.saturating_duration_since(Instant::now())),
        }
    }

    /// The current or last streak of failures of each operation.
    pub fn failure_streaks(&self) -> Vec<FailureStreak> {
        let seen = self.observed();
        let operations = [Operation::Interactions, Operation::Ongoing].map(Operation::as_str);
        let logs = operations.iter().filter_map(|it| seen.failures.get(it));
        logs.filter_map(FailureLog::latest).cloned().collect()
    }

    /// How far the API's clock was ahead of the local one at the last response, in milliseconds.
    pub fn skew_ms(&self) -> Option<i64> {
        self.observed().skew_ms
    }

    /// Notes the API the account is read from.
    pub fn set_api_url(&self, api_url: &str) {
        self.observed().api_url = Some(api_url.to_owned());
    }

    /// The API the account is read from, once it is polled.
    pub fn api_url(&self) -> Option<String> {
        self.observed().api_url.clone()
    }

    /// Notes what is shown from now on.
    pub fn published(&self, view: &AccountView) {
        let cursor_ms = view.meta.cursor_ms;
        let mut seen = self.observed();
        match &mut seen.daily {
            Some(daily) => daily.moved(cursor_ms, || totals(view)),
            daily => {
                *daily = Some(DailyBaseline::start(
                    self.clock.local_ms(),
                    cursor_ms,
                    totals(view),
                ))
            }
        }
        if let Some(catch_up) = &mut seen.catch_up {
            catch_up.moved(cursor_ms, Instant::now());
        }
    }

    /// What has ended since the day began, and when it did.
    pub fn today(&self, view: &AccountView) -> Option<(Baseline, DailyTotals)> {
        let seen = self.observed();
        let daily = seen.daily.as_ref()?;
        Some((daily.since(), daily.counted(totals(view))))
    }

    /// Begins catching up if a window is read from a cursor that is far behind, unless it has begun.
    pub fn begin_catch_up(&self, cursor_ms: i64) {
        if self.is_catching_up(cursor_ms) == Some(true) {
            let begin = || CatchUp::begin(cursor_ms, Instant::now());
            self.observed().catch_up.get_or_insert_with(begin);
        }
    }

    /// Ends catching up, if it had begun.
    pub fn finish_catch_up(&self) -> Option<CatchUp> {
        self.observed().catch_up.take()
    }

    /// How far catching up has come, while it is under way.
    pub fn catch_up(&self) -> Option<(CatchUp, Estimate)> {
        let (server_ms, now) = (self.server_ms()?, Instant::now());
        let catch_up = self.observed().catch_up.clone()?;
        let estimate = catch_up.estimate(server_ms, now);
        Some((catch_up, estimate))
    }
}
