//! The file behind `--web.config.file`: TLS, users and headers of the web server, in the format that
//! Prometheus and its exporters share
//! (<https://prometheus.io/docs/prometheus/latest/configuration/https/>).

mod keys;
mod tls;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use secrecy::SecretString;

pub use self::tls::{ClientAuth, Pem, Tls};
use vcc_yaml::{ConfigError, Documented, Key, Raw, Scalar, Validator, parse, text_of};

/// The keys of the file, for the documentation.
pub const KEYS: &[Key] = keys::WebFile::BELOW;

/// What the file says, checked; the certificates themselves are not read yet.
#[derive(Debug, Clone, Default)]
pub struct WebFile {
    /// Serve TLS, and how; plain HTTP without it.
    pub tls: Option<Tls>,
    /// Whether HTTP/2 is offered to clients over TLS.
    pub http2: bool,
    /// Headers that every answer gets.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The bcrypt hashes of passwords by user; without any, everybody may ask.
    pub users: BTreeMap<String, SecretString>,
    /// How many requests are answered.
    pub rate_limit: Option<RateLimit>,
}

/// The block `rate_limit`: a bucket of `burst` requests that gains one every `interval`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// The time in which one more request is allowed.
    pub interval: Duration,
    /// How many requests may come at once.
    pub burst: u32,
}

/// The headers that may be set, each with the values it may have, if these are few.
const HEADERS: [(&str, &[&str]); 5] = [
    ("Content-Security-Policy", &[]),
    ("Strict-Transport-Security", &[]),
    ("X-Content-Type-Options", &["nosniff"]),
    ("X-Frame-Options", &["deny", "sameorigin"]),
    ("X-XSS-Protection", &[]),
];

/// The costs of bcrypt that are accepted. Each step doubles the work: 18 takes tens of seconds, in
/// which nobody else is let in.
const COSTS: RangeInclusive<u32> = 4..=18;

impl WebFile {
    /// Reads and checks the file. Paths in it are relative to the folder it is in.
    ///
    /// # Errors
    /// Every problem of the file, or the one reason why it cannot be read.
    pub fn parse(path: &Path, bytes: Vec<u8>) -> Result<Self, Vec<ConfigError>> {
        let name = path.display().to_string();
        let text = text_of(&name, bytes)?;
        let mut errors = Validator::new(&name);
        let file = match parse::<keys::WebFile>(&text) {
            Ok(file) => web_file(file, path.parent().unwrap_or(Path::new("")), &mut errors),
            Err(error) => {
                errors.add("", None, error);
                WebFile::default()
            }
        };
        errors.finish(file)
    }
}

fn web_file(file: Raw<keys::WebFile>, folder: &Path, errors: &mut Validator<'_>) -> WebFile {
    let raw = errors.section("", file);
    let http = errors.section("http_server_config", raw.http_server_config);
    let headers = errors.value(
        "http_server_config.headers",
        http.headers,
        "a block of headers",
    );
    WebFile {
        tls: tls::tls(raw.tls_server_config, folder, errors),
        http2: errors
            .parse_bool("http_server_config.http2", http.http2)
            .unwrap_or(true),
        headers: headers
            .unwrap_or_default()
            .into_iter()
            .filter_map(|(name, value)| header(&name, value, errors))
            .collect(),
        users: users(raw.basic_auth_users, errors),
        rate_limit: rate_limit(raw.rate_limit, errors),
    }
}

fn header(
    name: &str,
    raw: Scalar,
    errors: &mut Validator<'_>,
) -> Option<(HeaderName, HeaderValue)> {
    let key = format!("http_server_config.headers.{}", name.escape_debug());
    let Some((known, allowed)) = HEADERS.iter().find(|(known, _)| *known == name) else {
        let names = HEADERS.map(|(known, _)| known).join(", ");
        errors.add(&key, None, format!("cannot be set: allowed are {names}"));
        return None;
    };
    // The format calls a header without a value one that is not set.
    if matches!(raw, Raw::Empty) {
        return None;
    }
    let value = errors.parsed(&key, raw, |text| {
        if !allowed.is_empty() && !allowed.contains(&text) {
            return Err(format!("is not allowed: write {}", allowed.join(" or ")).into());
        }
        HeaderValue::from_str(text).map_err(|_| "does not fit into a header".into())
    })?;
    let name = HeaderName::from_bytes(known.as_bytes()).ok()?;
    Some((name, value)).filter(|(_, value)| !value.is_empty())
}

/// Users with the hashes of their passwords, which are never shown: now and then somebody writes
/// the password itself.
fn users(
    raw: Raw<BTreeMap<String, Scalar>>,
    errors: &mut Validator<'_>,
) -> BTreeMap<String, SecretString> {
    let block = "basic_auth_users";
    let users = errors.value(
        block,
        raw,
        "a block of users with the hashes of their passwords",
    );
    let mut checked = BTreeMap::new();
    for (user, raw) in users.unwrap_or_default() {
        let key = format!("{block}.{}", user.escape_debug());
        let Some(hash) = errors.word(&key, raw) else {
            continue;
        };
        match hash.parse::<bcrypt::HashParts>() {
            Ok(parts) if COSTS.contains(&parts.get_cost()) => {
                checked.insert(user, SecretString::from(hash));
            }
            Ok(parts) => {
                let (low, high) = COSTS.into_inner();
                let cost = parts.get_cost();
                let problem = format!("has the cost {cost}: allowed is {low} to {high}");
                errors.add(&key, None, problem);
            }
            Err(_) => {
                let problem = "is not a hash of bcrypt: make one with htpasswd -nBC 10 \"\"";
                errors.add(&key, None, problem);
            }
        }
    }
    checked
}

fn rate_limit(raw: Raw<keys::RateLimit>, errors: &mut Validator<'_>) -> Option<RateLimit> {
    let raw = errors.section("rate_limit", raw);
    let interval = errors.parsed("rate_limit.interval", raw.interval, |text| match text {
        "0" => Ok(Duration::ZERO),
        text => humantime::parse_duration(text)
            .map_err(|_| "is not a duration: write one such as 100ms, or 0 for no limit".into()),
    });
    let is_silent = matches!(raw.burst, Raw::Absent);
    let burst = errors.whole("rate_limit.burst", raw.burst, keys::RateLimit::burst);
    let interval = interval.filter(|interval| !interval.is_zero())?;
    if is_silent {
        errors.add(
            "rate_limit.burst",
            None,
            "is missing, and without it nothing is answered",
        );
    }
    let burst = burst.unwrap_or(0);
    Some(RateLimit { interval, burst })
}
