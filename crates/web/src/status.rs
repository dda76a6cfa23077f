//! The status model: `/api/status` serves it as JSON and `/` shows it as a page, so that they cannot
//! differ. docs/status.md describes it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, SecondsFormat};
use serde::{Serialize, Serializer};

const DAY_MS: i64 = 86_400_000;

/// Builds the status of the moment.
pub type StatusSource = Arc<dyn Fn() -> Status + Send + Sync>;

pub(super) async fn json(State(status): State<StatusSource>) -> Response {
    match serde_json::to_string(&status()) {
        Ok(body) => (
            [
                (header::CONTENT_TYPE, "application/json"),
                (header::CACHE_CONTROL, "no-store"),
            ],
            body,
        )
            .into_response(),
        // Serialising a status cannot fail; if it ever does, it must be seen.
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// A moment in Unix milliseconds; in JSON RFC 3339, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub i64);

impl Time {
    /// The Unix epoch for a time outside of the calendar's range.
    pub fn utc(self) -> DateTime<chrono::Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }

    /// Whether both are of one day of UTC.
    pub fn is_same_day(self, other: Time) -> bool {
        self.0.div_euclid(DAY_MS) == other.0.div_euclid(DAY_MS)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.utc().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

/// The state of an account, the better first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// Everything that the API had processed a moment ago is counted.
    UpToDate,
    /// Data of the past is being read.
    CatchingUp,
    /// The API has not answered yet.
    Starting,
    /// The last poll failed.
    Failing,
}

/// The status of an exporter. Times are local unless described as the API's.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// The exporter's version.
    pub version: &'static str,
    /// When this was true.
    pub now: Time,
    /// When the process started.
    pub started: Time,
    /// The path of the metrics.
    pub metrics_path: String,
    /// The worst state of any account.
    pub state: AccountState,
    /// In the configuration's order.
    pub accounts: Vec<AccountStatus>,
}

/// The status of an account.
#[derive(Debug, Clone, Serialize)]
pub struct AccountStatus {
    /// The `account` label.
    pub account: String,
    /// The state of the account.
    pub state: AccountState,
    /// The API the account is read from.
    pub api: ApiStatus,
    /// The polls for interactions.
    pub polls: PollStatus,
    /// Absent before counting has begun.
    pub read: Option<ReadStatus>,
    /// Absent unless the account is catching up.
    pub catch_up: Option<CatchUpStatus>,
    /// What has ended today.
    pub ended: Option<EndedStatus>,
    /// The last failures of each operation, ongoing ones first.
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

/// The polls of an account.
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

/// The progress of catching up.
#[derive(Debug, Clone, Serialize)]
pub struct CatchUpStatus {
    /// Where it began, in the API's time.
    pub from: Time,
    /// When it began.
    pub began: Time,
    /// What share of the way is done, 0 to 1.
    pub done_ratio: f64,
    /// Estimated from the speed of the last two minutes; absent while unknown.
    pub remaining_seconds: Option<f64>,
}

/// Interactions that ended.
#[derive(Debug, Clone, Serialize)]
pub struct EndedStatus {
    /// From when on it was counted.
    pub since: Time,
    /// What happened at that time.
    pub since_event: SinceEvent,
    /// The number of interactions.
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

/// The interactions of a medium.
#[derive(Debug, Clone, Serialize)]
pub struct MediumStatus {
    /// The medium; nothing where the configuration leaves the label out.
    pub medium: Option<String>,
    /// The number of interactions.
    pub interactions: u64,
    /// The same by outcome, the most first.
    pub by_outcome: Vec<OutcomeStatus>,
}

/// The interactions with an outcome.
#[derive(Debug, Clone, Serialize)]
pub struct OutcomeStatus {
    /// The outcome; nothing where the configuration leaves the label out.
    pub outcome: Option<String>,
    /// The number of interactions.
    pub interactions: u64,
}

/// A series of failures without a success in between.
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
    /// When the next attempt succeeded; absent while the operation fails.
    pub ended: Option<Time>,
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
}
