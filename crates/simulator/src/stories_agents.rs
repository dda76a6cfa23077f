//! The stories in which one agent meets another: transfers, consultations, internal calls.
use super::plot::Plot;
use super::script::{Detail, Role};
use super::stories::outcome;

pub(super) fn transferred(plot: &mut Plot<'_>) {
    let external = plot.arrive();
    plot.menu(external);
    let (agent, wait) = (plot.names.agent(&mut plot.dice), plot.wait());
    let first = plot.queue_and_answer(external, &agent, wait);
    plot.talk(external, first, 20_000, 200_000);
    let other = plot.names.other_agent(&agent, &mut plot.dice);
    plot.pass(2_000, 10_000);
    let ring = plot.span(500, 2_000);
    let second = plot.answer(&other, ring);
    if plot.dice.chance(0.5) {
        // Consulted: the second agent leaves, the first goes on with the caller.
        plot.pass(5_000, 40_000);
        plot.leave(second, false);
        plot.now += 1;
        plot.talk(external, first, 5_000, 60_000);
        plot.close(external);
        plot.leave(first, true);
    } else {
        plot.pass(1_000, 10_000);
        plot.leave(first, false);
        plot.now += 1;
        plot.talk(external, second, 10_000, 200_000);
        plot.close(external);
        plot.leave(second, true);
    }
    outcome(plot, "Handled by agent");
}

/// Several agents talk with the caller at once, and part one after the other.
pub(super) fn conference(plot: &mut Plot<'_>) {
    let external = plot.arrive();
    plot.menu(external);
    let (agent, wait) = (plot.names.agent(&mut plot.dice), plot.wait());
    let first = plot.queue_and_answer(external, &agent, wait);
    plot.talk(external, first, 20_000, 90_000);
    let mut legs = vec![first];
    let mut asked = agent;
    for _ in 0..plot.dice.between(1, 3) {
        asked = plot.names.other_agent(&asked, &mut plot.dice);
        plot.pass(3_000, 12_000);
        let ring = plot.span(500, 2_000);
        legs.push(plot.answer(&asked, ring));
    }
    plot.pass(10_000, 90_000);
    while legs.len() > 1 {
        let leaving = legs.remove(plot.dice.index(legs.len()));
        plot.leave(leaving, false);
        plot.now += 1;
        plot.pass(1_000, 30_000);
    }
    plot.close(external);
    plot.leave(legs[0], true);
    outcome(plot, "Handled by agent");
}

pub(super) fn agent_queued(plot: &mut Plot<'_>) {
    let external = plot.arrive();
    plot.menu(external);
    let (agent, wait) = (plot.names.agent(&mut plot.dice), plot.wait());
    let first = plot.queue_and_answer(external, &agent, wait);
    plot.talk(external, first, 20_000, 120_000);
    let held = plot.span(2_000, 60_000);
    let result = plot.dice.pick(&[
        "Delivered",
        "AgentRecall",
        "AgentTransfer",
        "HangUp",
        "QueueTimeBreakout",
    ]);
    let mut detail = plot.queue_detail(result);
    detail.skills.clear();
    plot.offering = Some(detail.number);
    plot.event(
        external,
        Detail::Held {
            kind: "Held",
            by: agent.clone(),
        },
        None,
        held,
    );
    plot.event(
        first,
        Detail::AgentQueue(detail),
        Some("ACD1".to_owned()),
        held,
    );
    plot.now += held;
    let other = plot.names.other_agent(&agent, &mut plot.dice);
    match result {
        "Delivered" => {
            let ring = (held / 2).min(1_000);
            let second = plot.answer(&other, ring);
            plot.leave(first, false);
            plot.now += 1;
            plot.talk(external, second, 10_000, 100_000);
            plot.close(external);
            plot.leave(second, true);
        }
        "AgentTransfer" => {
            // The caller goes on waiting alone, in a wait of the ordinary kind.
            plot.leave(first, false);
            let wait = plot.wait();
            let second = plot.queue_and_answer(external, &other, wait);
            plot.talk(external, second, 10_000, 100_000);
            plot.close(external);
            plot.leave(second, true);
        }
        "HangUp" => {
            plot.close(external);
            plot.leave(first, true);
        }
        _ => {
            plot.talk(external, first, 10_000, 100_000);
            plot.close(external);
            plot.leave(first, true);
        }
    }
    outcome(plot, "Handled by agent");
}

pub(super) fn internal(plot: &mut Plot<'_>) {
    plot.script.direction.value = Some("Internal");
    plot.script.manager = Some("VBC");
    let caller = plot.names.agent(&mut plot.dice);
    let callee = plot.names.other_agent(&caller, &mut plot.dice);
    let first = plot.open(Role::Agent, Some(caller));
    plot.event(first, Detail::Ringing, None, 0);
    plot.lasting(first, Detail::Connected, None);
    let ring = plot.span(1_000, 15_000);
    if plot.dice.chance(0.3) {
        plot.unanswered(&callee, ring, "NoAnswer");
        plot.now += ring;
    } else {
        plot.now += ring;
        let second = plot.answer(&callee, ring);
        plot.pass(5_000, 120_000);
        plot.leave(second, false);
        plot.now += 1;
    }
    plot.leave(first, true);
    outcome(plot, "Handled by agent");
}
