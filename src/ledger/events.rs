//! The facts of single events other than waits in queues: each once, each when it is final.

use crate::catalogue::{Family, Label};
use crate::interaction::{ASSISTANT_RESULTS, EventKind, Role};
use crate::labels::{LabelId, LabelSet};
use crate::vocabulary::{Fact, RejectReason};

use super::assess::Assessment;
use super::happening::Happening;
use super::legs::{Offered, ring_labels};
use super::record::OnceEvent;

/// The most messages of one session that are believed.
const MAX_MESSAGES: i64 = 100_000;

const GROUPED: [Label; 3] = [Label::Medium, Label::Direction, Label::ReportingGroup];

/// Settles what is final in an event. `offered` is what is known of the offer its channel was.
pub(super) fn assess(
    this: &mut Assessment<'_, '_, '_>,
    event: Happening<'_>,
    offered: Option<Offered>,
) {
    match event.event.kind {
        EventKind::Ringing if event.channel.role == Role::Agent => {
            event.measure(this, Fact::Ring, Family::AgentRing, |this| {
                ring_labels(this, offered)
            });
        }
        EventKind::Wrap if event.channel.role == Role::Agent => {
            event.measure(this, Fact::AgentWrap, Family::AgentWrap, |this| {
                this.known(&GROUPED)
            });
        }
        EventKind::Held => hold(this, event),
        EventKind::CallRecording => {
            event.measure(this, Fact::Recording, Family::Recording, |this| {
                let role = this.own_label(Label::Role, event.channel.role.text())?;
                Some(this.known(&[Label::Medium])?.with(Label::Role, role))
            });
        }
        EventKind::Monitoring => {
            event.measure(this, Fact::Monitoring, Family::Monitoring, |this| {
                let kind = this.own_label(Label::Type, event.event.value.as_deref())?;
                Some(this.known(&[Label::Medium])?.with(Label::Type, kind))
            });
        }
        EventKind::VirtualAssistant => session(this, event),
        EventKind::CallRating => rating(this, event),
        _ => seen(this, event),
    }
    event.finished(this);
    event.dispute(this, facts(event.event.kind));
}

/// The facts that a kind's place, its value and its duration belong to.
fn facts(kind: EventKind) -> [Fact; 3] {
    let one = |fact| [fact, fact, fact];
    match kind {
        EventKind::Ringing => one(Fact::Ring),
        EventKind::Held => one(Fact::Hold),
        EventKind::Wrap => one(Fact::AgentWrap),
        EventKind::InteractionPlan => one(Fact::Plan),
        EventKind::Applet => one(Fact::Applet),
        EventKind::Queue => [Fact::QueueEntry, Fact::QueueExit, Fact::Wait],
        EventKind::AgentQueue => [
            Fact::AgentQueueExit,
            Fact::AgentQueueExit,
            Fact::AgentQueueWait,
        ],
        EventKind::CallRecording => one(Fact::Recording),
        EventKind::Disposition => one(Fact::Disposition),
        EventKind::CallRating => one(Fact::Rating),
        EventKind::AudioProblemReported => one(Fact::AudioProblem),
        EventKind::DataSourceValueAcquired => one(Fact::DataValue),
        EventKind::DeliveryFailed => one(Fact::DeliveryFailure),
        EventKind::Monitoring => one(Fact::Monitoring),
        EventKind::VirtualAssistant => [
            Fact::AssistantSession,
            Fact::AssistantSession,
            Fact::AssistantTime,
        ],
        EventKind::VoicemailRecording => one(Fact::Voicemail),
        EventKind::Connected | EventKind::Other => one(Fact::Event),
    }
}

/// What counts at first sight, or for a disposition once its channel is over.
fn seen(this: &mut Assessment<'_, '_, '_>, event: Happening<'_>) {
    let (fact, family, label) = match event.event.kind {
        EventKind::Disposition => (
            Fact::Disposition,
            Family::Dispositions,
            Some(Label::Disposition),
        ),
        EventKind::AudioProblemReported => (
            Fact::AudioProblem,
            Family::AudioProblems,
            Some(Label::Classification),
        ),
        EventKind::DeliveryFailed => (
            Fact::DeliveryFailure,
            Family::DeliveryFailures,
            Some(Label::Type),
        ),
        EventKind::Applet => (Fact::Applet, Family::Applets, Some(Label::AppletType)),
        EventKind::VoicemailRecording => {
            (Fact::Voicemail, Family::Voicemails, Some(Label::AppletType))
        }
        EventKind::InteractionPlan => (
            Fact::Plan,
            Family::InteractionPlans,
            Some(Label::ReportingGroup),
        ),
        EventKind::DataSourceValueAcquired => (Fact::DataValue, Family::DataSourceValues, None),
        _ => return,
    };
    if event.is_settled(this, OnceEvent::Seen) {
        return;
    }
    let waits_for_channel = event.event.kind == EventKind::Disposition;
    if waits_for_channel && !(this.subject.has_ended(event.channel) || this.has_ended()) {
        return this.waits(fact, "its channel has not ended yet");
    }
    let Some(set) = seen_labels(this, event, label) else {
        return this.waits(fact, "not all its labels are known yet");
    };
    if event.saw(this, fact) {
        this.tally.count(family, &set);
    }
}

fn seen_labels(
    this: &mut Assessment<'_, '_, '_>,
    event: Happening<'_>,
    label: Option<Label>,
) -> Option<LabelSet> {
    let mut set = this.known(&[Label::Medium])?;
    if event.event.kind == EventKind::InteractionPlan {
        let plan = this.own_label(Label::InteractionPlan, event.event.name.as_deref())?;
        set = set.with(Label::InteractionPlan, plan);
    }
    if let Some(label) = label {
        let id = this.own_label(label, event.event.value.as_deref())?;
        set = set.with(label, id);
    }
    Some(set)
}

fn hold(this: &mut Assessment<'_, '_, '_>, event: Happening<'_>) {
    event.measure(this, Fact::Hold, Family::Hold, |this| {
        let kind = this.own_label(Label::Type, event.event.value.as_deref())?;
        let role = this.own_label(Label::Role, event.channel.role.text())?;
        let set = this.known(&GROUPED)?;
        Some(set.with(Label::Type, kind).with(Label::Role, role))
    });
}

/// Final once its value is given.
fn rating(this: &mut Assessment<'_, '_, '_>, event: Happening<'_>) {
    if event.is_settled(this, OnceEvent::Seen) {
        return;
    }
    let Some(score) = event.event.value.as_deref() else {
        return this.waits(Fact::Rating, "no rating was given yet");
    };
    let Some(set) = this.known(&[Label::Medium]) else {
        return this.waits(Fact::Rating, "not all its labels are known yet");
    };
    if !event.saw(this, Fact::Rating) {
        return;
    }
    let id = this.tally.resolver.resolve(Label::Score, Some(score));
    let labelled = set.with(Label::Score, id.unwrap_or(LabelId::NONE));
    this.tally.count(Family::QualityRatings, &labelled);
    match score.trim().parse::<u64>() {
        Ok(score @ 1..=5) => this
            .tally
            .observe(Family::QualityScore, &set, score * 1_000),
        _ => this.refuse(Fact::Rating, RejectReason::Absurd),
    }
}

/// Final when result and duration are both there, or the interaction has ended.
fn session(this: &mut Assessment<'_, '_, '_>, event: Happening<'_>) {
    let finished = event.has_finished(this) || this.has_ended();
    let assistant = this.own_label(Label::Assistant, event.event.name.as_deref());
    let medium = this.known(&[Label::Medium]);
    let (true, Some(assistant), Some(set)) = (finished, assistant, medium) else {
        if !event.is_settled(this, OnceEvent::Done) {
            this.waits(Fact::AssistantSession, "it has no result and duration yet");
        }
        return;
    };
    let set = set.with(Label::Assistant, assistant);
    if !event.is_settled(this, OnceEvent::Done) {
        event.settle(this, OnceEvent::Done);
        if !this.counts(Fact::AssistantSession, event.over_ms(this)) {
            event.settle(this, OnceEvent::Measured);
            event.settle(this, OnceEvent::Extra);
            return;
        }
        event.settle(this, OnceEvent::DoneCounted);
        event.remember_value(this);
        // They exist together from the first session on.
        for result in ASSISTANT_RESULTS {
            let id = this.tally.resolver.resolve(Label::Result, Some(result));
            let set = set.with(Label::Result, id.unwrap_or(LabelId::NONE));
            this.tally.touch(Family::AssistantSessions, &set);
        }
        let value = event.event.value.as_deref();
        let id = this.tally.resolver.resolve(Label::Result, value);
        let set = set.with(Label::Result, id.unwrap_or(LabelId::NONE));
        this.tally.count(Family::AssistantSessions, &set);
    }
    event.measure(this, Fact::AssistantTime, Family::AssistantSeconds, |_| {
        Some(set)
    });
    messages(this, event, &set);
}

fn messages(this: &mut Assessment<'_, '_, '_>, event: Happening<'_>, set: &LabelSet) {
    let Some(count) = event.event.messages else {
        return;
    };
    if event.is_settled(this, OnceEvent::Extra) {
        return;
    }
    let (fact, whose) = (Fact::AssistantMessages, event.whose());
    let Some(believed) = this.believed_up_to(MAX_MESSAGES, fact, count, whose) else {
        return;
    };
    event.settle(this, OnceEvent::Extra);
    if this.counts(Fact::AssistantMessages, event.over_ms(this)) {
        this.tally.add(Family::AssistantMessages, set, believed);
    }
}
