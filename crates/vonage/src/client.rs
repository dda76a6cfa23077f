//! Fetches one page: token, retries, backoff.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use secrecy::ExposeSecret;
use tokio::time::{Instant, sleep};
use url::Url;

use super::error::{FetchError, FetchErrorKind};
use super::error_response::api_error;
use super::metered::{ClientDeps, MeteredTransport};
use super::query::{OngoingQuery, PageQuery};
use super::token::{Credentials, Token, TokenSource};
use super::transport::{Operation, Request, RequestTarget};
use vcc_net::backoff::{Backoff, Jitter};

/// The `Accept` header with the version of the API, which answers 400 without it.
pub const ACCEPT_V3: &str = "application/vnd.newvoicemedia.v3+json";

/// Number of retries before the error is returned. This covers short outages; for longer ones the
/// caller shrinks the window or waits for the next poll, with its cursor where it was.
pub const MAX_RETRIES: u32 = 3;

/// Requests per minute for one account. The API's limit is unpublished and shared by all APIs of
/// the account; the vendor's own code stays under 160, and half of that leaves room for the
/// account's other integrations.
pub const REQUESTS_PER_MINUTE: u32 = 80;

/// The pauses between retries. The API's limit "resets after a short period", and its vendor's own
/// sample waits ten seconds, so a pause much shorter than `base` would only be rejected again. With
/// this `cap` the exporter is back within two minutes of the API being back.
pub const BACKOFF: Backoff = Backoff {
    base: Duration::from_secs(5),
    cap: Duration::from_secs(120),
    jitter: Jitter::Half,
};

/// Where the API is. Two URLs, because the hosts differ and the vendor is renaming both.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// The base URL, to which `/stats/interactions` is added.
    pub api_url: Url,
    /// The whole URL of the token endpoint.
    pub token_url: Url,
}

/// How often to retry, and how fast to send.
#[derive(Debug, Clone, Copy)]
pub struct RetrySettings {
    /// See [`MAX_RETRIES`].
    pub max_retries: u32,
    /// See [`REQUESTS_PER_MINUTE`]. Requests for tokens and retries count as well.
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

/// The body of a page, not decoded yet.
#[derive(Debug, Clone)]
pub struct FetchedPage {
    /// Decompressed.
    pub bytes: Bytes,
    /// When the last byte arrived.
    pub received: Instant,
}

/// The client of one account. Its requests share one token and one rate limit, so there must be
/// one client per account, however many tasks use it.
pub struct ApiClient {
    api_url: Url,
    tokens: TokenSource,
    transport: MeteredTransport,
    max_retries: u32,
}

impl ApiClient {
    /// Prepares the client. Nothing is sent yet.
    pub fn new(
        endpoints: Endpoints,
        credentials: Credentials,
        retry: RetrySettings,
        deps: ClientDeps,
    ) -> Self {
        Self {
            api_url: without_userinfo(endpoints.api_url),
            tokens: TokenSource::new(without_userinfo(endpoints.token_url), credentials),
            transport: MeteredTransport::new(deps, retry.requests_per_minute),
            max_retries: retry.max_retries,
        }
    }

    /// Fetches one page. A transient failure is retried a bounded number of times, and a rejected
    /// token is replaced once. Dropping the future abandons the page.
    ///
    /// # Errors
    /// Of the last attempt.
    pub async fn page(&self, query: &PageQuery) -> Result<FetchedPage, FetchError> {
        let url = query.url(&self.api_url);
        self.fetch(Operation::Interactions, &url).await
    }

    /// Fetches one page of the ongoing interactions. It is not retried: a later response would show
    /// other interactions, and the next poll comes soon.
    ///
    /// # Errors
    /// Of the only attempt.
    pub async fn ongoing(&self, query: &OngoingQuery) -> Result<FetchedPage, FetchError> {
        let url = query.url(&self.api_url);
        let page = self.fetch_once(Operation::Ongoing, &url, &mut false).await;
        page.inspect_err(|error| {
            self.pause_after(error, 0);
        })
    }

    async fn fetch(&self, operation: Operation, url: &Url) -> Result<FetchedPage, FetchError> {
        let (mut retries, mut renewed) = (0, false);
        loop {
            match self.fetch_once(operation, url, &mut renewed).await {
                Ok(page) => return Ok(page),
                Err(error) => sleep(self.next_retry(error, &mut retries)?).await,
            }
        }
    }

    /// Fetches a token unless one is cached: a live check of the credentials and the network.
    ///
    /// # Errors
    /// Of the last attempt.
    pub async fn authorize(&self) -> Result<(), FetchError> {
        let mut retries = 0;
        loop {
            match self.tokens.token(&self.transport).await {
                Ok(_) => return Ok(()),
                Err(error) => sleep(self.next_retry(error, &mut retries)?).await,
            }
        }
    }

    async fn fetch_once(
        &self,
        operation: Operation,
        url: &Url,
        renewed: &mut bool,
    ) -> Result<FetchedPage, FetchError> {
        let token = self.tokens.token(&self.transport).await?;
        let page = self.get(operation, url, &token).await;
        let token_rejected = page.as_ref().is_err_and(|error| {
            matches!(
                error.kind,
                FetchErrorKind::Unauthorized | FetchErrorKind::Forbidden { .. }
            )
        });
        if !token_rejected || *renewed {
            return page;
        }
        *renewed = true;
        self.tokens.invalidate(&token).await;
        let token = self.tokens.token(&self.transport).await?;
        self.get(operation, url, &token).await
    }

    async fn get(
        &self,
        operation: Operation,
        url: &Url,
        token: &Token,
    ) -> Result<FetchedPage, FetchError> {
        let at = RequestTarget::new(operation, url);
        let request = Request {
            operation,
            method: Method::GET,
            url: url.clone(),
            accept: ACCEPT_V3,
            authorization: Some(token.authorization.clone()),
            content_type: None,
            body: None,
        };
        let response = self.transport.exchange(request).await?;
        // Another 2xx is not a page: 206 is a part of one, 204 is none at all.
        if response.status != 200 {
            let secrets = [token.bare.expose_secret()];
            return Err(api_error(at, &response, &secrets, self.transport.now()));
        }
        Ok(FetchedPage {
            bytes: response.body,
            received: Instant::now(),
        })
    }

    /// The pause before the next attempt, or the error itself if there is to be none.
    fn next_retry(&self, error: FetchError, retries: &mut u32) -> Result<Duration, FetchError> {
        if !error.is_transient() {
            return Err(error);
        }
        let pause = self.pause_after(&error, *retries);
        if *retries >= self.max_retries {
            return Err(error);
        }
        *retries += 1;
        self.transport.observer().retried(error.at.operation);
        Ok(pause)
    }

    /// The pause after a failure. A throttled account pauses with all its requests, also if this
    /// one is not retried.
    fn pause_after(&self, error: &FetchError, retries: u32) -> Duration {
        let pause = BACKOFF.pause(retries, error.retry_after(), rand::random());
        if matches!(error.kind, FetchErrorKind::Throttled { .. }) {
            self.transport.block_for(pause);
        }
        pause
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

/// Removes a user and a password from a URL: they would be sent, and shown wherever URLs are; the
/// only credentials here are the client's.
fn without_userinfo(mut url: Url) -> Url {
    // This fails only for a URL that cannot have any.
    url.set_username("")
        .and_then(|()| url.set_password(None))
        .ok();
    url
}
