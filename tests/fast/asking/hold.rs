//! Zero first: a new series is shown at 0 for the hold, then with its value, for good.

use super::*;
use vcc_test_support::fake_api::pass;

/// An API with one ended call, and an exporter that holds new series for a minute.
fn setting() -> (Arc<FakeApi>, Config) {
    let api = FakeApi::new(NOON_MS);
    api.put(NOON_MS - HOUR_MS, &ended_by(NOON_MS - HOUR_MS, 1));
    let mut config = settings(100, StartFrom::Ago(Duration::from_secs(2 * HOUR)));
    config.rules.warmup = Duration::from_secs(60);
    (api, config)
}

/// Every sample of the counted families, and of one histogram.
fn shown(exporter: &RunningExporter) -> Vec<f64> {
    let shown = exporter.shown();
    let names = [
        ENDED,
        "vcc_interaction_duration_seconds_count",
        "vcc_interaction_duration_seconds_sum",
        "vcc_service_level_met_total",
    ];
    assert!(
        names.iter().all(|name| shown.0.contains_key(*name)),
        "not born yet"
    );
    names.map(|name| shown.sum(name, &[])).to_vec()
}

const ZERO: [f64; 4] = [0.0; 4];
const ONE: [f64; 4] = [1.0, 1.0, 60.0, 1.0];

#[tokio::test(start_paused = true)]
async fn a_new_series_is_zero_until_its_hold_is_over_and_then_has_its_value() {
    let (api, config) = setting();
    let exporter = RunningExporter::on(&api, &memory_store(), &config);
    pass(1).await;
    for _ in 0..58 {
        assert_eq!(shown(&exporter), ZERO);
        pass(1).await;
    }
    pass(3).await;
    assert_eq!(shown(&exporter), ONE);
    // A known series moves at once; a new one beside it is held for itself.
    let now_ms = api.now_ms();
    api.put(now_ms, &ended_by(now_ms, 2));
    let mut other = ended_by(now_ms, 3);
    other["outcome"] = serde_json::json!("Handled by another");
    api.put(now_ms, &other);
    pass(35).await;
    let by = |outcome| exporter.value(ENDED, &[("outcome", outcome)]);
    assert_eq!(
        (by("Handled by agent"), by("Handled by another")),
        (2.0, 0.0)
    );
    assert_eq!(exporter.shown().0[ENDED].len(), 2);
    pass(60).await;
    assert_eq!(
        (by("Handled by agent"), by("Handled by another")),
        (2.0, 1.0)
    );
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn siblings_are_held_together() {
    let (api, config) = setting();
    let exporter = RunningExporter::on(&api, &memory_store(), &config);
    let mut seen = Vec::new();
    for _ in 0..80 {
        pass(1).await;
        let both = [
            "vcc_service_level_eligible_total",
            "vcc_service_level_met_total",
        ];
        let now = both.map(|name| exporter.value(name, &[]));
        if exporter.shown().0.contains_key(both[0]) && seen.last() != Some(&now) {
            seen.push(now);
        }
    }
    assert_eq!(seen, [[0.0, 0.0], [1.0, 1.0]]);
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_restart_during_the_hold_holds_anew_and_after_the_release_shows_at_once() {
    let (api, config) = setting();
    let store = memory_store();
    let exporter = RunningExporter::on(&api, &store, &config);
    pass(50).await;
    assert_eq!(shown(&exporter), ZERO);
    exporter.stop().await;
    let exporter = RunningExporter::on(&api, &store, &config);
    pass(1).await;
    for _ in 0..57 {
        assert_eq!(shown(&exporter), ZERO);
        pass(1).await;
    }
    pass(4).await;
    assert_eq!(shown(&exporter), ONE);
    exporter.stop().await;
    // The release was made durable before it was shown.
    let exporter = RunningExporter::on(&api, &store, &config);
    pass(1).await;
    assert_eq!(shown(&exporter), ONE);
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_hold_goes_on_by_itself_while_nothing_new_comes_and_the_api_fails() {
    let (api, mut config) = setting();
    config.poll.interval = Duration::from_secs(3_600);
    let exporter = RunningExporter::on(&api, &memory_store(), &config);
    pass(5).await;
    assert_eq!(shown(&exporter), ZERO);
    pass(57).await;
    assert_eq!(shown(&exporter), ONE);
    exporter.stop().await;
}
