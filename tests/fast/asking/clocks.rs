//! Honest about lateness: the lag, the cursor's age, and what is not known yet.

use super::*;
use vcc_test_support::fake_api::{answer, pass};

const LAG: &str = "vcc_api_lag_seconds";

fn lag(exporter: &RunningExporter) -> Option<f64> {
    let shown = exporter.shown();
    let sample = shown.0.get(LAG)?.values().next()?;
    Some(sample.parse().unwrap())
}

#[tokio::test(start_paused = true)]
async fn the_lag_is_absent_until_it_is_known_grows_between_polls_and_is_never_negative() {
    let api = FakeApi::new(NOON_MS);
    api.hook(|asked, _| (asked.at_ms < NOON_MS + 10 * MINUTE_MS).then(|| answer(503, "{}")));
    let mut config = settings(100, StartFrom::Now);
    config.poll.interval = Duration::from_secs(300);
    let exporter = RunningExporter::on(&api, &memory_store(), &config);
    pass(9 * MINUTE).await;
    assert_eq!(lag(&exporter), None);
    // Answers without latestUpdate tell no lag either.
    pass(11 * MINUTE).await;
    assert_eq!(
        exporter.value("vcc_up", &[("operation", "interactions")]),
        1.0
    );
    assert_eq!(lag(&exporter), None);
    assert!(
        !exporter
            .shown()
            .0
            .contains_key("vcc_api_latest_update_timestamp_seconds")
    );
    let latest_ms = api.now_ms();
    api.items.lock().unwrap().latest_ms = Some(latest_ms);
    pass(5 * MINUTE + 1).await;
    let mut last = lag(&exporter).unwrap();
    assert!((1.0..=301.0).contains(&last), "{last}");
    for _ in 0..20 {
        pass(MINUTE).await;
        let now = lag(&exporter).unwrap();
        assert!(
            (now - last - 60.0).abs() < 0.01,
            "it went from {last} to {now} in a minute"
        );
        last = now;
    }
    // The newest event may bear a time that the API's clock has not reached.
    api.items.lock().unwrap().latest_ms = Some(api.now_ms() + HOUR_MS);
    for _ in 0..20 {
        pass(MINUTE).await;
        assert!(lag(&exporter).unwrap() >= 0.0);
    }
    assert!(lag(&exporter).unwrap() < 301.0);
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_lag_goes_on_growing_while_the_api_is_silent() {
    let api = FakeApi::new(NOON_MS);
    api.items.lock().unwrap().latest_ms = Some(NOON_MS - 3_000);
    api.hook(|asked, _| (asked.at_ms > NOON_MS + 10_000).then(|| answer(503, "{}")));
    let exporter = since_hours(&api, 100, 1);
    pass(5).await;
    let before = lag(&exporter).unwrap();
    assert!((8.0..9.0).contains(&before), "{before}");
    let cursor = exporter.value(CURSOR, &[]);
    pass(2 * HOUR).await;
    assert!((lag(&exporter).unwrap() - before - 7_200.0).abs() < 0.01);
    assert_eq!(exporter.value(CURSOR, &[]), cursor);
    assert_eq!(exporter.value("vcc_catchup_in_progress", &[]), 1.0);
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_restart_knows_its_numbers_before_the_api_answers_and_nothing_of_the_api() {
    let api = FakeApi::new(NOON_MS);
    api.put(NOON_MS - HOUR_MS, &ended_by(NOON_MS - HOUR_MS, 1));
    api.items.lock().unwrap().latest_ms = Some(NOON_MS);
    let (store, config) = (
        memory_store(),
        settings(100, StartFrom::Ago(Duration::from_secs(2 * HOUR))),
    );
    let exporter = RunningExporter::on(&api, &store, &config);
    pass(MINUTE).await;
    let counted = exporter.value(ENDED, &[]);
    exporter.stop().await;
    api.hook(|_, _| Some(answer(503, "{}")));
    let exporter = RunningExporter::on(&api, &store, &config);
    pass(1).await;
    assert_eq!((counted, exporter.value(ENDED, &[])), (1.0, 1.0));
    assert_eq!(lag(&exporter), None);
    assert!(!exporter.shown().0.contains_key("vcc_catchup_in_progress"));
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn lateness_is_measured_in_the_apis_clock() {
    let api = FakeApi::new(NOON_MS);
    // The API's clock is two hours ahead of ours; the call ended three minutes ago in its clock.
    api.skew_ms
        .store(2 * HOUR_MS, std::sync::atomic::Ordering::Relaxed);
    let there_ms = NOON_MS + 2 * HOUR_MS;
    api.put(there_ms - 10_000, &ended_by(there_ms - 3 * MINUTE_MS, 1));
    let exporter = since_hours(&api, 100, 1);
    pass(MINUTE).await;
    let late = exporter.value("vcc_fact_lateness_seconds_sum", &[("fact", "ended")]);
    assert!((181.0..182.0).contains(&late), "{late}");
    assert_eq!(
        exporter.value("vcc_fact_lateness_seconds_count", &[("fact", "ended")]),
        1.0
    );
    assert_eq!(
        exporter.value("vcc_fact_lateness_seconds_count", &[("fact", "wait")]),
        1.0
    );
    exporter.stop().await;
}
