//! Access tokens by client credentials: fetched when needed, cached until shortly before they
//! expire.

use std::fmt;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::{Url, form_urlencoded};

use super::error::{FetchError, FetchErrorKind};
use super::error_response::token_error;
use super::metered::MeteredTransport;
use super::transport::{Operation, Request, RequestTarget, Response};
use vcc_net::sanitize::sanitize_for_log;
use vcc_net::secret::SecretSource;

/// The scope of the Stats API: a single word, unlike those of the vendor's other APIs.
const SCOPE: &str = "stats";

/// The part of its life after which a token is renewed, as in the vendor's own client: the rest is
/// longer than any exchange and any clock skew.
const RENEW_AT: f64 = 0.9;

/// The life of a token whose response names none; the documentation promises two hours.
const DEFAULT_LIFE: Duration = Duration::from_secs(7200);

/// The shortest life of a token, whatever its response says: otherwise each page could need a
/// token of its own. If the token has expired, a 401 replaces it.
const MIN_LIFE: Duration = Duration::from_secs(60);

/// The longest life of a token, whatever its response says: so revoked or rotated credentials show
/// within a day.
const MAX_LIFE: Duration = Duration::from_secs(24 * 3600);

/// The client credentials for the token endpoint.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Not a secret.
    pub client_id: String,
    /// The client secret.
    pub secret: SecretSource,
}

/// A token in use. `serial` distinguishes it from its successors.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) authorization: SecretString,
    /// The same without its scheme.
    pub(super) bare: SecretString,
    serial: u64,
    renew_at: Instant,
}

#[derive(Default)]
struct Cache {
    token: Option<Token>,
    issued: u64,
}

/// The tokens of one account.
pub(super) struct TokenSource {
    url: Url,
    credentials: Credentials,
    /// Locked while a token is fetched, so that several pages that wait for one cause one request.
    cache: Mutex<Cache>,
}

impl TokenSource {
    pub(super) fn new(url: Url, credentials: Credentials) -> Self {
        Self {
            url,
            credentials,
            cache: Mutex::default(),
        }
    }

    /// The cached token, or a new one if that is due for renewal.
    pub(super) async fn token(&self, transport: &MeteredTransport) -> Result<Token, FetchError> {
        let mut cache = self.cache.lock().await;
        if let Some(token) = &cache.token
            && Instant::now() < token.renew_at
        {
            return Ok(token.clone());
        }
        let granted = self.fetch(transport).await?;
        cache.issued += 1;
        let token = granted.into_token(cache.issued);
        cache.token = Some(token.clone());
        Ok(token)
    }

    /// Discards `refused`, unless another page has replaced it already.
    pub(super) async fn invalidate(&self, refused: &Token) {
        let mut cache = self.cache.lock().await;
        cache.token.take_if(|token| token.serial == refused.serial);
    }

    async fn fetch(&self, transport: &MeteredTransport) -> Result<GrantedToken, FetchError> {
        let at = RequestTarget::new(Operation::Token, &self.url);
        let secret = match self.credentials.secret.read() {
            Ok(secret) => secret,
            Err(error) => return Err(FetchErrorKind::Secret(error).at(at)),
        };
        let response = transport.exchange(self.request(&secret)).await?;
        // A debugging proxy may send the request back as its response.
        let encoded = encoded(secret.expose_secret());
        let secrets = [secret.expose_secret(), encoded.as_str()];
        if response.status != 200 {
            return Err(token_error(at, &response, &secrets, transport.now()));
        }
        let granted = GrantedToken::read(&response).ok_or_else(|| {
            let content_type = response.content_type.as_deref();
            let content_type = content_type.map(|text| sanitize_for_log(text, &secrets));
            FetchErrorKind::TokenUnreadable { content_type }.at(at)
        })?;
        transport.observer().token_expires(granted.life);
        Ok(granted)
    }

    fn request(&self, secret: &SecretString) -> Request {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.credentials.client_id)
            .append_pair("client_secret", secret.expose_secret())
            .append_pair("scope", SCOPE)
            .finish();
        Request {
            operation: Operation::Token,
            method: Method::POST,
            url: self.url.clone(),
            accept: "application/json",
            authorization: None,
            content_type: Some("application/x-www-form-urlencoded"),
            body: Some(form.into()),
        }
    }
}

struct GrantedToken {
    access_token: SecretString,
    life: Duration,
}

impl GrantedToken {
    /// Keeps nothing of an unreadable response, which may hold half a token.
    fn read(response: &Response) -> Option<Self> {
        #[derive(Deserialize)]
        struct Answer {
            access_token: String,
            expires_in: Option<Value>,
        }
        let answer: Answer = serde_json::from_slice(&response.body).ok()?;
        let access_token = SecretString::from(answer.access_token);
        let text = access_token.expose_secret();
        if text.is_empty() || HeaderValue::from_str(text).is_err() {
            return None;
        }
        let stated = answer.expires_in.as_ref().and_then(life);
        Some(Self {
            access_token,
            life: stated.unwrap_or(DEFAULT_LIFE),
        })
    }

    fn into_token(self, serial: u64) -> Token {
        let header = format!("Bearer {}", self.access_token.expose_secret());
        Token {
            authorization: header.into(),
            bare: self.access_token,
            serial,
            renew_at: Instant::now() + self.life.mul_f64(RENEW_AT),
        }
    }
}

/// A life in seconds, as a number or a string, within the bounds above.
fn life(value: &Value) -> Option<Duration> {
    let seconds: f64 = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
    // In this order NaN becomes the lower bound.
    let bounded = seconds
        .max(MIN_LIFE.as_secs_f64())
        .min(MAX_LIFE.as_secs_f64());
    Some(Duration::from_secs_f64(bounded))
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource")
            .field("host", &self.url.host_str())
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}
