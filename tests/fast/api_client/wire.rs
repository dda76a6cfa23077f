//! What happens on the wire: real sockets on this machine, in real time.
use std::sync::atomic::Ordering;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::servers::*;
use super::*;

#[tokio::test]
async fn the_whole_errand_works_against_a_real_server() {
    let token = |headers: HeaderMap, form: String| async move {
        let form: Vec<_> = url::form_urlencoded::parse(form.as_bytes()).collect();
        let secret = form.iter().find(|(name, _)| name == "client_secret");
        assert_eq!(secret.unwrap().1, "a&b=c+d%e f");
        assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
        r#"{"access_token":"t0ken","expires_in":7200}"#
    };
    let page = |headers: HeaderMap, uri: Uri| async move {
        assert_eq!(headers["authorization"], "Bearer t0ken");
        assert_eq!(headers["accept"], "application/vnd.newvoicemedia.v3+json");
        assert_eq!(headers["x-external-id"], "vcc-exporter");
        let agent = headers["user-agent"].to_str().unwrap();
        assert_eq!(agent, concat!("vcc-exporter/", env!("CARGO_PKG_VERSION")));
        assert_eq!(headers.get("cookie"), None);
        assert_eq!(headers["accept-encoding"], "gzip");
        let headers = [("content-encoding", "gzip"), ("set-cookie", "a=b")];
        (headers, gzip(uri.query().unwrap().as_bytes()))
    };
    let router = Router::new()
        .route("/login", post(token))
        .route("/prefix/stats/interactions", get(page));
    let url = serve_router(router).await;
    let client = ApiClient::new(
        endpoints(&format!("{url}/prefix/"), &format!("{url}/login")),
        credentials(SecretSource::Value("a&b=c+d%e f".into())),
        RetrySettings::default(),
        deps(Arc::new(transport(PATIENCE)), Arc::new(())),
    );
    // The second time there would be a cookie to send.
    for _ in 0..2 {
        let body = client.page(&QUERY).await.unwrap();
        assert!(
            body.bytes
                .ends_with(b"&include=Processed&page=2&limit=5000")
        );
    }
}

#[tokio::test]
async fn headers_that_matter_are_passed_on() {
    let answer = get(|| async {
        let headers = [("retry-after", "7"), ("content-type", "text/html")];
        (StatusCode::TOO_MANY_REQUESTS, headers, "<p>slow</p>").into_response()
    });
    let url = serve_router(Router::new().route("/", answer)).await;
    let response = ask(&url).await.unwrap();
    assert_eq!(response.status, 429);
    assert_eq!(response.retry_after.as_deref(), Some("7"));
    assert_eq!(response.content_type.as_deref(), Some("text/html"));
    assert_eq!(response.body, "<p>slow</p>");
}

#[tokio::test]
async fn a_redirect_is_refused_and_the_token_goes_nowhere() {
    let (elsewhere, visits) = serve_bytes(with_length(b"thanks")).await;
    for code in [301, 302, 303, 307, 308] {
        let head = format!("HTTP/1.1 {code} Moved\r\nLocation: {elsewhere}/x?secret=1\r\n\r\n");
        let (url, _) = serve_bytes(head).await;
        let client = ApiClient::new(
            endpoints(&url, &url),
            credentials(SecretSource::Value("s3cret".into())),
            RetrySettings::default(),
            deps(Arc::new(transport(PATIENCE)), Arc::new(())),
        );
        let error = client.authorize().await.unwrap_err();
        assert_eq!(error.reason().as_str(), "redirect");
        let error = ask(&url).await.unwrap_err();
        let to_host = Some("127.0.0.1".to_owned());
        assert_eq!(error, TransportError::RefusedRedirect { to_host });
    }
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_refused_too() {
    let (url, _) = serve_bytes("HTTP/1.1 304 Not Modified\r\n\r\n").await;
    let to_host = None;
    assert_eq!(
        ask(&url).await.unwrap_err(),
        TransportError::RefusedRedirect { to_host }
    );
}

#[tokio::test]
async fn a_server_that_is_silent_or_stops_halfway_times_out() {
    let halfway = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nwhole";
    for start in [b"".as_slice(), halfway] {
        let answer = move |mut stream: TcpStream| async move {
            stream.write_all(start).await.unwrap_or_default();
            // Holds the connection until the client has had enough.
            stream.read_u8().await.unwrap_or_default();
        };
        let (url, _) = serve(answer).await;
        let error = transport(IMPATIENCE).send(request(&url)).await.unwrap_err();
        assert_eq!(error, TransportError::Timeout);
    }
}

#[tokio::test]
async fn no_connection_is_told_apart_and_shows_no_query() {
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let tls = format!("https://{}", plain.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = plain.accept().await.unwrap();
        stream.write_all(b"this is not TLS").await.unwrap();
    });
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    for url in [tls, format!("http://{closed}")] {
        let error = ask(&format!("{url}/?start=x")).await.unwrap_err();
        assert!(matches!(error, TransportError::Connect(_)), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("start="), "{error}");
    }
}

#[tokio::test]
async fn what_cannot_be_sent_says_so() {
    let error = ask("mailto:someone?start=x").await.unwrap_err();
    assert!(matches!(error, TransportError::Other(_)), "{error:?}");
    assert!(!error.to_string().contains("start="), "{error}");
}
