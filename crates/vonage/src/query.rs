//! The parameters of a request for a page, and its URL.

use chrono::{DateTime, SecondsFormat, Utc};
use url::Url;

const INTERACTIONS_PATH: [&str; 2] = ["stats", "interactions"];

/// One page of one window of processed interactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageQuery {
    /// The window's start, in milliseconds since the Unix epoch, server time.
    pub start_ms: i64,
    /// The window's end; the server takes `None` as "now".
    pub end_ms: Option<i64>,
    /// Counted from 1.
    pub page: u32,
    /// The most interactions of a page.
    pub limit: u32,
}

impl PageQuery {
    /// The URL of this page below `api_url`, which may have a path prefix and a trailing slash.
    ///
    /// `include` is always `Processed`: only in that mode the API returns an interaction again
    /// whenever it has changed, so that a poller misses nothing.
    pub fn url(&self, api_url: &Url) -> Url {
        let mut url = resource(api_url, &[]);
        let mut pairs = url.query_pairs_mut();
        pairs.append_pair("start", &rfc3339(self.start_ms));
        if let Some(end_ms) = self.end_ms {
            pairs.append_pair("end", &rfc3339(end_ms));
        }
        pairs
            .append_pair("include", "Processed")
            .append_pair("page", &self.page.to_string())
            .append_pair("limit", &self.limit.to_string());
        drop(pairs);
        url
    }
}

/// One page of the ongoing interactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OngoingQuery {
    /// Counted from 1.
    pub page: u32,
    /// The most interactions of a page.
    pub limit: u32,
}

impl OngoingQuery {
    /// The URL of this page below `api_url`.
    pub fn url(&self, api_url: &Url) -> Url {
        let mut url = resource(api_url, &["ongoing"]);
        url.query_pairs_mut()
            .append_pair("page", &self.page.to_string())
            .append_pair("limit", &self.limit.to_string());
        url
    }
}

/// The URL of the interactions resource, or of one below it, without a query.
fn resource(api_url: &Url, below: &[&str]) -> Url {
    let mut url = api_url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(INTERACTIONS_PATH).extend(below);
    }
    url.set_fragment(None);
    url.set_query(None);
    url
}

/// Renders RFC 3339 with milliseconds and `Z`. A time outside the calendar becomes the nearest one
/// inside it, which the server rejects.
fn rfc3339(ms: i64) -> String {
    let edge = if ms < 0 {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    };
    DateTime::from_timestamp_millis(ms)
        .unwrap_or(edge)
        .to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUERY: PageQuery = PageQuery {
        start_ms: 1_576_856_559_825,
        end_ms: Some(1_576_856_560_000),
        page: 3,
        limit: 5000,
    };

    fn pairs(url: &Url) -> Vec<(String, String)> {
        url.query_pairs().into_owned().collect()
    }

    #[test]
    fn asks_for_processed_interactions_with_milliseconds_and_z() {
        let url = QUERY.url(&Url::parse("https://emea.api.example.com").unwrap());
        assert_eq!(url.path(), "/stats/interactions");
        let want = [
            ("start", "2019-12-20T15:42:39.825Z"),
            ("end", "2019-12-20T15:42:40.000Z"),
            ("include", "Processed"),
            ("page", "3"),
            ("limit", "5000"),
        ];
        assert_eq!(
            pairs(&url),
            want.map(|(name, value)| (name.into(), value.into()))
        );
    }

    #[test]
    fn leaves_an_open_end_out() {
        let query = PageQuery {
            end_ms: None,
            ..QUERY
        };
        let url = query.url(&Url::parse("https://emea.api.example.com").unwrap());
        assert!(pairs(&url).iter().all(|(name, _)| name != "end"));
    }

    #[test]
    fn keeps_a_path_prefix_with_and_without_its_slash() {
        for base in ["https://gw.example.com/vcc", "https://gw.example.com/vcc/"] {
            let url = QUERY.url(&Url::parse(base).unwrap());
            assert_eq!(url.path(), "/vcc/stats/interactions");
        }
    }

    #[test]
    fn what_is_going_on_is_asked_for_by_paging_alone() {
        let query = OngoingQuery {
            page: 2,
            limit: 100,
        };
        let url = query.url(&Url::parse("https://gw.example.com/vcc/").unwrap());
        assert_eq!(url.path(), "/vcc/stats/interactions/ongoing");
        assert_eq!(url.query(), Some("page=2&limit=100"));
    }

    #[test]
    fn an_impossible_time_does_not_panic() {
        assert!(rfc3339(i64::MAX).ends_with('Z'));
        assert!(rfc3339(i64::MIN).ends_with('Z'));
    }
}
