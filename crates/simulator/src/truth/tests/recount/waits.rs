//! Counts the waits in queues.
use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{Count, Labels, category, list, number, text};

fn timing(result: &str, wait: Option<i64>, target: Option<i64>) -> String {
    let timing = match (wait, target) {
        (Some(wait), _) if result == "HangUp" && wait < 5_000 => "short",
        (Some(wait), Some(target)) => ["late", "within"][usize::from(wait <= target)],
        _ => "no_target",
    };
    timing.to_owned()
}

pub(super) fn add(count: &mut Count, event: &Json, kind: &Labels, group: &str, ended: bool) {
    let properties = &event["properties"];
    let agent = event["type"] == "AgentQueue";
    let result = text(&properties["result"]);
    let named = text(&event["name"]) != "none" && !list(&properties["virtualQueues"]).is_empty();
    let finished = (result != "none" && named) || ended;
    let duration = number(&event["duration"]).filter(|_| finished);
    let mut base = kind.clone();
    base.push(("reporting_group", group.to_owned()));
    let target_of = |queue: &str| {
        list(&properties["targets"])
            .iter()
            .find(|it| text(&it["virtualQueue"]) == queue)
            .and_then(|it| number(&it["targetTimeToAnswer"]))
    };
    let mut queues: BTreeSet<String> = list(&properties["virtualQueues"])
        .iter()
        .map(text)
        .collect();
    if queues.is_empty() {
        queues.insert("none".to_owned());
    }
    let with = |more: &[(&'static str, &str)]| {
        let mut labels = base.clone();
        labels.extend(
            more.iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        );
        labels
    };
    let category = category(&result);
    let prefix = if agent {
        "vcc_agent_queue"
    } else {
        "vcc_queue"
    };
    for queue in &queues {
        let timing = timing(&result, duration, target_of(queue));
        if !agent {
            count.add(
                "vcc_queue_entries_total",
                &with(&[("virtual_queue", queue)]),
                0,
            );
        }
        if finished {
            let labels = with(&[
                ("virtual_queue", queue),
                ("result", &result),
                ("timing", &timing),
            ]);
            count.add(&format!("{prefix}_exits_total"), &labels, 0);
        }
        if let Some(duration) = duration {
            let labels = with(&[("virtual_queue", queue), ("category", category)]);
            count.add(&format!("{prefix}_wait_seconds"), &labels, duration);
        }
        let in_formula = ["answered", "abandoned", "breakout"].contains(&category);
        if !agent && finished && in_formula && !["short", "no_target"].contains(&timing.as_str()) {
            count.add(
                "vcc_service_level_eligible_total",
                &with(&[("virtual_queue", queue)]),
                0,
            );
            if category == "answered" && timing == "within" {
                count.add(
                    "vcc_service_level_met_total",
                    &with(&[("virtual_queue", queue)]),
                    0,
                );
            }
        }
    }
    if agent {
        return;
    }
    for skill in list(&properties["presentedSkills"]) {
        count.add(
            "vcc_queue_skill_requests_total",
            &[("skill", text(skill))],
            0,
        );
    }
    if finished {
        let shortest = list(&properties["targets"])
            .iter()
            .filter_map(|it| number(&it["targetTimeToAnswer"]))
            .min();
        let timing = timing(&result, duration, shortest);
        let labels = with(&[
            ("acd_queue", &text(&event["name"])),
            ("result", &result),
            ("timing", &timing),
        ]);
        count.add("vcc_acd_queue_exits_total", &labels, 0);
    }
    if let Some(duration) = duration {
        count.add(
            "vcc_acd_queue_wait_seconds",
            &with(&[("category", category)]),
            duration,
        );
    }
}
