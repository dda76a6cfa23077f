//! The errand: one page, with its token, its retries and its pauses.
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use secrecy::ExposeSecret;
use tokio::time::{Instant, sleep};
use url::Url;

use super::error::{FetchError, Place};
use super::line::{Line, Observer};
use super::pace::{REQUESTS_PER_MINUTE, backoff};
use super::query::{OngoingQuery, PageQuery};
use super::refusal;
use super::token::{Credentials, Token, TokenSource};
use super::transport::{Operation, Request, Transport};
use crate::budget::Budget;

/// The version of the API. Without this header it answers 400.
pub const ACCEPT_V3: &str = "application/vnd.newvoicemedia.v3+json";

/// How often a failed request is made again before the caller hears of it. A
/// blip is over by then; what is not, the caller meets better, with a smaller
/// window or a later poll, and with the cursor where it was.
pub const MAX_RETRIES: u32 = 3;

/// Where the API is. Two addresses, because they are on different hosts and
/// the vendor is renaming both.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// The gateway, to which `/stats/interactions` is added.
    pub api_url: Url,
    /// The whole address of the token endpoint.
    pub token_url: Url,
}

/// How patient, and how gentle.
#[derive(Debug, Clone, Copy)]
pub struct RetrySettings {
    /// See [`MAX_RETRIES`].
    pub max_retries: u32,
    /// See [`REQUESTS_PER_MINUTE`]; tokens and retries count too.
    pub requests_per_minute: u32,
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self {
            max_retries: MAX_RETRIES,
            requests_per_minute: REQUESTS_PER_MINUTE,
        }
    }
}

/// A page as it came, whole, not yet read.
#[derive(Debug, Clone)]
pub struct Body {
    /// The decompressed bytes.
    pub bytes: Bytes,
    /// When the last of them was there.
    pub received: Instant,
}

/// One account's client. Its pages share one token and one budget, so there
/// must be one client for an account, however many tasks use it.
pub struct ApiClient {
    api_url: Url,
    tokens: TokenSource,
    line: Line,
    max_retries: u32,
}

impl ApiClient {
    /// Prepares the client; nothing is sent yet.
    pub fn new(
        endpoints: Endpoints,
        credentials: Credentials,
        transport: Arc<dyn Transport>,
        retry: RetrySettings,
        observer: Arc<dyn Observer>,
    ) -> Self {
        let budget = Budget::per_minute(retry.requests_per_minute);
        Self {
            api_url: without_userinfo(endpoints.api_url),
            tokens: TokenSource::new(without_userinfo(endpoints.token_url), credentials),
            line: Line::new(transport, observer, budget),
            max_retries: retry.max_retries,
        }
    }

    /// Fetches one page. A page that the API or the network refuses for the
    /// moment is asked for again, a bounded number of times; a token that it
    /// refuses is replaced once. Dropping the future abandons the page.
    pub async fn page(&self, query: &PageQuery) -> Result<Body, FetchError> {
        let url = query.url(&self.api_url);
        self.fetch(Operation::Interactions, &url).await
    }

    /// Fetches one page of what is going on now. It is not asked for again: by then something else
    /// goes on, and the next look comes soon.
    pub async fn ongoing(&self, query: &OngoingQuery) -> Result<Body, FetchError> {
        let url = query.url(&self.api_url);
        let answer = self.fetch_once(Operation::Ongoing, &url, &mut false).await;
        answer.inspect_err(|error| {
            self.note_throttled(error, 0);
        })
    }

    async fn fetch(&self, operation: Operation, url: &Url) -> Result<Body, FetchError> {
        let (mut retries, mut renewed) = (0, false);
        loop {
            match self.fetch_once(operation, url, &mut renewed).await {
                Ok(body) => return Ok(body),
                Err(error) => self.pause_or_give_up(error, &mut retries).await?,
            }
        }
    }

    /// Makes sure that there is a token, asking for one only if there is none:
    /// a live check of the credentials and the network.
    pub async fn authorize(&self) -> Result<(), FetchError> {
        let mut retries = 0;
        loop {
            match self.tokens.token(&self.line).await {
                Ok(_) => return Ok(()),
                Err(error) => self.pause_or_give_up(error, &mut retries).await?,
            }
        }
    }

    async fn fetch_once(
        &self,
        operation: Operation,
        url: &Url,
        renewed: &mut bool,
    ) -> Result<Body, FetchError> {
        let token = self.tokens.token(&self.line).await?;
        let answer = self.get(operation, url, &token).await;
        let refused = matches!(
            answer,
            Err(FetchError::Unauthorized { .. } | FetchError::Forbidden { .. })
        );
        if !refused || *renewed {
            return answer;
        }
        *renewed = true;
        self.tokens.invalidate(&token).await;
        let token = self.tokens.token(&self.line).await?;
        self.get(operation, url, &token).await
    }

    async fn get(
        &self,
        operation: Operation,
        url: &Url,
        token: &Token,
    ) -> Result<Body, FetchError> {
        let at = Place::new(operation, url);
        let request = Request {
            operation,
            method: Method::GET,
            url: url.clone(),
            accept: ACCEPT_V3,
            authorization: Some(token.authorization.clone()),
            content_type: None,
            body: None,
        };
        let response = self.line.exchange(request).await?;
        // Another 2xx is no page: 206 is a part of one, 204 none at all.
        if response.status != 200 {
            let secrets = [token.bare.expose_secret()];
            return Err(refusal::of_api(at, &response, &secrets));
        }
        Ok(Body {
            bytes: response.body,
            received: Instant::now(),
        })
    }

    /// How long to wait after a failure. A throttled account is left alone that long also by its
    /// other requests.
    fn note_throttled(&self, error: &FetchError, retries: u32) -> Duration {
        let wait = backoff(retries, error.retry_after(), rand::random());
        if matches!(error, FetchError::Throttled { .. }) {
            self.line.hold(wait);
        }
        wait
    }

    /// Waits before the next attempt, or hands the error back when there is to
    /// be none. A throttled account is left alone also by its other requests,
    /// and also after the last attempt.
    async fn pause_or_give_up(
        &self,
        error: FetchError,
        retries: &mut u32,
    ) -> Result<(), FetchError> {
        if !error.is_passing() {
            return Err(error);
        }
        let wait = self.note_throttled(&error, *retries);
        if *retries >= self.max_retries {
            return Err(error);
        }
        *retries += 1;
        if let Some(at) = error.at() {
            self.line.observer.retried(at.operation);
        }
        sleep(wait).await;
        Ok(())
    }
}

impl fmt::Debug for ApiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiClient")
            .field("host", &self.api_url.host_str())
            .field("tokens", &self.tokens)
            .finish_non_exhaustive()
    }
}

/// Credentials in an address would be sent along and shown in places where
/// addresses are; the only credentials here are the client's.
fn without_userinfo(mut url: Url) -> Url {
    // This fails only for an address that cannot have any.
    url.set_username("")
        .and_then(|()| url.set_password(None))
        .ok();
    url
}
