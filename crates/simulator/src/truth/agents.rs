//! Facts about channels: their ends, offers to agents and the agents' work, outbound attempts.
use super::NONE;
use super::collector::{FactTime, TruthCollector};
use super::observed::{ObservedScript, reported_result};
use crate::script::{Channel, Detail, Event, NEVER, QueueDetail, Role};

/// An offer of the interaction to an agent.
struct Offer<'a> {
    result: &'static str,
    queue: &'a str,
    /// When result and queue were known, in Unix milliseconds.
    known: i64,
}

pub(super) fn add(collector: &mut TruthCollector, observed: &ObservedScript<'_>) {
    for channel in &observed.script.channels {
        end(collector, observed, channel);
        match channel.role {
            Role::Agent => agent(collector, observed, channel),
            Role::External if observed.direction == "Outbound" => {
                attempt(collector, observed, channel)
            }
            _ => {}
        }
    }
}

/// Whether the end of a channel is reported before its interaction counts as ended.
fn end_is_reported(observed: &ObservedScript<'_>, channel: &Channel) -> bool {
    channel.duration.from < NEVER && observed.seen(channel.duration.from) <= observed.ended
}

fn ended_at(observed: &ObservedScript<'_>, channel: &Channel) -> i64 {
    if end_is_reported(observed, channel) {
        observed.moment(channel.offset + channel.duration.value)
    } else {
        observed.moment(observed.script.duration.value)
    }
}

fn end(collector: &mut TruthCollector, observed: &ObservedScript<'_>, channel: &Channel) {
    let integration_known = match channel.integration {
        Some(_) => observed.channel_ended(channel),
        None => observed.ended,
    };
    let reason = if end_is_reported(observed, channel) {
        channel.end_reason
    } else {
        NONE
    };
    let reason_known = if reason == NONE { observed.ended } else { 0 };
    let when = FactTime {
        seen: integration_known
            .max(reason_known)
            .max(observed.channel_ended(channel))
            .max(observed.medium_known()),
        happened: ended_at(observed, channel),
    };
    let labels = [
        ("medium", observed.medium),
        ("role", channel.role.name()),
        ("end_reason", reason),
        ("integration_type", channel.integration.unwrap_or(NONE)),
    ];
    collector.count(when, "vcc_channels_ended_total", &labels);
}

fn attempt(collector: &mut TruthCollector, observed: &ObservedScript<'_>, channel: &Channel) {
    let result = match channel.connected() {
        Some(_) => "connected",
        None => "unconnected",
    };
    let when = FactTime {
        seen: observed.channel_ended(channel).max(observed.kind_known()),
        happened: ended_at(observed, channel),
    };
    let labels = [("medium", observed.medium), ("result", result)];
    collector.count(when, "vcc_outbound_attempts_total", &labels);
}

/// The waits of the script, with their details.
fn waits<'a>(observed: &ObservedScript<'a>) -> impl Iterator<Item = (&'a Event, &'a QueueDetail)> {
    let events = observed.script.events();
    events.filter_map(|event| match &event.detail {
        Detail::Queue(detail) | Detail::AgentQueue(detail) => Some((event, detail)),
        _ => None,
    })
}

fn offer<'a>(observed: &ObservedScript<'a>, channel: &'a Channel) -> Offer<'a> {
    let mut known = observed.channel_ended(channel);
    for (event, detail) in waits(observed).filter(|(event, _)| event.offset <= channel.offset) {
        // Which wait made the offer is certain only when every earlier wait has ended.
        let finished = match reported_result(event, detail) {
            Some(_) => observed.seen(event.settled),
            None => observed.ended,
        };
        known = known.max(finished.min(observed.ended));
    }
    let offering = waits(observed).find(|(_, detail)| Some(detail.number) == channel.offered_by);
    let queue = match offering {
        Some((_, detail)) if detail.queues.is_empty() => {
            known = known.max(observed.ended);
            NONE
        }
        Some((_, detail)) => &detail.queues[0],
        None => NONE,
    };
    let hung_up =
        offering.is_some_and(|(event, detail)| reported_result(event, detail) == Some("HangUp"));
    let result = match channel.connected() {
        Some(_) => "answered",
        // In these scenarios a phone that is ringing when the caller hangs up rings until then.
        None if hung_up => "caller_left",
        None => "unanswered",
    };
    Offer {
        result,
        queue,
        known,
    }
}

fn agent(collector: &mut TruthCollector, observed: &ObservedScript<'_>, channel: &Channel) {
    let offer = offer(observed, channel);
    let happened = ended_at(observed, channel);
    let [medium, direction] = [
        ("medium", observed.medium),
        ("direction", observed.direction),
    ];
    let (queue, group) = (
        ("virtual_queue", offer.queue),
        ("reporting_group", observed.group),
    );
    let result = ("result", offer.result);
    let seen = offer.known.max(observed.group_known());
    collector.count(
        FactTime { seen, happened },
        "vcc_agent_offers_total",
        &[medium, direction, queue, group, result],
    );
    if let Some(Some(handle)) = &channel.handle {
        let when = FactTime {
            seen: seen.max(observed.seen(handle.from)),
            happened,
        };
        let labels = [medium, direction, queue, group];
        collector.observe(when, "vcc_agent_handle_seconds", &labels, handle.value);
    }
    for event in &channel.events {
        let Some(when) = observed.measured(channel, event) else {
            continue;
        };
        match event.detail {
            Detail::Ringing => {
                let when = FactTime {
                    seen: when.seen.max(offer.known).max(observed.kind_known()),
                    ..when
                };
                let labels = [medium, direction, result];
                collector.observe(when, "vcc_agent_ring_seconds", &labels, event.duration);
            }
            Detail::Wrap => {
                let when = FactTime {
                    seen: when.seen.max(observed.group_known()),
                    ..when
                };
                let labels = [medium, direction, group];
                collector.observe(when, "vcc_agent_wrap_seconds", &labels, event.duration);
            }
            _ => {}
        }
    }
}
