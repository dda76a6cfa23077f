//! Reads the parameters and the version of a request for interactions.
use std::collections::HashMap;

use super::reply::{Call, Reply};
use crate::settings::DAY_MS;
use crate::time::parse;
use crate::timeline::Include;

const MAX_WINDOW_DAYS: i64 = 31;
const DEFAULT_LIMIT: usize = 25;
const MAX_LIMIT: usize = 5_000;

/// A request is rejected; the texts are those of the API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum QueryError {
    #[error("The start parameter is required")]
    MissingStart,
    #[error("The value of {0} is not a valid DateTime")]
    InvalidTime(&'static str),
    #[error("The value of {0} is outside of the allowed limits")]
    OutOfRange(&'static str),
    #[error("The value of include is not valid")]
    InvalidInclude,
    #[error("The end of the window is before its start")]
    EndBeforeStart,
    #[error("Request window size limit exceeded 31 days")]
    WindowTooLarge,
    #[error("Invalid Accept header!")]
    InvalidAccept,
    #[error("Invalid api-version! Valid values: 2,3")]
    InvalidVersion,
}

impl From<QueryError> for Reply {
    fn from(error: QueryError) -> Self {
        let message = error.to_string();
        match error {
            QueryError::InvalidAccept | QueryError::InvalidVersion => Self::version_error(&message),
            _ => Self::error(400, &message),
        }
    }
}

/// One page of a window [start, end), in Unix milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) include: Include,
    pub(super) start_ms: i64,
    pub(super) end_ms: i64,
    pub(super) paging: Paging,
}

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paging {
    /// The first page is 1.
    pub(super) page: usize,
    pub(super) limit: usize,
}

impl Paging {
    pub(super) fn read(text: &str) -> Result<Self, QueryError> {
        Self::of(&fields(text))
    }

    fn of(fields: &HashMap<String, String>) -> Result<Self, QueryError> {
        let number = |name: &'static str, default: usize, max: usize| {
            let Some(text) = fields.get(name) else {
                return Ok(default);
            };
            let number = text.parse().ok();
            let number = number.filter(|number| (1..=max).contains(number));
            number.ok_or(QueryError::OutOfRange(name))
        };
        Ok(Self {
            page: number("page", 1, usize::MAX)?,
            limit: number("limit", DEFAULT_LIMIT, MAX_LIMIT)?,
        })
    }

    /// The indices that are on the page, of a list of this length.
    pub(super) fn places(self, count: usize) -> std::ops::Range<usize> {
        let first = (self.page - 1).saturating_mul(self.limit).min(count);
        first..first.saturating_add(self.limit).min(count)
    }
}

impl Query {
    /// Whether the other query is for a page of the same window.
    pub(super) fn same_window(self, other: Self) -> bool {
        let paging = Paging {
            page: other.paging.page,
            ..self.paging
        };
        Self { paging, ..self } == other
    }

    pub(super) fn window_ms(self) -> i64 {
        self.end_ms - self.start_ms
    }

    /// Reads a query string; the end of the window defaults to now.
    pub(super) fn read(text: &str, now_ms: i64) -> Result<Self, QueryError> {
        let fields = fields(text);
        let time = |name: &'static str| {
            let time = fields.get(name).map(|text| parse(text));
            time.map(|time| time.ok_or(QueryError::InvalidTime(name)))
                .transpose()
        };
        let start_ms = time("start")?.ok_or(QueryError::MissingStart)?;
        let end_ms = time("end")?.unwrap_or(now_ms);
        if end_ms < start_ms {
            return Err(QueryError::EndBeforeStart);
        }
        if end_ms - start_ms > MAX_WINDOW_DAYS * DAY_MS {
            return Err(QueryError::WindowTooLarge);
        }
        let include = fields.get("include").map(|it| it.to_ascii_lowercase());
        let include = match include.as_deref() {
            None | Some("started") => Include::Started,
            Some("startedorended") => Include::StartedOrEnded,
            Some("processed") => Include::Processed,
            Some(_) => return Err(QueryError::InvalidInclude),
        };
        Ok(Self {
            include,
            start_ms,
            end_ms,
            paging: Paging::of(&fields)?,
        })
    }
}

/// The fields of a query string; of a repeated field the first one counts.
fn fields(text: &str) -> HashMap<String, String> {
    let mut fields = HashMap::new();
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()).into_owned() {
        fields.entry(name).or_insert(value);
    }
    fields
}

/// Checks that the `Accept` header names an existing version.
pub(super) fn check_version(call: &Call<'_>) -> Result<(), QueryError> {
    const PREFIX: &str = "application/vnd.newvoicemedia.v";
    let accept = call.accept.unwrap_or_default().to_ascii_lowercase();
    let media = accept
        .split(',')
        .map(|part| part.split(';').next().unwrap_or_default().trim());
    let versions: Vec<&str> = media
        .filter_map(|it| it.strip_prefix(PREFIX)?.strip_suffix("+json"))
        .collect();
    if versions.is_empty() {
        Err(QueryError::InvalidAccept)
    } else if versions.iter().any(|version| matches!(*version, "2" | "3")) {
        Ok(())
    } else {
        Err(QueryError::InvalidVersion)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_the_documented_ones() {
        let read = Query::read("start=2019-12-20", 1_576_886_400_000).expect("a query");
        let expected = Query {
            include: Include::Started,
            start_ms: 1_576_800_000_000,
            end_ms: 1_576_886_400_000,
            paging: Paging { page: 1, limit: 25 },
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn a_window_of_31_days_is_the_longest() {
        let start = "start=2020-01-01T00%3A00%3A00.000Z&end=";
        assert!(Query::read(&format!("{start}2020-02-01"), 0).is_ok());
        let error =
            Query::read(&format!("{start}2020-02-01T00:00:00.001"), 0).expect_err("too long");
        assert_eq!(error, QueryError::WindowTooLarge);
        assert_eq!(
            Reply::from(error).body,
            br#"{"message":"Request window size limit exceeded 31 days"}"#.as_slice()
        );
    }

    #[test]
    fn an_invalid_query_is_a_400_with_a_message() {
        let good = "start=2020-01-01&end=2020-01-02";
        assert!(Query::read(good, 0).is_ok());
        for bad in [
            "",
            "end=2020-01-01",
            "start=soon",
            "start=2020-01-01&end=later",
            "start=2020-01-02&end=2020-01-01",
            "start=2020-01-01&end=2020-01-02&limit=0",
            "start=2020-01-01&end=2020-01-02&limit=5001",
            "start=2020-01-01&end=2020-01-02&limit=many",
            "start=2020-01-01&end=2020-01-02&page=0",
            "start=2020-01-01&end=2020-01-02&include=Everything",
        ] {
            let refused = Reply::from(Query::read(bad, 0).expect_err(bad));
            assert_eq!(refused.status, 400, "{bad}");
            assert!(refused.body.starts_with(br#"{"message":"#), "{bad}");
        }
    }
}
