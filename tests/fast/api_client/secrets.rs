//! Nothing secret is ever shown, whatever the server says back.
use std::fs::File;

use tracing_subscriber::fmt;
use vcc_net::http::HttpSettings;
use vcc_vonage::HttpTransport;

use super::servers::{serve_bytes, with_length};
use super::*;

const SECRET: &str = "S&CRET value+1";
const TOKEN: &str = "header.payload.signature";

fn secretive(script: Arc<Script>) -> ApiClient {
    with_secret(script, Arc::new(()), SecretSource::Value(SECRET.into()))
}

fn assert_discreet(text: &str) {
    for secret in [SECRET, "S%26CRET", TOKEN] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn neither_the_client_nor_a_request_shows_its_secrets() {
    let client = secretive(Script::tokens([token(TOKEN, 7200)]));
    client.page(&QUERY).await.unwrap();
    assert_discreet(&format!("{client:?} {client:#?}"));
    let request = Request {
        operation: Operation::Token,
        method: "POST".parse().unwrap(),
        url: Url::parse(&format!("https://u:{TOKEN}@login.example.com/t?x={TOKEN}")).unwrap(),
        accept: "*/*",
        authorization: Some(TOKEN.into()),
        content_type: None,
        body: Some(SECRET.into()),
    };
    let shown = format!("{request:?}");
    assert_discreet(&shown);
    assert!(shown.contains("login.example.com"), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn a_token_endpoint_that_echoes_the_request_is_not_quoted() {
    let encoded = "client_secret=S%26CRET+value%2B1&scope=stats";
    let decoded = format!(r#"{{"error":"{SECRET}","error_description":"not {SECRET}"}}"#);
    for body in [encoded, &decoded] {
        for code in [400, 404, 418] {
            let client = secretive(Script::tokens([answer(code, body)]));
            let error = client.authorize().await.unwrap_err();
            assert_discreet(&format!("{error} {error:?}"));
        }
        let client = secretive(Script::tokens((0..4).map(|_| answer(502, body))));
        let error = client.authorize().await.unwrap_err();
        assert_discreet(&format!("{error} {error:?}"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_api_that_echoes_the_token_is_not_quoted() {
    for code in [400, 403, 418] {
        let echo = || answer(code, &format!(r#"{{"message":"Bearer {TOKEN} is bad"}}"#));
        let tokens = || token(TOKEN, 7200);
        let client = secretive(Script::new([tokens(), tokens()], [echo(), echo()]));
        let error = client.page(&QUERY).await.unwrap_err();
        assert_discreet(&format!("{error} {error:?}"));
        assert!(
            error.to_string().contains("Bearer [redacted] is bad"),
            "{error}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_with_a_wrong_status_or_shape_is_not_quoted() {
    let body = format!(r#"{{"access_token":["{TOKEN}"]}}"#);
    for code in [200, 201] {
        let client = secretive(Script::tokens([answer(code, &body)]));
        let error = client.authorize().await.unwrap_err();
        assert_discreet(&format!("{error} {error:?}"));
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_in_an_address_are_neither_sent_nor_shown() {
    let script = Script::pages([status(404)]);
    let client = ApiClient::new(
        endpoints(
            "https://u:hunter2@api.example.com",
            "https://u:hunter2@login.example.com/t",
        ),
        credentials(SecretSource::Value(SECRET.into())),
        RetrySettings::default(),
        deps(script.clone(), Arc::new(())),
    );
    let error = client.page(&QUERY).await.unwrap_err();
    let seen = script.seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 2);
    assert!(seen.iter().all(|it| it.url.username().is_empty()));
    assert!(seen.iter().all(|it| it.url.password().is_none()));
    assert!(!format!("{client:?} {error} {error:?}").contains("hunter2"));
}

#[tokio::test]
async fn the_most_talkative_log_of_a_real_exchange_is_discreet() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let writer = Arc::new(File::create(log.path()).unwrap());
    let subscriber = fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(writer);
    vcc_test_support::log::wanted();
    let guard = tracing::subscriber::set_default(subscriber.finish());
    let body = token(TOKEN, 7200).unwrap().body;
    let (url, _) = serve_bytes(with_length(&body)).await;
    let transport = HttpTransport::new(HttpSettings::default()).unwrap();
    let client = ApiClient::new(
        endpoints(&url, &url),
        credentials(SecretSource::Value(SECRET.into())),
        RetrySettings::default(),
        deps(Arc::new(transport), Arc::new(())),
    );
    client.page(&QUERY).await.unwrap();
    drop(guard);
    let text = std::fs::read_to_string(log.path()).unwrap();
    assert_discreet(&text);
    assert!(!text.contains("client_secret"), "{text}");
    assert_eq!(text.matches("answered").count(), 2, "{text}");
}
