//! The way to the API: through a proxy, by an authority of one's own, and to nobody else.

mod between;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use self::between::{Proxy, terminate_tls};
use vcc_test_support::certificates::{Authority, Wanted};
use vcc_test_support::process::{Process, ended, program, text};
use vcc_test_support::simulated_server::api;

/// A name that no name server knows: only a proxy can reach it.
const HOST: &str = "vcc.test";

/// Writes a configuration that reads this API, with settings of the way to it.
fn write(folder: &Path, api_url: &str, way: &str) -> PathBuf {
    let secret = folder.join("secret");
    std::fs::write(&secret, "simulated\n").unwrap();
    let text = format!(
        "accounts:\n  - name: acme\n    api_url: {api_url}\n    \
         token_url: {api_url}/Auth/connect/token\n    client_id: simulated\n    \
         client_secret_file: {}\n    allow_http: true\nstate:\n  path: {}\n\
         web:\n  listen_address: 127.0.0.1:0\npoll:\n  interval: 5s\napi:\n{way}",
        secret.display(),
        folder.join("state").display()
    );
    let file = folder.join("exporter.yml");
    std::fs::write(&file, text).unwrap();
    file
}

async fn check_live(file: &Path) -> (bool, String) {
    let output = ended(&["check", "--live", "--config.file", file.to_str().unwrap()]).await;
    let said = text(&output.stdout) + &text(&output.stderr);
    (output.status.success(), said)
}

#[track_caller]
fn assert_answers((is_right, said): &(bool, String)) {
    assert!(*is_right && said.contains("the API answers"), "{said}");
}

/// `http://127.0.0.1:1234` without its scheme.
fn address(url: &str) -> String {
    url.trim_start_matches("http://").to_owned()
}

#[tokio::test]
async fn a_proxy_is_used_and_told_who_asks() {
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::to(address(&api().await)).await;
    let credentials = folder.path().join("proxy-credentials");
    std::fs::write(&credentials, "exporter:pass:word\n").unwrap();
    let way = format!(
        "  proxy: {}\n  proxy_credentials_file: {}\n",
        proxy.url,
        credentials.display()
    );
    let file = write(folder.path(), &format!("http://{HOST}"), &way);
    assert_answers(&check_live(&file).await);
    let seen = proxy.seen();
    assert!(seen.len() >= 2, "a token and a page: {seen:?}");
    for head in seen {
        // exporter:pass:word
        let told = "proxy-authorization: Basic ZXhwb3J0ZXI6cGFzczp3b3Jk";
        assert!(head.to_lowercase().contains(&told.to_lowercase()), "{head}");
    }
}

#[tokio::test]
async fn only_the_configured_hosts_are_ever_contacted() {
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::to(address(&api().await)).await;
    let way = format!("  proxy: {}\n", proxy.url);
    let file = write(folder.path(), &format!("http://{HOST}"), &way);
    let process = Process::run(&file).await;
    process
        .until(|shown| shown.sum("vcc_polls_total", &[("operation", "interactions")]) >= 2.0)
        .await;
    let hosts: BTreeSet<String> = proxy.hosts();
    assert_eq!(hosts, BTreeSet::from([HOST.to_owned()]));
}

#[tokio::test]
async fn what_is_excepted_is_reached_without_the_proxy() {
    let folder = tempfile::tempdir().unwrap();
    let api = api().await;
    let proxy = Proxy::to(address(&api)).await;
    // This machine always is.
    let way = format!("  proxy: {}\n", proxy.url);
    assert_answers(&check_live(&write(folder.path(), &api, &way)).await);
    let way = format!("  proxy: {}\n  no_proxy: [{HOST}]\n", proxy.url);
    let file = write(folder.path(), &format!("http://{HOST}"), &way);
    let (is_right, said) = check_live(&file).await;
    assert!(!is_right && said.contains("no connection"), "{said}");
    assert_eq!(proxy.seen(), Vec::<String>::new());
}

#[tokio::test]
async fn an_authority_of_ones_own_is_believed_where_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let names = vec![rcgen::SanType::DnsName(HOST.try_into().unwrap())];
    let pair = authority.issue(Wanted {
        names,
        ..Wanted::default()
    });
    let secure = terminate_tls(pair, address(&api().await)).await;
    let proxy = Proxy::to(secure).await;
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, authority.pem()).unwrap();
    let url = format!("https://{HOST}");
    let named = format!("  proxy: {}\n  ca_file: {}\n", proxy.url, ca.display());
    assert_answers(&check_live(&write(folder.path(), &url, &named)).await);
    assert_eq!(proxy.hosts(), BTreeSet::from([format!("{HOST}:443")]));

    let unnamed = format!("  proxy: {}\n", proxy.url);
    let (is_right, said) = check_live(&write(folder.path(), &url, &unnamed)).await;
    assert!(!is_right && said.contains("certificate"), "{said}");
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty");
    std::fs::write(&empty, "").unwrap();
    for (way, words) in [
        (
            "  ca_file: /nowhere/ca.pem\n".to_owned(),
            "api.ca_file: /nowhere/ca.pem is unusable",
        ),
        (
            format!("  ca_file: {}\n", empty.display()),
            "it holds no certificate",
        ),
        (
            format!(
                "  proxy: http://127.0.0.1:1\n  proxy_credentials_file: {}\n",
                empty.display()
            ),
            "api.proxy_credentials_file: ",
        ),
    ] {
        let file = write(folder.path(), "http://127.0.0.1:1", &way);
        let (is_right, said) = check_live(&file).await;
        assert!(!is_right && said.contains(words), "{said}");
    }
}

#[tokio::test]
async fn authorities_need_not_be_there_where_nobody_is_asked_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), &format!("http://{HOST}"), "  no_proxy: []\n");
    let check = ["check", "--config.file", file.to_str().unwrap()];
    for (proxy, is_right) in [
        ("", true),
        ("http://proxy.test", true),
        ("https://proxy.test", false),
    ] {
        let mut command = program(&check);
        for name in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
            command.env(name, "/nonexistent");
        }
        let output = command.env("HTTP_PROXY", proxy).output().await.unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.success(), is_right, "{proxy}: {said}");
        assert_eq!(said.contains("ca-certificates"), !is_right, "{said}");
    }
}
