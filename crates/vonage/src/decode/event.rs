//! Events, decoded while they are parsed.

use std::borrow::Cow;

use super::super::wire::{self, seq::SeqSink};
use super::text::{canonical, lenient, text};
use vcc_core::interaction::{
    ASSISTANT_RESULTS, Event, EventKind, MAX_PARTS, QUEUE_RESULTS, QueueDetails,
};

/// The largest magnitude of an offset, in milliseconds: two years. It keeps sums of offsets and
/// durations far from overflowing.
const MAX_OFFSET_MS: i64 = 2 * 366 * 24 * 3_600 * 1_000;

/// The events of a channel.
#[derive(Debug, Default)]
pub(super) struct Events<'a> {
    pub(super) list: Vec<Event<'a>>,
    /// The number of events and of names in them, whether or not they are kept.
    pub(super) parts: usize,
}

impl<'de: 'a, 'a> SeqSink<'de> for Events<'a> {
    type Element = wire::Event<'a>;

    fn push(&mut self, element: Self::Element) {
        self.parts += parts_of(&element);
        // A record beyond the limit is rejected as a whole, so its other parts are not worth
        // keeping.
        if self.parts <= MAX_PARTS {
            self.list.push(event(element));
        }
    }
}

/// The event itself and the elements of its lists.
fn parts_of(event: &wire::Event<'_>) -> usize {
    event.properties.as_ref().map_or(1, |lists| {
        1 + lists.virtual_queues.0.len() + lists.presented_skills.0.len() + lists.targets.0.len()
    })
}

/// The event, with the one property that its metrics use.
fn event(event: wire::Event<'_>) -> Event<'_> {
    let kind_text = text(event.kind);
    let kind = kind_text.as_deref().map_or(EventKind::Other, kind_of);
    let properties = event.properties.unwrap_or_default();
    let value = match kind {
        EventKind::Queue | EventKind::AgentQueue => {
            lenient(properties.result).map(|text| canonical(text, &QUEUE_RESULTS))
        }
        EventKind::VirtualAssistant => {
            lenient(properties.result).map(|text| canonical(text, &ASSISTANT_RESULTS))
        }
        EventKind::Held | EventKind::Monitoring | EventKind::DeliveryFailed => {
            lenient(properties.kind)
        }
        EventKind::Disposition => lenient(properties.disposition),
        EventKind::CallRating | EventKind::AudioProblemReported => {
            lenient(properties.classification)
        }
        EventKind::Applet | EventKind::VoicemailRecording => lenient(properties.applet_type),
        EventKind::InteractionPlan => lenient(properties.reporting_group),
        EventKind::Other => kind_text,
        EventKind::Ringing
        | EventKind::Connected
        | EventKind::Wrap
        | EventKind::CallRecording
        | EventKind::DataSourceValueAcquired => None,
    };
    let queued = matches!(kind, EventKind::Queue | EventKind::AgentQueue);
    Event {
        kind,
        offset_ms: offset(event.offset),
        duration_ms: event.duration.map(|n| n.0),
        name: text(event.name),
        value,
        messages: lenient(properties.message_count).and_then(|text| text.trim().parse().ok()),
        queue: queued.then(|| {
            Box::new(queue_details(
                properties.virtual_queues,
                properties.targets,
                properties.presented_skills,
            ))
        }),
    }
}

/// Compares types without their letter case: relatives of this API write them in lower case.
fn kind_of(text: &str) -> EventKind {
    let documented = EventKind::DOCUMENTED.iter().copied();
    // Almost all are spelt as documented, which is faster to compare.
    documented
        .clone()
        .find(|kind| kind.name() == text)
        .or_else(|| {
            documented
                .clone()
                .find(|kind| kind.name().eq_ignore_ascii_case(text))
        })
        .unwrap_or(EventKind::Other)
}

/// An offset within the limit; 0 if there is none.
pub(super) fn offset(offset: Option<wire::Int>) -> i64 {
    offset.map_or(0, |n| n.0.clamp(-MAX_OFFSET_MS, MAX_OFFSET_MS))
}

fn queue_details<'a>(
    virtual_queues: wire::List<wire::Str<'a>>,
    targets: wire::List<wire::Target<'a>>,
    skills: wire::List<wire::Str<'a>>,
) -> QueueDetails<'a> {
    let texts = |list: wire::List<_>| list.0.into_iter().filter_map(|t| text(Some(t))).collect();
    let mut queues: Vec<Cow<'_, str>> = texts(virtual_queues);
    // One wait counts once per distinct queue it names.
    let mut seen = 0;
    while seen < queues.len() {
        if queues[..seen].contains(&queues[seen]) {
            queues.remove(seen);
        } else {
            seen += 1;
        }
    }
    QueueDetails {
        virtual_queues: queues,
        targets: (targets.0.into_iter())
            .filter_map(|t| Some((text(t.virtual_queue)?, t.target_time_to_answer?.0)))
            .collect(),
        skills: texts(skills),
    }
}
