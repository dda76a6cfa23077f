//! The block `tls_server_config`. The certificates themselves are not read yet.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::keys;
use vcc_yaml::{Raw, Scalar, Validator, set};

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

pub(super) fn tls(
    raw: Raw<keys::TlsServer>,
    folder: &Path,
    errors: &mut Validator<'_>,
) -> Option<Tls> {
    let block = "tls_server_config";
    if matches!(raw, Raw::Absent | Raw::Empty) {
        return None;
    }
    let raw = errors.section(block, raw);
    let certificate = pem("cert", raw.cert, raw.cert_file, folder, errors);
    let key = pem("key", raw.key, raw.key_file, folder, errors);
    let client_ca = pem(
        "client_ca",
        raw.client_ca,
        raw.client_ca_file,
        folder,
        errors,
    );
    for (name, pem) in [("cert", &certificate), ("key", &key)] {
        if pem.is_none() {
            let key = format!("{block}.{name}");
            errors.add(
                &key,
                None,
                format!("is missing: give {name}_file or {name}"),
            );
        }
    }
    let key_of = |name: &str| format!("{block}.{name}");
    let client_auth = client_auth(raw.client_auth_type, client_ca.is_some(), errors);
    let (tls12, tls13) = versions(raw.min_version, raw.max_version, errors);
    let tls = Tls {
        certificate: certificate?,
        key: key?,
        client_ca,
        client_auth,
        client_allowed_sans: sans(raw.client_allowed_sans, client_auth, errors),
        tls12,
        tls13,
        cipher_suites: words(
            &key_of("cipher_suites"),
            raw.cipher_suites,
            Some(&CIPHER_SUITES),
            errors,
        ),
        prefer_server_cipher_suites: errors
            .parse_bool(
                &key_of("prefer_server_cipher_suites"),
                raw.prefer_server_cipher_suites,
            )
            .unwrap_or(true),
        curve_preferences: words(
            &key_of("curve_preferences"),
            raw.curve_preferences,
            Some(&CURVES),
            errors,
        ),
    };
    Some(tls)
}

/// What stands behind a key or, by the name of a file, behind the same key with `_file`. A key that
/// is there without a value is one that is not there, as the format has it.
fn pem(
    name: &str,
    inline: Scalar,
    file: Scalar,
    folder: &Path,
    errors: &mut Validator<'_>,
) -> Option<Pem> {
    let mut given = |key: String, raw: Scalar| match raw {
        Raw::Value(text) if text.text.is_empty() => None,
        Raw::Absent | Raw::Empty => None,
        given => errors.word(&format!("tls_server_config.{key}"), given),
    };
    let inline = given(name.to_owned(), inline);
    let file = given(format!("{name}_file"), file);
    match (inline, file) {
        (Some(_), Some(_)) => {
            let key = format!("tls_server_config.{name}");
            errors.add(
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

fn client_auth(raw: Scalar, has_ca: bool, errors: &mut Validator<'_>) -> ClientAuth {
    const KEY: &str = "tls_server_config.client_auth_type";
    let auth = match raw {
        Raw::Absent | Raw::Empty => ClientAuth::None,
        given => errors
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
                        .into(),
                ),
            })
            .unwrap_or(ClientAuth::None),
    };
    if has_ca && auth == ClientAuth::None {
        let problem = "does not ask clients for a certificate, although client_ca is there: \
                       RequireAndVerifyClientCert was probably meant";
        errors.add(KEY, None, problem);
    }
    if !has_ca && auth == ClientAuth::RequireAndVerify {
        let problem = "needs client_ca_file or client_ca: who may issue certificates of clients";
        errors.add(KEY, None, problem);
    }
    auth
}

/// The names that certificates of clients may have, which somebody must have verified.
fn sans(
    list: Raw<Vec<Scalar>>,
    auth: ClientAuth,
    errors: &mut Validator<'_>,
) -> Option<Vec<String>> {
    const KEY: &str = "tls_server_config.client_allowed_sans";
    if matches!(list, Raw::Absent | Raw::Empty) {
        return None;
    }
    if auth != ClientAuth::RequireAndVerify {
        let problem = "needs client_auth_type: RequireAndVerifyClientCert, since anybody can make a \
                       certificate with these names";
        errors.add(KEY, None, problem);
    }
    Some(words(KEY, list, None, errors))
}

/// Which of TLS 1.2 and 1.3 are spoken. Earlier versions are known and never spoken.
fn versions(min: Scalar, max: Scalar, errors: &mut Validator<'_>) -> (bool, bool) {
    let version = |text: &str| match text {
        "TLS10" => Ok(10),
        "TLS11" => Ok(11),
        "TLS12" => Ok(12),
        "TLS13" => Ok(13),
        _ => Err("is not known: allowed are TLS12 and TLS13".into()),
    };
    let (mut first, mut last) = (12, 13);
    set(
        &mut first,
        errors.parsed("tls_server_config.min_version", min, version),
    );
    set(
        &mut last,
        errors.parsed("tls_server_config.max_version", max, version),
    );
    let spoken = |version: i32| first <= version && version <= last;
    if !spoken(12) && !spoken(13) {
        let problem = "leaves no version: TLS12 and TLS13 are spoken here";
        errors.add("tls_server_config.max_version", None, problem);
    }
    (spoken(12), spoken(13))
}

fn words(
    key: &str,
    list: Raw<Vec<Scalar>>,
    known: Option<&[&str]>,
    errors: &mut Validator<'_>,
) -> Vec<String> {
    let list = errors.value(key, list, "a list").unwrap_or_default();
    let items = list.into_iter().enumerate();
    items
        .filter_map(|(place, raw)| {
            errors.parsed(&format!("{key}[{place}]"), raw, |text| match known {
                Some(known) if !known.contains(&text) => {
                    Err(format!("is not known: allowed are {}", known.join(", ")).into())
                }
                _ => Ok(text.to_owned()),
            })
        })
        .collect()
}
