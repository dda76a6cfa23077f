//! Retries, pauses and the budget, in paused time.
use tokio::time::timeout;
use vcc_net::backoff::RETRY_AFTER_MAX;
use vcc_net::clock::Clock;
use vcc_vonage::client::BACKOFF;
use vcc_vonage::{FetchErrorKind, FetchErrorReason};

use super::*;

/// Sleeping rounds up to the next millisecond.
const GRAIN: Duration = Duration::from_millis(2);

fn assert_within(pause: Duration, low: Duration, high: Duration) {
    assert!(
        low <= pause && pause <= high + GRAIN,
        "{pause:?} not in {low:?}..={high:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn retry_after_in_seconds_is_kept() {
    let script = Script::pages([throttled("42")]);
    client(script.clone()).page(&QUERY).await.unwrap();
    let wait = Duration::from_secs(42);
    assert_within(script.pauses()[0], wait, wait);
}

#[tokio::test(start_paused = true)]
async fn retry_after_as_a_date_is_kept() {
    let later =
        chrono::DateTime::<chrono::Utc>::from(SystemClock.system_time() + Duration::from_secs(90));
    let date = later.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let script = Script::pages([throttled(&date)]);
    client(script.clone()).page(&QUERY).await.unwrap();
    let (low, high) = (Duration::from_secs(60), Duration::from_secs(90));
    assert_within(script.pauses()[0], low, high);
}

#[tokio::test(start_paused = true)]
async fn an_absurd_retry_after_is_bounded() {
    let script = Script::pages([throttled("31536000"), throttled("-1"), throttled("0")]);
    client(script.clone()).page(&QUERY).await.unwrap();
    let pauses = script.pauses();
    assert_within(pauses[0], RETRY_AFTER_MAX, RETRY_AFTER_MAX);
    assert_within(pauses[1], BACKOFF.base, BACKOFF.base * 2);
    assert_within(pauses[2], BACKOFF.base * 2, BACKOFF.base * 4);
}

#[tokio::test(start_paused = true)]
async fn without_retry_after_pauses_grow_and_attempts_are_bounded() {
    let bare = || status(429);
    let script = Script::pages([bare(), bare(), bare(), bare(), bare()]);
    let recorder = Arc::new(Recorder::default());
    let outcome = observed(script.clone(), recorder.clone())
        .page(&QUERY)
        .await;
    assert_eq!(reason(&outcome), "throttled");
    let pauses = script.pauses();
    assert_eq!(pauses.len(), 3);
    for (pause, factor) in pauses.into_iter().zip([1, 2, 4]) {
        assert_within(pause, BACKOFF.base * factor / 2, BACKOFF.base * factor);
    }
    let told = recorder.told();
    let count = |what: &str| told.iter().filter(|it| *it == what).count();
    assert_eq!(count("interactions 429"), 4);
    assert_eq!(count("throttled interactions"), 4);
    assert_eq!(count("retried interactions"), 3);
}

#[tokio::test(start_paused = true)]
async fn the_hint_of_the_last_throttling_reaches_the_caller_and_binds_it() {
    let script = Script::pages((0..4).map(|_| throttled("100")));
    let client = client(script.clone());
    let error = client.page(&QUERY).await.unwrap_err();
    let hint = Duration::from_secs(100);
    assert_eq!(error.retry_after(), Some(hint));
    assert!(!error.is_server_overload());
    client.page(&QUERY).await.unwrap();
    assert_within(script.pauses()[3], hint, hint);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_account_is_left_alone_by_all_its_pages() {
    let script = Script::pages([throttled("100")]);
    let client = client(script.clone());
    client.authorize().await.unwrap();
    let other = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        client.page(&QUERY).await
    };
    let (one, two) = tokio::join!(client.page(&QUERY), other);
    assert!(one.is_ok() && two.is_ok());
    let hold = Duration::from_secs(100);
    assert_within(script.pauses()[0], hold, hold);
}

#[tokio::test(start_paused = true)]
async fn a_failing_server_is_retried_and_then_returned() {
    for code in [500, 501, 502, 503, 504] {
        let script = Script::pages((0..9).map(|_| answer(code, r#"{"message":"busy"}"#)));
        let error = client(script.clone()).page(&QUERY).await.unwrap_err();
        assert!(matches!(error.kind, FetchErrorKind::ServerError { status, .. } if status == code));
        assert!(error.is_server_overload() && error.wants_smaller_window());
        assert!(error.to_string().contains("busy"), "{error}");
        assert_eq!(script.seen(Operation::Interactions).len(), 4);
        assert_eq!(script.seen(Operation::Token).len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failing_server_is_given_time() {
    let unavailable = Ok(Response {
        status: 503,
        retry_after: Some("33".to_owned()),
        ..Response::default()
    });
    let script = Script::pages([status(500), unavailable]);
    client(script.clone()).page(&QUERY).await.unwrap();
    let pauses = script.pauses();
    assert_within(pauses[0], BACKOFF.base / 2, BACKOFF.base);
    assert_within(pauses[1], Duration::from_secs(33), Duration::from_secs(33));
}

#[tokio::test(start_paused = true)]
async fn a_page_gets_one_new_token_however_often_it_is_retried() {
    let script = Script::pages([status(401), status(503), status(401), status(200)]);
    let outcome = client(script.clone()).page(&QUERY).await;
    assert_eq!(reason(&outcome), "unauthorized");
    assert_eq!(script.seen(Operation::Token).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_recovers_is_not_an_error() {
    let broken = TransportError::Interrupted("cut".to_owned());
    let refused = TransportError::Connect("refused".to_owned());
    let script = Script::pages([status(503), Err(broken), Err(refused), answer(200, "whole")]);
    let body = client(script.clone()).page(&QUERY).await.unwrap();
    assert_eq!(body.bytes, "whole");
    assert_eq!(body.received, Instant::now());
}

#[tokio::test(start_paused = true)]
async fn what_will_not_pass_is_not_retried() {
    let redirect = TransportError::RefusedRedirect {
        to_host: Some("login.example.org".to_owned()),
    };
    let other = TransportError::Other("no scheme".to_owned());
    for (first, want, smaller) in [
        (status(400), "bad_request", false),
        (status(404), "not_found", false),
        (status(206), "unexpected_status", false),
        (status(204), "unexpected_status", false),
        (Err(TransportError::Timeout), "timeout", true),
        (
            Err(TransportError::TooLarge { limit: 1 }),
            "too_large",
            true,
        ),
        (Err(redirect), "redirect", false),
        (Err(other), "other", false),
    ] {
        let script = Script::pages([first]);
        let error = client(script.clone()).page(&QUERY).await.unwrap_err();
        assert_eq!(error.reason().as_str(), want);
        assert_eq!(error.wants_smaller_window(), smaller, "{want}");
        assert!(FetchErrorReason::ALL.contains(&error.reason()));
        assert!(error.to_string().contains("api.example.com"), "{error}");
        assert_eq!(script.seen(Operation::Interactions).len(), 1, "{want}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_goes_through_a_renewal_and_a_renewal_through_a_retry() {
    let script = Script::pages([status(503), status(401), status(503), answer(200, "whole")]);
    let body = client(script.clone()).page(&QUERY).await.unwrap();
    assert_eq!(body.bytes, "whole");
    assert_eq!(script.seen(Operation::Token).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn no_minute_exceeds_the_budget_tokens_included() {
    // Every other page costs a token, so both kinds must be in the sum.
    let refusals = (0..400).map(|n| status(if n % 2 == 0 { 401 } else { 200 }));
    let script = Script::pages(refusals);
    let client = client(script.clone());
    let busy = async {
        // More than the time allows, but not for ever.
        for _ in 0..200 {
            client.page(&QUERY).await.unwrap();
        }
    };
    timeout(Duration::from_secs(180), busy).await.unwrap_err();
    let seen = script.seen.lock().unwrap();
    let minute = Duration::from_secs(60);
    for first in 0..seen.len() {
        let within = seen[first..]
            .iter()
            .take_while(|it| it.at < seen[first].at + minute);
        assert!(within.count() <= 80);
    }
    // Gentle, not idle: three minutes at no less than nine tenths of the pace.
    assert!(seen.len() >= 3 * 63, "{}", seen.len());
}
