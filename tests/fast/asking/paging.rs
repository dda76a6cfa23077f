//! Windows that move while they are paged, and envelopes that say too little or the wrong thing.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::*;
use vcc_test_support::item::time;
use vcc_test_support::scene::{Asked, Shelf, answer, pass};

/// Five calls processed in the last hour, in pages of two: three pages.
fn five() -> Arc<Stage> {
    let stage = Stage::new(NOON_MS);
    for number in 1..=5 {
        let at_ms = NOON_MS - 30 * MINUTE_MS + i64::from(number) * 1_000;
        stage.put(at_ms, &ended_by(at_ms, number));
    }
    stage
}

/// Lets something happen just before the n-th request of a window's page is answered.
fn before_request(
    stage: &Stage,
    n: usize,
    mut happens: impl FnMut(&Asked, &mut Shelf) + Send + 'static,
) {
    let mut seen = 0;
    stage.hook(move |asked, shelf| {
        if asked.end_ms.is_some() {
            seen += 1;
            if seen == n {
                happens(asked, shelf);
            }
        }
        None
    });
}

#[tokio::test(start_paused = true)]
async fn an_item_that_leaves_the_window_between_two_pages_takes_none_with_it() {
    for request in 1..=5 {
        for victim in 1..=5 {
            let stage = five();
            let item = ended_by(NOON_MS - 30 * MINUTE_MS + i64::from(victim) * 1_000, victim);
            before_request(&stage, request, move |asked, shelf| {
                shelf.put(asked.at_ms, &item)
            });
            let scene = since_hours(&stage, 2, 2);
            // Long before the past is read again.
            pass(MINUTE).await;
            assert_eq!(
                scene.value(ENDED, &[]),
                5.0,
                "request {request}, item {victim}"
            );
            scene.stop().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_item_that_joins_a_window_while_it_is_read_is_counted() {
    for request in 1..=4 {
        for place in [-10, 3_500, 60_000] {
            let stage = five();
            // Processed into the window's past, and sorted before, among or behind the others.
            let item = ended_by(NOON_MS - 30 * MINUTE_MS + place, 9);
            before_request(&stage, request, move |_, shelf| {
                shelf.put(NOON_MS - 20 * MINUTE_MS, &item)
            });
            let scene = since_hours(&stage, 2, 2);
            pass(MINUTE).await;
            assert_eq!(
                scene.value(ENDED, &[]),
                6.0,
                "request {request}, place {place}"
            );
            scene.stop().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_window_that_never_stops_growing_is_halved_and_loses_nothing() {
    let stage = five();
    let mut number = 100;
    stage.hook(move |asked, shelf| {
        // With every page another one appears, as long as there is a window wide enough.
        if asked
            .end_ms
            .is_some_and(|end| end - asked.start_ms > 10 * MINUTE_MS)
            && number < 140
        {
            number += 1;
            let at_ms = NOON_MS - 40 * MINUTE_MS + i64::from(number) * 1_000;
            shelf.put(at_ms, &ended_by(at_ms, number));
        }
        None
    });
    let scene = since_hours(&stage, 2, 2);
    pass(20 * MINUTE).await;
    let shelved = stage.shelf.lock().unwrap().page(&Asked {
        host: String::new(),
        start_ms: 0,
        end_ms: None,
        page: 1,
        limit: 1_000,
        at_ms: 0,
        number: 0,
    });
    let shelved = shelved["items"].as_array().unwrap().len();
    assert!(shelved > 15, "nothing grew");
    assert_eq!(scene.value(ENDED, &[]), shelved as f64);
    scene.stop().await;
}

#[tokio::test(start_paused = true)]
async fn up_to_later_than_a_windows_end_never_skips_anything() {
    let stage = Stage::new(NOON_MS);
    // The first window ends 31 days after its start; its upTo is the time of the request.
    for (number, days) in (1..).zip([39, 20, 8, 5, 1]) {
        let at_ms = NOON_MS - days * DAY_MS;
        stage.put(at_ms, &ended_by(at_ms, number));
    }
    let scene = since_hours(&stage, 1_000, 40 * 24);
    pass(MINUTE).await;
    assert_eq!(scene.value(ENDED, &[]), 5.0);
    scene.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_cursor_is_the_first_pages_up_to_if_that_is_before_the_windows_end() {
    let stage = five();
    let said_ms = NOON_MS - 5_000;
    stage.hook(move |asked, shelf| {
        let mut page = shelf.page(asked);
        // After the probe the API's clock falls back by five seconds, for the first page only.
        if asked.number == 1 {
            page["upTo"] = json!(time(said_ms));
        }
        Some(answer(200, page.to_string()))
    });
    let scene = since_hours(&stage, 2, 2);
    pass(2).await;
    let windows = stage.windows();
    assert!(windows[0].end_ms.unwrap() > said_ms);
    assert_eq!(
        windows.iter().map(|asked| asked.page).collect::<Vec<_>>(),
        [1, 3, 2, 1]
    );
    assert_eq!((scene.value(CURSOR, &[]) * 1_000.0).round() as i64, said_ms);
    assert_eq!(scene.value(ENDED, &[]), 5.0);
    scene.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_page_without_a_usable_up_to_fails_the_poll_and_nothing_of_it_counts() {
    for bad in [
        Value::Null,
        json!("soon"),
        json!(""),
        json!("0001-01-01T00:00:00Z"),
    ] {
        let stage = five();
        stage.hook(move |asked, shelf| {
            let mut page = shelf.page(asked);
            if asked.end_ms.is_some() && asked.at_ms < NOON_MS + 5 * MINUTE_MS {
                page["upTo"] = bad.clone();
            }
            Some(answer(200, page.to_string()))
        });
        let scene = since_hours(&stage, 1_000, 2);
        pass(4 * MINUTE).await;
        assert_eq!(scene.value("vcc_records_received_total", &[]), 0.0);
        assert!(scene.value("vcc_poll_failures_total", &[("reason", "no_up_to")]) > 10.0);
        assert_eq!(scene.value("vcc_up", &[("operation", "interactions")]), 0.0);
        assert_eq!(
            scene.value(CURSOR, &[]),
            scene.value("vcc_exporter_epoch_timestamp_seconds", &[])
        );
        pass(2 * MINUTE).await;
        assert_eq!(scene.value(ENDED, &[]), 5.0);
        assert_eq!(scene.value("vcc_up", &[("operation", "interactions")]), 1.0);
        scene.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_wrong_up_to_does_not_carry_the_cursor_away() {
    for leap_ms in [HOUR_MS, -HOUR_MS, 400 * DAY_MS] {
        let stage = five();
        stage.hook(move |asked, shelf| {
            let mut page = shelf.page(asked);
            if asked.number == 1 {
                page["upTo"] = json!(time(asked.at_ms + leap_ms));
            }
            Some(answer(200, page.to_string()))
        });
        let scene = since_hours(&stage, 1_000, 2);
        pass(2 * MINUTE).await;
        let later = ended_by(NOON_MS + 2 * MINUTE_MS, 7);
        stage.put(NOON_MS + 2 * MINUTE_MS, &later);
        pass(2 * MINUTE).await;
        assert_eq!(scene.value(ENDED, &[]), 6.0, "{leap_ms}");
        assert!(scene.value(CURSOR, &[]) * 1_000.0 <= stage.now_ms() as f64);
        scene.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn meta_may_lie_without_a_record_being_lost() {
    let lies: [(&str, Value); 5] = [
        ("total_count", json!({"totalCount": 0, "pageCount": 0})),
        ("total_count", json!({"totalCount": 2, "pageCount": 1})),
        ("page_count", json!({"pageCount": 9})),
        ("count", json!({"count": 77})),
        ("total_count", json!({})),
    ];
    for (kind, lie) in lies {
        let stage = five();
        let told = lie.clone();
        stage.hook(move |asked, shelf| {
            let mut page = shelf.page(asked);
            match told.as_object().filter(|told| !told.is_empty()) {
                Some(told) => told
                    .iter()
                    .for_each(|(name, value)| page["meta"][name] = value.clone()),
                None => page["meta"] = Value::Null,
            }
            Some(answer(200, page.to_string()))
        });
        let scene = since_hours(&stage, 2, 2);
        pass(MINUTE).await;
        assert_eq!(scene.value(ENDED, &[]), 5.0, "{lie}");
        let disagreements = scene.value("vcc_api_meta_disagreements_total", &[("kind", kind)]);
        assert!(disagreements > 0.0, "{kind}");
        scene.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_look_from_a_cache_is_not_believed() {
    let stage = five();
    let mut cache: Option<(i64, bytes::Bytes)> = None;
    let mut moved = false;
    stage.hook(move |asked, shelf| {
        asked.end_ms?;
        if asked.page == 1 {
            if let Some((until_ms, body)) = &cache
                && asked.at_ms < *until_ms
            {
                return Some(answer(200, body.clone()));
            }
            let body = bytes::Bytes::from(shelf.page(asked).to_string());
            cache = Some((asked.at_ms + 5_000, body.clone()));
            return Some(answer(200, body));
        }
        // Once: page 1 loses an item, and the first of page 2 moves onto page 1 unread.
        if asked.page == 3 && !moved {
            moved = true;
            shelf.put(asked.at_ms, &ended_by(NOON_MS - 30 * MINUTE_MS + 1_000, 1));
        }
        None
    });
    let scene = since_hours(&stage, 2, 2);
    pass(MINUTE).await;
    assert_eq!(scene.value(ENDED, &[]), 5.0);
    let pages: Vec<_> = stage
        .windows()
        .iter()
        .map(|asked| asked.page)
        .take(5)
        .collect();
    assert_eq!(pages, [1, 3, 2, 1, 1]);
    assert_eq!(stage.tokens.load(Ordering::Relaxed), 1);
    scene.stop().await;
}
