//! Refusals: by the token, by the limit, by one account's server and not the other's.

use vcc_exporter::config::Account;
use vcc_vonage::Endpoints;

use super::*;
use vcc_test_support::fake_api::{answer, pass};

fn stage_with(calls: u32) -> Arc<FakeApi> {
    let api = FakeApi::new(NOON_MS);
    for number in 1..=calls {
        let at_ms = NOON_MS - 30 * MINUTE_MS + i64::from(number) * 1_000;
        api.put(at_ms, &ended_by(at_ms, number));
    }
    api
}

#[tokio::test(start_paused = true)]
async fn a_401_between_two_pages_costs_one_token_and_the_same_page_is_asked_again() {
    for status in [401, 403] {
        let api = stage_with(5);
        let mut refused = false;
        api.hook(move |asked, _| {
            (asked.page == 2 && !std::mem::replace(&mut refused, true))
                .then(|| answer(status, r#"{"message":"Unauthorized"}"#))
        });
        let exporter = since_hours(&api, 2, 2);
        pass(10).await;
        assert_eq!(exporter.value(ENDED, &[]), 5.0);
        let pages: Vec<_> = api.windows().iter().map(|asked| asked.page).collect();
        assert_eq!(pages, [1, 3, 2, 2, 1]);
        assert_eq!(api.tokens.load(std::sync::atomic::Ordering::Relaxed), 2);
        let failures = exporter.value("vcc_poll_failures_total", &[]);
        assert_eq!(failures, 0.0);
        exporter.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_honoured_and_nothing_is_lost() {
    let api = stage_with(5);
    let mut throttled = false;
    api.hook(move |asked, _| {
        if asked.page != 2 || std::mem::replace(&mut throttled, true) {
            return None;
        }
        let mut refusal = answer(429, "{}").unwrap();
        refusal.retry_after = Some("47".to_owned());
        Some(Ok(refusal))
    });
    let exporter = since_hours(&api, 2, 2);
    pass(2 * MINUTE).await;
    assert_eq!(exporter.value(ENDED, &[]), 5.0);
    let windows = api.windows();
    let refused = windows.iter().position(|asked| asked.page == 2).unwrap();
    let pause_ms = windows[refused + 1].at_ms - windows[refused].at_ms;
    assert!(pause_ms >= 47_000, "it came back after {pause_ms} ms");
    assert_eq!(windows[refused + 1].page, 2);
    assert_eq!(
        exporter.value("vcc_api_throttled_total", &[("operation", "interactions")]),
        1.0
    );
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_for_hours_is_asked_gently_and_made_up_for() {
    let api = stage_with(5);
    api.hook(|asked, _| {
        let broken = asked.number > 0 && asked.at_ms < NOON_MS + 3 * HOUR_MS;
        broken.then(|| answer(503, "{}"))
    });
    let exporter = since_hours(&api, 2, 2);
    pass(3 * HOUR - MINUTE).await;
    assert_eq!(exporter.value(ENDED, &[]), 0.0);
    assert_eq!(
        exporter.value("vcc_unread_windows", &[]),
        0.0,
        "a refusal is no unreadable content"
    );
    assert_eq!(exporter.value("vcc_catchup_in_progress", &[]), 1.0);
    let asked = api.windows().len();
    assert!(asked < 3 * 60 * 80, "it asked {asked} times in three hours");
    pass(HOUR).await;
    assert_eq!(exporter.value(ENDED, &[]), 5.0);
    assert_eq!(exporter.value("vcc_catchup_in_progress", &[]), 0.0);
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn two_accounts_are_counted_apart_and_one_that_fails_does_not_hold_up_the_other() {
    let api = stage_with(5);
    api.hook(|asked, _| {
        let broken = asked.host == "beta.example" && asked.at_ms < NOON_MS + HOUR_MS;
        broken.then(|| answer(500, "{}"))
    });
    let mut config = settings(2, StartFrom::Ago(Duration::from_secs(2 * HOUR)));
    let account = config.accounts.remove(0);
    for name in ["alpha", "beta"] {
        let host = format!("https://{name}.example/");
        config.accounts.push(Account {
            name: name.to_owned(),
            endpoints: Endpoints {
                api_url: host.parse().unwrap(),
                token_url: format!("{host}token").parse().unwrap(),
            },
            ..account.clone()
        });
    }
    let store = memory_store();
    let exporter = RunningExporter::on(&api, &store, &config);
    pass(30 * MINUTE).await;
    let up = [("operation", "interactions")];
    let alpha = exporter.shown_of("alpha");
    assert_eq!(
        (alpha.sum(ENDED, &[]), alpha.sum("vcc_up", &up)),
        (5.0, 1.0)
    );
    assert_eq!(alpha.sum("vcc_poll_failures_total", &[]), 0.0);
    let beta = exporter.shown_of("beta");
    assert_eq!((beta.sum(ENDED, &[]), beta.sum("vcc_up", &up)), (0.0, 0.0));
    assert!(beta.sum("vcc_poll_failures_total", &[("reason", "server_error")]) > 1.0);
    pass(HOUR).await;
    // The same guids in another account are other interactions.
    for account in ["alpha", "beta"] {
        assert_eq!(exporter.shown_of(account).sum(ENDED, &[]), 5.0, "{account}");
    }
    exporter.stop().await;
    let exporter = RunningExporter::on(&api, &store, &config);
    pass(10 * MINUTE).await;
    for account in ["alpha", "beta"] {
        assert_eq!(exporter.shown_of(account).sum(ENDED, &[]), 5.0, "{account}");
    }
    exporter.stop().await;
}
