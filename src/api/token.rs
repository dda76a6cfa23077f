//! Access tokens by client credentials: obtained when needed, kept while good.
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderValue;
use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::{Url, form_urlencoded};

use super::error::{FetchError, Place};
use super::line::Line;
use super::refusal::{self, sanitise};
use super::transport::{Operation, Request, Response};

/// The scope of the Stats API, a single word unlike those of its siblings.
const SCOPE: &str = "stats";

/// A token is renewed when this part of its life is over, as the vendor's own
/// client does: what is left is longer than any exchange and any skew.
const RENEW_AT: f64 = 0.9;

/// The life of a token that does not say; the documentation promises two hours.
const DEFAULT_LIFE: Duration = Duration::from_secs(7200);

/// A token that claims to live shorter is used this long all the same, for
/// else every page would cost a token; should it have died, a 401 says so.
const MIN_LIFE: Duration = Duration::from_secs(60);

/// A token that claims to live longer is renewed daily all the same, so that
/// revoked or rotated credentials show within a day.
const MAX_LIFE: Duration = Duration::from_secs(24 * 3600);

/// No client secret is nearly this long; a file that is, is the wrong file.
const MAX_SECRET_BYTES: u64 = 4096;

/// Where the client secret is.
#[derive(Debug, Clone)]
pub enum SecretSource {
    /// In a file, read anew for every token, so that rotating the secret needs
    /// no restart.
    File(PathBuf),
    /// Here.
    Value(SecretString),
}

impl SecretSource {
    fn secret(&self) -> Result<SecretString, FetchError> {
        match self {
            Self::Value(secret) => Ok(secret.clone()),
            Self::File(path) => read_secret(path).map_err(|cause| FetchError::Secret {
                path: path.clone(),
                cause,
            }),
        }
    }
}

/// Who we are to the token endpoint.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The client id; not a secret.
    pub client_id: String,
    /// The client secret.
    pub secret: SecretSource,
}

/// A token in use. `serial` tells it from its successors.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) authorization: SecretString,
    pub(super) bare: SecretString,
    serial: u64,
    renew_at: Instant,
}

#[derive(Default)]
struct Cache {
    token: Option<Token>,
    issued: u64,
}

/// One account's tokens.
pub(super) struct TokenSource {
    url: Url,
    credentials: Credentials,
    /// Held while a token is fetched, so that several pages waiting for one
    /// cause one request and not several.
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

    /// The current token, or a new one when nine tenths of its life are over.
    pub(super) async fn token(&self, line: &Line) -> Result<Token, FetchError> {
        let mut cache = self.cache.lock().await;
        if let Some(token) = &cache.token
            && Instant::now() < token.renew_at
        {
            return Ok(token.clone());
        }
        let granted = self.fetch(line).await?;
        cache.issued += 1;
        let token = granted.into_token(cache.issued);
        cache.token = Some(token.clone());
        Ok(token)
    }

    /// Forgets `refused`, unless another page has replaced it meanwhile.
    pub(super) async fn invalidate(&self, refused: &Token) {
        let mut cache = self.cache.lock().await;
        cache.token.take_if(|token| token.serial == refused.serial);
    }

    async fn fetch(&self, line: &Line) -> Result<Granted, FetchError> {
        let at = Place::new(Operation::Token, &self.url);
        let secret = self.credentials.secret.secret()?;
        let response = line.exchange(self.request(&secret)).await?;
        // A debugging proxy may send the request back as its answer.
        let encoded = encoded(secret.expose_secret());
        let secrets = [secret.expose_secret(), encoded.as_str()];
        if response.status != 200 {
            return Err(refusal::of_token(at, &response, &secrets));
        }
        let granted = Granted::read(&response).ok_or_else(|| FetchError::TokenUnreadable {
            at,
            content_type: response
                .content_type
                .as_deref()
                .map(|text| sanitise(text, &secrets)),
        })?;
        line.observer.token_expires(granted.life);
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

/// What the token endpoint gave.
struct Granted {
    access_token: SecretString,
    life: Duration,
}

impl Granted {
    /// Nothing of an unreadable answer is kept: it may hold half a token.
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

/// A life in seconds, also when it comes as a string, within the bounds above.
fn life(value: &Value) -> Option<Duration> {
    let seconds: f64 = value.as_f64().or_else(|| value.as_str()?.parse().ok())?;
    // In this order "not a number" ends up at the lower bound.
    let bounded = seconds
        .max(MIN_LIFE.as_secs_f64())
        .min(MAX_LIFE.as_secs_f64());
    Some(Duration::from_secs_f64(bounded))
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Reads a secret without its trailing line end, which editors add and nobody
/// means. It is one small file every two hours, so blocking is no harm.
pub(crate) fn read_secret(path: &Path) -> Result<SecretString, String> {
    // With room for all of it, so that growing leaves no copies behind.
    let mut text = String::with_capacity(MAX_SECRET_BYTES as usize + 1);
    let file = File::open(path).map_err(|error| error.to_string())?;
    let read = file.take(MAX_SECRET_BYTES + 1).read_to_string(&mut text);
    let secret = checked(read, text.trim_end_matches(['\r', '\n']));
    text.zeroize();
    secret
}

fn checked(read: io::Result<usize>, text: &str) -> Result<SecretString, String> {
    let bytes = read.map_err(|error| error.to_string())?;
    if bytes as u64 > MAX_SECRET_BYTES {
        return Err(format!("larger than {MAX_SECRET_BYTES} bytes"));
    }
    if text.is_empty() {
        return Err("empty".to_owned());
    }
    Ok(text.into())
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource")
            .field("host", &self.url.host_str())
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}
