//! Scenarios without a voice channel at their start: chats, cases, and the callback that follows a call.
use super::builder::ScriptBuilder;
use crate::script::{Detail, Role};

/// A chat that ends with the virtual assistant.
pub(super) fn chat_with_assistant(builder: &mut ScriptBuilder<'_>) {
    let (external, machine) = begin_chat(builder);
    let result = builder.rng.pick(&["Resolved", "Resolved", "Abandoned"]);
    assistant_session(builder, external, result);
    if let Some(machine) = machine {
        builder.close(machine);
    }
    builder.applet(external, "Announcement", "Resolved announcement");
    builder.pass(50, 500);
    builder.close(external);
    // The API publishes this outcome for resolved sessions too, so outcome and result need not agree.
    builder.outcome("Abandoned in bot");
}

/// A chat that the virtual assistant escalates to an agent.
pub(super) fn chat_with_agent(builder: &mut ScriptBuilder<'_>) {
    let (external, machine) = begin_chat(builder);
    assistant_session(builder, external, "Escalated");
    if let Some(machine) = machine {
        builder.close(machine);
    }
    builder.applet(external, "DataRouter", "DR route to queue");
    let wait = builder.wait();
    if builder.rng.chance(0.2) {
        builder.queue(external, wait, "HangUp");
        builder.close(external);
        return builder.outcome("Abandoned in queue");
    }
    let agent = builder.names.agent(&mut builder.rng);
    let leg = builder.queue_and_answer(external, &agent, wait);
    builder.talk(external, leg, 30_000, 900_000);
    builder.close(external);
    builder.leave(leg, true);
    builder.outcome("Handled by agent");
}

/// The customer's channel, and that of the assistant if it has one.
fn begin_chat(builder: &mut ScriptBuilder<'_>) -> (usize, Option<usize>) {
    // A chat has a key where a call has an address.
    builder.script.touchpoint_key = Some(builder.rng.guid());
    builder.script.connect_to = Some(builder.rng.guid());
    builder.script.connect_from = None;
    let external = builder.arrive();
    builder.applet(external, "VirtualAssistant", "virtual assistant");
    builder.pass(300, 1_500);
    // In some chats the assistant has a channel of its own, with an undocumented role.
    let machine = builder.rng.chance(0.2).then(|| {
        let machine = builder.open(Role::Bot, None);
        builder.lasting(machine, Detail::Connected, None);
        machine
    });
    if builder.rng.chance(0.25) {
        // A first assistant only chooses the second one.
        let length = builder.span(2_000, 20_000);
        let detail = Detail::Assistant {
            result: "Escalated",
            messages: builder.rng.between(1, 4),
            as_text: false,
        };
        builder.event(external, detail, Some("Doorman".to_owned()), length);
        builder.now += length;
        builder.pass(200, 900);
    }
    (external, machine)
}

fn assistant_session(builder: &mut ScriptBuilder<'_>, external: usize, result: &'static str) {
    let length = builder.span(4_000, 180_000);
    let detail = Detail::Assistant {
        result,
        messages: builder.rng.between(1, 24),
        as_text: builder.rng.chance(0.7),
    };
    let name = builder.rng.pick(&["Simple Agent", "Order Bot"]);
    builder.event(external, detail, Some(name.to_owned()), length);
    builder.now += length;
}

pub(super) fn case(builder: &mut ScriptBuilder<'_>) {
    builder.script.connect_to = Some("APIRouting".to_owned());
    builder.script.connect_from = Some(String::new());
    let external = builder.arrive();
    // Some wait for days and then take days.
    let long = builder.rng.chance(0.2);
    let wait = if long {
        builder.span(3_600_000, 172_800_000)
    } else {
        builder.span(2_000, 14_400_000)
    };
    let agent = builder.names.agent(&mut builder.rng);
    builder.next_queue = Some(builder.names.case_queue());
    let leg = builder.queue_and_answer(external, &agent, wait);
    let (least, most) = if long {
        (86_400_000, 259_200_000)
    } else {
        (1_800_000, 28_800_000)
    };
    builder.talk(external, leg, least, most);
    builder.close(external);
    builder.leave(leg, true);
    builder.outcome("Handled by agent");
}

pub(super) fn callback(builder: &mut ScriptBuilder<'_>) {
    let external = builder.arrive();
    let (agent, wait) = (builder.names.agent(&mut builder.rng), builder.wait());
    if builder.rng.chance(0.15) {
        let result = builder.rng.pick(&["HangUp", "QueueTimeBreakout"]);
        builder.queue(external, wait, result);
        builder.close(external);
        return builder.outcome("Callback not delivered");
    }
    let leg = builder.queue_and_answer(external, &agent, wait);
    builder.talk(external, leg, 30_000, 300_000);
    builder.close(external);
    builder.leave(leg, true);
    builder.outcome("Handled by agent");
}
