//! Tokens: reuse, renewal, refusal, and where the secret comes from.
use std::io::Write;

use tokio::time::advance;

use super::*;

const TWO_HOURS: Duration = Duration::from_secs(7200);

#[tokio::test(start_paused = true)]
async fn a_token_is_reused_until_nine_tenths_of_its_life_are_over() {
    let (script, recorder) = (Script::pages([]), Arc::new(Recorder::default()));
    let client = observed(script.clone(), recorder.clone());
    client.page(&QUERY).await.unwrap();
    advance(TWO_HOURS.mul_f64(0.9) - Duration::from_secs(1)).await;
    client.page(&QUERY).await.unwrap();
    assert_eq!(script.page_tokens(), ["Bearer token-1", "Bearer token-1"]);
    advance(Duration::from_secs(1)).await;
    client.page(&QUERY).await.unwrap();
    assert_eq!(script.page_tokens()[2], "Bearer token-2");
    assert_eq!(recorder.told()[..2], ["token 200", "expires 7200"]);
}

#[tokio::test(start_paused = true)]
async fn a_page_is_asked_for_with_version_and_token() {
    let script = Script::pages([answer(200, r#"{"items":[]}"#)]);
    let body = client(script.clone()).page(&QUERY).await.unwrap();
    assert_eq!(body.bytes, r#"{"items":[]}"#);
    let page = &script.seen(Operation::Interactions)[0];
    assert_eq!(page.accept, "application/vnd.newvoicemedia.v3+json");
    assert_eq!(
        page.url.as_str(),
        "https://api.example.com/stats/interactions?start=2023-11-14T22%3A13%3A20.000Z\
         &end=2023-11-14T22%3A14%3A20.000Z&include=Processed&page=2&limit=5000"
    );
    assert_eq!((&page.body, page.content_type), (&None, None));
}

#[tokio::test(start_paused = true)]
async fn the_form_survives_any_character() {
    let script = Script::pages([]);
    let secret = SecretSource::Value("a&b=c+d%e f\u{e9}".into());
    let client = with_secret(script.clone(), Arc::new(()), secret);
    client.authorize().await.unwrap();
    let request = &script.seen(Operation::Token)[0];
    assert_eq!(
        request.body.as_deref().unwrap(),
        "grant_type=client_credentials&client_id=an+id\
         &client_secret=a%26b%3Dc%2Bd%25e+f%C3%A9&scope=stats"
    );
    assert_eq!(
        request.content_type,
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(request.authorization, None);
}

#[tokio::test(start_paused = true)]
async fn pages_that_need_a_token_together_fetch_it_once() {
    let script = Script::pages([]);
    let client = Arc::new(client(script.clone()));
    let [one, two] = [client.clone(), client]
        .map(|client| tokio::spawn(async move { client.page(&QUERY).await }));
    assert!(one.await.unwrap().is_ok() && two.await.unwrap().is_ok());
    assert_eq!(script.seen(Operation::Token).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_and_the_same_page_asked_again() {
    for refusal in [401, 403] {
        let script = Script::pages([status(refusal), answer(200, "whole")]);
        let body = client(script.clone()).page(&QUERY).await.unwrap();
        assert_eq!(body.bytes, "whole");
        assert_eq!(script.page_tokens(), ["Bearer token-1", "Bearer token-2"]);
        let pages = script.seen(Operation::Interactions);
        assert_eq!(pages[0].url, pages[1].url);
        assert_eq!(script.pauses(), [Duration::ZERO]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_refused_with_a_new_token_too_is_given_up() {
    for (refusal, want) in [(401, "unauthorized"), (403, "forbidden")] {
        let script = Script::pages([status(refusal), status(refusal), status(200)]);
        let outcome = client(script.clone()).page(&QUERY).await;
        assert_eq!(reason(&outcome), want);
        assert_eq!(script.seen(Operation::Interactions).len(), 2);
        assert_eq!(script.seen(Operation::Token).len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn two_pages_refused_together_do_not_throw_away_each_others_new_token() {
    let script = Script::pages([status(401), status(401)]);
    let client = client(script.clone());
    client.authorize().await.unwrap();
    let (one, two) = tokio::join!(client.page(&QUERY), client.page(&QUERY));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(script.seen(Operation::Token).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn refused_credentials_are_not_tried_again() {
    let wrong = r#"{"error":"invalid_client","error_description":"unknown\u001b[31m"}"#;
    let scope = r#"{"error":"invalid_scope","error_description":"\"vonage/api/stats\" is an invalid scope"}"#;
    for (body, reason, advice) in [
        (
            wrong,
            "token_refused",
            "invalid_client: unknown[31m; check the client id",
        ),
        (scope, "invalid_scope", "lack the `stats` scope"),
    ] {
        let script = Script::tokens([answer(400, body)]);
        let error = client(script.clone()).page(&QUERY).await.unwrap_err();
        assert_eq!(error.reason().as_str(), reason);
        let text = error.to_string();
        assert!(text.contains(advice), "{text}");
        assert!(text.contains("login.example.com"), "{text}");
        assert_eq!(script.seen(Operation::Token).len(), 1);
        assert!(script.seen(Operation::Interactions).is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_token_is_said_to_be_one() {
    for body in [
        "<html>",
        "{}",
        r#"{"access_token":""}"#,
        r#"{"access_token":"a\nb"}"#,
    ] {
        let client = client(Script::tokens([answer(200, body)]));
        let error = client.authorize().await.unwrap_err();
        assert_eq!(error.reason().as_str(), "token_unreadable", "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failing_token_endpoint_is_retried() {
    let (script, recorder) = (
        Script::tokens([status(503), throttled("1")]),
        Arc::new(Recorder::default()),
    );
    let client = observed(script.clone(), recorder.clone());
    client.authorize().await.unwrap();
    let told = recorder.told();
    let want = [
        "token 503",
        "retried token",
        "token 429",
        "throttled token",
        "retried token",
    ];
    assert_eq!(told[..5], want);
}

#[tokio::test(start_paused = true)]
async fn an_absurd_life_of_a_token_is_bounded() {
    for (expires_in, want) in [
        ("0", 60),
        ("-5", 60),
        ("1e300", 86_400),
        ("18446744073709551615", 86_400),
        ("null", 7200),
        (r#""3600""#, 3600),
        (r#""NaN""#, 60),
        (r#""soon""#, 7200),
    ] {
        let body = format!(r#"{{"access_token":"t","expires_in":{expires_in}}}"#);
        let recorder = Arc::new(Recorder::default());
        let client = observed(Script::tokens([answer(200, &body)]), recorder.clone());
        client.authorize().await.unwrap();
        assert_eq!(
            recorder.told()[1],
            format!("expires {want}"),
            "{expires_in}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_file_is_read_anew_for_every_token() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"first\r\n").unwrap();
    let script = Script::pages([status(200), status(401)]);
    let source = SecretSource::File(file.path().to_owned());
    let client = with_secret(script.clone(), Arc::new(()), source);
    client.page(&QUERY).await.unwrap();
    std::fs::write(file.path(), "second one \n").unwrap();
    client.page(&QUERY).await.unwrap();
    let bodies = script
        .seen(Operation::Token)
        .into_iter()
        .filter_map(|it| it.body);
    let secrets: Vec<_> = bodies
        .map(|body| body.split('&').nth(2).unwrap().to_owned())
        .collect();
    assert_eq!(
        secrets,
        ["client_secret=first", "client_secret=second+one+"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_useless_secret_file_is_named_and_nothing_is_sent() {
    let dir = tempfile::tempdir().unwrap();
    let (empty, large, missing) = ("empty", "large", "missing");
    std::fs::write(dir.path().join(empty), "\n").unwrap();
    std::fs::write(dir.path().join(large), "x".repeat(5000)).unwrap();
    for name in [empty, large, missing, "."] {
        let script = Script::pages([]);
        let path = dir.path().join(name);
        let source = SecretSource::File(path.clone());
        let client = with_secret(script.clone(), Arc::new(()), source);
        let error = client.page(&QUERY).await.unwrap_err();
        assert_eq!(error.reason().as_str(), "secret");
        assert!(
            error.to_string().contains(path.to_str().unwrap()),
            "{error}"
        );
        assert!(script.seen(Operation::Token).is_empty());
    }
}
