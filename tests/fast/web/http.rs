//! Every endpoint, as HTTP has it (RFC 9110).

use vcc_test_support::process::{Answer, Process, write_config};
use vcc_test_support::simulated_server::api;

/// What can be read, each with the beginning of its type.
const READ: [(&str, &str); 5] = [
    ("/", "text/html; charset=utf-8"),
    ("/api/status", "application/json"),
    ("/metrics", "text/plain; version=0.0.4; charset=utf-8"),
    ("/-/healthy", "text/plain; charset=utf-8"),
    ("/-/ready", "text/plain; charset=utf-8"),
];

/// The headers that every answer has.
const ALWAYS: [&str; 5] = [
    "content-security-policy",
    "date",
    "referrer-policy",
    "x-content-type-options",
    "x-frame-options",
];

async fn process(flags: &[&str]) -> (Process, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let file = write_config(directory.path(), &api().await, "");
    (Process::run_with(&file, flags).await, directory)
}

#[track_caller]
fn assert_sound(answer: &Answer) {
    for name in ALWAYS {
        assert!(answer.headers.contains_key(name), "no {name} in {answer:?}");
    }
    // The program and its version are nobody's business.
    assert!(!answer.headers.contains_key("server"), "{answer:?}");
}

#[tokio::test]
async fn every_page_can_be_read_and_its_head_alone() {
    let (process, _directory) = process(&[]).await;
    for (path, kind) in READ {
        let whole = process.ask("GET", path).await;
        assert_eq!(
            (whole.status, whole.headers["content-type"].as_str()),
            (200, kind),
            "{path}"
        );
        assert_sound(&whole);
        let length: usize = whole.headers["content-length"].parse().unwrap();
        assert_eq!(length, whole.body.len(), "{path}");
        let head = process.ask("HEAD", path).await;
        assert_eq!((head.status, head.body.as_str()), (200, ""), "{path}");
        assert_eq!(head.headers["content-type"], kind);
        assert!(head.headers.contains_key("content-length"), "{head:?}");
    }
}

#[tokio::test]
async fn what_can_only_be_read_says_so() {
    let (process, _directory) = process(&["--web.enable-lifecycle"]).await;
    for (path, _) in READ {
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
            let answer = process.ask(method, path).await;
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.headers["allow"], "GET,HEAD", "{method} {path}");
            assert_sound(&answer);
        }
    }
    let answer = process.ask("GET", "/-/reload").await;
    assert_eq!(
        (answer.status, answer.headers["allow"].as_str()),
        (405, "POST")
    );
}

#[tokio::test]
async fn what_is_not_there_is_not_there() {
    let (process, _directory) = process(&[]).await;
    for path in [
        "/nowhere",
        "/metrics/",
        "//",
        "/-/",
        "/-/reload",
        "/..",
        "/%2e%2e/etc/passwd",
    ] {
        let answer = process.ask("GET", path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_sound(&answer);
    }
}

#[tokio::test]
async fn requests_are_read_as_the_protocol_has_them() {
    let (process, _directory) = process(&[]).await;
    let two = process
        .told(
            b"GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n\
              GET /-/ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        )
        .await;
    let (first, second) = (
        two.find("is healthy.").unwrap(),
        two.find("is ready.").unwrap(),
    );
    assert!(first < second, "{two}");
    let old = process.told(b"GET /-/healthy HTTP/1.0\r\n\r\n").await;
    assert!(
        old.starts_with("HTTP/1.0 200 ") && old.ends_with("is healthy.\n"),
        "{old}"
    );
    for nonsense in [
        &b"GET\r\n\r\n"[..],
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ] {
        let said = process.told(nonsense).await;
        assert!(said.starts_with("HTTP/1.1 400 "), "{nonsense:?}: {said}");
    }
    // A body nobody wants does not become a request of its own.
    let smuggled = process
        .told(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 41\r\nConnection: close\r\n\r\n\
              GET /-/healthy HTTP/1.1\r\nHost: smuggled\r\n\r\n",
        )
        .await;
    assert_eq!(smuggled.matches("HTTP/1.1 ").count(), 1, "{smuggled}");
}
