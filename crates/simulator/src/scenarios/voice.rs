//! Scenarios of the voice channel with at most one agent talking to the caller.
use super::builder::ScriptBuilder;
use crate::script::{BREAKOUT_RESULTS, Detail, Known, Role};

/// The queue has hardly any agents: the wait is long, and few callers stay until it is over.
pub(super) fn starved(builder: &mut ScriptBuilder<'_>) {
    let external = builder.arrive();
    builder.menu(external);
    let wait = builder.span(240_000, 1_500_000);
    if builder.rng.chance(0.85) {
        builder.queue(external, wait, "HangUp");
        builder.close(external);
        return builder.outcome("Abandoned in queue");
    }
    let agent = builder.names.agent(&mut builder.rng);
    let leg = builder.queue_and_answer(external, &agent, wait);
    builder.talk(external, leg, 20_000, 420_000);
    builder.close(external);
    builder.leave(leg, true);
    builder.outcome("Handled by agent");
}

pub(super) fn answered(builder: &mut ScriptBuilder<'_>) {
    let external = builder.arrive();
    builder.menu(external);
    let (agent, wait) = (builder.names.agent(&mut builder.rng), builder.wait());
    let leg = builder.queue_and_answer(external, &agent, wait);
    if builder.rng.chance(0.5) {
        builder.lasting(external, Detail::Recording, None);
        builder.lasting(leg, Detail::Recording, None);
    }
    if builder.rng.chance(0.05) {
        let monitor = builder.open(Role::Monitor, Some("99".to_owned()));
        let (kind, length) = (
            builder.rng.pick(&["ListenIn", "Watch", "Coach", "Join"]),
            builder.span(2_000, 9_000),
        );
        builder.event(monitor, Detail::Monitoring { kind }, None, length);
        builder.script.channels[monitor].duration = Known::new(length, builder.now + length);
        builder.now += length;
    }
    builder.talk(external, leg, 20_000, 420_000);
    if builder.rng.chance(0.03) {
        let classification = builder.rng.pick(&["Echo", "Noise"]);
        builder.event(leg, Detail::AudioProblem { classification }, None, 0);
    }
    builder.close(external);
    builder.leave(leg, true);
    builder.outcome("Handled by agent");
}

pub(super) fn abandoned(builder: &mut ScriptBuilder<'_>) {
    let external = builder.arrive();
    builder.menu(external);
    let wait = if builder.rng.chance(0.3) {
        builder.rng.between(0, 4_999)
    } else {
        builder.span(5_000, 150_000)
    };
    let left_ringing = builder.rng.chance(0.2);
    builder.queue(external, wait, "HangUp");
    if left_ringing {
        let (agent, ring) = (builder.names.agent(&mut builder.rng), wait / 2);
        builder.now -= ring;
        builder.unanswered(&agent, ring, "Released");
        builder.now += ring;
    }
    builder.close(external);
    builder.outcome("Abandoned in queue");
}

pub(super) fn breakout(builder: &mut ScriptBuilder<'_>) {
    let external = builder.arrive();
    builder.menu(external);
    let result = builder.rng.pick(&BREAKOUT_RESULTS);
    let wait = if result == "QueueCapacityBreakout" {
        0
    } else {
        builder.span(1_000, 180_000)
    };
    builder.queue(external, wait, result);
    if result == "AgentDeclineBreakout" {
        let (agent, ring) = (builder.names.agent(&mut builder.rng), wait / 2);
        builder.now -= ring;
        builder.unanswered(&agent, ring, "Rejected");
        builder.now += ring;
    }
    if builder.rng.chance(0.6) {
        builder.applet(external, "VoiceMail", "Leave a message");
        let length = builder.span(3_000, 40_000);
        builder.event(
            external,
            Detail::Voicemail {
                applet: "VoiceMail",
            },
            None,
            length,
        );
        builder.now += length;
    }
    builder.close(external);
    builder.outcome("Left queue");
}

pub(super) fn self_service(builder: &mut ScriptBuilder<'_>) {
    let external = builder.arrive();
    builder.menu(external);
    if builder.rng.chance(0.5) {
        builder.event(
            external,
            Detail::DataSource,
            Some("Account number".to_owned()),
            0,
        );
        builder.pass(2_000, 30_000);
    }
    builder.close(external);
    builder.outcome("Completed in self service");
}

pub(super) fn requeued(builder: &mut ScriptBuilder<'_>) {
    let external = builder.arrive();
    builder.menu(external);
    for _ in 0..builder.rng.between(1, 2) {
        let (agent, ring) = (
            builder.names.agent(&mut builder.rng),
            builder.span(4_000, 15_000),
        );
        let wait = ring + builder.span(500, 30_000);
        // One of these results is undocumented.
        let result = builder.rng.pick(&[
            "AgentDeclineBreakout",
            "QueueTimeBreakout",
            "AgentUnavailable",
        ]);
        builder.queue(external, wait, result);
        builder.now -= ring;
        builder.unanswered(&agent, ring, "NoAnswer");
        builder.now += ring;
    }
    match builder.rng.index(6) {
        0 => {
            let wait = builder.wait();
            builder.queue(external, wait, "HangUp");
            builder.close(external);
            builder.outcome("Abandoned in queue");
        }
        1 => {
            // The last result is undocumented, so only the offers show what happened to the caller.
            let wait = builder.wait();
            builder.queue(external, wait, "AgentUnavailable");
            builder.close(external);
            builder.outcome("Not answered");
        }
        _ => {
            let (agent, wait) = (builder.names.agent(&mut builder.rng), builder.wait());
            let leg = builder.queue_and_answer(external, &agent, wait);
            builder.talk(external, leg, 20_000, 300_000);
            builder.close(external);
            builder.leave(leg, true);
            builder.outcome("Handled by agent");
        }
    }
}

pub(super) fn outbound(builder: &mut ScriptBuilder<'_>) {
    builder.script.direction.value = Some("Outbound");
    let agent = builder.names.agent(&mut builder.rng);
    let leg = builder.open(Role::Agent, Some(agent));
    builder.event(leg, Detail::Ringing, None, 0);
    builder.lasting(leg, Detail::Connected, None);
    builder.pass(500, 2_000);
    let external = builder.open(Role::External, None);
    let ring = builder.span(3_000, 25_000);
    builder.event(external, Detail::Ringing, None, ring);
    builder.now += ring;
    builder.lasting(external, Detail::Connected, None);
    builder.talk(external, leg, 15_000, 300_000);
    builder.close(external);
    builder.leave(leg, true);
    builder.outcome("Handled by agent");
}

pub(super) fn outbound_unconnected(builder: &mut ScriptBuilder<'_>) {
    builder.script.direction.value = Some("Outbound");
    let agent = builder.names.agent(&mut builder.rng);
    if builder.rng.chance(0.15) {
        // The agent does not answer their own phone, so the customer is never dialled.
        let ring = builder.span(5_000, 30_000);
        builder.unanswered(&agent, ring, "NoAnswer");
        builder.now += ring;
        return builder.outcome("Agent did not answer");
    }
    let leg = builder.open(Role::Agent, Some(agent));
    builder.event(leg, Detail::Ringing, None, 0);
    builder.lasting(leg, Detail::Connected, None);
    builder.pass(500, 2_000);
    let external = builder.open(Role::External, None);
    builder.lasting(external, Detail::Ringing, None);
    builder.pass(2_000, 30_000);
    builder.script.channels[external].end_reason =
        builder
            .rng
            .pick(&["Busy", "NoAnswer", "ConnectionUnavailable"]);
    if builder.rng.chance(0.2) {
        builder.event(
            external,
            Detail::DeliveryFailed {
                kind: "ConnectionUnavailable",
            },
            None,
            0,
        );
    }
    builder.close(external);
    builder.leave(leg, true);
    builder.outcome("Customer did not answer");
}

pub(super) fn callback_request(builder: &mut ScriptBuilder<'_>) {
    let external = builder.arrive();
    builder.menu(external);
    let wait = builder.span(10_000, 120_000);
    builder.queue(external, wait, "VoluntaryBreakout");
    builder.applet(external, "Callback", "Request a callback");
    builder.pass(2_000, 10_000);
    builder.close(external);
    builder.outcome("Callback requested");
    builder.script.callback_after = Some(builder.now + 120_000 + builder.span(0, 1_800_000));
}

pub(super) fn failed(builder: &mut ScriptBuilder<'_>) {
    let external = builder.arrive();
    builder.menu(external);
    let wait = builder.wait();
    if builder.rng.chance(0.5) {
        builder.queue(external, wait, "NoAgentsBreakout");
    } else {
        let agent = builder.names.agent(&mut builder.rng);
        let leg = builder.queue_and_answer(external, &agent, wait);
        builder.pass(1_000, 20_000);
        builder.leave(leg, false);
    }
    builder.script.channels[external].end_reason = "Failed";
    builder.close(external);
    builder.outcome("Failed");
}
