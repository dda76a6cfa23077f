//! A count of the JSON that the API shows, which shares no code with the truth.
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::time::parse;
use crate::{HOUR_MS, Include, Timeline};

mod waits;

type Labels = Vec<(&'static str, String)>;

/// Counts what the newest version of every item says.
#[derive(Default)]
pub(super) struct Count {
    pub(super) series: BTreeMap<(String, BTreeMap<String, String>), Vec<i64>>,
    /// The interaction is ongoing, so a label that is null may become known.
    ongoing: bool,
}

/// The families counted here: an interaction as a whole and its waits. What channels and events
/// add is a matter of single fields, and is held against the exporter's own count of weeks.
pub(super) const COUNTED: [&str; 20] = [
    "vcc_acd_queue_exits_total",
    "vcc_acd_queue_wait_seconds",
    "vcc_agent_queue_exits_total",
    "vcc_agent_queue_wait_seconds",
    "vcc_conversations_started_total",
    "vcc_interaction_duration_seconds",
    "vcc_interaction_handle_seconds",
    "vcc_interaction_talk_seconds",
    "vcc_interaction_time_to_agent_seconds",
    "vcc_interactions_categorized_total",
    "vcc_interactions_requeued_total",
    "vcc_interactions_started_total",
    "vcc_interactions_total",
    "vcc_interactions_transferred_total",
    "vcc_queue_entries_total",
    "vcc_queue_exits_total",
    "vcc_queue_skill_requests_total",
    "vcc_queue_wait_seconds",
    "vcc_service_level_eligible_total",
    "vcc_service_level_met_total",
];

/// A fact waits for these labels to become known.
const WAITS_FOR: [&str; 6] = [
    "medium",
    "direction",
    "medium_manager",
    "virtual_queue",
    "acd_queue",
    "reporting_group",
];

impl Count {
    fn add(&mut self, family: &str, labels: &[(&'static str, String)], observed: i64) {
        let null = |(name, value): &(&str, String)| WAITS_FOR.contains(name) && value == "none";
        if self.ongoing && labels.iter().any(null) {
            return;
        }
        let labels = labels
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        self.series
            .entry((family.to_owned(), labels))
            .or_default()
            .push(observed);
    }
}

fn text(value: &Json) -> String {
    value
        .as_str()
        .filter(|it| !it.is_empty())
        .unwrap_or("none")
        .to_owned()
}

fn number(value: &Json) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

pub(super) fn list(value: &Json) -> &[Json] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn is(value: &Json, expected: &str) -> bool {
    value
        .as_str()
        .is_some_and(|it| it.eq_ignore_ascii_case(expected))
}

fn category(result: &str) -> &'static str {
    match result {
        "Delivered" => "answered",
        "HangUp" => "abandoned",
        "AgentRecall" | "AgentTransfer" => "agent",
        "AgentUnavailable" | "none" => "unknown",
        _ => "breakout",
    }
}

/// When a channel's first talk began and its last one ended.
fn talk(channel: &Json) -> Option<(i64, i64)> {
    let talks = || {
        list(&channel["events"])
            .iter()
            .filter(|event| event["type"] == "Connected")
    };
    let from = talks().filter_map(|event| number(&event["offset"])).min()?;
    let to = talks()
        .filter_map(|event| Some(number(&event["offset"])? + number(&event["duration"])?))
        .max();
    Some((from, to.unwrap_or(from)))
}

/// Ended: a final status, a duration, and every channel over, or all but an hour ago.
fn has_ended(item: &Json, now_ms: i64) -> bool {
    let final_duration = number(&item["duration"]).filter(|_| !is(&item["status"], "Ongoing"));
    let Some(duration) = final_duration else {
        return false;
    };
    let start = parse(item["start"].as_str().expect("a start")).expect("a time");
    let all_over = list(&item["channels"])
        .iter()
        .all(|channel| !channel["duration"].is_null());
    // The version that reports the end comes up to three seconds after it.
    all_over || start + duration + HOUR_MS + 3_000 < now_ms
}

fn interaction(count: &mut Count, item: &Json, now_ms: i64, conversations: &mut BTreeSet<String>) {
    let kind: Labels = vec![
        ("medium", text(&item["medium"])),
        ("direction", text(&item["direction"])),
    ];
    let manager = ("medium_manager", text(&item["mediumManager"]));
    let ended = has_ended(item, now_ms);
    count.ongoing = !ended;
    let group = text(&item["interactionPlanMapping"]["reportingGroup"]);
    count.add(
        "vcc_interactions_started_total",
        &[kind.clone(), vec![manager.clone()]].concat(),
        0,
    );
    if conversations.insert(text(&item["conversationGuid"])) {
        count.add("vcc_conversations_started_total", &kind, 0);
    }
    if !item["categorizedAt"].is_null() {
        count.add("vcc_interactions_categorized_total", &kind[..1], 0);
    }
    let channels = list(&item["channels"]);
    let mut waits: Vec<&Json> = Vec::new();
    for event in channels.iter().flat_map(|channel| list(&channel["events"])) {
        if event["type"] == "Queue" || event["type"] == "AgentQueue" {
            waits::add(count, event, &kind, &group, ended);
        }
        if event["type"] == "Queue" {
            waits.push(event);
        }
    }
    if !ended {
        return;
    }
    waits.sort_by_key(|event| number(&event["offset"]));
    let last = waits
        .last()
        .map(|event| category(&text(&event["properties"]["result"])));
    let agents: Vec<&Json> = channels
        .iter()
        .filter(|channel| is(&channel["party"]["role"], "Agent"))
        .collect();
    let mut talks: Vec<(i64, i64, String)> = agents
        .iter()
        .filter_map(|it| talk(it).map(|(from, to)| (from, to, text(&it["party"]["id"]))))
        .collect();
    talks.sort();
    let party = channels
        .iter()
        .any(|it| is(&it["party"]["role"], "External") && talk(it).is_some());
    let outbound = kind[1].1 == "Outbound";
    let path = match last {
        _ if item["status"] == "InternalError" => "failed",
        _ if !talks.is_empty() && (party || !outbound) => "handled",
        Some("abandoned") => "abandoned",
        Some("breakout") => "breakout",
        _ if outbound && !talks.is_empty() => "unconnected",
        _ if !agents.is_empty() => "agent_unanswered",
        _ if outbound => "unconnected",
        None => "self_service",
        Some(_) => "unknown",
    };
    let queue = waits.last().map_or("none".to_owned(), |event| {
        text(&event["properties"]["virtualQueues"][0])
    });
    let five = [
        kind.clone(),
        vec![
            ("outcome", text(&item["outcome"])),
            ("virtual_queue", queue),
            ("reporting_group", group.clone()),
        ],
    ]
    .concat();
    count.add(
        "vcc_interactions_total",
        &[five.clone(), vec![("path", path.to_owned()), manager]].concat(),
        0,
    );
    for (family, field) in [
        ("duration", "duration"),
        ("handle", "handleTime"),
        ("talk", "talkTime"),
    ] {
        if let Some(observed) = number(&item[field]) {
            count.add(
                &format!("vcc_interaction_{family}_seconds"),
                &five,
                observed,
            );
        }
    }
    let grouped = [kind.clone(), vec![("reporting_group", group)]].concat();
    if let Some((first, _, agent)) = talks.first() {
        count.add("vcc_interaction_time_to_agent_seconds", &kind, *first);
        let others = talks
            .iter()
            .filter(|(.., other)| other != agent)
            .map(|(_, to, _)| *to)
            .max();
        if let Some(others) = others {
            let own = talks.iter().filter(|(.., other)| other == agent);
            let until = own.map(|(_, to, _)| *to).max();
            let kind = if until > Some(others) {
                "consult"
            } else {
                "transfer"
            };
            let labels = [grouped.clone(), vec![("kind", kind.to_owned())]].concat();
            count.add("vcc_interactions_transferred_total", &labels, 0);
        }
    }
    if waits.len() > 1 {
        count.add("vcc_interactions_requeued_total", &grouped, 0);
    }
}

pub(super) fn counted(timeline: &Timeline, now_ms: i64) -> Count {
    let ids = timeline.window(Include::Started, 0, i64::MAX);
    let item = |id| serde_json::from_str(&timeline.item(id).expect("an item")).expect("valid JSON");
    let mut items: Vec<Json> = ids.into_iter().map(item).collect();
    items.sort_by_key(|item| text(&item["guid"]));
    let (mut count, mut conversations) = (Count::default(), BTreeSet::new());
    for item in &items {
        interaction(&mut count, item, now_ms, &mut conversations);
    }
    count
}
