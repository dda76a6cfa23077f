//! Tallies what one script's channels were: ends, offers to agents and their work, parties dialled.
use super::script::{Channel, Detail, Event, NEVER, QueueDetail, Role};
use super::tally::{Case, NONE, measured};
use super::tally_queues::told;
use super::truth::{Book, When};

/// What became of an offer, under which queue, and when that was known.
struct Offer<'a> {
    result: &'static str,
    queue: &'a str,
    known: i64,
}

/// Adds every fact of this case's channels as a whole.
pub(super) fn tally(book: &mut Book, case: &Case<'_>) {
    for channel in &case.script.channels {
        end(book, case, channel);
        match channel.role {
            Role::Agent => agent(book, case, channel),
            Role::External if case.direction == "Outbound" => attempt(book, case, channel),
            _ => {}
        }
    }
}

fn over(case: &Case<'_>, channel: &Channel) -> i64 {
    case.seen(channel.duration.from).min(case.ended)
}

/// Whether a channel's own end is told no later than its interaction is taken as ended.
fn end_is_told(case: &Case<'_>, channel: &Channel) -> bool {
    channel.duration.from < NEVER && case.seen(channel.duration.from) <= case.ended
}

fn ended_at(case: &Case<'_>, channel: &Channel) -> i64 {
    if end_is_told(case, channel) {
        case.moment(channel.offset + channel.duration.value)
    } else {
        case.moment(case.script.duration.value)
    }
}

fn end(book: &mut Book, case: &Case<'_>, channel: &Channel) {
    let integration_known = match channel.integration {
        Some(_) => over(case, channel),
        None => case.ended,
    };
    let reason = if end_is_told(case, channel) {
        channel.end_reason
    } else {
        NONE
    };
    let reason_known = if reason == NONE { case.ended } else { 0 };
    let when = When {
        seen: integration_known
            .max(reason_known)
            .max(over(case, channel))
            .max(case.medium_known()),
        happened: ended_at(case, channel),
    };
    let labels = [
        ("medium", case.medium),
        ("role", channel.role.name()),
        ("end_reason", reason),
        ("integration_type", channel.integration.unwrap_or(NONE)),
    ];
    book.count(when, "vcc_channels_ended_total", &labels);
}

fn attempt(book: &mut Book, case: &Case<'_>, channel: &Channel) {
    let result = match channel.connected() {
        Some(_) => "connected",
        None => "unconnected",
    };
    let when = When {
        seen: over(case, channel).max(case.kind_known()),
        happened: ended_at(case, channel),
    };
    let labels = [("medium", case.medium), ("result", result)];
    book.count(when, "vcc_outbound_attempts_total", &labels);
}

/// The waits of the script, with their details.
fn waits<'a>(case: &Case<'a>) -> impl Iterator<Item = (&'a Event, &'a QueueDetail)> {
    let events = (case.script.channels.iter()).flat_map(|channel| &channel.events);
    events.filter_map(|event| match &event.detail {
        Detail::Queue(detail) | Detail::AgentQueue(detail) => Some((event, detail)),
        _ => None,
    })
}

fn offer<'a>(case: &Case<'a>, channel: &'a Channel) -> Offer<'a> {
    let mut known = over(case, channel);
    for (event, detail) in waits(case).filter(|(event, _)| event.offset <= channel.offset) {
        // Whose offer it was is certain only when every wait that might have made it is over.
        let finished = match told(event, detail) {
            Some(_) => case.seen(event.settled),
            None => case.ended,
        };
        known = known.max(finished.min(case.ended));
    }
    let offering = waits(case).find(|(_, detail)| Some(detail.number) == channel.offered_by);
    let queue = match offering {
        Some((_, detail)) if detail.queues.is_empty() => {
            known = known.max(case.ended);
            NONE
        }
        Some((_, detail)) => &detail.queues[0],
        None => NONE,
    };
    let hung_up = offering.is_some_and(|(event, detail)| told(event, detail) == Some("HangUp"));
    let result = match channel.connected() {
        Some(_) => "answered",
        // In these stories a phone that rings when the caller hangs up rings until then.
        None if hung_up => "caller_left",
        None => "unanswered",
    };
    Offer {
        result,
        queue,
        known,
    }
}

fn agent(book: &mut Book, case: &Case<'_>, channel: &Channel) {
    let offer = offer(case, channel);
    let happened = ended_at(case, channel);
    let [medium, direction] = [("medium", case.medium), ("direction", case.direction)];
    let (queue, group) = (
        ("virtual_queue", offer.queue),
        ("reporting_group", case.group),
    );
    let result = ("result", offer.result);
    let seen = offer.known.max(case.group_known());
    book.count(
        When { seen, happened },
        "vcc_agent_offers_total",
        &[medium, direction, queue, group, result],
    );
    if let Some(Some(handle)) = &channel.handle {
        let when = When {
            seen: seen.max(case.seen(handle.from)),
            happened,
        };
        let labels = [medium, direction, queue, group];
        book.observe(when, "vcc_agent_handle_seconds", &labels, handle.value);
    }
    for event in &channel.events {
        let Some(when) = measured(case, channel, event) else {
            continue;
        };
        match event.detail {
            Detail::Ringing => {
                let when = When {
                    seen: when.seen.max(offer.known).max(case.kind_known()),
                    ..when
                };
                let labels = [medium, direction, result];
                book.observe(when, "vcc_agent_ring_seconds", &labels, event.duration);
            }
            Detail::Wrap => {
                let when = When {
                    seen: when.seen.max(case.group_known()),
                    ..when
                };
                let labels = [medium, direction, group];
                book.observe(when, "vcc_agent_wrap_seconds", &labels, event.duration);
            }
            _ => {}
        }
    }
}
