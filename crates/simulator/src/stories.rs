//! The stories of the voice channel: what happens, kind by kind.
use super::plot::Plot;
use super::script::{Detail, Kind, Known, Role};
use super::{stories_agents, stories_digital};

/// Every documented way out of a queue other than an answer or a hang-up.
pub(super) const BREAKOUTS: [&str; 6] = [
    "AgentDeclineBreakout",
    "MaxEstimatedWaitTime",
    "NoAgentsBreakout",
    "QueueCapacityBreakout",
    "QueueTimeBreakout",
    "VoluntaryBreakout",
];

/// Tells the story of this kind from the start to the last hang-up.
pub(super) fn tell(plot: &mut Plot<'_>, kind: Kind) {
    if wants_an_agent(kind) && plot.heads_for_starved_queue() {
        return starved(plot);
    }
    match kind {
        Kind::Answered | Kind::Lost | Kind::LostAndFound | Kind::Unended => answered(plot),
        Kind::AbandonedInQueue | Kind::ResultNeverTold => abandoned(plot),
        Kind::Breakout => breakout(plot),
        Kind::SelfService => self_service(plot),
        Kind::Requeued => requeued(plot),
        Kind::Transferred => stories_agents::transferred(plot),
        Kind::Conference => stories_agents::conference(plot),
        Kind::AgentQueued => stories_agents::agent_queued(plot),
        Kind::Outbound => outbound(plot),
        Kind::OutboundUnconnected => outbound_unconnected(plot),
        Kind::Internal => stories_agents::internal(plot),
        Kind::CallbackRequest => callback_request(plot),
        Kind::Failed => failed(plot),
        Kind::AssistantOnly | Kind::AssistantEscalated | Kind::Case | Kind::Callback => {
            stories_digital::tell(plot, kind);
        }
    }
}

/// Whether a caller of this kind comes to a queue first thing, and nothing else is peculiar about the call.
fn wants_an_agent(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Answered
            | Kind::AbandonedInQueue
            | Kind::Breakout
            | Kind::Requeued
            | Kind::Transferred
            | Kind::Conference
            | Kind::AgentQueued
            | Kind::CallbackRequest
    )
}

/// Where agents are missing the wait is long, and few stay until it is over.
fn starved(plot: &mut Plot<'_>) {
    let external = plot.arrive();
    plot.menu(external);
    let wait = plot.span(240_000, 1_500_000);
    if plot.dice.chance(0.85) {
        plot.queue(external, wait, "HangUp");
        plot.close(external);
        return outcome(plot, "Abandoned in queue");
    }
    let agent = plot.names.agent(&mut plot.dice);
    let leg = plot.queue_and_answer(external, &agent, wait);
    plot.talk(external, leg, 20_000, 420_000);
    plot.close(external);
    plot.leave(leg, true);
    outcome(plot, "Handled by agent");
}

pub(super) fn outcome(plot: &mut Plot<'_>, outcome: &'static str) {
    plot.script.outcome = Known::new(Some(outcome), 0);
}

fn answered(plot: &mut Plot<'_>) {
    let external = plot.arrive();
    plot.menu(external);
    let (agent, wait) = (plot.names.agent(&mut plot.dice), plot.wait());
    let leg = plot.queue_and_answer(external, &agent, wait);
    if plot.dice.chance(0.5) {
        plot.lasting(external, Detail::Recording, None);
        plot.lasting(leg, Detail::Recording, None);
    }
    if plot.dice.chance(0.05) {
        let monitor = plot.open(Role::Monitor, Some("99".to_owned()));
        let (kind, length) = (
            plot.dice.pick(&["ListenIn", "Watch", "Coach", "Join"]),
            plot.span(2_000, 9_000),
        );
        plot.event(monitor, Detail::Monitoring { kind }, None, length);
        plot.script.channels[monitor].duration = Known::new(length, plot.now + length);
        plot.now += length;
    }
    plot.talk(external, leg, 20_000, 420_000);
    if plot.dice.chance(0.03) {
        let classification = plot.dice.pick(&["Echo", "Noise"]);
        plot.event(leg, Detail::AudioProblem { classification }, None, 0);
    }
    plot.close(external);
    plot.leave(leg, true);
    outcome(plot, "Handled by agent");
}

fn abandoned(plot: &mut Plot<'_>) {
    let external = plot.arrive();
    plot.menu(external);
    let wait = if plot.dice.chance(0.3) {
        plot.dice.between(0, 4_999)
    } else {
        plot.span(5_000, 150_000)
    };
    let left_ringing = plot.dice.chance(0.2);
    plot.queue(external, wait, "HangUp");
    if left_ringing {
        let (agent, ring) = (plot.names.agent(&mut plot.dice), wait / 2);
        plot.now -= ring;
        plot.unanswered(&agent, ring, "Released");
        plot.now += ring;
    }
    plot.close(external);
    outcome(plot, "Abandoned in queue");
}

fn breakout(plot: &mut Plot<'_>) {
    let external = plot.arrive();
    plot.menu(external);
    let result = plot.dice.pick(&BREAKOUTS);
    let wait = if result == "QueueCapacityBreakout" {
        0
    } else {
        plot.span(1_000, 180_000)
    };
    plot.queue(external, wait, result);
    if result == "AgentDeclineBreakout" {
        let (agent, ring) = (plot.names.agent(&mut plot.dice), wait / 2);
        plot.now -= ring;
        plot.unanswered(&agent, ring, "Rejected");
        plot.now += ring;
    }
    if plot.dice.chance(0.6) {
        plot.applet(external, "VoiceMail", "Leave a message");
        let length = plot.span(3_000, 40_000);
        plot.event(
            external,
            Detail::Voicemail {
                applet: "VoiceMail",
            },
            None,
            length,
        );
        plot.now += length;
    }
    plot.close(external);
    outcome(plot, "Left queue");
}

fn self_service(plot: &mut Plot<'_>) {
    let external = plot.arrive();
    plot.menu(external);
    if plot.dice.chance(0.5) {
        plot.event(
            external,
            Detail::DataSource,
            Some("Account number".to_owned()),
            0,
        );
        plot.pass(2_000, 30_000);
    }
    plot.close(external);
    outcome(plot, "Completed in self service");
}

fn requeued(plot: &mut Plot<'_>) {
    let external = plot.arrive();
    plot.menu(external);
    for _ in 0..plot.dice.between(1, 2) {
        let (agent, ring) = (plot.names.agent(&mut plot.dice), plot.span(4_000, 15_000));
        let wait = ring + plot.span(500, 30_000);
        // A result that no documentation names is as good as any to come back from.
        let result = plot.dice.pick(&[
            "AgentDeclineBreakout",
            "QueueTimeBreakout",
            "AgentUnavailable",
        ]);
        plot.queue(external, wait, result);
        plot.now -= ring;
        plot.unanswered(&agent, ring, "NoAnswer");
        plot.now += ring;
    }
    match plot.dice.index(6) {
        0 => {
            let wait = plot.wait();
            plot.queue(external, wait, "HangUp");
            plot.close(external);
            outcome(plot, "Abandoned in queue");
        }
        1 => {
            // The last wait ends in an unknown way, so that only the offers tell what became of the caller.
            let wait = plot.wait();
            plot.queue(external, wait, "AgentUnavailable");
            plot.close(external);
            outcome(plot, "Not answered");
        }
        _ => {
            let (agent, wait) = (plot.names.agent(&mut plot.dice), plot.wait());
            let leg = plot.queue_and_answer(external, &agent, wait);
            plot.talk(external, leg, 20_000, 300_000);
            plot.close(external);
            plot.leave(leg, true);
            outcome(plot, "Handled by agent");
        }
    }
}

fn outbound(plot: &mut Plot<'_>) {
    plot.script.direction.value = Some("Outbound");
    let agent = plot.names.agent(&mut plot.dice);
    let leg = plot.open(Role::Agent, Some(agent));
    plot.event(leg, Detail::Ringing, None, 0);
    plot.lasting(leg, Detail::Connected, None);
    plot.pass(500, 2_000);
    let external = plot.open(Role::External, None);
    let ring = plot.span(3_000, 25_000);
    plot.event(external, Detail::Ringing, None, ring);
    plot.now += ring;
    plot.lasting(external, Detail::Connected, None);
    plot.talk(external, leg, 15_000, 300_000);
    plot.close(external);
    plot.leave(leg, true);
    outcome(plot, "Handled by agent");
}

fn outbound_unconnected(plot: &mut Plot<'_>) {
    plot.script.direction.value = Some("Outbound");
    let agent = plot.names.agent(&mut plot.dice);
    if plot.dice.chance(0.15) {
        // The agent never picks up the own phone, so that the customer is never dialled.
        let ring = plot.span(5_000, 30_000);
        plot.unanswered(&agent, ring, "NoAnswer");
        plot.now += ring;
        return outcome(plot, "Agent did not answer");
    }
    let leg = plot.open(Role::Agent, Some(agent));
    plot.event(leg, Detail::Ringing, None, 0);
    plot.lasting(leg, Detail::Connected, None);
    plot.pass(500, 2_000);
    let external = plot.open(Role::External, None);
    plot.lasting(external, Detail::Ringing, None);
    plot.pass(2_000, 30_000);
    plot.script.channels[external].end_reason =
        plot.dice
            .pick(&["Busy", "NoAnswer", "ConnectionUnavailable"]);
    if plot.dice.chance(0.2) {
        plot.event(
            external,
            Detail::DeliveryFailed {
                kind: "ConnectionUnavailable",
            },
            None,
            0,
        );
    }
    plot.close(external);
    plot.leave(leg, true);
    outcome(plot, "Customer did not answer");
}

fn callback_request(plot: &mut Plot<'_>) {
    let external = plot.arrive();
    plot.menu(external);
    let wait = plot.span(10_000, 120_000);
    plot.queue(external, wait, "VoluntaryBreakout");
    plot.applet(external, "Callback", "Request a callback");
    plot.pass(2_000, 10_000);
    plot.close(external);
    outcome(plot, "Callback requested");
    plot.script.callback_after = Some(plot.now + 120_000 + plot.span(0, 1_800_000));
}

fn failed(plot: &mut Plot<'_>) {
    let external = plot.arrive();
    plot.menu(external);
    let wait = plot.wait();
    if plot.dice.chance(0.5) {
        plot.queue(external, wait, "NoAgentsBreakout");
    } else {
        let agent = plot.names.agent(&mut plot.dice);
        let leg = plot.queue_and_answer(external, &agent, wait);
        plot.pass(1_000, 20_000);
        plot.leave(leg, false);
    }
    plot.script.channels[external].end_reason = "Failed";
    plot.close(external);
    outcome(plot, "Failed");
}
