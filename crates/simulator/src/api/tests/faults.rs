//! Each fault, on and off.
use super::*;

/// Number of replies with a fault among this many requests.
fn faulty(faults: Faults, requests: u32, is_faulty: impl Fn(&Reply) -> bool) -> u32 {
    let mut reader = Reader::new(busy());
    reader.simulator.set_faults(faults);
    let whole = reader.whole();
    (0..requests)
        .map(|_| u32::from(is_faulty(&reader.get(&format!("{whole}&limit=10")))))
        .sum()
}

fn with(set: impl FnOnce(&mut Faults)) -> Faults {
    let mut faults = Faults::default();
    set(&mut faults);
    faults
}

#[test]
fn each_fault_occurs_when_and_only_when_it_is_switched_on() {
    type Case = (&'static str, Faults, fn(&Reply) -> bool);
    let cases: [Case; 18] = [
        ("401", with(|it| it.auth_401 = 0.5), |it| it.status == 401),
        ("403", with(|it| it.auth_403 = 0.5), |it| it.status == 403),
        ("429", with(|it| it.throttle_429 = 0.5), |it| {
            it.status == 429
        }),
        ("500", with(|it| it.error_500 = 0.5), |it| it.status == 500),
        ("501", with(|it| it.error_501 = 0.5), |it| it.status == 501),
        ("503", with(|it| it.error_503 = 0.5), |it| it.status == 503),
        ("504", with(|it| it.error_504 = 0.5), |it| it.status == 504),
        ("slow", with(|it| it.slow_body = 0.5), |it| {
            matches!(it.delivery, Delivery::Delayed(_))
        }),
        (
            "cut",
            with(|it| it.cut_off = 0.5),
            |it| matches!(it.delivery, Delivery::Truncated(n) if n < it.body.len()),
        ),
        ("html", with(|it| it.not_json = 0.5), |it| {
            it.body.starts_with(b"<!DOCTYPE")
        }),
        ("malformed", with(|it| it.malformed_item = 0.5), |it| {
            it.body.starts_with(b"{") && serde_json::from_slice::<Json>(&it.body).is_err()
        }),
        ("unreadable", with(|it| it.unreadable_item = 0.5), |it| {
            json(it)["items"].as_array().map(Vec::len) == Some(11)
        }),
        ("no upTo", with(|it| it.missing_up_to = 0.5), |it| {
            json(it).get("upTo").is_none()
        }),
        (
            "no latest",
            with(|it| it.missing_latest_update = 0.5),
            |it| json(it).get("latestUpdate").is_none(),
        ),
        ("lying", with(|it| it.lying_meta = 0.5), |it| {
            let meta = &json(it)["meta"];
            let total = meta["totalCount"].as_u64().expect("a number");
            total == 0 || meta["pageCount"].as_u64() != Some(total.div_ceil(10))
        }),
        ("twice", with(|it| it.duplicate_items = 0.5), |it| {
            let items = json(it)["items"].as_array().cloned().expect("items");
            items
                .iter()
                .filter(|item| items.iter().filter(|other| other == item).count() > 1)
                .count()
                > 1
        }),
        (
            "large",
            with(|it| it.large_window_501_days = Some(0.1)),
            |it| matches!(it.status, 501 | 504),
        ),
        (
            "window",
            with(|it| {
                it.sticky_malformed = Some(Sticky {
                    window_ms: Some((0, i64::MAX)),
                    ..Sticky::default()
                })
            }),
            |it| serde_json::from_slice::<Json>(&it.body).is_err(),
        ),
    ];
    for (name, faults, is_faulty) in cases {
        let found = faulty(faults, 40, is_faulty);
        assert!(found > 8, "{name} occurred {found} times");
        assert_eq!(
            faulty(Faults::default(), 5, is_faulty),
            0,
            "{name} occurs when it is off"
        );
    }
}

#[test]
fn a_malformed_page_is_read_when_asked_for_again_unless_it_sticks() {
    let mut reader = Reader::new(busy());
    let whole = reader.whole();
    let guid = reader.guids(&whole)[3].clone();
    let malformed = |reader: &mut Reader, query: &str| {
        serde_json::from_slice::<Json>(&reader.get(query).body).is_err()
    };
    reader.simulator.set_faults(Faults {
        malformed_item: 0.5,
        ..Faults::default()
    });
    let outcomes: BTreeSet<bool> = (0..20).map(|_| malformed(&mut reader, &whole)).collect();
    assert_eq!(outcomes.len(), 2);
    let sticky = Sticky {
        guid: Some(guid),
        ..Sticky::default()
    };
    reader.simulator.set_faults(Faults {
        sticky_malformed: Some(sticky),
        ..Faults::default()
    });
    assert!((0..20).all(|_| malformed(&mut reader, &whole)));
    assert!(
        !malformed(&mut reader, &format!("{whole}&page=2")),
        "only the page with the item is malformed"
    );
}

#[test]
fn a_token_that_dies_is_refused_until_there_is_a_new_one() {
    let mut reader = Reader::new(busy());
    let whole = reader.whole();
    reader.simulator.set_faults(Faults {
        token_expiry: 1.0,
        ..Faults::default()
    });
    assert_eq!(reader.get(&whole).status, 401);
    reader.simulator.set_faults(Faults::default());
    assert_eq!(reader.get(&whole).status, 401);
}

#[test]
fn a_revoked_secret_is_refused_with_every_token_until_it_holds_again() {
    let mut reader = Reader::new(busy());
    let whole = reader.whole();
    reader.simulator.set_faults(Faults {
        secret_revoked: true,
        ..Faults::default()
    });
    assert_eq!(reader.get(&whole).status, 401);
    let form =
        "grant_type=client_credentials&client_id=simulated&client_secret=simulated&scope=stats";
    let refused = reader.post(form);
    assert_eq!(
        (refused.status, &json(&refused)["error"]),
        (400, &Json::from("invalid_client"))
    );
    reader.simulator.set_faults(Faults::default());
    reader.renew();
    assert_eq!(reader.get(&whole).status, 200);
}

#[test]
fn an_identical_request_within_five_seconds_is_answered_from_the_cache() {
    let mut reader = Reader::new(busy());
    let whole = reader.whole();
    for (cached, expected) in [(true, true), (false, false)] {
        reader.simulator.set_faults(Faults {
            cached,
            ..Faults::default()
        });
        let first = reader.get(&whole).body;
        reader.now_ms += 4_999;
        assert_eq!(reader.get(&whole).body == first, expected);
        reader.now_ms += 1;
        assert!(reader.get(&whole).body != first);
    }
}

#[test]
fn pages_of_a_drifting_window_lose_items_over_the_boundary() {
    let mut reader = Reader::new(busy());
    let whole = reader.whole();
    let all = reader.guids(&format!("{whole}&limit=5000"));
    reader.simulator.set_faults(Faults {
        drift: 1.0,
        ..Faults::default()
    });
    let paged: BTreeSet<String> = (1..=all.len().div_ceil(20))
        .flat_map(|page| reader.guids(&format!("{whole}&limit=20&page={page}")))
        .collect();
    assert!(
        paged.len() < all.len(),
        "a reader that only goes forward misses something"
    );
    reader.now_ms += 1_000;
    let later = reader.whole();
    let found: BTreeSet<String> = reader
        .guids(&format!("{later}&limit=5000"))
        .into_iter()
        .collect();
    assert!(
        all.iter().all(|guid| found.contains(guid)),
        "but nothing is lost to the timeline"
    );
}

#[test]
fn a_skewed_clock_shows_in_up_to_and_a_lag_in_latest_update() {
    let mut reader = Reader::new(busy());
    let whole = reader.whole();
    let before = json(&reader.get(&whole));
    reader.simulator.set_faults(Faults {
        clock_skew_ms: 1_500,
        ..Faults::default()
    });
    let skewed = json(&reader.get(&whole));
    assert_eq!(skewed["upTo"], stamp(reader.now_ms + 1_500, 3));
    reader.simulator.set_faults(Faults {
        api_lag_ms: HOUR_MS,
        ..Faults::default()
    });
    reader.now_ms += HOUR_MS / 2;
    let lagging = json(&reader.get(&whole));
    assert_eq!(
        lagging["latestUpdate"], skewed["latestUpdate"],
        "nothing new in half of an hour's lag"
    );
    assert!(before["latestUpdate"].as_str() <= lagging["latestUpdate"].as_str());
}

#[test]
fn a_429_has_a_retry_after_header_only_if_configured() {
    for retry_after_seconds in [None, Some(7)] {
        let mut reader = Reader::new(busy());
        let whole = reader.whole();
        let faults = Faults {
            throttle_429: 1.0,
            retry_after_seconds,
            ..Faults::default()
        };
        reader.simulator.set_faults(faults);
        let reply = reader.get(&whole);
        let retry_after = reply
            .headers
            .iter()
            .find(|(name, _)| *name == "retry-after");
        assert_eq!(
            retry_after.map(|(_, value)| value.as_str()),
            retry_after_seconds.map(|_| "7")
        );
    }
}

#[test]
fn nothing_is_lost_behind_an_api_with_transient_faults_to_a_reader_that_asks_again() {
    let config = SimulatorConfig {
        day_length_ms: 0,
        ..busy()
    };
    let stop_ms = Some(config.start_ms + HOUR_MS);
    let mut reader = Reader::new(SimulatorConfig { stop_ms, ..config });
    let whole = reader.whole();
    let all: BTreeSet<String> = reader
        .guids(&format!("{whole}&limit=5000"))
        .into_iter()
        .collect();
    reader.simulator.set_faults(Faults {
        token_endpoint_too: false,
        ..Faults::all_transient()
    });
    let whole = format!("{}&limit=5000", reader.whole());
    let mut read = 0;
    for _ in 0..100 {
        reader.now_ms += 5_000;
        let reply = reader.get(&whole);
        if reply.status == 401 {
            reader.renew();
        }
        let Ok(page) = serde_json::from_slice::<Json>(&reply.body) else {
            continue;
        };
        let Some(items) = page["items"].as_array() else {
            continue;
        };
        let guids: BTreeSet<&str> = items
            .iter()
            .filter_map(|item| item["guid"].as_str())
            .collect();
        assert!(all.iter().all(|guid| guids.contains(guid.as_str())));
        read += 1;
    }
    assert!((50..100).contains(&read), "{read}");
}
