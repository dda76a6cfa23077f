//! Changes while it serves: of certificates and users, and of the whole configuration under load.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use vcc_web::{Limits, WebSettingsWatcher};
use x509_parser::prelude::{FromDer, X509Certificate};

use vcc_test_support::certificates::{Authority, Wanted};
use vcc_test_support::exposition::Exposition;
use vcc_test_support::http;
use vcc_test_support::process::{Process, write_config};
use vcc_test_support::served::Served;
use vcc_test_support::simulated_server::api;

/// How many scrapes go on while the configuration is read again and again.
const SCRAPES: usize = 30;

/// The serial number of the certificate that a new connection is shown.
async fn serial(server: &Served) -> String {
    let builder = reqwest::Client::builder().tls_danger_accept_invalid_certs(true);
    let client = builder.tls_info(true).build().unwrap();
    let response = client.get(server.url("https", "/")).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let info = response.extensions().get::<reqwest::tls::TlsInfo>();
    let certificate = info.unwrap().peer_certificate().unwrap();
    let (_, certificate) = X509Certificate::from_der(certificate).unwrap();
    certificate.serial.to_string()
}

/// A server that looks for changes without a pause.
async fn served(file: &Path) -> Served {
    let limits = Limits {
        reread: Duration::ZERO,
        ..Limits::default()
    };
    Served::on(WebSettingsWatcher::from_file(file).unwrap(), limits).await
}

/// Waits until the server has surely read what is there now, more than once.
async fn read(server: &Served) {
    let before = server.access.readings();
    while server.access.readings() < before + 3 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_replaced_certificate_is_served_from_then_on() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new();
    let file = authority.serves(folder.path(), "");
    let server = served(&file).await;
    assert_eq!(serial(&server).await, "1");
    authority.put(folder.path(), 2);
    read(&server).await;
    assert_eq!(serial(&server).await, "2");
    // Half of a replacement: a key that does not fit.
    let (_, other_key) = authority.issue(Wanted::default());
    std::fs::write(folder.path().join("server.key"), other_key).unwrap();
    read(&server).await;
    assert_eq!(serial(&server).await, "2");
    std::fs::remove_file(folder.path().join("server.crt")).unwrap();
    read(&server).await;
    assert_eq!(serial(&server).await, "2");
    authority.put(folder.path(), 3);
    read(&server).await;
    assert_eq!(serial(&server).await, "3");
}

#[tokio::test]
async fn a_file_that_protects_no_longer_is_not_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = Authority::new().serves(folder.path(), "");
    let server = served(&file).await;
    for text in ["", "http_server_config: {http2: true}\n"] {
        std::fs::write(&file, text).unwrap();
        read(&server).await;
        assert_eq!(serial(&server).await, "1", "{text:?}");
    }
}

#[tokio::test]
async fn a_changed_user_is_judged_from_then_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("web.yml");
    let put = |password: &str| {
        let hash = bcrypt::hash(password, 4).unwrap();
        std::fs::write(&file, format!("basic_auth_users:\n  ann: {hash}\n")).unwrap();
    };
    put("first");
    let server = served(&file).await;
    let status = async |password: &str| {
        read(&server).await;
        let request = http::client().get(server.url("http", "/"));
        let request = request.basic_auth("ann", Some(password));
        request.send().await.unwrap().status()
    };
    assert_eq!(status("first").await, 200);
    put("second");
    assert_eq!(status("first").await, 401);
    assert_eq!(status("second").await, 200);
    // What is wrong lets nobody in who was not let in before, and keeps nobody out.
    std::fs::write(&file, "basic_auth_users:\n  ann: third\n").unwrap();
    assert_eq!(status("third").await, 401);
    assert_eq!(status("second").await, 200);
}

#[tokio::test]
async fn a_connection_from_before_more_was_demanded_is_not_served() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("web.yml");
    std::fs::write(&file, "").unwrap();
    let server = served(&file).await;
    let client = http::client();
    let ask = async || client.get(server.url("http", "/")).send().await.unwrap();
    assert_eq!(ask().await.text().await.unwrap(), "word");
    Authority::new().serves(folder.path(), "");
    read(&server).await;
    // The client keeps its connection, over which nothing is encrypted.
    assert_eq!(ask().await.status(), 421);
}

/// The counters of what the centre did, which a reload must not touch.
fn counters(shown: &Exposition) -> f64 {
    shown.sum("vcc_interactions_started_total", &[])
}

async fn reload(process: &Process) -> (u16, String) {
    let answer = process.ask("POST", "/-/reload").await;
    (answer.status, answer.body)
}

fn rewrite(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from));
    std::fs::write(file, text.replace(from, to)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_under_load_loses_no_scrape_and_no_count() {
    let folder = tempfile::tempdir().unwrap();
    let more = "poll:\n  interval: 5s\n  start_from: \"-30m\"\n";
    let file = write_config(folder.path(), &api().await, more);
    let process = Arc::new(Process::run_with(&file, &["--web.enable-lifecycle"]).await);
    let begun = process.until(|shown| counters(shown) > 0.0).await;
    let scrapes = Arc::new(AtomicUsize::new(0));
    let scraper = tokio::spawn({
        let (process, scrapes) = (Arc::clone(&process), Arc::clone(&scrapes));
        let mut before = counters(&begun);
        async move {
            loop {
                let now = counters(&process.scrape().await);
                assert!(now >= before, "{now} after {before}");
                before = now;
                scrapes.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    while scrapes.load(Ordering::Relaxed) < SCRAPES && !scraper.is_finished() {
        assert_eq!(reload(&process).await.0, 200);
    }
    rewrite(&file, "interval: 5s", "interval: 1s");
    let (status, words) = reload(&process).await;
    assert_eq!(status, 500);
    assert!(
        words.contains(r#"poll.interval: "1s" is too short"#),
        "{words}"
    );
    let failed = "vcc_exporter_config_last_reload_successful";
    assert_eq!(process.scrape().await.sum(failed, &[]), 0.0);
    rewrite(&file, "interval: 1s", "interval: 6s");
    process.send("HUP").await;
    process.until(|shown| shown.sum(failed, &[]) == 1.0).await;
    assert!(!scraper.is_finished(), "{:?}", scraper.await.err());
    scraper.abort();
}

#[tokio::test]
async fn a_reload_over_http_is_there_only_where_it_is_switched_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = write_config(folder.path(), &api().await, "");
    let process = Process::run(&file).await;
    assert_eq!(reload(&process).await.0, 404);
}
