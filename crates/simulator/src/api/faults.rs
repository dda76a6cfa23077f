//! The faults of the API; all are off by default.
use serde::{Deserialize, Serialize};

/// The faults of a simulated API; a probability is per request unless said otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Versions become visible this many milliseconds late, and `latestUpdate` lags accordingly.
    pub api_lag_ms: i64,
    /// The server's clock is this many milliseconds ahead of the clock it is called with.
    pub clock_skew_ms: i64,
    /// No version becomes visible and `latestUpdate` does not change, while interactions continue. Once the stall
    /// ends, all of them become visible at once.
    pub stalled: bool,
    /// The client's secret is rejected, and so is every token issued for it.
    pub secret_revoked: bool,
    /// Probability that a valid token is revoked just before it is used.
    pub token_expiry: f64,
    /// Probability of a 401 although the token is valid.
    pub auth_401: f64,
    /// Probability of a 403 although the token is valid.
    pub auth_403: f64,
    /// Probability of a 429.
    pub throttle_429: f64,
    /// Seconds in the `Retry-After` header of a 429; without a value there is no such header.
    pub retry_after_seconds: Option<u64>,
    /// Probability of a 500.
    pub error_500: f64,
    /// Probability of a 501.
    pub error_501: f64,
    /// Probability of a 503.
    pub error_503: f64,
    /// Probability of a 504.
    pub error_504: f64,
    /// The probabilities of 429 and 5xx apply to requests for a token too.
    pub token_endpoint_too: bool,
    /// Windows longer than this many days are always answered with 501 or 504.
    pub large_window_501_days: Option<f64>,
    /// Probability that a body is delayed.
    pub slow_body: f64,
    /// The delay of a delayed body, in milliseconds.
    pub slow_body_ms: u64,
    /// Probability that a body ends before its `Content-Length`.
    pub cut_off: f64,
    /// Probability of an HTML page with status 200.
    pub not_json: f64,
    /// Probability that one item is broken JSON, as in the published example, so that the whole page is.
    pub malformed_item: f64,
    /// Probability that a page has one more item that is JSON but no interaction.
    pub unreadable_item: f64,
    /// Probability that `totalCount` or `pageCount` is wrong or zero.
    pub lying_meta: f64,
    /// Probability that `latestUpdate` is missing.
    pub missing_latest_update: f64,
    /// Probability that `upTo` is missing.
    pub missing_up_to: f64,
    /// Probability that items are processed again between two requests for pages of one window.
    pub drift: f64,
    /// An identical request within five seconds gets the earlier reply.
    pub cached: bool,
    /// Probability that a page has an item twice, or has the last item of the page before again.
    pub duplicate_items: f64,
    /// `/stats/interactions/ongoing` does not exist for this account: it returns 404.
    pub ongoing_missing: bool,
    /// Malformed items that are malformed in every reply.
    pub sticky_malformed: Option<Sticky>,
}

/// Where malformed items occur in every reply; both conditions can be combined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Sticky {
    /// Every page that has this interaction is malformed.
    pub guid: Option<String>,
    /// Every page of a window that overlaps [from, to), in Unix milliseconds, is malformed.
    pub window_ms: Option<(i64, i64)>,
}

impl Faults {
    /// Every transient fault, at rates at which a reader that retries still makes progress; no lasting ones.
    #[must_use]
    pub fn all_transient() -> Self {
        Self {
            api_lag_ms: 3_000,
            clock_skew_ms: 700,
            stalled: false,
            secret_revoked: false,
            token_expiry: 0.02,
            auth_401: 0.02,
            auth_403: 0.01,
            throttle_429: 0.03,
            retry_after_seconds: Some(1),
            error_500: 0.01,
            error_501: 0.01,
            error_503: 0.02,
            error_504: 0.02,
            slow_body: 0.02,
            slow_body_ms: 300,
            cut_off: 0.02,
            not_json: 0.01,
            malformed_item: 0.02,
            unreadable_item: 0.02,
            lying_meta: 0.02,
            missing_latest_update: 0.05,
            missing_up_to: 0.01,
            drift: 0.2,
            cached: true,
            duplicate_items: 0.05,
            token_endpoint_too: true,
            large_window_501_days: None,
            ongoing_missing: false,
            sticky_malformed: None,
        }
    }
}
