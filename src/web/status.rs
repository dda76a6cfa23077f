//! How the exporter is: one model, which `/api/status` gives as JSON and `/` shows to people, so
//! that they cannot say different things. docs/status.md describes it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, SecondsFormat};
use serde::{Serialize, Serializer};
use url::Url;

use super::Site;
use crate::health::daily::{Baseline, DailyTotals, day_of};
use crate::health::{AccountHealth, FailureStreak, Polls};
use crate::ledger::AccountView;

pub(super) async fn json(State(site): State<Arc<Site>>) -> Response {
    match serde_json::to_string(&Status::of(&site)) {
        Ok(body) => (
            [
                (header::CONTENT_TYPE, "application/json"),
                (header::CACHE_CONTROL, "no-store"),
            ],
            body,
        )
            .into_response(),
        // Nothing in a status fails to be written; if something ever does, it must be seen.
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// A moment in Unix milliseconds; in JSON RFC 3339, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub i64);

impl Time {
    /// It in the calendar; the beginning of time for what no calendar has.
    pub fn utc(self) -> DateTime<chrono::Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }

    /// Whether both are of one day of UTC.
    pub fn is_same_day(self, other: Time) -> bool {
        day_of(self.0) == day_of(other.0)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.utc().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

/// How it goes, the better first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Everything that the API had processed a moment ago is counted.
    UpToDate,
    /// The past is being read.
    CatchingUp,
    /// The API has not answered yet.
    Starting,
    /// The last poll failed.
    Failing,
}

/// How an exporter is. Local times, unless it says the API's.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// The exporter's version.
    pub version: &'static str,
    /// When this was true.
    pub now: Time,
    /// When the process started.
    pub started: Time,
    /// Where the metrics are.
    pub metrics_path: String,
    /// That of the account that is worst off.
    pub state: Standing,
    /// Each account, in the configuration's order.
    pub accounts: Vec<AccountStatus>,
}

/// How an account is.
#[derive(Debug, Clone, Serialize)]
pub struct AccountStatus {
    /// The `account` label.
    pub account: String,
    /// How it goes.
    pub state: Standing,
    /// The API it is read from.
    pub api: ApiStatus,
    /// The polls for interactions.
    pub polls: PollStatus,
    /// What was read; nothing before a new account has begun.
    pub read: Option<ReadStatus>,
    /// How far catching up has come; nothing unless it goes on.
    pub catch_up: Option<CatchUpStatus>,
    /// What has ended since the day began.
    pub ended: Option<EndedStatus>,
    /// The last failures of each operation, those that go on first.
    pub failures: Vec<FailureStatus>,
}

/// What is known of an API.
#[derive(Debug, Clone, Serialize)]
pub struct ApiStatus {
    /// Its host, with a port that is not the usual one.
    pub host: Option<String>,
    /// What its clock shows.
    pub time: Option<Time>,
    /// How far that is ahead of the exporter's.
    pub clock_skew_seconds: Option<f64>,
    /// How old its newest event is.
    pub lag_seconds: Option<f64>,
}

/// When an account was polled and will be.
#[derive(Debug, Clone, Serialize)]
pub struct PollStatus {
    /// The pause from one poll to the next, once caught up.
    pub interval_seconds: f64,
    /// When the last one ended.
    pub last: Option<Time>,
    /// How long it took.
    pub last_duration_seconds: Option<f64>,
    /// Whether it succeeded.
    pub last_succeeded: Option<bool>,
    /// When one last succeeded.
    pub last_success: Option<Time>,
    /// When the next one begins; nothing while one is under way.
    pub next: Option<Time>,
}

/// What was read of an account. Times are the API's.
#[derive(Debug, Clone, Serialize)]
pub struct ReadStatus {
    /// Since when the counters count.
    pub counting_since: Time,
    /// All that was processed until then is counted.
    pub up_to: Time,
    /// How far that is behind the API's clock.
    pub behind_seconds: Option<f64>,
    /// Interactions that have begun and not ended.
    pub interactions_open: usize,
    /// Windows that could not be read, and are asked for again.
    pub unreadable_windows: usize,
}

/// How far catching up has come.
#[derive(Debug, Clone, Serialize)]
pub struct CatchUpStatus {
    /// Where it began, in the API's time.
    pub from: Time,
    /// When it began.
    pub began: Time,
    /// What share of the way is done, 0 to 1.
    pub done_ratio: f64,
    /// How long it will take at the pace of the last two minutes; nothing while that is not known.
    pub remaining_seconds: Option<f64>,
}

/// What has ended.
#[derive(Debug, Clone, Serialize)]
pub struct EndedStatus {
    /// From when on it was counted.
    pub since: Time,
    /// What was at that time.
    pub since_event: SinceEvent,
    /// How many interactions.
    pub interactions: u64,
    /// The same by medium, the most first.
    pub by_medium: Vec<MediumStatus>,
}

/// What something counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SinceEvent {
    /// A day of UTC began: the first moment of it that everything was read up to, in the API's time.
    Day,
    /// The exporter started, or read its configuration again.
    Start,
}

/// What has ended of a medium.
#[derive(Debug, Clone, Serialize)]
pub struct MediumStatus {
    /// The medium; nothing where the configuration leaves the label out.
    pub medium: Option<String>,
    /// How many interactions.
    pub interactions: u64,
    /// The same by outcome, the most first.
    pub by_outcome: Vec<OutcomeStatus>,
}

/// What has ended with an outcome.
#[derive(Debug, Clone, Serialize)]
pub struct OutcomeStatus {
    /// The outcome; nothing where the configuration leaves the label out.
    pub outcome: Option<String>,
    /// How many interactions.
    pub interactions: u64,
}

/// A stretch of failures.
#[derive(Debug, Clone, Serialize)]
pub struct FailureStatus {
    /// What failed: the `operation` label.
    pub operation: &'static str,
    /// Why it failed last: the `reason` label.
    pub reason: &'static str,
    /// The same in words, with what to do.
    pub message: String,
    /// When it failed first.
    pub since: Time,
    /// When it failed last.
    pub last: Time,
    /// How often it failed.
    pub failures: u64,
    /// When it went well again; nothing while it fails.
    pub ended: Option<Time>,
}

impl Status {
    /// How it is now.
    pub fn of(site: &Site) -> Self {
        let snapshot = site.publisher.current();
        // A configuration has an account at least.
        let now_ms = site.accounts.first().map(|account| account.local_ms());
        let now_ms = now_ms.unwrap_or_else(|| site.health.since_ms());
        let accounts = site.accounts.iter().map(|account| {
            let mut views = snapshot.accounts.iter();
            let view = views.find(|view| *view.name == *account.name());
            AccountStatus::of(account, view.map(|view| &**view), now_ms)
        });
        let accounts: Vec<_> = accounts.collect();
        let worst = accounts.iter().map(|account| account.state).max();
        Status {
            version: env!("CARGO_PKG_VERSION"),
            now: Time(now_ms),
            started: Time(site.health.since_ms()),
            metrics_path: site.telemetry_path.clone(),
            state: worst.unwrap_or(Standing::Starting),
            accounts,
        }
    }
}

impl AccountStatus {
    fn of(account: &AccountHealth, view: Option<&AccountView>, now_ms: i64) -> Self {
        let mut streaks = account.failure_streaks();
        streaks.sort_by_key(|it| it.ended_ms.is_some());
        let server_ms = account.server_ms();
        let read = view.map(|view| ReadStatus::of(view, server_ms));
        let fails = streaks.iter().any(FailureStreak::is_of_counting);
        let catching_up = view.and_then(|view| account.is_catching_up(view.meta.cursor_ms));
        let state = match catching_up {
            _ if fails => Standing::Failing,
            None => Standing::Starting,
            Some(true) => Standing::CatchingUp,
            Some(false) => Standing::UpToDate,
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
            polls: PollStatus::of(account.polls(), now_ms),
            read,
            catch_up: (catching_up == Some(true))
                .then(|| CatchUpStatus::of(account, now_ms))
                .flatten(),
            ended: ended.map(|(since, ended)| EndedStatus::of(since, ended)),
            failures: streaks.into_iter().map(FailureStatus::of).collect(),
        }
    }
}

impl PollStatus {
    fn of(polls: Polls, now_ms: i64) -> Self {
        PollStatus {
            interval_seconds: seconds(ms(polls.interval)),
            last: polls.last.map(|last| Time(last.ended_ms)),
            last_duration_seconds: polls.last.map(|last| seconds(ms(last.took))),
            last_succeeded: polls.last.map(|last| last.succeeded),
            last_success: polls.succeeded_ms.map(Time),
            next: polls.next_in.map(|pause| Time(now_ms + ms(pause))),
        }
    }
}

impl ReadStatus {
    fn of(view: &AccountView, server_ms: Option<i64>) -> Self {
        let meta = &view.meta;
        ReadStatus {
            counting_since: Time(meta.counting_since_ms),
            up_to: Time(meta.cursor_ms),
            behind_seconds: server_ms.map(|now_ms| seconds(now_ms - meta.cursor_ms)),
            interactions_open: view.open,
            unreadable_windows: meta.holes.len(),
        }
    }
}

impl CatchUpStatus {
    fn of(account: &AccountHealth, now_ms: i64) -> Option<Self> {
        let (catch_up, estimate) = account.catch_up()?;
        Some(CatchUpStatus {
            from: Time(catch_up.from_ms()),
            began: Time(now_ms - ms(catch_up.began().elapsed())),
            done_ratio: estimate.share,
            remaining_seconds: estimate.remaining.map(|pause| seconds(ms(pause))),
        })
    }
}

impl EndedStatus {
    /// What has ended since then.
    pub fn of(since: Baseline, ended: DailyTotals) -> Self {
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
}

impl FailureStatus {
    fn of(streak: FailureStreak) -> Self {
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
    fn a_time_is_rfc_3339_whatever_it_is() {
        let text = |ms| serde_json::to_string(&Time(ms)).unwrap();
        assert_eq!(text(1_772_442_000_007), r#""2026-03-02T09:00:00.007Z""#);
        assert_eq!(text(i64::MAX), r#""1970-01-01T00:00:00.000Z""#);
    }

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
        let status = EndedStatus::of(Baseline::Day(0), ended);
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
