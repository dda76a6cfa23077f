//! Reads what a request for interactions asks for.
use super::config::DAY_MS;
use super::reply::{Call, Reply};
use super::shelf::Include;
use super::time::parse;

const MAX_WINDOW_DAYS: i64 = 31;
const DEFAULT_LIMIT: usize = 25;
const MAX_LIMIT: usize = 5_000;

/// One page of a window [start, end), in Unix milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) include: Include,
    pub(super) start_ms: i64,
    pub(super) end_ms: i64,
    pub(super) paging: Paging,
}

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paging {
    /// The first is 1.
    pub(super) page: usize,
    pub(super) limit: usize,
}

impl Paging {
    /// Reads `page` and `limit`, or says what is wrong with them.
    pub(super) fn read(text: &str) -> Result<Self, Reply> {
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(text.as_bytes())
            .into_owned()
            .collect();
        let field = |name: &str| {
            let pair = pairs.iter().find(|(key, _)| key == name);
            pair.map(|(_, value)| value.as_str())
        };
        Ok(Self {
            page: number("page", field("page"), 1, usize::MAX)?,
            limit: number("limit", field("limit"), DEFAULT_LIMIT, MAX_LIMIT)?,
        })
    }

    /// The places of a list of this many that are on the page.
    pub(super) fn places(self, count: usize) -> std::ops::Range<usize> {
        let first = (self.page - 1).saturating_mul(self.limit).min(count);
        first..first.saturating_add(self.limit).min(count)
    }
}

impl Query {
    /// Whether this asks for a page of the same window.
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

    /// Reads the query, or says what is wrong with it.
    pub(super) fn read(text: &str, now_ms: i64) -> Result<Self, Reply> {
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(text.as_bytes())
            .into_owned()
            .collect();
        let field = |name: &str| {
            pairs
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.as_str())
        };
        let time = |name: &str, text: &str| {
            parse(text).ok_or_else(|| {
                Reply::error(400, &format!("The value of {name} is not a valid DateTime"))
            })
        };
        let Some(start) = field("start") else {
            return Err(Reply::error(400, "The start parameter is required"));
        };
        let start_ms = time("start", start)?;
        let end_ms = field("end").map_or(Ok(now_ms), |end| time("end", end))?;
        if end_ms < start_ms {
            return Err(Reply::error(
                400,
                "The end of the window is before its start",
            ));
        }
        if end_ms - start_ms > MAX_WINDOW_DAYS * DAY_MS {
            return Err(Reply::error(
                400,
                "Request window size limit exceeded 31 days",
            ));
        }
        let include = match field("include").map(str::to_ascii_lowercase).as_deref() {
            None | Some("started") => Include::Started,
            Some("startedorended") => Include::StartedOrEnded,
            Some("processed") => Include::Processed,
            Some(_) => return Err(Reply::error(400, "The value of include is not valid")),
        };
        Ok(Self {
            include,
            start_ms,
            end_ms,
            paging: Paging::read(text)?,
        })
    }
}

fn number(name: &str, text: Option<&str>, default: usize, most: usize) -> Result<usize, Reply> {
    let Some(text) = text else { return Ok(default) };
    let number = text
        .parse()
        .ok()
        .filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| {
        Reply::error(
            400,
            &format!("The value of {name} is outside of the allowed limits"),
        )
    })
}

/// Checks that the `Accept` header names a version there is.
pub(super) fn check_version(call: &Call<'_>) -> Result<(), Reply> {
    const PREFIX: &str = "application/vnd.newvoicemedia.v";
    let accept = call.accept.unwrap_or_default().to_ascii_lowercase();
    let media = accept
        .split(',')
        .map(|part| part.split(';').next().unwrap_or_default().trim());
    let versions: Vec<&str> = media
        .filter_map(|it| it.strip_prefix(PREFIX)?.strip_suffix("+json"))
        .collect();
    if versions.is_empty() {
        Err(Reply::version_error("Invalid Accept header!"))
    } else if versions.iter().any(|version| matches!(*version, "2" | "3")) {
        Ok(())
    } else {
        Err(Reply::version_error(
            "Invalid api-version! Valid values: 2,3",
        ))
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
        let refused =
            Query::read(&format!("{start}2020-02-01T00:00:00.001"), 0).expect_err("too long");
        assert_eq!(
            refused.body,
            br#"{"message":"Request window size limit exceeded 31 days"}"#.as_slice()
        );
    }

    #[test]
    fn what_cannot_be_read_is_a_400_with_a_message() {
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
            let refused = Query::read(bad, 0).expect_err(bad);
            assert_eq!(refused.status, 400, "{bad}");
            assert!(refused.body.starts_with(br#"{"message":"#), "{bad}");
        }
    }
}
