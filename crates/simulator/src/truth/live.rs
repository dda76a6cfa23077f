//! The live gauges at one moment, from the scripts.
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::{NONE, Series, Value};
use crate::script::{Channel, Detail, Event, QueueDetail, Role, Script};

/// Collects the live gauges.
#[derive(Debug, Default)]
pub(crate) struct LiveTruth(BTreeMap<Key, u64>);

/// A family and its label values.
type Key = (&'static str, Vec<(&'static str, String)>);

impl LiveTruth {
    fn count(&mut self, family: &'static str, labels: &[(&'static str, &str)]) {
        *self.series(family, labels).or_default() += 1;
    }

    fn series(
        &mut self,
        family: &'static str,
        labels: &[(&'static str, &str)],
    ) -> Entry<'_, Key, u64> {
        let labels = labels
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        self.0.entry((family, labels.collect()))
    }

    /// Adds an interaction whose newest visible version is of this moment, in milliseconds after its start.
    pub(crate) fn add(&mut self, script: &Script, at: i64) {
        let label = |known: Option<&Option<String>>| {
            known.and_then(Option::as_deref).unwrap_or(NONE).to_owned()
        };
        let medium = label(script.medium.at(at));
        let group = label(script.group.at(at));
        let direction = script.direction.at(at).and_then(|it| *it).unwrap_or(NONE);
        let labels = [
            ("medium", medium.as_str()),
            ("direction", direction),
            ("medium_manager", script.manager.unwrap_or(NONE)),
            ("state", state(script, at)),
        ];
        self.count("vcc_interactions_in_progress", &labels);
        for (event, detail) in waiting(script, at) {
            let named: Vec<&str> = if detail.queues.is_empty() {
                vec![NONE]
            } else {
                detail.queues.iter().map(String::as_str).collect()
            };
            let entered = u64::try_from(script.start_ms + event.offset).unwrap_or_default();
            for queue in named {
                let queue = ("virtual_queue", queue);
                let labels = [labels[0], labels[1], queue, ("reporting_group", &group)];
                self.count("vcc_queue_waiting", &labels);
                let family = "vcc_queue_oldest_entry_timestamp_seconds";
                let oldest = self.series(family, &[queue]).or_insert(entered);
                *oldest = entered.min(*oldest);
            }
        }
    }

    /// The series; times of entry are in milliseconds.
    pub(crate) fn into_series(self) -> Vec<Series> {
        let series = self.0.into_iter().map(|((family, labels), value)| Series {
            family: family.to_owned(),
            labels: (labels.into_iter())
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            value: Value::Counter { value },
        });
        series.collect()
    }
}

/// The channels that have begun and not ended.
fn open(script: &Script, at: i64) -> impl Iterator<Item = &Channel> {
    let channels = script.channels.iter();
    channels.filter(move |it| it.offset <= at && it.duration.from > at)
}

fn waiting(script: &Script, at: i64) -> impl Iterator<Item = (&Event, &QueueDetail)> {
    let events = open(script, at).flat_map(|channel| &channel.events);
    events.filter_map(move |event| match &event.detail {
        // A wait without a reported result looks open as long as its channel is.
        Detail::Queue(detail)
            if event.seen <= at && (event.settled > at || detail.result.is_none()) =>
        {
            Some((event, detail))
        }
        _ => None,
    })
}

/// The `state` label: what the most engaged agent is doing, else whether the customer waits.
fn state(script: &Script, at: i64) -> &'static str {
    let activity = |channel: &Channel| {
        let events = channel.events.iter().filter(|event| event.seen <= at);
        let last = events
            .filter_map(|event| match event.detail {
                Detail::Ringing => Some((event.offset, "ringing")),
                Detail::Connected => Some((event.offset, "connected")),
                Detail::Wrap => Some((event.offset, "wrap")),
                _ => None,
            })
            .max_by_key(|(offset, _)| *offset);
        last.map(|(_, activity)| activity)
    };
    let agents: Vec<_> = open(script, at)
        .filter(|channel| channel.role == Role::Agent)
        .filter_map(activity)
        .collect();
    let is_queued = waiting(script, at).next().is_some();
    match () {
        () if agents.contains(&"connected") => "connected",
        () if agents.contains(&"ringing") => "ringing",
        () if is_queued => "queued",
        () if agents.contains(&"wrap") => "wrap",
        () => "self_service",
    }
}
