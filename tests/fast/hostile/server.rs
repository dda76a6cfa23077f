//! The whole exporter against a hostile server on a real socket, with everything it logs.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::{get, post};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use url::Url;
use vcc_exporter::assembly;
use vcc_exporter::poller::StartFrom;
use vcc_net::clock::SystemClock;

use super::{ENDED, MARK, item_with, page_with};
use vcc_test_support::item::{begun, call, numbered, time};
use vcc_test_support::running_exporter::RunningExporter;
use vcc_test_support::simulated_api::{config, memory_store};

fn now_ms() -> i64 {
    chrono::Utc::now().timestamp_millis()
}

/// Two good calls of an hour ago.
fn good_page() -> Vec<u8> {
    let items = [1, 2].map(|number| begun(&numbered(&call(), number), now_ms() - 3_600_000));
    json!({ "meta": {}, "items": items, "upTo": time(now_ms()) })
        .to_string()
        .into_bytes()
}

/// Serves a good page, then this one, then good ones; tells the number of every page served.
async fn serve(content_type: &'static str, hostile: Vec<u8>) -> (Url, UnboundedReceiver<usize>) {
    let (told, served) = unbounded_channel();
    let number = Mutex::new(0);
    let page = move || {
        let mut number = number.lock().unwrap();
        *number += 1;
        told.send(*number).unwrap_or_default();
        // The first one is the probe for the API's clock, of which nothing is counted.
        let body = if *number == 2 {
            hostile.clone()
        } else {
            good_page()
        };
        async move { ([(CONTENT_TYPE, content_type)], body) }
    };
    let token = r#"{"access_token":"t","expires_in":3600}"#;
    let page = Arc::new(page);
    let router = Router::new()
        .route("/token", post(async move || token))
        .route("/stats/interactions", get(move || page()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, router).await });
    (url.parse().unwrap(), served)
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Runs an exporter through a hostile page and two good ones, with everything logged that it and
/// the libraries below it can say; returns what it shows then, and the log.
fn after(
    content_type: &'static str,
    hostile: Vec<u8>,
) -> (vcc_test_support::exposition::Exposition, String) {
    vcc_test_support::log::wanted();
    let log = Log::default();
    let writer = log.clone();
    let listen = move || {
        let writer = writer.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    };
    let _here = listen();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // The blocking half works on threads of its own, which live as long as the runtime.
        .on_thread_start(move || std::mem::forget(listen()))
        .build()
        .unwrap();
    let shown = runtime.block_on(async {
        let (url, mut served) = serve(content_type, hostile).await;
        let ago = StartFrom::Ago(Duration::from_secs(7_200));
        let mut config = config(Duration::from_millis(1), 100, ago);
        config.rules.warmup = Duration::ZERO;
        config.api.retry.requests_per_minute = 160;
        config.accounts[0].endpoints.token_url = url.join("token").unwrap();
        config.accounts[0].endpoints.api_url = url;
        let road = assembly::transport(&config).unwrap();
        let exporter =
            RunningExporter::start(road, Arc::new(SystemClock), &memory_store(), &config);
        // When the fifth page is asked for, the fourth, a good one, was taken in.
        while served.recv().await.unwrap() < 5 {}
        let shown = exporter.shown();
        exporter.stop().await;
        shown
    });
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    (shown, log)
}

#[test]
fn a_page_that_cannot_be_read_is_a_counted_failure_and_the_next_good_one_counts() {
    let html = format!("<html>{MARK}</html>").into_bytes();
    let not_list = format!(r#"{{"items":"{MARK}","upTo":"{}"}}"#, time(now_ms())).into_bytes();
    let up_to = format!(r#"{{"items":[],"upTo":"{MARK}"}}"#).into_bytes();
    let utf8 = page_with(&item_with("outcome", b"\"\xff MARK-of-the-sender\""));
    let nan = page_with(&item_with("duration", b"NaN"));
    for (reason, content_type, body) in [
        ("not_json", "text/html", html),
        ("not_json", "application/json", not_list),
        ("no_up_to", "application/json", up_to),
        ("not_json", "application/json", utf8),
        ("not_json", "application/json", nan),
    ] {
        let (shown, log) = after(content_type, body);
        assert_eq!(
            shown.sum("vcc_poll_failures_total", &[("reason", reason)]),
            1.0
        );
        assert_eq!(shown.sum("vcc_poll_failures_total", &[]), 1.0);
        assert_eq!(shown.sum(ENDED, &[]), 2.0);
        assert_eq!(shown.sum("vcc_unread_windows", &[]), 0.0);
        assert!(!log.contains(MARK), "the log repeats what was sent");
        assert!(log.contains(reason), "the log does not say why: {log}");
    }
}

#[test]
fn a_spoilt_record_costs_itself_and_is_logged_without_its_contents() {
    let mut page: serde_json::Value = serde_json::from_slice(&good_page()).unwrap();
    let mut item = numbered(&call(), 3);
    item["channels"] = json!({ MARK: MARK });
    page["items"]
        .as_array_mut()
        .unwrap()
        .insert(1, item.clone());
    let (shown, log) = after("application/json", page.to_string().into_bytes());
    assert_eq!(
        shown.sum("vcc_records_rejected_total", &[("reason", "wrong_type")]),
        1.0
    );
    assert_eq!(shown.sum("vcc_poll_failures_total", &[]), 0.0);
    assert_eq!(shown.sum(ENDED, &[]), 2.0);
    assert!(!log.contains(MARK), "the log repeats what was sent");
    assert!(
        log.contains(item["guid"].as_str().unwrap()),
        "the log does not name the record"
    );
}

#[test]
fn good_json_under_a_wrong_type_and_ten_megabytes_of_text_are_taken_in() {
    let mut page: serde_json::Value = serde_json::from_slice(&good_page()).unwrap();
    let (shown, _) = after("text/html", page.to_string().into_bytes());
    assert_eq!(shown.sum("vcc_poll_failures_total", &[]), 0.0);
    assert_eq!(shown.sum(ENDED, &[]), 2.0);
    page["items"][0]["outcome"] = json!(MARK.repeat(10 << 20 >> 4));
    let (shown, log) = after("application/json", page.to_string().into_bytes());
    assert_eq!(shown.sum(ENDED, &[("outcome", "other")]), 1.0);
    assert_eq!(shown.sum(ENDED, &[]), 2.0);
    assert!(!log.contains(MARK), "the log repeats what was sent");
}
