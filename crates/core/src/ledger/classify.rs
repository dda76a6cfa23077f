//! Our own closed classifications of an interaction and of a wait.

use crate::interaction::{Channel, Event, EventKind, Interaction, QueueDetails, Role, Status};
use crate::vocabulary::{AssistantOutcome, Category, Path, Timing, TransferKind};

/// How a wait ended.
pub(super) fn category(result: Option<&str>) -> Category {
    match result {
        Some("Delivered") => Category::Answered,
        Some("HangUp") => Category::Abandoned,
        Some("AgentRecall" | "AgentTransfer") => Category::Agent,
        Some(
            "MaxEstimatedWaitTime"
            | "AgentDeclineBreakout"
            | "NoAgentsBreakout"
            | "QueueCapacityBreakout"
            | "QueueTimeBreakout"
            | "VoluntaryBreakout",
        ) => Category::Breakout,
        _ => Category::Unknown,
    }
}

/// A wait against its target; `short` is an abandonment too quick to count against anybody.
pub(super) fn timing(
    category: Category,
    wait_ms: Option<u64>,
    target_ms: Option<i64>,
    short_ms: i64,
) -> Timing {
    match (wait_ms, target_ms) {
        (Some(wait), _) if category == Category::Abandoned && wait < short_ms as u64 => {
            Timing::Short
        }
        (Some(wait), Some(target)) if wait <= target.max(0) as u64 => Timing::Within,
        (Some(_), Some(_)) => Timing::Late,
        _ => Timing::NoTarget,
    }
}

/// Each event with the channel it stands in.
fn all_events<'i, 'a>(
    interaction: &'i Interaction<'a>,
) -> impl Iterator<Item = (&'i Channel<'a>, &'i Event<'a>)> {
    let channels = interaction.channels.iter();
    channels.flat_map(|channel| channel.events.iter().map(move |event| (channel, event)))
}

/// What each queue event names.
pub(super) fn queue_names<'i, 'a>(
    interaction: &'i Interaction<'a>,
) -> impl Iterator<Item = &'i QueueDetails<'a>> {
    all_events(interaction).filter_map(|(_, event)| event.queue.as_deref())
}

/// The last event of a kind: the highest offset, then the last in the API's order.
fn last<'i, 'a>(interaction: &'i Interaction<'a>, kind: EventKind) -> Option<&'i Event<'a>> {
    all_events(interaction)
        .map(|(_, event)| event)
        .filter(|event| event.kind == kind)
        .max_by_key(|event| event.offset_ms)
}

/// The last `Queue` event.
pub(super) fn last_queue<'i, 'a>(interaction: &'i Interaction<'a>) -> Option<&'i Event<'a>> {
    last(interaction, EventKind::Queue)
}

/// Which queue event offered an agent the interaction.
#[derive(Debug, Clone, Copy)]
pub(super) enum OfferSource<'i, 'a> {
    /// A wait that began no later than the agent's channel goes on; this is the best guess so far.
    Pending(Option<&'i Event<'a>>),
    /// This one: of those going on when the agent's channel began, the one that began last.
    Queue(&'i Event<'a>),
    /// None: the agent was called directly.
    Direct,
}

/// Which queue event offered an agent the interaction. Final once no wait is open that began
/// before the agent's channel did.
pub(super) fn offer<'i, 'a>(
    interaction: &'i Interaction<'a>,
    leg: &Channel<'_>,
) -> OfferSource<'i, 'a> {
    let mut unsettled = false;
    let mut best: Option<&Event<'_>> = None;
    for (_, event) in all_events(interaction) {
        if event.queue.is_none() || event.offset_ms > leg.offset_ms {
            continue;
        }
        unsettled |= event.value.is_none() || event.duration_ms.is_none();
        let until = event
            .duration_ms
            .map(|ms| event.offset_ms.saturating_add(ms));
        let covers = until.is_none_or(|until| until >= leg.offset_ms);
        if covers && best.is_none_or(|best| best.offset_ms <= event.offset_ms) {
            best = Some(event);
        }
    }
    match best {
        best if unsettled => OfferSource::Pending(best),
        Some(event) => OfferSource::Queue(event),
        None => OfferSource::Direct,
    }
}

/// The last virtual assistant's name and what became of the interaction after it: `agent`,
/// `queued` or `contained`; nothing if there was no assistant.
pub(super) fn assistant<'i>(
    interaction: &'i Interaction<'_>,
) -> Option<(Option<&'i str>, AssistantOutcome)> {
    let last = last(interaction, EventKind::VirtualAssistant)?;
    let mut agents = interaction.agents().peekable();
    let offered = agents.peek().is_some();
    let outturn = if agents.any(|channel| channel.connected_ms().is_some()) {
        AssistantOutcome::Agent
    } else if offered || last_queue(interaction).is_some() {
        AssistantOutcome::Queued
    } else {
        AssistantOutcome::Contained
    };
    Some((last.name.as_deref(), outturn))
}

/// How often the customer queued.
pub(super) fn times_queued(interaction: &Interaction<'_>) -> usize {
    all_events(interaction)
        .filter(|(_, event)| event.kind == EventKind::Queue)
        .count()
}

/// Our own closed summary of how an interaction went; the API's list of outcomes is not public.
pub(super) fn path(interaction: &Interaction<'_>) -> Path {
    let outbound = interaction.direction.as_deref() == Some("Outbound");
    let agent = interaction
        .agents()
        .any(|channel| channel.connected_ms().is_some());
    let offered = interaction.agents().next().is_some();
    let other_party = (interaction.channels.iter())
        .any(|channel| channel.role == Role::External && channel.connected_ms().is_some());
    let last_queue = last_queue(interaction);
    if interaction.status == Status::InternalError {
        return Path::Failed;
    }
    if agent && (other_party || !outbound) {
        return Path::Handled;
    }
    match last_queue.map(|queue| category(queue.value.as_deref())) {
        Some(Category::Abandoned) => return Path::Abandoned,
        Some(Category::Breakout) => return Path::Breakout,
        _ => {}
    }
    match (outbound, agent, offered) {
        (true, true, _) | (true, _, false) => Path::Unconnected,
        (_, false, true) => Path::AgentUnanswered,
        _ if last_queue.is_none() => Path::SelfService,
        _ => Path::Unknown,
    }
}

/// Whether two or more distinct agents were connected, and if so whether the first one only asked
/// a colleague (`consult`) or handed over (`transfer`).
pub(super) fn transfer(interaction: &Interaction<'_>) -> Option<TransferKind> {
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
        TransferKind::Consult
    } else {
        TransferKind::Transfer
    })
}

/// Milliseconds from the start to the first agent's connection.
pub(super) fn time_to_agent(interaction: &Interaction<'_>) -> Option<i64> {
    interaction.agents().filter_map(Channel::connected_ms).min()
}
