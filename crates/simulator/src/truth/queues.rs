//! Facts about waits in queues.
use std::collections::BTreeSet;

use super::NONE;
use super::collector::{FactTime, TruthCollector};
use super::observed::{ObservedScript, category, reported_result};
use crate::script::{Detail, Event, NEVER, QueueDetail};

/// A hang-up before this much waiting is a short abandon.
const SHORT_ABANDON_MS: i64 = 5_000;

/// A wait compared with its target.
fn timing(result: Option<&str>, wait: Option<i64>, target: Option<i64>) -> &'static str {
    match (wait, target) {
        (Some(wait), _) if result == Some("HangUp") && wait < SHORT_ABANDON_MS => "short",
        (Some(wait), Some(target)) if wait <= target => "within",
        (Some(_), Some(_)) => "late",
        _ => "no_target",
    }
}

/// One wait, with what all its families share.
struct Wait<'a> {
    observed: &'a ObservedScript<'a>,
    event: &'a Event,
    detail: &'a QueueDetail,
    result: Option<&'static str>,
    duration: Option<i64>,
    exit: FactTime,
}

/// The families of the waits of one kind of queue.
struct ExitFamilies {
    exits: &'static str,
    waits: &'static str,
}

const QUEUE: ExitFamilies = ExitFamilies {
    exits: "vcc_queue_exits_total",
    waits: "vcc_queue_wait_seconds",
};
const AGENT_QUEUE: ExitFamilies = ExitFamilies {
    exits: "vcc_agent_queue_exits_total",
    waits: "vcc_agent_queue_wait_seconds",
};

pub(super) fn add(collector: &mut TruthCollector, observed: &ObservedScript<'_>) {
    for event in observed.script.events() {
        match &event.detail {
            Detail::Queue(detail) => {
                let wait = wait(observed, event, detail);
                entries(collector, &wait);
                acd(collector, &wait);
                exits(collector, &wait, &QUEUE);
                service_level(collector, &wait);
            }
            Detail::AgentQueue(detail) => {
                exits(collector, &wait(observed, event, detail), &AGENT_QUEUE);
            }
            _ => {}
        }
    }
}

fn wait<'a>(
    observed: &'a ObservedScript<'a>,
    event: &'a Event,
    detail: &'a QueueDetail,
) -> Wait<'a> {
    let result = reported_result(event, detail);
    let duration = (event.settled < NEVER).then_some(event.duration);
    // A wait without a reported result ends with its interaction.
    let finished = if result.is_some() {
        observed.seen(event.settled)
    } else {
        observed.ended
    };
    let end = duration.map_or(observed.script.duration.value, |duration| {
        event.offset + duration
    });
    // A wait counts in all its families at the same time, when all its names are known.
    let is_named = event.name.is_some() && !detail.queues.is_empty();
    Wait {
        observed,
        event,
        detail,
        result,
        duration,
        exit: FactTime {
            seen: observed.named(finished.max(observed.group_known()), is_named),
            happened: observed.moment(end),
        },
    }
}

impl<'a> Wait<'a> {
    fn base(&self) -> [(&'static str, &'a str); 3] {
        [
            ("medium", self.observed.medium),
            ("direction", self.observed.direction),
            ("reporting_group", self.observed.group),
        ]
    }

    /// The distinct queues named, or `none`.
    fn queues(&self) -> BTreeSet<&'a str> {
        let named: BTreeSet<&str> = self.detail.queues.iter().map(String::as_str).collect();
        if named.is_empty() {
            BTreeSet::from([NONE])
        } else {
            named
        }
    }

    fn target(&self, queue: &str) -> Option<i64> {
        self.detail
            .targets
            .iter()
            .find(|(name, _)| name == queue)
            .map(|(_, target)| *target)
    }
}

fn entries(collector: &mut TruthCollector, wait: &Wait<'_>) {
    let happened = wait.observed.moment(wait.event.offset);
    let first = wait.observed.seen(wait.event.seen);
    let is_named = !wait.detail.queues.is_empty();
    let seen = wait
        .observed
        .named(first.max(wait.observed.group_known()), is_named);
    for queue in wait.queues() {
        let [medium, direction, group] = wait.base();
        let labels = [medium, direction, ("virtual_queue", queue), group];
        collector.count(
            FactTime { seen, happened },
            "vcc_queue_entries_total",
            &labels,
        );
    }
    for skill in &wait.detail.skills {
        collector.count(
            FactTime {
                seen: first,
                happened,
            },
            "vcc_queue_skill_requests_total",
            &[("skill", skill)],
        );
    }
}

fn acd(collector: &mut TruthCollector, wait: &Wait<'_>) {
    let [medium, direction, group] = wait.base();
    let shortest = wait.detail.targets.iter().map(|(_, target)| *target).min();
    let labels = [
        medium,
        direction,
        ("acd_queue", wait.event.name.as_deref().unwrap_or(NONE)),
        group,
        ("result", wait.result.unwrap_or(NONE)),
        ("timing", timing(wait.result, wait.duration, shortest)),
    ];
    collector.count(wait.exit, "vcc_acd_queue_exits_total", &labels);
    if let Some(duration) = wait.duration {
        let labels = [
            medium,
            direction,
            group,
            ("category", category(wait.result)),
        ];
        collector.observe(wait.exit, "vcc_acd_queue_wait_seconds", &labels, duration);
    }
}

fn exits(collector: &mut TruthCollector, wait: &Wait<'_>, families: &ExitFamilies) {
    let [medium, direction, group] = wait.base();
    for queue in wait.queues() {
        let queue_label = ("virtual_queue", queue);
        let timing = timing(wait.result, wait.duration, wait.target(queue));
        let result = ("result", wait.result.unwrap_or(NONE));
        collector.count(
            wait.exit,
            families.exits,
            &[
                medium,
                direction,
                queue_label,
                group,
                result,
                ("timing", timing),
            ],
        );
        if let Some(duration) = wait.duration {
            let labels = [
                medium,
                direction,
                queue_label,
                group,
                ("category", category(wait.result)),
            ];
            collector.observe(wait.exit, families.waits, &labels, duration);
        }
    }
}

fn service_level(collector: &mut TruthCollector, wait: &Wait<'_>) {
    let [medium, direction, group] = wait.base();
    for queue in wait.queues() {
        let timing = timing(wait.result, wait.duration, wait.target(queue));
        let counts = match category(wait.result) {
            "answered" | "breakout" => timing != "no_target",
            "abandoned" => timing != "no_target" && timing != "short",
            _ => false,
        };
        if !counts {
            continue;
        }
        let labels = [medium, direction, ("virtual_queue", queue), group];
        collector.count(wait.exit, "vcc_service_level_eligible_total", &labels);
        if timing == "within" && wait.result == Some("Delivered") {
            collector.count(wait.exit, "vcc_service_level_met_total", &labels);
        }
    }
}
