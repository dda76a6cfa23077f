//! Builds the status model of the web server from the instruments and the snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::daily::{Baseline, DailyTotals};
use super::{AccountHealth, FailureStreak, Health, Polls};
use vcc_core::ledger::AccountView;
use vcc_exposition::Publisher;
use vcc_web::status::{
    AccountState, AccountStatus, ApiStatus, CatchUpStatus, EndedStatus, FailureStatus,
    MediumStatus, OutcomeStatus, PollStatus, ReadStatus, SinceEvent, Status, Time,
};

/// What the status is built from.
#[derive(Debug, Clone)]
pub struct StatusInputs {
    pub publisher: Arc<Publisher>,
    /// The instruments of the process.
    pub health: Arc<Health>,
    /// The instruments of each account, in the configuration's order.
    pub accounts: Vec<Arc<AccountHealth>>,
    /// The path of the metrics.
    pub metrics_path: String,
}

impl StatusInputs {
    /// The status of this moment.
    pub fn status(&self) -> Status {
        let snapshot = self.publisher.current();
        // A configuration has at least one account.
        let now_ms = self.accounts.first().map(|account| account.local_ms());
        let now_ms = now_ms.unwrap_or_else(|| self.health.since_ms());
        let accounts = self.accounts.iter().map(|account| {
            let mut views = snapshot.accounts.iter();
            let view = views.find(|view| *view.name == *account.name());
            account_status(account, view.map(|view| &**view), now_ms)
        });
        let accounts: Vec<_> = accounts.collect();
        let worst = accounts.iter().map(|account| account.state).max();
        Status {
            version: env!("CARGO_PKG_VERSION"),
            now: Time(now_ms),
            started: Time(self.health.since_ms()),
            metrics_path: self.metrics_path.clone(),
            state: worst.unwrap_or(AccountState::Starting),
            accounts,
        }
    }
}

fn account_status(
    account: &AccountHealth,
    view: Option<&AccountView>,
    now_ms: i64,
) -> AccountStatus {
    let mut streaks = account.failure_streaks();
    streaks.sort_by_key(|it| it.ended_ms.is_some());
    let server_ms = account.server_ms();
    let read = view.map(|view| read_status(view, server_ms));
    let fails = streaks.iter().any(FailureStreak::is_of_counting);
    let catching_up = view.and_then(|view| account.is_catching_up(view.meta.cursor_ms));
    let state = match catching_up {
        _ if fails => AccountState::Failing,
        None => AccountState::Starting,
        Some(true) => AccountState::CatchingUp,
        Some(false) => AccountState::UpToDate,
    };
    let ended = view.and_then(|view| account.today(view));
    AccountStatus {
        account: account.name().to_owned(),
        state,
        api: ApiStatus {
            host: account.api_url().as_deref().and_then(host),
            time: server_ms.map(Time),
            clock_skew_seconds: account.skew_ms().map(seconds),
            lag_seconds: account.lag_ms().map(seconds),
        },
        polls: poll_status(account.polls(), now_ms),
        read,
        catch_up: (catching_up == Some(true))
            .then(|| catch_up_status(account, now_ms))
            .flatten(),
        ended: ended.map(|(since, ended)| ended_status(since, ended)),
        failures: streaks.into_iter().map(failure_status).collect(),
    }
}

fn poll_status(polls: Polls, now_ms: i64) -> PollStatus {
    PollStatus {
        interval_seconds: seconds(ms(polls.interval)),
        last: polls.last.map(|last| Time(last.ended_ms)),
        last_duration_seconds: polls.last.map(|last| seconds(ms(last.took))),
        last_succeeded: polls.last.map(|last| last.succeeded),
        last_success: polls.succeeded_ms.map(Time),
        next: polls.next_in.map(|pause| Time(now_ms + ms(pause))),
    }
}

fn read_status(view: &AccountView, server_ms: Option<i64>) -> ReadStatus {
    let meta = &view.meta;
    ReadStatus {
        counting_since: Time(meta.counting_since_ms),
        up_to: Time(meta.cursor_ms),
        behind_seconds: server_ms.map(|now_ms| seconds(now_ms - meta.cursor_ms)),
        interactions_open: view.open,
        unreadable_windows: meta.unread_windows.len(),
    }
}

fn catch_up_status(account: &AccountHealth, now_ms: i64) -> Option<CatchUpStatus> {
    let (catch_up, estimate) = account.catch_up()?;
    Some(CatchUpStatus {
        from: Time(catch_up.from_ms()),
        began: Time(now_ms - ms(catch_up.began().elapsed())),
        done_ratio: estimate.share,
        remaining_seconds: estimate.remaining.map(|pause| seconds(ms(pause))),
    })
}

/// What has ended since then.
fn ended_status(since: Baseline, ended: DailyTotals) -> EndedStatus {
    let mut media: BTreeMap<Arc<str>, Vec<OutcomeStatus>> = BTreeMap::new();
    for ((medium, outcome), interactions) in ended {
        media.entry(medium).or_default().push(OutcomeStatus {
            outcome: kept(&outcome),
            interactions,
        });
    }
    let by_medium = media.into_iter().map(|(medium, mut by_outcome)| {
        // Stable, so that equals stay in the order of their names.
        by_outcome.sort_by_key(|it| std::cmp::Reverse(it.interactions));
        MediumStatus {
            medium: kept(&medium),
            interactions: by_outcome.iter().map(|it| it.interactions).sum(),
            by_outcome,
        }
    });
    let mut by_medium: Vec<_> = by_medium.collect();
    by_medium.sort_by_key(|it| std::cmp::Reverse(it.interactions));
    EndedStatus {
        since: Time(since.ms()),
        since_event: match since {
            Baseline::Start(_) => SinceEvent::Start,
            Baseline::Day(_) => SinceEvent::Day,
        },
        interactions: by_medium.iter().map(|it| it.interactions).sum(),
        by_medium,
    }
}

fn failure_status(streak: FailureStreak) -> FailureStatus {
    FailureStatus {
        operation: streak.operation.as_str(),
        reason: streak.reason,
        message: streak.words,
        since: Time(streak.since_ms),
        last: Time(streak.last_ms),
        failures: streak.failures,
        ended: streak.ended_ms.map(Time),
    }
}

/// A label's value, if the family has the label.
fn kept(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

/// Of an API's address what tells it apart: the rest may hold what is nobody's business.
fn host(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1_000.0
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_address_only_the_host_is_shown() {
        let shown = host("https://user:hush@emea.example.com:8443/a?secret=1");
        assert_eq!(shown.as_deref(), Some("emea.example.com:8443"));
        assert_eq!(
            host("https://emea.example.com/").as_deref(),
            Some("emea.example.com")
        );
        assert_eq!(host("nonsense"), None);
    }

    #[test]
    fn what_ended_stands_under_its_medium_the_most_first() {
        let count = |medium: &str, outcome: &str, count| ((medium.into(), outcome.into()), count);
        let ended = DailyTotals::from([
            count("Chat", "Handled", 5),
            count("Phone", "Abandoned", 2),
            count("Phone", "Handled", 7),
            count("Phone", "Breakout", 2),
            count("", "", 1),
        ]);
        let status = ended_status(Baseline::Day(0), ended);
        assert_eq!(status.interactions, 17);
        let flat = status.by_medium.iter().flat_map(|medium| {
            let outcomes = medium.by_outcome.iter();
            outcomes.map(|it| {
                (
                    medium.medium.as_deref(),
                    it.outcome.as_deref(),
                    it.interactions,
                )
            })
        });
        let phone = Some("Phone");
        assert_eq!(
            flat.collect::<Vec<_>>(),
            [
                (phone, Some("Handled"), 7),
                (phone, Some("Abandoned"), 2),
                (phone, Some("Breakout"), 2),
                (Some("Chat"), Some("Handled"), 5),
                (None, None, 1),
            ]
        );
    }
}
