//! The stories without a ringing phone: chats, cases, and the callback that follows a call.
use super::plot::Plot;
use super::script::{Detail, Kind, Role};
use super::stories::outcome;

/// Tells one of these stories from the start to the last channel's end.
pub(super) fn tell(plot: &mut Plot<'_>, kind: Kind) {
    match kind {
        Kind::Case => case(plot),
        Kind::Callback => callback(plot),
        _ => chat(plot, kind),
    }
}

fn chat(plot: &mut Plot<'_>, kind: Kind) {
    // A chat has a key where a call has an address.
    plot.script.touchpoint_key = Some(plot.dice.guid());
    plot.script.connect_to = Some(plot.dice.guid());
    plot.script.connect_from = None;
    let external = plot.arrive();
    plot.applet(external, "VirtualAssistant", "virtual assistant");
    plot.pass(300, 1_500);
    // In some chats the machine has a channel of its own, in a role nobody documents.
    let machine = plot.dice.chance(0.2).then(|| {
        let machine = plot.open(Role::Bot, None);
        plot.lasting(machine, Detail::Connected, None);
        machine
    });
    if plot.dice.chance(0.25) {
        // One that only finds out which other one to ask.
        let length = plot.span(2_000, 20_000);
        let detail = Detail::Assistant {
            result: "Escalated",
            messages: plot.dice.between(1, 4),
            as_text: false,
        };
        plot.event(external, detail, Some("Doorman".to_owned()), length);
        plot.now += length;
        plot.pass(200, 900);
    }
    let escalated = kind == Kind::AssistantEscalated;
    let result = if escalated {
        "Escalated"
    } else {
        plot.dice.pick(&["Resolved", "Resolved", "Abandoned"])
    };
    let length = plot.span(4_000, 180_000);
    let detail = Detail::Assistant {
        result,
        messages: plot.dice.between(1, 24),
        as_text: plot.dice.chance(0.7),
    };
    let name = plot.dice.pick(&["Simple Agent", "Order Bot"]);
    plot.event(external, detail, Some(name.to_owned()), length);
    plot.now += length;
    if let Some(machine) = machine {
        plot.close(machine);
    }
    if !escalated {
        plot.applet(external, "Announcement", "Resolved announcement");
        plot.pass(50, 500);
        plot.close(external);
        // Even a resolved session is published as abandoned in the bot, so the two need not agree.
        return outcome(plot, "Abandoned in bot");
    }
    plot.applet(external, "DataRouter", "DR route to queue");
    let wait = plot.wait();
    if plot.dice.chance(0.2) {
        plot.queue(external, wait, "HangUp");
        plot.close(external);
        return outcome(plot, "Abandoned in queue");
    }
    let agent = plot.names.agent(&mut plot.dice);
    let leg = plot.queue_and_answer(external, &agent, wait);
    plot.talk(external, leg, 30_000, 900_000);
    plot.close(external);
    plot.leave(leg, true);
    outcome(plot, "Handled by agent");
}

fn case(plot: &mut Plot<'_>) {
    plot.script.connect_to = Some("APIRouting".to_owned());
    plot.script.connect_from = Some(String::new());
    let external = plot.arrive();
    // Some lie for days, and some are worked on for days.
    let long = plot.dice.chance(0.2);
    let wait = if long {
        plot.span(3_600_000, 172_800_000)
    } else {
        plot.span(2_000, 14_400_000)
    };
    let agent = plot.names.agent(&mut plot.dice);
    plot.next_queue = Some(plot.names.case_queue());
    let leg = plot.queue_and_answer(external, &agent, wait);
    let (least, most) = if long {
        (86_400_000, 259_200_000)
    } else {
        (1_800_000, 28_800_000)
    };
    plot.talk(external, leg, least, most);
    plot.close(external);
    plot.leave(leg, true);
    outcome(plot, "Handled by agent");
}

fn callback(plot: &mut Plot<'_>) {
    let external = plot.arrive();
    let (agent, wait) = (plot.names.agent(&mut plot.dice), plot.wait());
    if plot.dice.chance(0.15) {
        let result = plot.dice.pick(&["HangUp", "QueueTimeBreakout"]);
        plot.queue(external, wait, result);
        plot.close(external);
        return outcome(plot, "Callback not delivered");
    }
    let leg = plot.queue_and_answer(external, &agent, wait);
    plot.talk(external, leg, 30_000, 300_000);
    plot.close(external);
    plot.leave(leg, true);
    outcome(plot, "Handled by agent");
}
