//! The file behind `--web.config.file`: how the web surface is protected, in the format that
//! Prometheus and its exporters share
//! (<https://prometheus.io/docs/prometheus/latest/configuration/https/>).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use secrecy::SecretString;

use super::check::{read, set};
use super::problems::Problems;
use super::raw::{self, Leaf, Shape};
use super::{ConfigError, text_of};

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

/// The block `tls_server_config`.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The server's certificate, with those between it and its authority.
    pub certificate: Pem,
    /// Its key.
    pub key: Pem,
    /// Who may issue the certificates of clients.
    pub client_ca: Option<Pem>,
    /// What is asked of clients.
    pub client_auth: ClientAuth,
    /// The names one of which a client's certificate must have, if there are any.
    pub client_allowed_sans: Option<Vec<String>>,
    /// Whether TLS 1.2 is spoken.
    pub tls12: bool,
    /// Whether TLS 1.3 is spoken.
    pub tls13: bool,
    /// The cipher suites of TLS 1.2 by their names, in the order of preference; all if empty.
    pub cipher_suites: Vec<String>,
    /// Whether the server's order of cipher suites counts, or the client's.
    pub prefer_server_cipher_suites: bool,
    /// The groups of the key exchange by their names, in the order of preference; all if empty.
    pub curve_preferences: Vec<String>,
}

/// Where a certificate or a key is.
#[derive(Debug, Clone)]
pub enum Pem {
    /// In the file itself.
    Inline(SecretString),
    /// In a file of its own.
    File(PathBuf),
}

/// What is asked of clients, by the names of Go's `crypto/tls`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuth {
    /// `NoClientCert`.
    None,
    /// `RequestClientCert`: a certificate may be shown, whoever issued it.
    Request,
    /// `RequireAnyClientCert`: one must be shown, whoever issued it.
    RequireAny,
    /// `VerifyClientCertIfGiven`: who shows one must show one of the authority's.
    VerifyIfGiven,
    /// `RequireAndVerifyClientCert`: one of the authority's must be shown.
    RequireAndVerify,
}

/// The block `rate_limit`: a bucket of `burst` requests that gains one every `interval`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// The time in which one more request is allowed.
    pub interval: Duration,
    /// How many requests may come at once.
    pub burst: u32,
}

/// The cipher suites the format knows; which of them can be had is for TLS to say.
const CIPHER_SUITES: [&str; 13] = [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
];

/// The groups the format knows.
const CURVES: [&str; 4] = ["CurveP256", "CurveP384", "CurveP521", "X25519"];

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
const COSTS: std::ops::RangeInclusive<u32> = 4..=18;

impl WebFile {
    /// Reads and checks the file. Paths in it are relative to the folder it is in.
    ///
    /// # Errors
    /// Every problem of the file, or the one reason why it cannot be read.
    pub fn parse(path: &Path, bytes: Vec<u8>) -> Result<Self, Vec<ConfigError>> {
        let name = path.display().to_string();
        let text = text_of(&name, bytes)?;
        let mut found = Problems::new(&name);
        let file = match read::<raw::WebFile>(&text) {
            Ok(file) => file,
            Err(problem) => {
                found.add("", None, problem);
                return Err(found.into_all());
            }
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        let file = web_file(file, folder, &mut found);
        let all = found.into_all();
        if all.is_empty() { Ok(file) } else { Err(all) }
    }
}

fn web_file(file: Shape<raw::WebFile>, folder: &Path, found: &mut Problems<'_>) -> WebFile {
    let raw = found.block("", file);
    let http = found.block("http_server_config", raw.http_server_config);
    let headers = found.shaped(
        "http_server_config.headers",
        http.headers,
        "a block of headers",
    );
    WebFile {
        tls: tls(raw.tls_server_config, folder, found),
        http2: found
            .truth("http_server_config.http2", http.http2)
            .unwrap_or(true),
        headers: headers
            .unwrap_or_default()
            .into_iter()
            .filter_map(|(name, value)| header(&name, value, found))
            .collect(),
        users: users(raw.basic_auth_users, found),
        rate_limit: rate_limit(raw.rate_limit, found),
    }
}

fn tls(raw: Shape<raw::TlsServer>, folder: &Path, found: &mut Problems<'_>) -> Option<Tls> {
    let block = "tls_server_config";
    if matches!(raw, Shape::Absent | Shape::Empty) {
        return None;
    }
    let raw = found.block(block, raw);
    let certificate = pem("cert", raw.cert, raw.cert_file, folder, found);
    let key = pem("key", raw.key, raw.key_file, folder, found);
    let client_ca = pem(
        "client_ca",
        raw.client_ca,
        raw.client_ca_file,
        folder,
        found,
    );
    for (name, pem) in [("cert", &certificate), ("key", &key)] {
        if pem.is_none() {
            let key = format!("{block}.{name}");
            found.add(
                &key,
                None,
                format!("is missing: give {name}_file or {name}"),
            );
        }
    }
    let key_of = |name: &str| format!("{block}.{name}");
    let client_auth = client_auth(raw.client_auth_type, client_ca.is_some(), found);
    let (tls12, tls13) = versions(raw.min_version, raw.max_version, found);
    let tls = Tls {
        certificate: certificate?,
        key: key?,
        client_ca,
        client_auth,
        client_allowed_sans: sans(raw.client_allowed_sans, client_auth, found),
        tls12,
        tls13,
        cipher_suites: words(
            &key_of("cipher_suites"),
            raw.cipher_suites,
            Some(&CIPHER_SUITES),
            found,
        ),
        prefer_server_cipher_suites: found
            .truth(
                &key_of("prefer_server_cipher_suites"),
                raw.prefer_server_cipher_suites,
            )
            .unwrap_or(true),
        curve_preferences: words(
            &key_of("curve_preferences"),
            raw.curve_preferences,
            Some(&CURVES),
            found,
        ),
    };
    Some(tls)
}

/// What stands behind a key or, by the name of a file, behind the same key with `_file`. A key that
/// is there without a value is one that is not there, as the format has it.
fn pem(
    name: &str,
    inline: Leaf,
    file: Leaf,
    folder: &Path,
    found: &mut Problems<'_>,
) -> Option<Pem> {
    let mut given = |key: String, leaf: Leaf| match leaf {
        Shape::Right(text) if text.text.is_empty() => None,
        Shape::Absent | Shape::Empty => None,
        given => found.word(&format!("tls_server_config.{key}"), given),
    };
    let inline = given(name.to_owned(), inline);
    let file = given(format!("{name}_file"), file);
    match (inline, file) {
        (Some(_), Some(_)) => {
            let key = format!("tls_server_config.{name}");
            found.add(
                &key,
                None,
                format!("is there twice, with {name}_file: keep one"),
            );
            None
        }
        (Some(text), None) => Some(Pem::Inline(SecretString::from(text))),
        (None, Some(path)) => Some(Pem::File(folder.join(path))),
        (None, None) => None,
    }
}

fn client_auth(leaf: Leaf, has_ca: bool, found: &mut Problems<'_>) -> ClientAuth {
    const KEY: &str = "tls_server_config.client_auth_type";
    let auth = match leaf {
        Shape::Absent | Shape::Empty => ClientAuth::None,
        given => found
            .parsed(KEY, given, |text| match text {
                "" | "NoClientCert" => Ok(ClientAuth::None),
                "RequestClientCert" => Ok(ClientAuth::Request),
                "RequireAnyClientCert" | "RequireClientCert" => Ok(ClientAuth::RequireAny),
                "VerifyClientCertIfGiven" => Ok(ClientAuth::VerifyIfGiven),
                "RequireAndVerifyClientCert" => Ok(ClientAuth::RequireAndVerify),
                _ => Err(
                    "is not known: allowed are NoClientCert, RequestClientCert, \
                          RequireAnyClientCert, VerifyClientCertIfGiven and \
                          RequireAndVerifyClientCert"
                        .to_owned(),
                ),
            })
            .unwrap_or(ClientAuth::None),
    };
    if has_ca && auth == ClientAuth::None {
        let problem = "does not ask clients for a certificate, although client_ca is there: \
                       RequireAndVerifyClientCert was probably meant";
        found.add(KEY, None, problem);
    }
    if !has_ca && auth == ClientAuth::RequireAndVerify {
        let problem = "needs client_ca_file or client_ca: who may issue certificates of clients";
        found.add(KEY, None, problem);
    }
    auth
}

/// The names that certificates of clients may have, which somebody must have verified.
fn sans(list: Shape<Vec<Leaf>>, auth: ClientAuth, found: &mut Problems<'_>) -> Option<Vec<String>> {
    const KEY: &str = "tls_server_config.client_allowed_sans";
    if matches!(list, Shape::Absent | Shape::Empty) {
        return None;
    }
    if auth != ClientAuth::RequireAndVerify {
        let problem = "needs client_auth_type: RequireAndVerifyClientCert, since anybody can make a \
                       certificate with these names";
        found.add(KEY, None, problem);
    }
    Some(words(KEY, list, None, found))
}

/// Which of TLS 1.2 and 1.3 are spoken. Earlier versions are known and never spoken.
fn versions(min: Leaf, max: Leaf, found: &mut Problems<'_>) -> (bool, bool) {
    let version = |text: &str| match text {
        "TLS10" => Ok(10),
        "TLS11" => Ok(11),
        "TLS12" => Ok(12),
        "TLS13" => Ok(13),
        _ => Err("is not known: allowed are TLS12 and TLS13".to_owned()),
    };
    let (mut first, mut last) = (12, 13);
    set(
        &mut first,
        found.parsed("tls_server_config.min_version", min, version),
    );
    set(
        &mut last,
        found.parsed("tls_server_config.max_version", max, version),
    );
    let spoken = |version: i32| first <= version && version <= last;
    if !spoken(12) && !spoken(13) {
        let problem = "leaves no version: TLS12 and TLS13 are spoken here";
        found.add("tls_server_config.max_version", None, problem);
    }
    (spoken(12), spoken(13))
}

fn words(
    key: &str,
    list: Shape<Vec<Leaf>>,
    known: Option<&[&str]>,
    found: &mut Problems<'_>,
) -> Vec<String> {
    let list = found.shaped(key, list, "a list").unwrap_or_default();
    let items = list.into_iter().enumerate();
    items
        .filter_map(|(place, leaf)| {
            found.parsed(&format!("{key}[{place}]"), leaf, |text| match known {
                Some(known) if !known.contains(&text) => {
                    Err(format!("is not known: allowed are {}", known.join(", ")))
                }
                _ => Ok(text.to_owned()),
            })
        })
        .collect()
}

fn header(name: &str, leaf: Leaf, found: &mut Problems<'_>) -> Option<(HeaderName, HeaderValue)> {
    let key = format!("http_server_config.headers.{}", name.escape_debug());
    let Some((known, allowed)) = HEADERS.iter().find(|(known, _)| *known == name) else {
        let names = HEADERS.map(|(known, _)| known).join(", ");
        found.add(&key, None, format!("cannot be set: allowed are {names}"));
        return None;
    };
    // The format calls a header without a value one that is not set.
    if matches!(leaf, Shape::Empty) {
        return None;
    }
    let value = found.parsed(&key, leaf, |text| {
        if !allowed.is_empty() && !allowed.contains(&text) {
            return Err(format!("is not allowed: write {}", allowed.join(" or ")));
        }
        HeaderValue::from_str(text).map_err(|_| "does not fit into a header".to_owned())
    })?;
    let name = HeaderName::from_bytes(known.as_bytes()).ok()?;
    Some((name, value)).filter(|(_, value)| !value.is_empty())
}

/// Users with the hashes of their passwords, which are never shown: now and then somebody writes
/// the password itself.
fn users(
    raw: Shape<BTreeMap<String, Leaf>>,
    found: &mut Problems<'_>,
) -> BTreeMap<String, SecretString> {
    let block = "basic_auth_users";
    let users = found.shaped(
        block,
        raw,
        "a block of users with the hashes of their passwords",
    );
    let mut checked = BTreeMap::new();
    for (user, leaf) in users.unwrap_or_default() {
        let key = format!("{block}.{}", user.escape_debug());
        let Some(hash) = found.word(&key, leaf) else {
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
                found.add(&key, None, problem);
            }
            Err(_) => {
                let problem = "is not a hash of bcrypt: make one with htpasswd -nBC 10 \"\"";
                found.add(&key, None, problem);
            }
        }
    }
    checked
}

fn rate_limit(raw: Shape<raw::RateLimit>, found: &mut Problems<'_>) -> Option<RateLimit> {
    let raw = found.block("rate_limit", raw);
    let interval = found.parsed("rate_limit.interval", raw.interval, |text| match text {
        "0" => Ok(Duration::ZERO),
        text => humantime::parse_duration(text).map_err(|_| {
            "is not a duration: write one such as 100ms, or 0 for no limit".to_owned()
        }),
    });
    let is_silent = matches!(raw.burst, Shape::Absent);
    let burst = found.whole("rate_limit.burst", raw.burst, 0..=1_000_000);
    let interval = interval.filter(|interval| !interval.is_zero())?;
    if is_silent {
        found.add(
            "rate_limit.burst",
            None,
            "is missing, and without it nothing is answered",
        );
    }
    let burst = burst.unwrap_or(0);
    Some(RateLimit { interval, burst })
}
