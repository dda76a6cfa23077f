//! Small servers on this machine, and one request to ask them with.
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use vcc_net::http::HttpSettings;
use vcc_vonage::HttpTransport;

use super::*;

pub(super) const LIMIT: usize = 1 << 20;

/// Long enough for a busy machine, for what must not time out.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// For what must.
pub(super) const IMPATIENCE: Duration = Duration::from_millis(50);

pub(super) fn transport(timeout: Duration) -> HttpTransport {
    let settings = HttpSettings {
        timeout: Some(timeout),
        connect_timeout: PATIENCE,
        ..HttpSettings::default()
    };
    HttpTransport::new(settings)
        .unwrap()
        .with_max_body_bytes(LIMIT)
}

pub(super) fn request(url: &str) -> Request {
    Request {
        operation: Operation::Interactions,
        method: "GET".parse().unwrap(),
        url: Url::parse(url).unwrap(),
        accept: "*/*",
        authorization: Some("Bearer t0ken".into()),
        content_type: None,
        body: None,
    }
}

pub(super) async fn ask(url: &str) -> Answer {
    transport(PATIENCE).send(request(url)).await
}

/// A server that plays `answer` to every connection, once it has read the
/// request's head, and counts the connections.
pub(super) async fn serve<F>(
    answer: impl Fn(TcpStream) -> F + Send + 'static,
) -> (String, Arc<AtomicUsize>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => break,
                }
            }
            tokio::spawn(answer(stream));
        }
    });
    (url, connections)
}

/// A server that sends these bytes and hangs up.
pub(super) async fn serve_bytes(bytes: impl Into<Vec<u8>>) -> (String, Arc<AtomicUsize>) {
    let bytes = Arc::new(bytes.into());
    serve(move |mut stream| {
        let bytes = bytes.clone();
        async move { stream.write_all(&bytes).await.unwrap_or_default() }
    })
    .await
}

/// A server that sends `head`, and then `chunk` until the client hangs up.
pub(super) async fn serve_endless(head: &'static [u8], chunk: Vec<u8>) -> String {
    let chunk = Arc::new(chunk);
    let answer = move |mut stream: TcpStream| {
        let chunk = chunk.clone();
        async move {
            let mut sent = stream.write_all(head).await;
            while sent.is_ok() {
                sent = stream.write_all(&chunk).await;
            }
        }
    };
    serve(answer).await.0
}

pub(super) async fn serve_router(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, router).await });
    url
}

pub(super) fn with_length(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

pub(super) fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, body).unwrap();
    encoder.finish().unwrap()
}
