//! Tallies one script's waits in queues.
use std::collections::BTreeSet;

use super::script::{Detail, Event, NEVER, QueueDetail};
use super::stories::BREAKOUTS;
use super::tally::{Case, NONE};
use super::truth::{Book, When};

/// A hang-up before this much waiting is a short abandon.
const SHORT_ABANDON_MS: i64 = 5_000;

/// The result as far as it is ever told: without a duration there is none, for the two come together.
pub(super) fn told(event: &Event, detail: &QueueDetail) -> Option<&'static str> {
    if event.settled < NEVER {
        detail.result
    } else {
        None
    }
}

/// The kind of result.
pub(super) fn category(result: Option<&str>) -> &'static str {
    match result {
        Some("Delivered") => "answered",
        Some("HangUp") => "abandoned",
        Some("AgentRecall" | "AgentTransfer") => "agent",
        Some(result) if BREAKOUTS.contains(&result) => "breakout",
        _ => "unknown",
    }
}

/// How a wait compares with its target.
fn timing(result: Option<&str>, wait: Option<i64>, target: Option<i64>) -> &'static str {
    match (wait, target) {
        (Some(wait), _) if result == Some("HangUp") && wait < SHORT_ABANDON_MS => "short",
        (Some(wait), Some(target)) if wait <= target => "within",
        (Some(_), Some(_)) => "late",
        _ => "no_target",
    }
}

/// One wait with what is to be said about it in every family.
struct Wait<'a> {
    case: &'a Case<'a>,
    event: &'a Event,
    detail: &'a QueueDetail,
    result: Option<&'static str>,
    duration: Option<i64>,
    exit: When,
}

/// Adds every fact of this case's waits.
pub(super) fn tally(book: &mut Book, case: &Case<'_>) {
    for event in case
        .script
        .channels
        .iter()
        .flat_map(|channel| &channel.events)
    {
        match &event.detail {
            Detail::Queue(detail) => {
                let wait = wait(case, event, detail);
                entries(book, &wait);
                acd(book, &wait);
                exits(
                    book,
                    &wait,
                    ["vcc_queue_exits_total", "vcc_queue_wait_seconds"],
                );
                service_level(book, &wait);
            }
            Detail::AgentQueue(detail) => {
                let wait = wait(case, event, detail);
                exits(
                    book,
                    &wait,
                    [
                        "vcc_agent_queue_exits_total",
                        "vcc_agent_queue_wait_seconds",
                    ],
                );
            }
            _ => {}
        }
    }
}

fn wait<'a>(case: &'a Case<'a>, event: &'a Event, detail: &'a QueueDetail) -> Wait<'a> {
    let result = told(event, detail);
    let duration = (event.settled < NEVER).then_some(event.duration);
    // A wait whose result is never told is over when its interaction is.
    let finished = if result.is_some() {
        case.seen(event.settled)
    } else {
        case.ended
    };
    let end = duration.map_or(case.script.duration.value, |duration| {
        event.offset + duration
    });
    // A wait counts in all its families at once, when all its names are known.
    let is_named = event.name.is_some() && !detail.queues.is_empty();
    Wait {
        case,
        event,
        detail,
        result,
        duration,
        exit: When {
            seen: case.named(finished.max(case.group_known()), is_named),
            happened: case.moment(end),
        },
    }
}

impl<'a> Wait<'a> {
    fn base(&self) -> [(&'static str, &'a str); 3] {
        [
            ("medium", self.case.medium),
            ("direction", self.case.direction),
            ("reporting_group", self.case.group),
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

fn entries(book: &mut Book, wait: &Wait<'_>) {
    let happened = wait.case.moment(wait.event.offset);
    let first = wait.case.seen(wait.event.seen);
    let is_named = !wait.detail.queues.is_empty();
    let seen = wait
        .case
        .named(first.max(wait.case.group_known()), is_named);
    for queue in wait.queues() {
        let [medium, direction, group] = wait.base();
        let labels = [medium, direction, ("virtual_queue", queue), group];
        book.count(When { seen, happened }, "vcc_queue_entries_total", &labels);
    }
    for skill in &wait.detail.skills {
        book.count(
            When {
                seen: first,
                happened,
            },
            "vcc_queue_skill_requests_total",
            &[("skill", skill)],
        );
    }
}

fn acd(book: &mut Book, wait: &Wait<'_>) {
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
    book.count(wait.exit, "vcc_acd_queue_exits_total", &labels);
    if let Some(duration) = wait.duration {
        let labels = [
            medium,
            direction,
            group,
            ("category", category(wait.result)),
        ];
        book.observe(wait.exit, "vcc_acd_queue_wait_seconds", &labels, duration);
    }
}

fn exits(book: &mut Book, wait: &Wait<'_>, [exits, waits]: [&'static str; 2]) {
    let [medium, direction, group] = wait.base();
    for queue in wait.queues() {
        let queue_label = ("virtual_queue", queue);
        let timing = timing(wait.result, wait.duration, wait.target(queue));
        let result = ("result", wait.result.unwrap_or(NONE));
        book.count(
            wait.exit,
            exits,
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
            book.observe(wait.exit, waits, &labels, duration);
        }
    }
}

fn service_level(book: &mut Book, wait: &Wait<'_>) {
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
        book.count(wait.exit, "vcc_service_level_eligible_total", &labels);
        if timing == "within" && wait.result == Some("Delivered") {
            book.count(wait.exit, "vcc_service_level_met_total", &labels);
        }
    }
}
