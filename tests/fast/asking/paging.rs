//! Windows that move while they are paged, and envelopes that say too little or the wrong thing.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::*;
use vcc_test_support::fake_api::{Asked, ItemStore, answer, pass};
use vcc_test_support::item::time;

/// Five calls processed in the last hour, in pages of two: three pages.
fn five() -> Arc<FakeApi> {
    let api = FakeApi::new(NOON_MS);
    for number in 1..=5 {
        let at_ms = NOON_MS - 30 * MINUTE_MS + i64::from(number) * 1_000;
        api.put(at_ms, &ended_by(at_ms, number));
    }
    api
}

/// Lets something happen just before the n-th request of a window's page is answered.
fn before_request(
    api: &FakeApi,
    n: usize,
    mut happens: impl FnMut(&Asked, &mut ItemStore) + Send + 'static,
) {
    let mut seen = 0;
    api.hook(move |asked, items| {
        if asked.end_ms.is_some() {
            seen += 1;
            if seen == n {
                happens(asked, items);
            }
        }
        None
    });
}

#[tokio::test(start_paused = true)]
async fn an_item_that_leaves_the_window_between_two_pages_takes_none_with_it() {
    for request in 1..=5 {
        for victim in 1..=5 {
            let api = five();
            let item = ended_by(NOON_MS - 30 * MINUTE_MS + i64::from(victim) * 1_000, victim);
            before_request(&api, request, move |asked, items| {
                items.put(asked.at_ms, &item)
            });
            let exporter = since_hours(&api, 2, 2);
            // Long before the past is read again.
            pass(MINUTE).await;
            assert_eq!(
                exporter.value(ENDED, &[]),
                5.0,
                "request {request}, item {victim}"
            );
            exporter.stop().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_item_that_joins_a_window_while_it_is_read_is_counted() {
    for request in 1..=4 {
        for place in [-10, 3_500, 60_000] {
            let api = five();
            // Processed into the window's past, and sorted before, among or behind the others.
            let item = ended_by(NOON_MS - 30 * MINUTE_MS + place, 9);
            before_request(&api, request, move |_, items| {
                items.put(NOON_MS - 20 * MINUTE_MS, &item)
            });
            let exporter = since_hours(&api, 2, 2);
            pass(MINUTE).await;
            assert_eq!(
                exporter.value(ENDED, &[]),
                6.0,
                "request {request}, place {place}"
            );
            exporter.stop().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_window_that_never_stops_growing_is_halved_and_loses_nothing() {
    let api = five();
    let mut number = 100;
    api.hook(move |asked, items| {
        // With every page another one appears, as long as there is a window wide enough.
        if asked
            .end_ms
            .is_some_and(|end| end - asked.start_ms > 10 * MINUTE_MS)
            && number < 140
        {
            number += 1;
            let at_ms = NOON_MS - 40 * MINUTE_MS + i64::from(number) * 1_000;
            items.put(at_ms, &ended_by(at_ms, number));
        }
        None
    });
    let exporter = since_hours(&api, 2, 2);
    pass(20 * MINUTE).await;
    let shelved = api.items.lock().unwrap().page(&Asked {
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
    assert_eq!(exporter.value(ENDED, &[]), shelved as f64);
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn up_to_later_than_a_windows_end_never_skips_anything() {
    let api = FakeApi::new(NOON_MS);
    // The first window ends 31 days after its start; its upTo is the time of the request.
    for (number, days) in (1..).zip([39, 20, 8, 5, 1]) {
        let at_ms = NOON_MS - days * DAY_MS;
        api.put(at_ms, &ended_by(at_ms, number));
    }
    let exporter = since_hours(&api, 1_000, 40 * 24);
    pass(MINUTE).await;
    assert_eq!(exporter.value(ENDED, &[]), 5.0);
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_cursor_is_the_first_pages_up_to_if_that_is_before_the_windows_end() {
    let api = five();
    let said_ms = NOON_MS - 5_000;
    api.hook(move |asked, items| {
        let mut page = items.page(asked);
        // After the probe the API's clock falls back by five seconds, for the first page only.
        if asked.number == 1 {
            page["upTo"] = json!(time(said_ms));
        }
        Some(answer(200, page.to_string()))
    });
    let exporter = since_hours(&api, 2, 2);
    pass(2).await;
    let windows = api.windows();
    assert!(windows[0].end_ms.unwrap() > said_ms);
    assert_eq!(
        windows.iter().map(|asked| asked.page).collect::<Vec<_>>(),
        [1, 3, 2, 1]
    );
    assert_eq!(
        (exporter.value(CURSOR, &[]) * 1_000.0).round() as i64,
        said_ms
    );
    assert_eq!(exporter.value(ENDED, &[]), 5.0);
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_page_without_a_usable_up_to_fails_the_poll_and_nothing_of_it_counts() {
    for bad in [
        Value::Null,
        json!("soon"),
        json!(""),
        json!("0001-01-01T00:00:00Z"),
    ] {
        let api = five();
        api.hook(move |asked, items| {
            let mut page = items.page(asked);
            if asked.end_ms.is_some() && asked.at_ms < NOON_MS + 5 * MINUTE_MS {
                page["upTo"] = bad.clone();
            }
            Some(answer(200, page.to_string()))
        });
        let exporter = since_hours(&api, 1_000, 2);
        pass(4 * MINUTE).await;
        assert_eq!(exporter.value("vcc_records_received_total", &[]), 0.0);
        assert!(exporter.value("vcc_poll_failures_total", &[("reason", "no_up_to")]) > 10.0);
        assert_eq!(
            exporter.value("vcc_up", &[("operation", "interactions")]),
            0.0
        );
        assert_eq!(
            exporter.value(CURSOR, &[]),
            exporter.value("vcc_exporter_epoch_timestamp_seconds", &[])
        );
        pass(2 * MINUTE).await;
        assert_eq!(exporter.value(ENDED, &[]), 5.0);
        assert_eq!(
            exporter.value("vcc_up", &[("operation", "interactions")]),
            1.0
        );
        exporter.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_wrong_up_to_does_not_carry_the_cursor_away() {
    for leap_ms in [HOUR_MS, -HOUR_MS, 400 * DAY_MS] {
        let api = five();
        api.hook(move |asked, items| {
            let mut page = items.page(asked);
            if asked.number == 1 {
                page["upTo"] = json!(time(asked.at_ms + leap_ms));
            }
            Some(answer(200, page.to_string()))
        });
        let exporter = since_hours(&api, 1_000, 2);
        pass(2 * MINUTE).await;
        let later = ended_by(NOON_MS + 2 * MINUTE_MS, 7);
        api.put(NOON_MS + 2 * MINUTE_MS, &later);
        pass(2 * MINUTE).await;
        assert_eq!(exporter.value(ENDED, &[]), 6.0, "{leap_ms}");
        assert!(exporter.value(CURSOR, &[]) * 1_000.0 <= api.now_ms() as f64);
        exporter.stop().await;
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
        let api = five();
        let told = lie.clone();
        api.hook(move |asked, items| {
            let mut page = items.page(asked);
            match told.as_object().filter(|told| !told.is_empty()) {
                Some(told) => told
                    .iter()
                    .for_each(|(name, value)| page["meta"][name] = value.clone()),
                None => page["meta"] = Value::Null,
            }
            Some(answer(200, page.to_string()))
        });
        let exporter = since_hours(&api, 2, 2);
        pass(MINUTE).await;
        assert_eq!(exporter.value(ENDED, &[]), 5.0, "{lie}");
        let disagreements = exporter.value("vcc_api_page_meta_mismatches_total", &[("kind", kind)]);
        assert!(disagreements > 0.0, "{kind}");
        exporter.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_look_from_a_cache_is_not_believed() {
    let api = five();
    let mut cache: Option<(i64, bytes::Bytes)> = None;
    let mut moved = false;
    api.hook(move |asked, items| {
        asked.end_ms?;
        if asked.page == 1 {
            if let Some((until_ms, body)) = &cache
                && asked.at_ms < *until_ms
            {
                return Some(answer(200, body.clone()));
            }
            let body = bytes::Bytes::from(items.page(asked).to_string());
            cache = Some((asked.at_ms + 5_000, body.clone()));
            return Some(answer(200, body));
        }
        // Once: page 1 loses an item, and the first of page 2 moves onto page 1 unread.
        if asked.page == 3 && !moved {
            moved = true;
            items.put(asked.at_ms, &ended_by(NOON_MS - 30 * MINUTE_MS + 1_000, 1));
        }
        None
    });
    let exporter = since_hours(&api, 2, 2);
    pass(MINUTE).await;
    assert_eq!(exporter.value(ENDED, &[]), 5.0);
    let pages: Vec<_> = api
        .windows()
        .iter()
        .map(|asked| asked.page)
        .take(5)
        .collect();
    assert_eq!(pages, [1, 3, 2, 1, 1]);
    assert_eq!(api.tokens.load(Ordering::Relaxed), 1);
    exporter.stop().await;
}
