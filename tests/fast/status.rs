//! How the exporter says it is: true to what it counted, the same as JSON and as a page, and harmless
//! whatever the API sends.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use vcc_exporter::assembly::ExporterView;
use vcc_exporter::assembly::routes;
use vcc_exporter::poller::StartFrom;
use vcc_simulator::{HOUR_MS, SimulatorConfig};
use vcc_vonage::TransportError;

use vcc_test_support::exposition::Exposition;
use vcc_test_support::fake_api::{FakeApi, answer, pass};
use vcc_test_support::item::{START_MS, call, numbered};
use vcc_test_support::log::Log;
use vcc_test_support::running_exporter::RunningExporter;
use vcc_test_support::simulated_api::{SimulatedApi, config, memory_store, start};

/// The days of UTC begin here.
const DAY_MS: i64 = 24 * HOUR_MS;

/// What a path answers.
async fn get(site: &Arc<ExporterView>, path: &str) -> (HeaderMap, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = routes(site).oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (parts.headers, String::from_utf8(body.to_vec()).unwrap())
}

async fn status(site: &Arc<ExporterView>) -> Value {
    let (headers, body) = get(site, "/api/status").await;
    assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(headers[header::CONTENT_TYPE], "application/json");
    serde_json::from_str(&body).unwrap()
}

/// The only account of a status.
async fn account(site: &Arc<ExporterView>) -> Value {
    status(site).await["accounts"][0].clone()
}

fn unix_ms(time: &Value) -> i64 {
    let time = chrono::DateTime::parse_from_rfc3339(time.as_str().unwrap()).unwrap();
    time.timestamp_millis()
}

/// What has ended by medium and outcome, as a scrape has it.
fn ended(shown: &Exposition) -> BTreeMap<(String, String), u64> {
    let mut sums = BTreeMap::new();
    for (labels, value) in &shown.0["vcc_interactions_total"] {
        let labels = (labels["medium"].clone(), labels["outcome"].clone());
        *sums.entry(labels).or_insert(0) += value.parse::<u64>().unwrap();
    }
    sums
}

/// The same as the status has it.
fn ended_of(account: &Value) -> BTreeMap<(String, String), u64> {
    let mut sums = BTreeMap::new();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for medium in account["ended"]["by_medium"].as_array().unwrap() {
        let mut of_medium = 0;
        for outcome in medium["by_outcome"].as_array().unwrap() {
            let count = outcome["interactions"].as_u64().unwrap();
            of_medium += count;
            sums.insert((text(&medium["medium"]), text(&outcome["outcome"])), count);
        }
        assert_eq!(medium["interactions"], of_medium);
    }
    let all: u64 = sums.values().sum();
    assert_eq!(account["ended"]["interactions"], all);
    sums
}

/// A busy centre that is half an hour before midnight, and an exporter that reads its whole day.
fn before_midnight() -> (Arc<SimulatedApi>, RunningExporter) {
    let world = SimulatorConfig {
        per_hour: 600.0,
        ..SimulatorConfig::default()
    };
    let began_ms = world.start_ms;
    assert_eq!(began_ms % DAY_MS, 0);
    let centre = SimulatedApi::at(began_ms + DAY_MS - HOUR_MS / 2, world);
    let mut config = config(Duration::from_secs(15), 1_000, StartFrom::At(began_ms));
    config.rules.warmup = Duration::ZERO;
    let exporter = start(&centre, &memory_store(), &config);
    (centre, exporter)
}

#[tokio::test(start_paused = true)]
async fn today_is_what_was_counted_since_the_day_began_and_before_that_since_the_start() {
    let (centre, exporter) = before_midnight();
    let site = Arc::clone(&exporter.site);
    let started_ms = centre.now_ms();
    pass(600).await;
    let first = account(&site).await;
    let since = &first["ended"]["since"];
    assert_eq!(first["ended"]["since_event"], "start");
    assert!((started_ms..started_ms + 1_000).contains(&unix_ms(since)));
    let shown = exporter.shown();
    assert_eq!(
        ended_of(&first),
        ended(&shown),
        "it started with an empty state"
    );
    assert!(first["ended"]["interactions"].as_u64().unwrap() > 5_000);

    let midnight_ms = started_ms + HOUR_MS / 2;
    let cursor_ms = |shown: &Exposition| {
        let cursor = shown.sum("vcc_cursor_timestamp_seconds", &[]);
        (cursor * 1_000.0).round() as i64
    };
    pass(1_195).await;
    let before = loop {
        let shown = exporter.shown();
        if cursor_ms(&shown) >= midnight_ms {
            break shown;
        }
        pass(1).await;
    };
    pass(3_600).await;
    let (then, shown) = (account(&site).await, exporter.shown());
    assert_eq!(then["ended"]["since_event"], "day");
    let since_ms = unix_ms(&then["ended"]["since"]);
    assert_eq!(since_ms, cursor_ms(&before));
    assert!(since_ms < midnight_ms + 20_000, "{since_ms}");
    let (before, mut expected) = (ended(&before), ended(&shown));
    for (labels, count) in &mut expected {
        *count -= before.get(labels).copied().unwrap_or(0);
    }
    expected.retain(|_, count| *count > 0);
    assert!(expected.len() > 8, "{expected:?}");
    assert_eq!(ended_of(&then), expected);
    let (_, page) = get(&site, "/").await;
    assert!(page.contains(&format!("Ended today: {}<", expected.values().sum::<u64>())));
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_status_says_what_the_metrics_say_and_the_page_what_the_status_says() {
    let (centre, exporter) = before_midnight();
    let site = Arc::clone(&exporter.site);
    pass(601).await;
    let (whole, shown) = (status(&site).await, exporter.shown());
    assert_eq!(unix_ms(&whole["now"]), centre.now_ms());
    assert_eq!(
        (&whole["state"], &whole["version"]),
        (&json!("up_to_date"), &json!(env!("CARGO_PKG_VERSION")))
    );
    let account = &whole["accounts"][0];
    let (api, read, polls) = (&account["api"], &account["read"], &account["polls"]);
    for (value, name) in [
        (api["lag_seconds"].as_f64(), "vcc_api_lag_seconds"),
        (
            api["clock_skew_seconds"].as_f64(),
            "vcc_api_clock_skew_seconds",
        ),
        (
            read["interactions_open"].as_f64(),
            "vcc_exporter_open_interactions",
        ),
        (read["unreadable_windows"].as_f64(), "vcc_unread_windows"),
        (
            Some(unix_ms(&read["up_to"]) as f64 / 1_000.0),
            "vcc_cursor_timestamp_seconds",
        ),
        (
            Some(unix_ms(&read["counting_since"]) as f64 / 1_000.0),
            "vcc_exporter_epoch_timestamp_seconds",
        ),
        (
            Some(unix_ms(&polls["last_success"]) as f64 / 1_000.0),
            "vcc_poll_last_success_timestamp_seconds",
        ),
        (
            polls["interval_seconds"].as_f64(),
            "vcc_poll_interval_seconds",
        ),
    ] {
        let told = shown.sum(name, &[("operation", "interactions")]);
        let told = if shown.0[name].len() > 1 {
            told
        } else {
            shown.sum(name, &[])
        };
        assert!(
            (value.unwrap() - told).abs() < 0.001,
            "{name}: {value:?} {told}"
        );
    }
    assert_eq!(api["host"], "127.0.0.1:1");
    let to_next_ms = unix_ms(&polls["next"]) - unix_ms(&whole["now"]);
    assert!((0..=15_000).contains(&to_next_ms), "{to_next_ms}");
    let behind_ms = unix_ms(&api["time"]) - unix_ms(&read["up_to"]);
    assert_eq!(read["behind_seconds"], behind_ms as f64 / 1_000.0);
    assert_eq!(
        (&account["catch_up"], &account["failures"]),
        (&Value::Null, &json!([]))
    );

    let (headers, page) = get(&site, "/").await;
    assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    for ((medium, outcome), count) in ended_of(account) {
        let row = format!("<th scope=\"row\">{outcome}</th><td class=\"number\">{count}</td>");
        assert!(page.contains(&row), "{medium}: no {row} in {page}");
    }
    for told in [
        "Up to date".to_owned(),
        "reads 127.0.0.1:1".to_owned(),
        format!(
            "datetime=\"{}Z\"",
            read["up_to"].as_str().unwrap().split('.').next().unwrap()
        ),
        format!("<dd>{}</dd>", read["interactions_open"]),
        "href=\"/metrics\"".to_owned(),
    ] {
        assert!(page.contains(&told), "no {told} in {page}");
    }
    assert!(
        !page.contains("http-equiv"),
        "nobody asked for a page that moves"
    );
    assert!(
        get(&site, "/?refresh")
            .await
            .1
            .contains("<meta http-equiv=\"refresh\" content=\"10\">")
    );
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn catching_up_says_how_far_it_is_and_when_it_will_be_through() {
    let (log, _listening) = Log::listen();
    let world = SimulatorConfig {
        per_hour: 2_000.0,
        day_length_ms: 0,
        ..SimulatorConfig::default()
    };
    let began_ms = world.start_ms;
    let centre = SimulatedApi::at(began_ms + 12 * HOUR_MS, world);
    let mut config = config(Duration::from_secs(15), 100, StartFrom::At(began_ms));
    config.api.retry.requests_per_minute = 160;
    let exporter = start(&centre, &memory_store(), &config);
    let site = Arc::clone(&exporter.site);
    let mut told = Vec::new();
    let began = tokio::time::Instant::now();
    loop {
        pass(2).await;
        let account = account(&site).await;
        if account["state"] == "up_to_date" {
            assert_eq!(account["catch_up"], Value::Null);
            break;
        }
        let (_, page) = get(&site, "/").await;
        let catch_up = &account["catch_up"];
        if let Some(remaining_s) = catch_up["remaining_seconds"].as_f64() {
            let percent = (catch_up["done_ratio"].as_f64().unwrap() * 100.0).floor();
            assert!(page.contains(&format!("{percent}% of the way")), "{page}");
            assert!(page.contains("Catching up") && page.contains("<progress "));
            told.push((began.elapsed().as_secs_f64(), percent, remaining_s));
        }
    }
    let took_s = began.elapsed().as_secs_f64();
    assert!(told.len() > 10, "it was over after {took_s} s: {told:?}");
    assert!(
        told.windows(2).all(|pair| pair[0].1 <= pair[1].1),
        "{told:?}"
    );
    // At first requests may come in a burst; by then the pace is the one that is allowed for long.
    let steady = told.iter().filter(|(at_s, ..)| *at_s > took_s / 2.0);
    for (at_s, percent, remaining_s) in steady {
        let error = (at_s + remaining_s) / took_s - 1.0;
        assert!(
            error.abs() < 0.1,
            "{percent}%: {remaining_s} s to go after {at_s} of {took_s} s"
        );
    }
    let lines = log.lines("catching up");
    assert!(lines.len() > 2, "{lines:?}");
    assert!(
        lines
            .iter()
            .skip(1)
            .all(|line| line.contains(" done=") && line.contains(" remaining=")),
        "{lines:?}"
    );
    assert_eq!(log.lines("caught up").len(), 1);
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_goes_on_failing_is_shown_with_what_to_do_and_logged_at_a_bounded_rate() {
    let (log, _listening) = Log::listen();
    let api = FakeApi::new(START_MS + HOUR_MS);
    api.put(START_MS + 60_000, &call());
    let from = StartFrom::Ago(Duration::from_secs(7_200));
    let config = config(Duration::from_secs(15), 1_000, from);
    let exporter = RunningExporter::on(&api, &memory_store(), &config);
    pass(60).await;
    api.hook(|_, _| Some(answer(404, "{}")));
    let failing_ms = api.now_ms();
    pass(3_600).await;
    let failing = account(&exporter.site).await;
    assert_eq!(
        (&failing["state"], &failing["polls"]["last_succeeded"]),
        (&json!("failing"), &json!(false))
    );
    let failure = &failing["failures"][0];
    assert_eq!(
        (&failure["operation"], &failure["reason"], &failure["ended"]),
        (&json!("interactions"), &json!("not_found"), &Value::Null)
    );
    let failures = failure["failures"].as_u64().unwrap();
    assert!((235..=241).contains(&failures), "{failures}");
    assert!((failing_ms..failing_ms + 16_000).contains(&unix_ms(&failure["since"])));
    let (_, page) = get(&exporter.site, "/").await;
    for told in [
        "Polls fail",
        "Nothing is lost",
        "check the region and the path of the URL",
        &format!("{failures} times"),
    ] {
        assert!(page.contains(told), "no {told} in {page}");
    }
    let warned = log.lines(" WARN ");
    assert_eq!(
        warned.len(),
        6,
        "once, and each ten minutes of an hour: {warned:#?}"
    );
    assert!(
        warned[1].contains("40 times in the last 10m"),
        "{}",
        warned[1]
    );

    api.hook(|_, _| None);
    pass(30).await;
    let well = account(&exporter.site).await;
    assert_eq!(well["state"], "up_to_date");
    assert!(unix_ms(&well["failures"][0]["ended"]) > failing_ms + 3_590_000);
    assert!(
        get(&exporter.site, "/")
            .await
            .1
            .contains("It works again since")
    );
    let again = log.lines("polling works again");
    assert_eq!(again.len(), 1, "{again:?}");
    assert!(
        again[0].contains(&format!("failures={failures} lasted=1h")),
        "{}",
        again[0]
    );
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_api_that_has_never_answered_is_said_to_be_awaited() {
    let api = FakeApi::new(START_MS);
    api.hook(|_, _| Some(answer(404, "{}")));
    let config = config(Duration::from_secs(15), 1_000, StartFrom::Now);
    let exporter = RunningExporter::on(&api, &memory_store(), &config);
    let first = account(&exporter.site).await;
    assert_eq!(
        (&first["state"], &first["read"]),
        (&json!("starting"), &Value::Null)
    );
    assert!(
        get(&exporter.site, "/")
            .await
            .1
            .contains("Waiting for the API's first answer")
    );
    pass(20).await;
    let then = account(&exporter.site).await;
    assert_eq!(
        (&then["state"], &then["api"]["host"]),
        (&json!("failing"), &json!("127.0.0.1:1"))
    );
    assert!(
        get(&exporter.site, "/")
            .await
            .1
            .contains("Counting has not begun yet")
    );
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn whatever_a_name_holds_it_is_text_on_the_page() {
    const HOSTILE: &str = "\"><img src=x onerror=alert(1)><script>alert('&')</script>";
    let api = FakeApi::new(START_MS + HOUR_MS);
    let mut item = numbered(&call(), 1);
    item["outcome"] = json!(HOSTILE);
    item["medium"] = json!("</table><style>");
    api.put(START_MS + 60_000, &item);
    api.hook(|asked, _| {
        let body = json!({ "message": HOSTILE }).to_string();
        (asked.number > 3).then(|| answer(400, body))
    });
    let from = StartFrom::Ago(Duration::from_secs(7_200));
    let mut config = config(Duration::from_secs(15), 1_000, from);
    config.accounts[0].name = HOSTILE.to_owned();
    let exporter = RunningExporter::on(&api, &memory_store(), &config);
    pass(120).await;
    let account = account(&exporter.site).await;
    assert_eq!(account["account"], HOSTILE);
    assert_eq!(
        account["ended"]["by_medium"][0]["medium"],
        "</table><style>"
    );
    assert_eq!(
        account["ended"]["by_medium"][0]["by_outcome"][0]["outcome"],
        HOSTILE
    );
    let (_, page) = get(&exporter.site, "/").await;
    let escaped =
        "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;&lt;script&gt;alert('&amp;')&lt;/script&gt;";
    assert!(page.matches(escaped).count() >= 2, "{page}");
    assert!(page.contains("&lt;/table&gt;&lt;style&gt;"));
    assert!(
        !page.contains("<img") && !page.contains("<script") && page.matches("<style>").count() == 1
    );
    assert!(page.matches("</table>").count() == 1);
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_documented_example_is_what_is_answered() {
    let api = FakeApi::new(START_MS + HOUR_MS);
    for (number, medium, outcome) in [
        (1, "Phone", "Handled by agent"),
        (2, "Phone", "Handled by agent"),
        (3, "Phone", "Abandoned in queue"),
        (4, "Chat", "Handled by agent"),
    ] {
        let mut item = numbered(&call(), number);
        item["medium"] = json!(medium);
        item["outcome"] = json!(outcome);
        api.put(START_MS + 60_000 + i64::from(number), &item);
    }
    api.items.lock().unwrap().latest_ms = Some(START_MS + HOUR_MS + 598_000);
    let from = StartFrom::Ago(Duration::from_secs(7_200));
    let config = config(Duration::from_secs(15), 1_000, from);
    let exporter = RunningExporter::on(&api, &memory_store(), &config);
    pass(300).await;
    api.hook(|_, _| Some(Err(TransportError::Timeout)));
    pass(60).await;
    api.hook(|_, _| None);
    pass(240).await;
    let (_, body) = get(&exporter.site, "/api/status").await;
    let documentation = include_str!("../../docs/status.md");
    let (_, rest) = documentation.split_once("```json\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let mut example: Value = serde_json::from_str(example).unwrap_or_default();
    let mut answered: Value = serde_json::from_str(&body).unwrap();
    for status in [&mut example, &mut answered] {
        status["version"].take();
    }
    assert_eq!(
        answered, example,
        "docs/status.md should have this example:\n{body}"
    );
    exporter.stop().await;
}
