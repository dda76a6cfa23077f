//! What a page says of itself may be wrong: its time, its number of pages, its having items.

use serde_json::json;
use vcc_vonage::Response;

use super::*;
use vcc_test_support::fake_api::{answer, pass};
use vcc_test_support::item::time;

fn age_s(exporter: &RunningExporter, api: &FakeApi) -> f64 {
    api.now_ms() as f64 / 1_000.0 - exporter.value(CURSOR, &[])
}

#[tokio::test(start_paused = true)]
async fn one_page_from_years_ago_does_not_stop_the_polling() {
    let api = FakeApi::new(NOON_MS);
    let exporter = since_hours(&api, 100, 1);
    pass(5 * MINUTE).await;
    let mut stale = 0;
    api.hook(move |asked, items| {
        stale += 1;
        let mut page = items.page(asked);
        page["upTo"] = json!("2020-01-07T12:51:27.982Z");
        (stale == 1).then(|| answer(200, page.to_string()))
    });
    pass(2 * MINUTE).await;
    api.put(api.now_ms(), &ended_by(api.now_ms(), 1));
    pass(MINUTE).await;
    assert_eq!(exporter.value(ENDED, &[]), 1.0);
    assert!(age_s(&exporter, &api) < 30.0);
    let leapt = [("reason", "clock_leap")];
    assert_eq!(exporter.value("vcc_poll_failures_total", &leapt), 1.0);
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_back_is_asked_for_until_it_has_caught_up() {
    let api = FakeApi::new(NOON_MS);
    let exporter = since_hours(&api, 100, 1);
    pass(5 * MINUTE).await;
    let back_ms = -5 * MINUTE_MS;
    api.skew_ms
        .store(back_ms, std::sync::atomic::Ordering::Relaxed);
    pass(MINUTE).await;
    let before = api.asked.lock().unwrap().len();
    pass(2 * MINUTE).await;
    let asked = api.asked.lock().unwrap().len() - before;
    assert!((6..=10).contains(&asked), "asked {asked} times");
    let cursor = exporter.value(CURSOR, &[]);
    // Back where it was, or only late: as soon as it shows more than was read, reading goes on.
    api.skew_ms.store(0, std::sync::atomic::Ordering::Relaxed);
    pass(MINUTE).await;
    assert!(exporter.value(CURSOR, &[]) > cursor);
    assert!(age_s(&exporter, &api) < 30.0);
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_million_pages_that_are_not_there_cost_some_requests_and_no_more() {
    let api = FakeApi::new(NOON_MS);
    for number in 1..=3 {
        let at_ms = NOON_MS - HOUR_MS + i64::from(number) * MINUTE_MS;
        api.put(at_ms, &ended_by(at_ms, number));
    }
    let mut lies = 0;
    api.hook(move |asked, items| {
        lies += i32::from(asked.end_ms.is_some());
        let mut page = items.page(asked);
        page["meta"]["pageCount"] = json!(1_000_000);
        page["meta"]["totalCount"] = json!(1_000_000_000_000_i64);
        (lies < 400).then(|| answer(200, page.to_string()))
    });
    let exporter = since_hours(&api, 100, 2);
    pass(2 * HOUR).await;
    assert_eq!(exporter.value(ENDED, &[]), 3.0);
    assert!(age_s(&exporter, &api) < 30.0, "{}", age_s(&exporter, &api));
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_page_without_items_is_no_quiet_hour() {
    let api = FakeApi::new(NOON_MS);
    let exporter = since_hours(&api, 100, 1);
    pass(5 * MINUTE).await;
    let before = exporter.value(CURSOR, &[]);
    api.hook(|asked, _| {
        let page = json!({ "meta": { "totalCount": 500 }, "upTo": time(asked.at_ms) });
        asked
            .end_ms
            .is_some()
            .then(|| answer(200, page.to_string()))
    });
    pass(20).await;
    assert_eq!(exporter.value(CURSOR, &[]), before);
    assert_eq!(
        exporter.value("vcc_up", &[("operation", "interactions")]),
        0.0
    );
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_hold_ends_also_while_the_api_asks_for_patience() {
    let api = FakeApi::new(NOON_MS);
    api.put(NOON_MS - HOUR_MS, &ended_by(NOON_MS - HOUR_MS, 1));
    let mut config = settings(100, StartFrom::Ago(Duration::from_secs(2 * HOUR)));
    config.rules.warmup = Duration::from_secs(60);
    let exporter = RunningExporter::on(&api, &memory_store(), &config);
    pass(1).await;
    api.hook(|_, _| {
        Some(Ok(Response {
            status: 429,
            retry_after: Some("300".to_owned()),
            ..Response::default()
        }))
    });
    pass(57).await;
    assert_eq!(exporter.value(ENDED, &[]), 0.0);
    pass(5).await;
    assert_eq!(exporter.value(ENDED, &[]), 1.0);
    exporter.stop().await;
}
