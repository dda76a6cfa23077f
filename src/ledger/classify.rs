//! Our own closed classifications of an interaction and of a wait.

use crate::interaction::{Channel, Event, EventKind, Interaction, QueueDetails, Role, Status};
use crate::labels::Word;

/// How a wait ended.
pub fn category(result: Option<&str>) -> Word {
    match result {
        Some("Delivered") => Word::Answered,
        Some("HangUp") => Word::Abandoned,
        Some("AgentRecall" | "AgentTransfer") => Word::Agent,
        Some(
            "MaxEstimatedWaitTime"
            | "AgentDeclineBreakout"
            | "NoAgentsBreakout"
            | "QueueCapacityBreakout"
            | "QueueTimeBreakout"
            | "VoluntaryBreakout",
        ) => Word::Breakout,
        _ => Word::Unknown,
    }
}

/// A wait against its target; `short` is an abandonment too quick to count against anybody.
pub fn timing(category: Word, wait_ms: Option<u64>, target_ms: Option<i64>, short_ms: i64) -> Word {
    match (wait_ms, target_ms) {
        (Some(wait), _) if category == Word::Abandoned && wait < short_ms as u64 => Word::Short,
        (Some(wait), Some(target)) if wait <= target.max(0) as u64 => Word::Within,
        (Some(_), Some(_)) => Word::Late,
        _ => Word::NoTarget,
    }
}

/// Each queue event with the channel it stands in.
pub fn queue_events<'i, 'a>(
    interaction: &'i Interaction<'a>,
) -> impl Iterator<Item = (&'i Channel<'a>, &'i Event<'a>, &'i QueueDetails<'a>)> {
    interaction.channels.iter().flat_map(|channel| {
        let events = channel.events.iter();
        events.filter_map(move |event| Some((channel, event, event.queue.as_deref()?)))
    })
}

/// The last `Queue` event: the highest offset, then the last in the API's order.
pub fn last_queue<'i, 'a>(interaction: &'i Interaction<'a>) -> Option<&'i QueueDetails<'a>> {
    queue_events(interaction)
        .filter(|(_, event, _)| event.kind == EventKind::Queue)
        .max_by_key(|(_, event, _)| event.offset_ms)
        .map(|(_, _, queue)| queue)
}

/// How often the customer queued.
pub fn times_queued(interaction: &Interaction<'_>) -> usize {
    queue_events(interaction)
        .filter(|(_, event, _)| event.kind == EventKind::Queue)
        .count()
}

/// Our own closed summary of how an interaction went; the API's list of outcomes is not public.
pub fn path(interaction: &Interaction<'_>) -> Word {
    let outbound = interaction.direction.as_deref() == Some("Outbound");
    let agent = interaction
        .agents()
        .any(|channel| channel.connected_ms().is_some());
    let offered = interaction.agents().next().is_some();
    let other_party = (interaction.channels.iter())
        .any(|channel| channel.role == Role::External && channel.connected_ms().is_some());
    let last_queue = last_queue(interaction);
    if interaction.status == Status::InternalError {
        return Word::Failed;
    }
    if agent && (other_party || !outbound) {
        return Word::Handled;
    }
    match last_queue.map(|queue| category(queue.result.as_deref())) {
        Some(Word::Abandoned) => return Word::Abandoned,
        Some(Word::Breakout) => return Word::Breakout,
        _ => {}
    }
    match (outbound, agent, offered) {
        (true, true, _) | (true, _, false) => Word::Unconnected,
        (_, false, true) => Word::AgentUnanswered,
        _ if last_queue.is_none() => Word::SelfService,
        _ => Word::Unknown,
    }
}

/// Whether two or more distinct agents were connected, and if so whether the first one only asked
/// a colleague (`consult`) or handed over (`transfer`).
pub fn transfer(interaction: &Interaction<'_>) -> Option<Word> {
    // An agent without an id is told apart by its channel. What has no end lasted as long as the
    // interaction. Wrap-up does not count: it says nothing about who stayed with the customer.
    let total_ms = interaction.end_ms() - interaction.start_ms;
    let mut connected: Vec<(i64, u64, i64)> = (interaction.agents())
        .flat_map(|channel| {
            let agent = channel.party.unwrap_or(channel.id);
            channel
                .events
                .iter()
                .filter(|event| event.kind == EventKind::Connected)
                .map(move |event| {
                    let until = event
                        .duration_ms
                        .map(|ms| event.offset_ms.saturating_add(ms));
                    (event.offset_ms, agent, until.unwrap_or(total_ms))
                })
        })
        .collect();
    // Stable: of two connected in the same moment, the API's order says who was first.
    connected.sort_by_key(|(at_ms, _, _)| *at_ms);
    let (_, first, _) = *connected.first()?;
    let last_end = |own: bool| {
        let ends = connected
            .iter()
            .filter(|(_, agent, _)| (*agent == first) == own);
        ends.map(|(_, _, end)| *end).max()
    };
    let others = last_end(false)?;
    Some(if last_end(true)? > others {
        Word::Consult
    } else {
        Word::Transfer
    })
}

/// Milliseconds from the start to the first agent's connection.
pub fn time_to_agent(interaction: &Interaction<'_>) -> Option<i64> {
    interaction.agents().filter_map(Channel::connected_ms).min()
}
