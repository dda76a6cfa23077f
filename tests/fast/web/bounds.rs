//! Clients that take their time, say nothing or too much.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use futures_util::stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::timeout;
use vcc_web::{Limits, WebSettingsWatcher};

use vcc_test_support::certificates::Authority;
use vcc_test_support::process::{Process, write_config};
use vcc_test_support::served::Served;
use vcc_test_support::simulated_server::api;

/// How long something that must happen may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";

/// What a connection says until it is closed.
async fn rest(stream: &mut TcpStream) -> String {
    let mut said = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut said)).await;
    // A connection that was reset is closed too.
    let _ = read.expect("it stays open");
    String::from_utf8_lossy(&said).into_owned()
}

async fn is_answered(server: &Served) -> bool {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(REQUEST).await.unwrap();
    rest(&mut stream).await.starts_with("HTTP/1.1 200 ")
}

#[tokio::test]
async fn who_sends_a_request_bit_by_bit_is_cut_off() {
    let limits = Limits {
        head: Duration::from_millis(200),
        ..Limits::default()
    };
    let server = Served::on(WebSettingsWatcher::open(), limits).await;
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nHost: te").await.unwrap();
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    assert!(is_answered(&server).await);
    // hyper tells the slow one why, or not; it is gone either way.
    let said = rest(&mut slow).await;
    assert!(
        said.is_empty() || said.starts_with("HTTP/1.1 408 "),
        "{said}"
    );
    assert_eq!(rest(&mut silent).await, "");
}

#[tokio::test]
async fn who_does_not_take_an_answer_is_cut_off() {
    let limits = Limits {
        answer: Duration::from_millis(200),
        ..Limits::default()
    };
    // An answer without an end, and what tells that it was given up.
    let (held, given_up) = oneshot::channel::<()>();
    let held = Arc::new(Mutex::new(Some(held)));
    let endless = get(async move || {
        let held = held.lock().unwrap().take();
        let chunks = stream::repeat_with(move || {
            let _ = &held;
            Ok::<_, Infallible>(Bytes::from_static(&[b'a'; 64 << 10]))
        });
        Body::from_stream(chunks)
    });
    let routes = Router::new().route("/", endless);
    let server = Served::these(routes, WebSettingsWatcher::open(), limits).await;
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    slow.write_all(REQUEST).await.unwrap();
    let over = timeout(PATIENCE, given_up).await.expect("it is still held");
    assert!(over.is_err(), "nobody sends anything");
    // What was under way arrives, and then there is an end.
    assert!(rest(&mut slow).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn who_never_agrees_on_tls_is_cut_off() {
    let authority = Authority::new();
    let directory = tempfile::tempdir().unwrap();
    let file = authority.serves(directory.path(), "");
    let limits = Limits {
        handshake: Duration::from_millis(200),
        ..Limits::default()
    };
    let server = Served::on(WebSettingsWatcher::from_file(&file).unwrap(), limits).await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    assert_eq!(rest(&mut silent).await, "");
}

#[tokio::test]
async fn a_head_beyond_all_measure_is_refused() {
    let server = Served::on(WebSettingsWatcher::open(), Limits::default()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "a".repeat(1 << 20));
    // It may be closed before all of it was sent.
    let _ = stream.write_all(head.as_bytes()).await;
    let said = rest(&mut stream).await;
    assert!(
        said.is_empty() || said.starts_with("HTTP/1.1 431 "),
        "{said}"
    );
    assert!(is_answered(&server).await);
}

#[tokio::test]
async fn a_thousand_silent_connections_keep_nobody_out() {
    let directory = tempfile::tempdir().unwrap();
    let file = write_config(directory.path(), &api().await, "poll:\n  interval: 5s\n");
    let process = Process::run(&file).await;
    let polls =
        |shown: &vcc_test_support::exposition::Exposition| shown.sum("vcc_polls_total", &[]);
    let before = polls(&process.scrape().await);
    // Each end of a connection takes a file descriptor, and many systems allow 1,024.
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let raised = rustix::process::Rlimit {
        current: limit.maximum,
        ..limit
    };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, raised).unwrap();
    let mut silent = Vec::new();
    for _ in 0..1_000 {
        silent.push(TcpStream::connect(process.address).await.unwrap());
    }
    process.until(|shown| polls(shown) > before).await;
    let open = |stream: &TcpStream| {
        let read = stream.try_read(&mut [0]);
        matches!(read, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
    };
    let mut still_open = 0;
    for stream in &silent {
        // Whether it was closed is known once the runtime has looked.
        let _ = timeout(Duration::ZERO, stream.readable()).await;
        still_open += usize::from(open(stream));
    }
    assert!(still_open <= Limits::default().connections, "{still_open}");
}
