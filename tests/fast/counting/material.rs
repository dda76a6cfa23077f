//! What the order of arrival must not matter to: simulated histories, and interactions made to be tricky.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use vcc_simulator::{ApiAssumptions, HOUR_MS, SimulatorConfig, Timeline};

use vcc_test_support::item::*;

/// A contact centre of which everything has happened: its versions, each interaction's in order.
#[derive(Debug)]
pub struct Past {
    pub versions: Vec<String>,
    pub epoch_ms: i64,
}

/// A small simulated past, for each answer to the two premises that change what a version says. The
/// epoch lies in the middle of two of them, so that some facts are before it.
pub fn simulated(number: u64) -> Past {
    let config = SimulatorConfig {
        seed: 40 + number,
        per_hour: 12.0,
        day_length_ms: 0,
        assumptions: ApiAssumptions {
            processed_returns_ongoing: true,
            ongoing_durations_null: number & 1 == 0,
            ..ApiAssumptions::default()
        },
        ..SimulatorConfig::default()
    };
    let start_ms = config.start_ms;
    let mut world = Timeline::new(config);
    world.advance(start_ms + 4 * HOUR_MS);
    world.settle(start_ms + 4 * HOUR_MS);
    let hours = if number & 2 == 0 { 0 } else { 2 };
    Past {
        versions: world.all_versions().concat(),
        epoch_ms: start_ms + hours * HOUR_MS,
    }
}

/// Interactions of several channels and of every documented event, as they looked while they went on
/// and when they were over.
pub fn tricky() -> Past {
    let items = documented().into_iter().chain(made());
    Past {
        versions: items.flat_map(|item| versions(&item)).collect(),
        epoch_ms: START_MS - HOUR_MS,
    }
}

/// One interaction for each documented event, moved to one time.
fn documented() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/events");
    let files = fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let pages = paths.into_iter().map(read);
    let items = pages.flat_map(|page: Value| page["items"].as_array().unwrap().clone());
    items.map(|item| begun(&item, START_MS)).collect()
}

/// What is known to be hard to tell apart or to bring together.
fn made() -> Vec<Value> {
    let again = |queues| queue(30_000, Some(4_000), Some("Delivered"), queues, None);
    let mut requeued = call();
    push_event(&mut requeued, again(&["Orders"]));
    let mut twins = call();
    let twin = wait(&twins).clone();
    push_event(&mut twins, twin);
    let mut near = call();
    let mut close = wait(&near).clone();
    close["offset"] = json!(6_001);
    push_event(&mut near, close);
    let mut elsewhere = call();
    push_event(&mut elsewhere, again(&["Sales", "Everyone"]));
    let mut handed_on = call();
    let channels = handed_on["channels"].as_array_mut().unwrap();
    channels.insert(1, unanswered("05"));
    channels.push(agent("09", 58_000, 59_000, 20_000));
    let mut nameless = call();
    for channel in nameless["channels"].as_array_mut().unwrap() {
        channel["guid"] = Value::Null;
    }
    let twin = nameless["channels"][0].clone();
    nameless["channels"].as_array_mut().unwrap().insert(1, twin);
    let given_up = waited(Some("HangUp"), Some(3_000), Some(20_000));
    let before_the_epoch = begun(&call(), START_MS - HOUR_MS - 30_000);
    let all = [
        call(),
        requeued,
        twins,
        near,
        elsewhere,
        handed_on,
        nameless,
        given_up,
        before_the_epoch,
    ];
    let mut all: Vec<_> = (1..).zip(&all).map(|(n, item)| numbered(item, n)).collect();
    // Two interactions are one conversation.
    all[1]["conversationGuid"] = all[0]["conversationGuid"].clone();
    all
}

/// What the API may have said of an interaction until it said all of it.
fn versions(item: &Value) -> Vec<String> {
    let channels = item["channels"].as_array().map_or(0, Vec::len);
    let mut found: Vec<_> = (0..=channels).map(|known| ongoing(item, known)).collect();
    let mut spelled = ongoing(item, channels);
    spelled["guid"] = json!(item["guid"].as_str().unwrap().to_uppercase());
    found.push(spelled);
    found.push(item.clone());
    found.iter().map(Value::to_string).collect()
}

/// The interaction while it goes on and so many of its channels are known. The last event of the last
/// of them goes on too.
fn ongoing(item: &Value, channels: usize) -> Value {
    let mut item = item.clone();
    item["status"] = json!("Ongoing");
    for field in ["duration", "handleTime", "talkTime", "outcome"] {
        item[field] = Value::Null;
    }
    let Some(known) = item["channels"].as_array_mut() else {
        return item;
    };
    known.truncate(channels);
    for channel in known.iter_mut() {
        for field in ["duration", "handleTime", "endReason"] {
            channel[field] = Value::Null;
        }
    }
    let events = known.last_mut().map(|channel| &mut channel["events"]);
    let events = events.and_then(Value::as_array_mut);
    if let Some(event) = events.and_then(|events| events.last_mut()) {
        event["duration"] = Value::Null;
        if let Some(properties) = event["properties"].as_object_mut() {
            properties.remove("result");
        }
    }
    item
}
