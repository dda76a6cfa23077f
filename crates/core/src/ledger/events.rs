//! The facts of single events other than waits in queues.

use crate::catalogue::{Family, Label};
use crate::interaction::{ASSISTANT_RESULTS, EventKind, Role};
use crate::labels::LabelSet;
use crate::vocabulary::{Fact, RejectReason};

use super::channels::{Offered, ring_labels};
use super::context::FactEvaluator;
use super::event_ref::EventRef;
use super::record::EventFact;

/// The most messages of one session; a higher count is rejected.
const MAX_MESSAGES: i64 = 100_000;

const GROUPED: [Label; 3] = [Label::Medium, Label::Direction, Label::ReportingGroup];

/// Settles what is final in an event. `offered` is the offer its channel was, once its result is
/// final.
pub(super) fn evaluate(
    eval: &mut FactEvaluator<'_, '_, '_>,
    event: EventRef<'_>,
    offered: Option<Offered>,
) {
    match event.event.kind {
        EventKind::Ringing if event.channel.role == Role::Agent => {
            event.observe_duration(eval, Fact::Ring, Family::AgentRing, |eval| {
                ring_labels(eval, offered)
            });
        }
        EventKind::Wrap if event.channel.role == Role::Agent => {
            event.observe_duration(eval, Fact::AgentWrap, Family::AgentWrap, |eval| {
                eval.known(&GROUPED)
            });
        }
        EventKind::Held => hold(eval, event),
        EventKind::CallRecording => {
            event.observe_duration(eval, Fact::Recording, Family::Recording, |eval| {
                let role = eval.own_label(Label::Role, event.channel.role.text())?;
                Some(eval.known(&[Label::Medium])?.with(Label::Role, role))
            });
        }
        EventKind::Monitoring => {
            event.observe_duration(eval, Fact::Monitoring, Family::Monitoring, |eval| {
                let kind = eval.own_label(Label::Type, event.event.value.as_deref())?;
                Some(eval.known(&[Label::Medium])?.with(Label::Type, kind))
            });
        }
        EventKind::VirtualAssistant => session(eval, event),
        EventKind::CallRating => rating(eval, event),
        _ => seen(eval, event),
    }
    event.count_finished(eval);
    event.check_corrections(eval, facts(event.event.kind));
}

/// The facts that the place, the value and the duration of an event belong to.
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

/// A kind that counts at first sight; a disposition, once its channel has ended.
fn seen(eval: &mut FactEvaluator<'_, '_, '_>, event: EventRef<'_>) {
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
    if event.is_processed(eval, EventFact::Seen) {
        return;
    }
    let waits_for_channel = event.event.kind == EventKind::Disposition;
    if waits_for_channel && !(eval.subject.has_ended(event.channel) || eval.has_ended()) {
        return eval.note_pending(fact, "its channel has not ended yet");
    }
    let Some(set) = seen_labels(eval, event, label) else {
        return eval.note_pending(fact, "not all its labels are known yet");
    };
    if event.count_seen(eval, fact) {
        eval.delta.count(family, &set);
    }
}

fn seen_labels(
    eval: &mut FactEvaluator<'_, '_, '_>,
    event: EventRef<'_>,
    label: Option<Label>,
) -> Option<LabelSet> {
    let mut set = eval.known(&[Label::Medium])?;
    if event.event.kind == EventKind::InteractionPlan {
        let plan = eval.own_label(Label::InteractionPlan, event.event.name.as_deref())?;
        set = set.with(Label::InteractionPlan, plan);
    }
    if let Some(label) = label {
        let id = eval.own_label(label, event.event.value.as_deref())?;
        set = set.with(label, id);
    }
    Some(set)
}

fn hold(eval: &mut FactEvaluator<'_, '_, '_>, event: EventRef<'_>) {
    event.observe_duration(eval, Fact::Hold, Family::Hold, |eval| {
        let kind = eval.own_label(Label::Type, event.event.value.as_deref())?;
        let role = eval.own_label(Label::Role, event.channel.role.text())?;
        let set = eval.known(&GROUPED)?;
        Some(set.with(Label::Type, kind).with(Label::Role, role))
    });
}

/// Final once its value is given.
fn rating(eval: &mut FactEvaluator<'_, '_, '_>, event: EventRef<'_>) {
    if event.is_processed(eval, EventFact::Seen) {
        return;
    }
    let Some(score) = event.event.value.as_deref() else {
        return eval.note_pending(Fact::Rating, "no rating was given yet");
    };
    let Some(set) = eval.known(&[Label::Medium]) else {
        return eval.note_pending(Fact::Rating, "not all its labels are known yet");
    };
    if !event.count_seen(eval, Fact::Rating) {
        return;
    }
    let id = eval.label_or_none(Label::Score, Some(score));
    let labelled = set.with(Label::Score, id);
    eval.delta.count(Family::QualityRatings, &labelled);
    match score.trim().parse::<u64>() {
        Ok(score @ 1..=5) => eval
            .delta
            .observe(Family::QualityScore, &set, score * 1_000),
        _ => eval.reject(Fact::Rating, RejectReason::Absurd),
    }
}

/// Final when result and duration are both there, or the interaction has ended.
fn session(eval: &mut FactEvaluator<'_, '_, '_>, event: EventRef<'_>) {
    let finished = event.has_finished(eval) || eval.has_ended();
    let assistant = eval.own_label(Label::Assistant, event.event.name.as_deref());
    let medium = eval.known(&[Label::Medium]);
    let (true, Some(assistant), Some(set)) = (finished, assistant, medium) else {
        if !event.is_processed(eval, EventFact::Done) {
            eval.note_pending(Fact::AssistantSession, "it has no result and duration yet");
        }
        return;
    };
    let set = set.with(Label::Assistant, assistant);
    if !event.is_processed(eval, EventFact::Done) {
        event.mark_processed(eval, EventFact::Done);
        if !eval.counts(Fact::AssistantSession, event.ended_ms(eval)) {
            event.mark_processed(eval, EventFact::Measured);
            event.mark_processed(eval, EventFact::Extra);
            return;
        }
        event.mark_processed(eval, EventFact::DoneCounted);
        event.remember_value(eval);
        // All results exist from the first session on.
        for result in ASSISTANT_RESULTS {
            let id = eval.label_or_none(Label::QueueResult, Some(result));
            let set = set.with(Label::QueueResult, id);
            eval.delta.ensure_exists(Family::AssistantSessions, &set);
        }
        let value = event.event.value.as_deref();
        let set = set.with(
            Label::QueueResult,
            eval.label_or_none(Label::QueueResult, value),
        );
        eval.delta.count(Family::AssistantSessions, &set);
    }
    event.observe_duration(eval, Fact::AssistantTime, Family::AssistantSeconds, |_| {
        Some(set)
    });
    messages(eval, event, &set);
}

fn messages(eval: &mut FactEvaluator<'_, '_, '_>, event: EventRef<'_>, set: &LabelSet) {
    let Some(count) = event.event.messages else {
        return;
    };
    if event.is_processed(eval, EventFact::Extra) {
        return;
    }
    let (fact, part_id) = (Fact::AssistantMessages, event.part_id());
    let Some(valid) = eval.validate_up_to(MAX_MESSAGES, fact, count, part_id) else {
        return;
    };
    event.mark_processed(eval, EventFact::Extra);
    if eval.counts(Fact::AssistantMessages, event.ended_ms(eval)) {
        eval.delta.add(Family::AssistantMessages, set, valid);
    }
}
