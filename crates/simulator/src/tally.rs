//! Tallies one script's facts about the interaction as a whole; its waits, its channels and its
//! events are told in the files beside this one.
//!
//! This works on what the script knows to have happened, never on the JSON made from it, so that it cannot
//! share a misreading with whoever reads that JSON.
use std::collections::BTreeSet;

use super::config::{DAY_MS, HOUR_MS};
use super::script::{Channel, Detail, Event, Known, NEVER, QueueDetail, Role, Script};
use super::truth::{Book, When};
use super::{tally_agents, tally_events, tally_queues};

/// A version that could be seen: its moment in the script, and when it became visible in Unix milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sighting {
    pub(super) at: i64,
    pub(super) seen_ms: i64,
}

/// One script and what has been seen of it.
pub(super) struct Case<'a> {
    pub(super) script: &'a Script,
    sightings: &'a [Sighting],
    /// When the interaction counts as ended, or `NEVER`.
    pub(super) ended: i64,
    pub(super) medium: &'a str,
    pub(super) direction: &'a str,
    pub(super) group: &'a str,
}

/// What the API leaves null counts as this.
pub(super) const NONE: &str = "none";

/// Adds every fact of this script that belongs to the interaction or its queues.
pub(super) fn tally(book: &mut Book, script: &Script, sightings: &[Sighting]) {
    let mut case = Case {
        script,
        sightings,
        ended: NEVER,
        medium: script.medium.value.as_deref().unwrap_or(NONE),
        direction: script.direction.value.unwrap_or(NONE),
        group: script.group.value.as_deref().unwrap_or(NONE),
    };
    case.ended = ended(&case);
    started(book, &case);
    ends(book, &case);
    expired(book, &case);
    tally_queues::tally(book, &case);
    tally_agents::tally(book, &case);
    tally_events::tally(book, &case);
}

/// When the length of an event was known for good: it was told, and its channel or the interaction
/// was over. None if it is never told.
pub(super) fn measured(case: &Case<'_>, channel: &Channel, event: &Event) -> Option<When> {
    let told = tally_events::duration_from(event);
    if told == NEVER {
        return None;
    }
    let over = case.seen(channel.duration.from).min(case.ended);
    Some(When {
        seen: case.seen(told).max(over),
        happened: case.moment(event.offset.saturating_add(event.duration)),
    })
}

/// Ended: the status is final, the duration known and every channel over, or an hour after it was final.
fn ended(case: &Case<'_>) -> i64 {
    let channels = case
        .script
        .channels
        .iter()
        .map(|channel| channel.duration.from);
    let all_over = channels.fold(case.script.duration.from, i64::max);
    let an_hour_later = case.seen(case.script.duration.from).saturating_add(HOUR_MS);
    case.seen(all_over).min(an_hour_later)
}

impl Case<'_> {
    /// When something known from this moment on was first visible.
    pub(super) fn seen(&self, moment: i64) -> i64 {
        self.sightings
            .iter()
            .find(|sighting| sighting.at >= moment)
            .map_or(NEVER, |sighting| sighting.seen_ms)
    }

    /// When a label was known: a null one is known to be null only once the interaction has ended.
    fn label<T>(&self, label: &Known<Option<T>>) -> i64 {
        if label.value.is_some() {
            self.seen(label.from).min(self.ended)
        } else {
            self.ended
        }
    }

    /// When the medium was known.
    pub(super) fn medium_known(&self) -> i64 {
        self.label(&self.script.medium)
    }

    /// When medium and direction were known.
    pub(super) fn kind_known(&self) -> i64 {
        self.label(&self.script.medium)
            .max(self.label(&self.script.direction))
    }

    /// When medium, direction and reporting group were known.
    pub(super) fn group_known(&self) -> i64 {
        self.kind_known().max(self.label(&self.script.group))
    }

    /// When a fact that bears a name may count: one without a name waits for the end.
    pub(super) fn named(&self, seen: i64, is_named: bool) -> i64 {
        if is_named { seen } else { seen.max(self.ended) }
    }

    /// The moment of the script in Unix milliseconds.
    pub(super) fn moment(&self, offset: i64) -> i64 {
        self.script.start_ms.saturating_add(offset)
    }

    /// The `Queue` events in the order in which they happened.
    pub(super) fn queues(&self) -> Vec<(&Event, &QueueDetail)> {
        let events = self
            .script
            .channels
            .iter()
            .flat_map(|channel| &channel.events);
        let mut waits: Vec<_> = events
            .filter_map(|event| match &event.detail {
                Detail::Queue(queue) => Some((event, queue)),
                _ => None,
            })
            .collect();
        waits.sort_by_key(|(event, _)| event.offset);
        waits
    }
}

fn started(book: &mut Book, case: &Case<'_>) {
    let manager = case.script.manager;
    let manager_known = if manager.is_some() {
        case.seen(0)
    } else {
        case.ended
    };
    let happened = case.script.start_ms;
    let kind = [("medium", case.medium), ("direction", case.direction)];
    let when = When {
        seen: case.kind_known().max(manager_known),
        happened,
    };
    let labels = [
        kind[0],
        kind[1],
        ("medium_manager", manager.unwrap_or(NONE)),
    ];
    book.count(when, "vcc_interactions_started_total", &labels);
    // A callback belongs to the conversation of the call that asked for it.
    if case.script.kind != super::script::Kind::Callback {
        book.count(
            When {
                seen: case.kind_known(),
                happened,
            },
            "vcc_conversations_started_total",
            &kind,
        );
    }
}

fn ends(book: &mut Book, case: &Case<'_>) {
    let script = case.script;
    let happened = case.moment(script.duration.value);
    let when = When {
        seen: case.ended,
        happened,
    };
    let waits = case.queues();
    let queue = waits.last().and_then(|(_, detail)| detail.queues.first());
    let five = [
        ("medium", case.medium),
        ("direction", case.direction),
        ("outcome", script.outcome.value.unwrap_or(NONE)),
        ("virtual_queue", queue.map_or(NONE, String::as_str)),
        ("reporting_group", case.group),
    ];
    let mut labels = five.to_vec();
    labels.push(("path", path(case)));
    labels.push(("medium_manager", script.manager.unwrap_or(NONE)));
    book.count(when, "vcc_interactions_total", &labels);
    book.observe(
        when,
        "vcc_interaction_duration_seconds",
        &five,
        script.duration.value,
    );
    let late = [
        (&script.handle, "vcc_interaction_handle_seconds"),
        (&script.talk, "vcc_interaction_talk_seconds"),
    ];
    for (value, family) in late {
        if let Some(known) = value {
            let when = When {
                seen: case.ended.max(case.seen(known.from)),
                happened,
            };
            book.observe(when, family, &five, known.value);
        }
    }
    let kind = &five[..2];
    if let Some(first) = agents(script)
        .filter_map(Channel::connected)
        .map(|(from, _)| from)
        .min()
    {
        book.observe(when, "vcc_interaction_time_to_agent_seconds", kind, first);
    }
    let group = [five[0], five[1], five[4]];
    if let Some(transfer) = transfer(script) {
        let labels = [group[0], group[1], group[2], ("kind", transfer)];
        book.count(when, "vcc_interactions_transferred_total", &labels);
    }
    if waits.len() >= 2 {
        book.count(when, "vcc_interactions_requeued_total", &group);
    }
    if let Some(moment) = script.categorized {
        let seen = case.seen(moment).max(case.label(&script.medium));
        let when = When {
            seen,
            happened: case.moment(moment),
        };
        book.count(when, "vcc_interactions_categorized_total", &five[..1]);
    }
}

/// Open and not heard of for longer than its medium allows: counted once, when that time is over.
fn expired(book: &mut Book, case: &Case<'_>) {
    let bound = if case.medium.starts_with("Phone") {
        DAY_MS
    } else {
        30 * DAY_MS
    };
    let open = case
        .sightings
        .iter()
        .filter(|sighting| sighting.seen_ms < case.ended);
    let silent = open.map(|sighting| {
        let next = case
            .sightings
            .iter()
            .map(|it| it.seen_ms)
            .find(|next| *next > sighting.seen_ms);
        (
            sighting.seen_ms + bound,
            next.unwrap_or(NEVER).min(case.ended),
        )
    });
    let first = silent
        .filter(|(over, next)| over < next)
        .map(|(over, _)| over)
        .min();
    if let Some(over) = first {
        let labels = [("medium", case.medium), ("direction", case.direction)];
        book.count(
            When {
                seen: over,
                happened: over,
            },
            "vcc_interactions_expired_total",
            &labels,
        );
    }
}

fn agents(script: &Script) -> impl Iterator<Item = &Channel> {
    script
        .channels
        .iter()
        .filter(|channel| channel.role == Role::Agent)
}

/// Which way the interaction went; the order of these questions is part of the definition.
fn path(case: &Case<'_>) -> &'static str {
    let script = case.script;
    let agent_connected = agents(script).any(|channel| channel.connected().is_some());
    let external =
        |channel: &Channel| channel.role == Role::External && channel.connected().is_some();
    let outbound = case.direction == "Outbound";
    let party_connected = script.channels.iter().any(external);
    let waits = case.queues();
    let last = waits
        .last()
        .map(|(event, detail)| tally_queues::category(tally_queues::told(event, detail)));
    if script.status == super::script::StatusStyle::Failed {
        "failed"
    } else if agent_connected && (!outbound || party_connected) {
        "handled"
    } else if last == Some("abandoned") {
        "abandoned"
    } else if last == Some("breakout") {
        "breakout"
    } else if outbound && agent_connected {
        "unconnected"
    } else if agents(script).next().is_some() {
        "agent_unanswered"
    } else if outbound {
        "unconnected"
    } else if waits.is_empty() {
        "self_service"
    } else {
        "unknown"
    }
}

/// Whether two distinct agents were connected, and whether the first stayed longest.
fn transfer(script: &Script) -> Option<&'static str> {
    let mut talks: Vec<_> = agents(script)
        .filter_map(|channel| {
            channel
                .connected()
                .map(|(from, to)| (from, to, &channel.party))
        })
        .collect();
    talks.sort_by_key(|(from, ..)| *from);
    let distinct: BTreeSet<_> = talks.iter().map(|(_, _, party)| party).collect();
    if distinct.len() < 2 {
        return None;
    }
    let first_until = talks
        .iter()
        .filter(|(_, _, party)| *party == talks[0].2)
        .map(|(_, to, _)| *to)
        .max()?;
    let others_until = talks
        .iter()
        .filter(|(_, _, party)| *party != talks[0].2)
        .map(|(_, to, _)| *to)
        .max()?;
    Some(if first_until > others_until {
        "consult"
    } else {
        "transfer"
    })
}
