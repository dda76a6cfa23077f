//! What can go wrong between the API and its reader, each off until it is asked for.
use serde::{Deserialize, Serialize};

/// The faults of a simulated API; a probability is per request unless said otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Versions become visible this many milliseconds late, and `latestUpdate` stands back accordingly.
    pub api_lag_ms: i64,
    /// The server's clock is this many milliseconds ahead of the clock it is called with.
    pub clock_skew_ms: i64,
    /// Nothing new becomes visible and `latestUpdate` stands still, while interactions go on; afterwards all of it
    /// becomes visible at once.
    pub stalled: bool,
    /// The client's secret is refused, and so is every token it was given for.
    pub secret_revoked: bool,
    /// Probability that a valid token dies just as it is used.
    pub token_expiry: f64,
    /// Probability of a 401 although the token is valid.
    pub auth_401: f64,
    /// Probability of a 403 although the token is valid.
    pub auth_403: f64,
    /// Probability of a 429.
    pub throttle_429: f64,
    /// Seconds in the `Retry-After` header of a 429; absent, there is no such header.
    pub retry_after_seconds: Option<u64>,
    /// Probability of a 500.
    pub error_500: f64,
    /// Probability of a 501.
    pub error_501: f64,
    /// Probability of a 503.
    pub error_503: f64,
    /// Probability of a 504.
    pub error_504: f64,
    /// The same probabilities of 429 and 5xx apply to requests for a token.
    pub token_endpoint_too: bool,
    /// Windows longer than this many days are always answered with 501 or 504.
    pub large_window_501_days: Option<f64>,
    /// Probability that a body is delayed.
    pub slow_body: f64,
    /// How long a delayed body takes, in milliseconds.
    pub slow_body_ms: u64,
    /// Probability that a body ends before its `Content-Length`.
    pub cut_off: f64,
    /// Probability of an HTML page with status 200.
    pub not_json: f64,
    /// Probability that one item is broken JSON, as in the published example, so that the whole page is.
    pub malformed_item: f64,
    /// Probability that a page holds one more item that is JSON but cannot be read as an interaction.
    pub unreadable_item: f64,
    /// Probability that `totalCount` or `pageCount` is wrong or zero.
    pub lying_meta: f64,
    /// Probability that `latestUpdate` is missing.
    pub missing_latest_update: f64,
    /// Probability that `upTo` is missing.
    pub missing_up_to: f64,
    /// Probability that items are processed anew between two requests for pages of one window.
    pub drift: f64,
    /// An identical address within five seconds gets the identical earlier body.
    pub cached: bool,
    /// Probability that a page holds an item twice, or once more the last item of the page before.
    pub duplicate_items: f64,
    /// This account does not have `/stats/interactions/ongoing`: it is answered with 404.
    pub ongoing_missing: bool,
    /// What stays malformed however often it is asked for.
    pub sticky_malformed: Option<Sticky>,
}

/// What a lasting malformation clings to; both may be named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Sticky {
    /// Every page with this interaction on it is malformed.
    pub guid: Option<String>,
    /// Every answer about a window that overlaps [from, to), in Unix milliseconds, is malformed.
    pub window_ms: Option<(i64, i64)>,
}

impl Faults {
    /// Every fault that passes, at rates at which a patient reader still gets on; nothing that lasts.
    #[must_use]
    pub fn rough() -> Self {
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
