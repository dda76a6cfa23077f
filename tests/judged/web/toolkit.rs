//! The format of the web configuration, by the data that Prometheus' own exporters are tested with.
//! Where we differ it says so and why.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use vcc_web::WebSettingsWatcher;

use super::{ask, asked};
use vcc_test_support::served::Served;
use vcc_test_support::tools;

/// The files that are refused, each with a part of why.
const REFUSED: &[(&str, &str)] = &[
    ("web_config_junk.yml", "must be a block of keys"),
    (
        "web_config_junk_key.yml",
        "cert_filse: unknown key, cert_file was probably meant",
    ),
    (
        "web_config_noAuth_certPath_empty.bad.yml",
        "tls_server_config.cert: is missing",
    ),
    (
        "web_config_noAuth_cert_empty.bad.yml",
        "tls_server_config.cert: is missing",
    ),
    (
        "web_config_noAuth_keyPath_empty.bad.yml",
        "tls_server_config.key: is missing",
    ),
    (
        "web_config_noAuth_key_empty.bad.yml",
        "tls_server_config.key: is missing",
    ),
    (
        "web_config_noAuth_certPath_keyPath_empty.bad.yml",
        "tls_server_config.cert: is missing",
    ),
    (
        "web_config_noAuth_certPath_invalid.bad.yml",
        "somefile: cannot be read",
    ),
    (
        "web_config_noAuth_keyPath_invalid.bad.yml",
        "cannot be read",
    ),
    (
        "web_config_noAuth_certPath_keyPath_invalid.bad.yml",
        "somefile: cannot be read",
    ),
    (
        "web_config_noAuth.bad.yml",
        "client_auth_type: does not ask clients",
    ),
    (
        "web_config_auth_clientCAs_invalid.bad.yml",
        "client_auth_type: does not ask clients",
    ),
    (
        "web_config_auth_user_list_invalid.bad.yml",
        "john: is not a hash of bcrypt",
    ),
    (
        "web_config_noAuth_inventedCiphers.bad.yml",
        "cipher_suites[0]: \"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA2048\" is not known",
    ),
    (
        "web_config_noAuth_inventedCurves.bad.yml",
        "curve_preferences[0]: \"CurveP257\" is not known",
    ),
    (
        "web_config_noAuth_wrongTLSVersion.bad.yml",
        "min_version: \"TLS111\" is not known",
    ),
    (
        "web_config_headers_content_type_options.bad.yml",
        "X-Content-Type-Options: \"sniff\" is not allowed: write nosniff",
    ),
    (
        "web_config_headers_frame_options.bad.yml",
        "X-Frame-Options: \"foo\" is not allowed: write deny or sameorigin",
    ),
    (
        "web_config_headers_extra_header.bad.yml",
        "Content-Type: cannot be set",
    ),
    // Go serves these two and lets nobody in, or everybody whom a public authority knows.
    (
        "web_config_auth_clientCAs_missing.bad.yml",
        "client_auth_type: needs client_ca_file",
    ),
    (
        "web_config_noAuth.good.blocking.yml",
        "client_auth_type: needs client_ca_file",
    ),
    // The only group it allows is not to be had here.
    (
        "web_config_noAuth_someCurves.good.yml",
        "curve_preferences: names no group that is spoken here",
    ),
];

/// The files that are taken.
const TAKEN: &[&str] = &[
    "web_config_empty.yml",
    "web_config_noAuth.good.yml",
    "web_config_noAuth_tlsInline.good.yml",
    "web_config_noAuth_allCiphers.good.yml",
    "web_config_noAuth_allCurves.good.yml",
    "web_config_noAuth_someCiphers.good.yml",
    "web_config_noAuth_someCiphers_noOrder.good.yml",
    "web_config_noAuth_noHTTP2.good.yml",
    // Go refuses it, because HTTP/2 asks for a suite it leaves out; clients speak it all the same.
    "web_config_noAuth_noHTTP2Cipher.bad.yml",
    "web_config_headers.good.yml",
    "tls_config_noAuth.requireanyclientcert.good.yml",
    "tls_config_noAuth.requireanyclientcertkeyinline.good.yml",
    "tls_config_noAuth.requireandverifyclientcert.good.yml",
    "web_config_auth_client_san.good.yaml",
    // It is right, and no client of the tests is let in by it.
    "web_config_auth_client_san.bad.yaml",
    "web_config_users.good.yml",
    "web_config_users_noTLS.good.yml",
    "web_config_rate_limiter_nonblocking.yaml",
    "web_config_rate_limiter_one_second.yaml",
];

/// The folder of the files.
fn folder() -> PathBuf {
    let toolkit = tools::module("tests/tools", "github.com/prometheus/exporter-toolkit");
    toolkit.join("web/testdata")
}

async fn served(file: &str) -> Served {
    Served::by(&folder().join(file)).await
}

fn refusal(file: &Path) -> Option<String> {
    let problems = WebSettingsWatcher::from_file(file).err()?;
    Some(problems.iter().map(|it| format!("{it}\n")).collect())
}

/// The arguments that show a certificate of the folder.
fn showing(name: &str) -> [String; 4] {
    let path = |end: &str| folder().join(format!("{name}.{end}")).display().to_string();
    [
        "-cert".to_owned(),
        path("pem"),
        "-key".to_owned(),
        path("key"),
    ]
}

async fn shown(server: &Served, name: &str) -> Value {
    let arguments = showing(name);
    asked(server, &arguments.each_ref().map(String::as_str)).await
}

#[track_caller]
fn assert_answered(outcome: &Value) {
    assert_eq!(outcome["status"], 200, "{outcome}");
}

/// What a client says of a handshake that failed depends on when it notices.
#[track_caller]
fn assert_failed(outcome: &Value) {
    assert!(outcome["error"].is_string(), "{outcome}");
}

#[test]
fn every_file_is_taken_or_refused_as_it_should_be() {
    let mut left = BTreeMap::new();
    for entry in folder().read_dir().unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.contains(".y") {
            left.insert(name, path);
        }
    }
    for (name, why) in REFUSED {
        let path = left.remove(*name).unwrap();
        let refusal = refusal(&path).unwrap_or_else(|| panic!("{name} was taken"));
        assert!(refusal.contains(why), "{name}: {refusal}");
    }
    for name in TAKEN {
        let path = left
            .remove(*name)
            .unwrap_or_else(|| panic!("there is no {name}"));
        assert_eq!(refusal(&path), None);
    }
    assert!(left.is_empty(), "nobody knows of {left:?}");
}

#[tokio::test]
async fn a_file_that_is_not_there_is_refused() {
    let refusal = refusal(Path::new("somefile")).unwrap();
    assert!(refusal.contains("somefile: cannot be read"), "{refusal}");
}

#[tokio::test]
async fn without_tls_there_is_plain_http_alone() {
    let server = served("web_config_empty.yml").await;
    assert_answered(&ask(&server.url("http", "/"), &[]).await);
    assert_failed(&asked(&server, &[]).await);
}

#[tokio::test]
async fn with_tls_there_is_no_plain_http() {
    let server = served("web_config_noAuth.good.yml").await;
    assert_failed(&ask(&server.url("http", "/"), &[]).await);
    let ca = folder().join("tls-ca-chain.pem");
    let outcome = asked(&server, &["-ca", ca.to_str().unwrap()]).await;
    assert_answered(&outcome);
    assert_eq!(
        (&outcome["version"], &outcome["protocol"]),
        (&"TLS 1.3".into(), &"HTTP/2.0".into())
    );
    assert_failed(&asked(&server, &["-max-version", "TLS11"]).await);
    assert_answered(&asked(&server, &["-http1"]).await);
}

#[tokio::test]
async fn the_inline_certificate_is_served() {
    let server = served("web_config_noAuth_tlsInline.good.yml").await;
    assert_answered(&asked(&server, &[]).await);
}

#[tokio::test]
async fn http2_can_be_switched_off() {
    let server = served("web_config_noAuth_noHTTP2.good.yml").await;
    let outcome = asked(&server, &[]).await;
    assert_answered(&outcome);
    assert_eq!(outcome["protocol"], "HTTP/1.1");
    assert_eq!(outcome["suite"], "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
}

#[tokio::test]
async fn the_suites_are_the_configured_ones() {
    let server = served("web_config_noAuth_allCiphers.good.yml").await;
    assert_answered(&asked(&server, &[]).await);
    let [small, large] = [
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    ];
    let both = format!("{small},{large}");
    let server = served("web_config_noAuth_someCiphers.good.yml").await;
    assert_answered(&asked(&server, &["-suites", small]).await);
    assert_eq!(asked(&server, &["-suites", &both]).await["suite"], small);
    let other = asked(&server, &["-suites", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"]).await;
    assert_failed(&other);
    // There the client chooses, and Go's puts the smaller first.
    let server = served("web_config_noAuth_someCiphers_noOrder.good.yml").await;
    assert_eq!(asked(&server, &["-suites", &both]).await["suite"], small);
}

#[tokio::test]
async fn the_groups_are_the_configured_ones() {
    let server = served("web_config_noAuth_allCurves.good.yml").await;
    for group in ["X25519", "P256", "P384"] {
        assert_answered(&asked(&server, &["-groups", group]).await);
    }
    assert_failed(&asked(&server, &["-groups", "P521"]).await);
}

#[tokio::test]
async fn any_certificate_of_a_client_will_do_where_any_will_do() {
    let server = served("tls_config_noAuth.requireanyclientcert.good.yml").await;
    assert_answered(&shown(&server, "client_selfsigned").await);
    assert_failed(&asked(&server, &[]).await);
}

#[tokio::test]
async fn a_certificate_of_a_client_must_be_the_authoritys_where_it_is_verified() {
    let server = served("tls_config_noAuth.requireandverifyclientcert.good.yml").await;
    assert_answered(&shown(&server, "client_selfsigned").await);
    assert_failed(&shown(&server, "client2_selfsigned").await);
    assert_failed(&asked(&server, &[]).await);
    // Here nobody need show one, and there is no authority that could have issued one.
    let server = served("web_config_noAuth.good.yml").await;
    assert_answered(&asked(&server, &[]).await);
    assert_failed(&shown(&server, "client_selfsigned").await);
}

#[tokio::test]
async fn a_certificate_of_a_client_must_have_one_of_the_names() {
    let server = served("web_config_auth_client_san.good.yaml").await;
    assert_answered(&shown(&server, "client2_selfsigned").await);
    let server = served("web_config_auth_client_san.bad.yaml").await;
    assert_failed(&shown(&server, "client2_selfsigned").await);
}

#[tokio::test]
async fn only_users_with_their_passwords_are_let_in() {
    let plain = served("web_config_users_noTLS.good.yml").await;
    let secure = served("web_config_users.good.yml").await;
    for (url, user, password, status) in [
        (plain.url("http", "/"), "", "", 401),
        (plain.url("http", "/"), "dave", "dave123", 200),
        (plain.url("http", "/"), "alice", "alice123", 200),
        (plain.url("http", "/"), "alice", "alice1234", 401),
        (secure.url("https", "/"), "", "", 401),
        (secure.url("https", "/"), "dave", "dave123", 200),
        (secure.url("https", "/"), "carol", "carol123", 200),
        (secure.url("https", "/"), "dave", "bad", 401),
        (secure.url("https", "/"), "nonexistent", "nonexistent", 401),
        (secure.url("https", "/"), "fakeuser", "fakepassword", 401),
    ] {
        let outcome = ask(&url, &["-user", user, "-password", password]).await;
        assert_eq!(outcome["status"], status, "{user}:{password} {outcome}");
        let challenge = &outcome["headers"]["Www-Authenticate"][0];
        let is_basic = challenge
            .as_str()
            .is_some_and(|it| it.starts_with("Basic realm="));
        assert_eq!(is_basic, status == 401, "{outcome}");
    }
}

#[tokio::test]
async fn the_headers_are_the_configured_ones() {
    let server = served("web_config_headers.good.yml").await;
    let outcome = ask(&server.url("http", "/"), &[]).await;
    assert_answered(&outcome);
    for (name, value) in [
        ("X-Frame-Options", "deny"),
        (
            "Strict-Transport-Security",
            "max-age=31536000; includeSubDomains",
        ),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Xss-Protection", "1"),
        (
            "Content-Security-Policy",
            "default-src 'self' *.test.example.net",
        ),
    ] {
        assert_eq!(
            outcome["headers"][name],
            serde_json::json!([value]),
            "{name}"
        );
    }
}

#[tokio::test]
async fn requests_beyond_the_limit_are_refused() {
    let server = served("web_config_rate_limiter_nonblocking.yaml").await;
    for _ in 0..10 {
        assert_answered(&ask(&server.url("http", "/"), &[]).await);
    }
    let server = served("web_config_rate_limiter_one_second.yaml").await;
    assert_eq!(ask(&server.url("http", "/"), &[]).await["status"], 429);
}
