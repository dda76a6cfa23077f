//! A script and the versions of it that a reader has seen.
use crate::script::{BREAKOUT_RESULTS, Channel, Detail, Event, Known, NEVER, QueueDetail, Script};
use crate::settings::HOUR_MS;

use super::NONE;
use super::collector::FactTime;

/// A version that a reader could see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct VisibleVersion {
    /// The moment of the version, in milliseconds after the start of the script.
    pub(crate) at: i64,
    /// When it became visible, in Unix milliseconds.
    pub(crate) seen_ms: i64,
}

/// A script with the times at which its parts became visible; `NEVER` if they did not.
pub(super) struct ObservedScript<'a> {
    pub(super) script: &'a Script,
    pub(super) versions: &'a [VisibleVersion],
    /// When the interaction counts as ended, in Unix milliseconds.
    pub(super) ended: i64,
    pub(super) medium: &'a str,
    pub(super) direction: &'a str,
    pub(super) group: &'a str,
}

impl<'a> ObservedScript<'a> {
    pub(super) fn new(script: &'a Script, versions: &'a [VisibleVersion]) -> Self {
        let mut observed = Self {
            script,
            versions,
            ended: NEVER,
            medium: script.medium.value.as_deref().unwrap_or(NONE),
            direction: script.direction.value.unwrap_or(NONE),
            group: script.group.value.as_deref().unwrap_or(NONE),
        };
        observed.ended = observed.ended();
        observed
    }

    /// The status is final and every channel has ended, or an hour has passed since the status was final.
    fn ended(&self) -> i64 {
        let closed = self.script.duration.from;
        let channels = self.script.channels.iter();
        let all_ended = channels.fold(closed, |latest, it| latest.max(it.duration.from));
        let an_hour_later = self.seen(closed).saturating_add(HOUR_MS);
        self.seen(all_ended).min(an_hour_later)
    }

    /// When a value that is known from this moment on was first visible, in Unix milliseconds.
    pub(super) fn seen(&self, moment: i64) -> i64 {
        self.versions
            .iter()
            .find(|version| version.at >= moment)
            .map_or(NEVER, |version| version.seen_ms)
    }

    /// When a label was known: a null may still become a value until the interaction has ended.
    fn label<T>(&self, label: &Known<Option<T>>) -> i64 {
        if label.value.is_some() {
            self.seen(label.from).min(self.ended)
        } else {
            self.ended
        }
    }

    pub(super) fn medium_known(&self) -> i64 {
        self.label(&self.script.medium)
    }

    /// When medium and direction were known.
    pub(super) fn kind_known(&self) -> i64 {
        self.label(&self.script.medium)
            .max(self.label(&self.script.direction))
    }

    /// When medium, direction and reporting group were known.
    pub(super) fn group_known(&self) -> i64 {
        self.kind_known().max(self.label(&self.script.group))
    }

    /// When a fact that was seen then may be counted: without a name it waits for the end.
    pub(super) fn named(&self, seen: i64, is_named: bool) -> i64 {
        if is_named { seen } else { seen.max(self.ended) }
    }

    /// Converts milliseconds after the start to Unix milliseconds.
    pub(super) fn moment(&self, offset: i64) -> i64 {
        self.script.start_ms.saturating_add(offset)
    }

    /// The `Queue` events by ascending offset.
    pub(super) fn queues(&self) -> Vec<(&Event, &QueueDetail)> {
        let events = self.script.events();
        let mut waits: Vec<_> = events
            .filter_map(|event| match &event.detail {
                Detail::Queue(queue) => Some((event, queue)),
                _ => None,
            })
            .collect();
        waits.sort_by_key(|(event, _)| event.offset);
        waits
    }

    /// When this channel was known to have ended.
    pub(super) fn channel_ended(&self, channel: &Channel) -> i64 {
        self.seen(channel.duration.from).min(self.ended)
    }

    /// When the duration of an event was final: it was reported, and its channel or the interaction had ended.
    pub(super) fn measured(&self, channel: &Channel, event: &Event) -> Option<FactTime> {
        let reported = duration_from(event);
        if reported == NEVER {
            return None;
        }
        Some(FactTime {
            seen: self.seen(reported).max(self.channel_ended(channel)),
            happened: self.moment(event.offset.saturating_add(event.duration)),
        })
    }
}

/// When an event's duration becomes known. A rating has one from the start, although its value comes later.
pub(super) fn duration_from(event: &Event) -> i64 {
    match event.detail {
        Detail::Rating { .. } => event.seen,
        _ => event.settled,
    }
}

/// A wait's result if it is ever reported: result and duration are reported together.
pub(super) fn reported_result(event: &Event, detail: &QueueDetail) -> Option<&'static str> {
    detail.result.filter(|_| event.settled < NEVER)
}

/// The category of a wait's result.
pub(super) fn category(result: Option<&str>) -> &'static str {
    match result {
        Some("Delivered") => "answered",
        Some("HangUp") => "abandoned",
        Some("AgentRecall" | "AgentTransfer") => "agent",
        Some(result) if BREAKOUT_RESULTS.contains(&result) => "breakout",
        _ => "unknown",
    }
}
