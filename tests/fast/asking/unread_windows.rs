//! What cannot be read: halved, salvaged as far as possible, skipped, retried, and read.

use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use vcc_simulator::{Faults, SimulatorConfig, Sticky};

use super::*;
use vcc_test_support::fake_api::{Answer, Asked, ItemStore, answer, pass};
use vcc_test_support::simulated_api::{SimulatedApi, start};

const UNREAD_WINDOWS: &str = "vcc_unread_windows";

/// The page, with this item's first key broken as in the vendor's published sample: its closing
/// quote is an exclamation mark.
fn page_with_broken(asked: &Asked, items: &ItemStore, number: u32) -> Option<Answer> {
    let text = items.page(asked).to_string();
    let guid = ended_by(0, number)["guid"].to_string();
    let at = text.find(&format!("\"guid\":{guid}"))?;
    let broken = format!("{}\"guid!:{}", &text[..at], &text[at + "\"guid\":".len()..]);
    Some(answer(200, Bytes::from(broken)))
}

/// Five calls a minute apart; while the switch is on, the third one is broken wherever it stands.
fn broken_third() -> (Arc<FakeApi>, Arc<AtomicBool>) {
    let api = FakeApi::new(NOON_MS);
    for number in 1..=5 {
        let at_ms = NOON_MS - HOUR_MS + i64::from(number) * MINUTE_MS;
        api.put(at_ms, &ended_by(at_ms, number));
    }
    let broken = Arc::new(AtomicBool::new(true));
    let switch = Arc::clone(&broken);
    api.hook(move |asked, items| {
        let on = asked.end_ms.is_some() && switch.load(Ordering::Relaxed);
        on.then(|| page_with_broken(asked, items, 3)).flatten()
    });
    (api, broken)
}

#[tokio::test(start_paused = true)]
async fn an_item_that_stays_broken_costs_itself_until_it_can_be_read() {
    for page_size in [1_000, 2] {
        let (api, broken) = broken_third();
        let store = memory_store();
        let config = settings(page_size, StartFrom::Ago(Duration::from_secs(2 * HOUR)));
        let exporter = RunningExporter::on(&api, &store, &config);
        pass(30 * MINUTE).await;
        assert_eq!(exporter.value(UNREAD_WINDOWS, &[]), 1.0);
        assert_eq!(exporter.value(ENDED, &[]), 4.0, "its neighbours count");
        assert!(exporter.value("vcc_poll_failures_total", &[("reason", "not_json")]) > 10.0);
        // The cursor has passed it and goes on with the present.
        let age_ms = api.now_ms() as f64 - exporter.value(CURSOR, &[]) * 1_000.0;
        assert!(age_ms < 30_000.0, "the cursor is {age_ms} ms old");
        assert_eq!(
            exporter.value("vcc_up", &[("operation", "interactions")]),
            1.0
        );
        api.put(api.now_ms(), &ended_by(api.now_ms(), 6));
        pass(MINUTE).await;
        assert_eq!(exporter.value(ENDED, &[]), 5.0);
        // Neither reading the past again nor a restart forgets it or counts anything twice.
        pass(7 * HOUR).await;
        assert_eq!(
            (
                exporter.value(UNREAD_WINDOWS, &[]),
                exporter.value(ENDED, &[])
            ),
            (1.0, 5.0)
        );
        exporter.stop().await;
        let exporter = RunningExporter::on(&api, &store, &config);
        pass(HOUR).await;
        assert_eq!(
            (
                exporter.value(UNREAD_WINDOWS, &[]),
                exporter.value(ENDED, &[])
            ),
            (1.0, 5.0)
        );
        broken.store(false, Ordering::Relaxed);
        // The pauses between attempts grow up to six hours.
        pass(7 * HOUR).await;
        assert_eq!(
            (
                exporter.value(UNREAD_WINDOWS, &[]),
                exporter.value(ENDED, &[])
            ),
            (0.0, 6.0)
        );
        exporter.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_broken_for_a_moment_between_good_ones_is_asked_again_and_leaves_no_unread_window() {
    let (api, _) = broken_third();
    let mut spoilt = 0;
    api.hook(move |asked, items| {
        let page = page_with_broken(asked, items, 3).filter(|_| asked.end_ms.is_some())?;
        spoilt += 1;
        (spoilt <= 2).then_some(page)
    });
    let exporter = since_hours(&api, 2, 2);
    pass(5 * MINUTE).await;
    assert_eq!(
        (
            exporter.value(UNREAD_WINDOWS, &[]),
            exporter.value(ENDED, &[])
        ),
        (0.0, 5.0)
    );
    assert_eq!(
        exporter.value("vcc_poll_failures_total", &[("reason", "not_json")]),
        2.0
    );
    assert_eq!(exporter.value("vcc_recovered_facts_total", &[]), 0.0);
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn nothing_of_a_page_that_is_not_json_counts_and_the_cursor_stays() {
    let api = FakeApi::new(NOON_MS);
    api.put(NOON_MS - HOUR_MS, &ended_by(NOON_MS - HOUR_MS, 3));
    api.hook(|asked, items| {
        let spoilt = asked.end_ms.is_some() && asked.at_ms < NOON_MS + 20_000;
        spoilt.then(|| page_with_broken(asked, items, 3)).flatten()
    });
    let exporter = since_hours(&api, 100, 2);
    pass(18).await;
    assert_eq!(exporter.value("vcc_records_received_total", &[]), 0.0);
    assert_eq!(
        exporter.value(CURSOR, &[]),
        exporter.value("vcc_exporter_epoch_timestamp_seconds", &[])
    );
    pass(MINUTE).await;
    assert_eq!(exporter.value(ENDED, &[]), 1.0);
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_fact_processed_into_the_past_is_found_by_reading_it_again() {
    let api = FakeApi::new(NOON_MS);
    let exporter = since_hours(&api, 100, 8);
    pass(MINUTE).await;
    // Three hours back is far behind the overlap, and within the six that are read again.
    let past_ms = NOON_MS - 3 * HOUR_MS;
    api.put(past_ms, &ended_by(past_ms, 1));
    pass(30 * MINUTE).await;
    assert_eq!(exporter.value(ENDED, &[]), 0.0);
    pass(HOUR).await;
    assert_eq!(exporter.value(ENDED, &[]), 1.0);
    let recovered = |fact| exporter.value("vcc_recovered_facts_total", &[("fact", fact)]);
    assert_eq!(
        (recovered("ended"), recovered("started"), recovered("wait")),
        (1.0, 1.0, 1.0)
    );
    pass(3 * HOUR).await;
    assert_eq!((exporter.value(ENDED, &[]), recovered("ended")), (1.0, 1.0));
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_overlap_finds_what_was_processed_two_minutes_late_without_calling_it_recovered() {
    let api = FakeApi::new(NOON_MS);
    let exporter = since_hours(&api, 100, 1);
    for number in 1..=20 {
        pass(MINUTE).await;
        let late_ms = api.now_ms() - 90_000;
        api.put(late_ms, &ended_by(late_ms, number));
    }
    pass(MINUTE).await;
    assert_eq!(exporter.value(ENDED, &[]), 20.0);
    assert_eq!(exporter.value("vcc_recovered_facts_total", &[]), 0.0);
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_simulated_centre_with_a_lasting_malformation_is_true_once_that_is_gone() {
    let world = SimulatorConfig {
        seed: 21,
        per_hour: 20.0,
        stop_ms: Some(SimulatorConfig::default().start_ms + DAY_MS),
        ..SimulatorConfig::default()
    };
    let epoch_ms = world.start_ms;
    let centre = SimulatedApi::new(world);
    let exporter = start(
        &centre,
        &memory_store(),
        &settings(50, StartFrom::At(epoch_ms)),
    );
    let faults = Faults {
        sticky_malformed: Some(Sticky {
            guid: None,
            window_ms: Some((epoch_ms + 3 * HOUR_MS, epoch_ms + 3 * HOUR_MS + 2_500)),
        }),
        ..Faults::default()
    };
    centre.simulator.lock().unwrap().set_faults(faults);
    pass(8 * HOUR).await;
    let unread = exporter.shown().sum(UNREAD_WINDOWS, &[]);
    assert!((1.0..=5.0).contains(&unread), "{unread} unread windows");
    centre
        .simulator
        .lock()
        .unwrap()
        .set_faults(Faults::default());
    pass(14 * 24 * HOUR).await;
    let shown = exporter.shown();
    assert_eq!(shown.sum(UNREAD_WINDOWS, &[]), 0.0);
    let conversations = ["vcc_conversations_started_total"];
    let differences = shown.differences(&centre.truth(epoch_ms), &conversations);
    assert_eq!(differences, Vec::<String>::new());
    exporter.stop().await;
}
