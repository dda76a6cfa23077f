//! Scenarios with two or more agents: transfers, consultations, conferences, internal calls.
use super::builder::ScriptBuilder;
use crate::script::{Detail, Role};

pub(super) fn transferred(builder: &mut ScriptBuilder<'_>) {
    let external = builder.arrive();
    builder.menu(external);
    let (agent, wait) = (builder.names.agent(&mut builder.rng), builder.wait());
    let first = builder.queue_and_answer(external, &agent, wait);
    builder.talk(external, first, 20_000, 200_000);
    let other = builder.names.other_agent(&agent, &mut builder.rng);
    builder.pass(2_000, 10_000);
    let ring = builder.span(500, 2_000);
    let second = builder.answer(&other, ring);
    if builder.rng.chance(0.5) {
        // A consultation: the second agent leaves, the first continues with the caller.
        builder.pass(5_000, 40_000);
        builder.leave(second, false);
        builder.now += 1;
        builder.talk(external, first, 5_000, 60_000);
        builder.close(external);
        builder.leave(first, true);
    } else {
        builder.pass(1_000, 10_000);
        builder.leave(first, false);
        builder.now += 1;
        builder.talk(external, second, 10_000, 200_000);
        builder.close(external);
        builder.leave(second, true);
    }
    builder.outcome("Handled by agent");
}

/// Several agents talk to the caller at the same time and leave one after the other.
pub(super) fn conference(builder: &mut ScriptBuilder<'_>) {
    let external = builder.arrive();
    builder.menu(external);
    let (agent, wait) = (builder.names.agent(&mut builder.rng), builder.wait());
    let first = builder.queue_and_answer(external, &agent, wait);
    builder.talk(external, first, 20_000, 90_000);
    let mut legs = vec![first];
    let mut last = agent;
    for _ in 0..builder.rng.between(1, 3) {
        last = builder.names.other_agent(&last, &mut builder.rng);
        builder.pass(3_000, 12_000);
        let ring = builder.span(500, 2_000);
        legs.push(builder.answer(&last, ring));
    }
    builder.pass(10_000, 90_000);
    while legs.len() > 1 {
        let leaving = legs.remove(builder.rng.index(legs.len()));
        builder.leave(leaving, false);
        builder.now += 1;
        builder.pass(1_000, 30_000);
    }
    builder.close(external);
    builder.leave(legs[0], true);
    builder.outcome("Handled by agent");
}

pub(super) fn agent_queued(builder: &mut ScriptBuilder<'_>) {
    let external = builder.arrive();
    builder.menu(external);
    let (agent, wait) = (builder.names.agent(&mut builder.rng), builder.wait());
    let first = builder.queue_and_answer(external, &agent, wait);
    builder.talk(external, first, 20_000, 120_000);
    let held = builder.span(2_000, 60_000);
    let result = builder.rng.pick(&[
        "Delivered",
        "AgentRecall",
        "AgentTransfer",
        "HangUp",
        "QueueTimeBreakout",
    ]);
    let mut detail = builder.queue_detail(result);
    detail.skills.clear();
    builder.offering = Some(detail.number);
    builder.event(
        external,
        Detail::Held {
            kind: "Held",
            by: agent.clone(),
        },
        None,
        held,
    );
    builder.event(
        first,
        Detail::AgentQueue(detail),
        Some("ACD1".to_owned()),
        held,
    );
    builder.now += held;
    let other = builder.names.other_agent(&agent, &mut builder.rng);
    match result {
        "Delivered" => {
            let ring = (held / 2).min(1_000);
            let second = builder.answer(&other, ring);
            builder.leave(first, false);
            builder.now += 1;
            builder.talk(external, second, 10_000, 100_000);
            builder.close(external);
            builder.leave(second, true);
        }
        "AgentTransfer" => {
            // The caller keeps waiting without the agent, in an ordinary queue.
            builder.leave(first, false);
            let wait = builder.wait();
            let second = builder.queue_and_answer(external, &other, wait);
            builder.talk(external, second, 10_000, 100_000);
            builder.close(external);
            builder.leave(second, true);
        }
        "HangUp" => {
            builder.close(external);
            builder.leave(first, true);
        }
        _ => {
            builder.talk(external, first, 10_000, 100_000);
            builder.close(external);
            builder.leave(first, true);
        }
    }
    builder.outcome("Handled by agent");
}

pub(super) fn internal(builder: &mut ScriptBuilder<'_>) {
    builder.script.direction.value = Some("Internal");
    builder.script.manager = Some("VBC");
    let caller = builder.names.agent(&mut builder.rng);
    let callee = builder.names.other_agent(&caller, &mut builder.rng);
    let first = builder.open(Role::Agent, Some(caller));
    builder.event(first, Detail::Ringing, None, 0);
    builder.lasting(first, Detail::Connected, None);
    let ring = builder.span(1_000, 15_000);
    if builder.rng.chance(0.3) {
        builder.unanswered(&callee, ring, "NoAnswer");
        builder.now += ring;
    } else {
        builder.now += ring;
        let second = builder.answer(&callee, ring);
        builder.pass(5_000, 120_000);
        builder.leave(second, false);
        builder.now += 1;
    }
    builder.leave(first, true);
    builder.outcome("Handled by agent");
}
