//! What is going on now: true to the moment, and absent rather than wrong.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use vcc_core::labels::LabelInterner;
use vcc_exporter::config::Config;
use vcc_exporter::live::{LiveCollector, Ongoing};
use vcc_exporter::poller::StartFrom;
use vcc_simulator::{Faults, SimulatorConfig};

use vcc_test_support::exposition::{Exposition, Labels};
use vcc_test_support::fake_api::{Answer, FakeApi, answer, pass};
use vcc_test_support::item::{START_MS, agent, call, event, numbered, push_event, queue, waiting};
use vcc_test_support::running_exporter::RunningExporter;
use vcc_test_support::simulated_api::{SimulatedApi, config, memory_store, start};

const IN_PROGRESS: &str = "vcc_interactions_in_progress";
const WAITING: &str = "vcc_queue_waiting";
const OLDEST: &str = "vcc_queue_oldest_entry_timestamp_seconds";

fn settings(start_from: StartFrom) -> Config {
    let mut config = config(Duration::from_secs(15), 1_000, start_from);
    config.rules.warmup = Duration::ZERO;
    config.poll.ongoing_interval = Duration::from_secs(15);
    config
}

fn page(items: &[Value], pages: usize) -> Answer {
    let body = json!({ "meta": { "pageCount": pages }, "items": items });
    answer(200, body.to_string())
}

/// What is shown of a family, without what is 0.
fn shown(exposition: &Exposition, name: &str) -> BTreeMap<Labels, String> {
    let samples = exposition.0.get(name).cloned().unwrap_or_default();
    samples.into_iter().filter(|(_, v)| v != "0").collect()
}

#[tokio::test(start_paused = true)]
async fn the_gauges_are_what_is_going_on_in_the_simulated_centre() {
    let world = SimulatorConfig {
        per_hour: 600.0,
        ..SimulatorConfig::default()
    };
    let began_ms = world.start_ms;
    let centre = SimulatedApi::new(world);
    let hours = Duration::from_secs(6 * 3_600);
    tokio::time::sleep(hours).await;
    let config = settings(StartFrom::At(began_ms));
    let exporter = start(&centre, &memory_store(), &config);
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    let mut seen = 0;
    for _ in 0..8 {
        tokio::time::sleep(Duration::from_secs(97)).await;
        // Wait for the very moment after a look: nothing moves while time stands still.
        let mut truth = BTreeMap::new();
        for _ in 0..200 {
            truth = live(&centre);
            if truth == live_of(&gauges(&exporter.text())) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(live_of(&gauges(&exporter.text())), truth);
        seen += truth.len();
    }
    assert!(seen > 80, "only {seen} series were ever compared");
    exporter.stop().await;
}

/// The live series of the simulator, entries in seconds.
fn live(centre: &Arc<SimulatedApi>) -> BTreeMap<(String, Labels), String> {
    let now_ms = centre.now_ms();
    let series = centre.simulator.lock().unwrap().live(now_ms);
    let text = |family: &str, value: u64| match family {
        OLDEST => (value as f64 / 1_000.0).to_string(),
        _ => value.to_string(),
    };
    (series.into_iter())
        .map(|it| {
            let value = text(&it.family, it.value.count());
            ((it.family, it.labels), value)
        })
        .collect()
}

/// The live families alone: the rest of a page takes long to read, again and again.
fn gauges(page: &str) -> Exposition {
    let live = |line: &&str| {
        [IN_PROGRESS, WAITING, OLDEST]
            .iter()
            .any(|it| line.starts_with(it))
    };
    Exposition::parse(&page.lines().filter(live).collect::<Vec<_>>().join("\n"))
}

fn live_of(exposition: &Exposition) -> BTreeMap<(String, Labels), String> {
    let mut out = BTreeMap::new();
    for family in [IN_PROGRESS, WAITING, OLDEST] {
        for (labels, value) in shown(exposition, family) {
            out.insert((family.to_owned(), labels), value);
        }
    }
    out
}

#[tokio::test(start_paused = true)]
async fn a_known_queue_shows_zero_and_nothing_is_shown_that_is_not_known() {
    let api = FakeApi::new(START_MS + 3_600_000);
    api.put(START_MS + 60_000, &call());
    let exporter = RunningExporter::on(
        &api,
        &memory_store(),
        &settings(StartFrom::Ago(Duration::from_secs(7_200))),
    );
    assert!(
        !exporter.shown().0.contains_key(WAITING),
        "before anything was read"
    );
    pass(40).await;
    let quiet = exporter.shown();
    assert_eq!(quiet.0[WAITING].len(), 1);
    assert_eq!(quiet.sum(WAITING, &[("virtual_queue", "Orders")]), 0.0);
    assert_eq!(quiet.0[IN_PROGRESS].len(), 5, "a zero for each state");
    assert!(!quiet.0.contains_key(OLDEST), "nobody waits");
    let operation = [("operation", "ongoing")];
    assert_eq!(quiet.sum("vcc_up", &operation), 1.0);
    assert_eq!(quiet.sum("vcc_poll_interval_seconds", &operation), 15.0);

    let items = [numbered(&waiting(), 5), numbered(&waiting(), 6)];
    // The second page holds one again that moved while the pages were read.
    *api.ongoing.lock().unwrap() = vec![page(&items, 2), page(&items[1..], 2)];
    pass(16).await;
    let busy = exporter.shown();
    assert_eq!(busy.sum(WAITING, &[("virtual_queue", "Orders")]), 2.0);
    assert_eq!(busy.sum(IN_PROGRESS, &[("state", "queued")]), 2.0);
    assert_eq!(busy.sum(OLDEST, &[]), (START_MS + 6_000) as f64 / 1_000.0);

    // One look may fail, and another; then the gauges vanish rather than lie.
    *api.ongoing.lock().unwrap() = vec![answer(500, "")];
    pass(30).await;
    assert_eq!(exporter.value(WAITING, &[]), 2.0);
    pass(60).await;
    let stale = exporter.shown();
    for family in [IN_PROGRESS, WAITING, OLDEST] {
        assert!(!stale.0.contains_key(family), "{family}");
    }
    assert_eq!(stale.sum("vcc_up", &operation), 0.0);
    assert_eq!(stale.sum("vcc_up", &[("operation", "interactions")]), 1.0);
    let failed = [("operation", "ongoing"), ("reason", "server_error")];
    assert!(stale.sum("vcc_poll_failures_total", &failed) >= 1.0);
    api.ongoing.lock().unwrap().clear();
    pass(200).await;
    assert_eq!(exporter.shown().0[WAITING].len(), 1);
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn nothing_live_is_shown_while_the_past_is_being_read() {
    let api = FakeApi::new(START_MS + 40 * 86_400_000);
    api.put(START_MS + 60_000, &call());
    api.ongoing.lock().unwrap().push(page(&[waiting()], 1));
    // The windows fail, so the cursor stays in the past; what is going on is answered.
    api.hook(|asked, _| asked.end_ms.is_some().then(|| answer(503, "")));
    let exporter = RunningExporter::on(&api, &memory_store(), &settings(StartFrom::At(START_MS)));
    pass(120).await;
    assert_eq!(exporter.value("vcc_catchup_in_progress", &[]), 1.0);
    let asked = exporter.value("vcc_api_requests_total", &[("operation", "ongoing")]);
    assert_eq!(asked, 0.0, "what would not be shown is not asked for");
    assert!(!exporter.shown().0.contains_key(IN_PROGRESS));
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_account_without_the_resource_is_left_alone_and_goes_on_counting() {
    for status in [404, 403, 400] {
        let api = FakeApi::new(START_MS + 3_600_000);
        api.put(START_MS + 60_000, &call());
        api.ongoing.lock().unwrap().push(answer(status, "{}"));
        let from = StartFrom::Ago(Duration::from_secs(7_200));
        let exporter = RunningExporter::on(&api, &memory_store(), &settings(from));
        pass(600).await;
        let asked = [("operation", "ongoing")];
        let requests = exporter.value("vcc_api_requests_total", &asked);
        // A 403 is asked once more with a new token.
        assert!(requests <= 6.0, "{status}: asked {requests} times");
        for name in ["vcc_up", "vcc_poll_interval_seconds"] {
            assert_eq!(exporter.value(name, &asked), 0.0, "{name}");
        }
        assert!(!exporter.shown().0.contains_key(WAITING));
        assert_eq!(exporter.value("vcc_interactions_total", &[]), 1.0);
        assert!(exporter.value("vcc_polls_total", &[("operation", "interactions")]) > 30.0);
        exporter.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_now_and_then_switches_nothing_off() {
    let api = FakeApi::new(START_MS + 3_600_000);
    api.put(START_MS + 60_000, &call());
    let from = StartFrom::Ago(Duration::from_secs(7_200));
    let exporter = RunningExporter::on(&api, &memory_store(), &settings(from));
    for _ in 0..10 {
        api.ongoing.lock().unwrap().push(answer(404, "{}"));
        pass(25).await;
        api.ongoing.lock().unwrap().clear();
        pass(20).await;
    }
    assert_eq!(exporter.value("vcc_up", &[("operation", "ongoing")]), 1.0);
    assert_eq!(exporter.shown().0[WAITING].len(), 1);
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_list_without_end_shows_nothing_and_costs_a_bounded_number_of_requests() {
    let api = FakeApi::new(START_MS + 3_600_000);
    let pages = (0..10_u32).map(|n| page(&[numbered(&waiting(), n)], 1_000_000));
    *api.ongoing.lock().unwrap() = pages.collect();
    let from = StartFrom::Ago(Duration::from_secs(7_200));
    let exporter = RunningExporter::on(&api, &memory_store(), &settings(from));
    pass(40).await;
    // After the tenth page nothing new comes, whatever meta says.
    assert_eq!(exporter.value(IN_PROGRESS, &[]), 10.0);
    exporter.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_centre_without_the_resource_counts_as_ever() {
    let world = SimulatorConfig::default();
    let began_ms = world.start_ms;
    let centre = SimulatedApi::new(world);
    centre.simulator.lock().unwrap().set_faults(Faults {
        ongoing_missing: true,
        ..Faults::default()
    });
    let exporter = start(&centre, &memory_store(), &settings(StartFrom::At(began_ms)));
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    let shown = exporter.shown();
    assert!(shown.sum("vcc_interactions_total", &[]) > 10.0);
    assert!(live_of(&shown).is_empty());
    exporter.stop().await;
}

fn gathered(items: &[Value], dictionary: &LabelInterner) -> Ongoing {
    let body = json!({ "items": items }).to_string();
    let page = vcc_vonage::decode(body.as_bytes()).unwrap();
    let mut found = LiveCollector::new(dictionary, 1_000);
    for item in &page.interactions {
        found.take(item);
    }
    found.finish()
}

fn state_of(item: &Value) -> String {
    let text = format!(
        "{:?}",
        gathered(std::slice::from_ref(item), &LabelInterner::default())
    );
    let states = ["self_service", "queued", "ringing", "connected", "wrap"];
    let found: Vec<_> = states
        .into_iter()
        .filter(|state| text.contains(&format!("\"{state}\"")))
        .collect();
    found.join(",")
}

/// An agent's channel that goes on, with these events.
fn open_agent(events: &[(&str, i64)]) -> Value {
    let mut channel = agent("07", 12_000, 16_000, 0);
    for field in ["duration", "endReason", "handleTime"] {
        channel[field] = Value::Null;
    }
    let events = events.iter().map(|(kind, offset)| {
        let mut event = event(kind, *offset, 0);
        event["duration"] = Value::Null;
        event
    });
    channel["events"] = events.collect();
    channel
}

#[test]
fn who_is_with_the_customer_decides_the_state() {
    let with = |item: &Value, channel: Value| {
        let mut item = item.clone();
        item["channels"].as_array_mut().unwrap().push(channel);
        item
    };
    let queued = waiting();
    let mut alone = waiting();
    alone["channels"][0]["events"]
        .as_array_mut()
        .unwrap()
        .truncate(1);
    let rings = open_agent(&[("Ringing", 12_000)]);
    let talks = open_agent(&[("Ringing", 12_000), ("Connected", 16_000)]);
    let wraps = open_agent(&[("Connected", 16_000), ("Wrap", 40_000)]);
    for (item, state) in [
        (alone.clone(), "self_service"),
        (queued.clone(), "queued"),
        (with(&queued, rings.clone()), "ringing"),
        (with(&alone, talks.clone()), "connected"),
        // An agent who is there outweighs a phone that rings for a second one.
        (with(&with(&alone, talks), rings), "connected"),
        (with(&alone, wraps.clone()), "wrap"),
        // One agent wraps up while the customer waits for another.
        (with(&queued, wraps), "queued"),
        (with(&queued, agent("08", 12_000, 16_000, 1_000)), "queued"),
        (call(), ""),
    ] {
        assert_eq!(state_of(&item), state, "{item}");
    }
}

#[test]
fn waits_are_judged_by_the_accounts_labels_and_admit_nothing() {
    let limits = [(vcc_core::catalogue::Label::VirtualQueue, 1)].into();
    let renames = [(
        vcc_core::catalogue::Label::VirtualQueue,
        [("Old".to_owned(), "Orders".to_owned())].into(),
    )];
    let dictionary = LabelInterner::new(limits, Arc::new(renames.into()));
    let mut item = waiting();
    let open = queue(7_000, None, None, &["Old", "Orders", "Sales"], None);
    push_event(&mut item, open);
    push_event(
        &mut item,
        queue(8_000, None, None, &["+44 20 7946 0018"], None),
    );
    let text = format!("{:?}", gathered(&[item], &dictionary));
    assert!(text.contains("\"Orders\", \"North\"]: 2"), "{text}");
    assert!(text.contains("\"other\", \"North\"]: 1"), "{text}");
    assert!(text.contains("\"redacted\", \"North\"]: 1"), "{text}");
    assert!(!text.contains("7946") && dictionary.is_empty());
}
