//! Collects the pages of ongoing interactions into live gauges.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use vcc_core::catalogue::{Family, Label};
use vcc_core::interaction::{Channel, EventKind, Guid, Interaction};
use vcc_core::labels::{LabelId, LabelInterner, Resolver};
use vcc_core::ledger::AccountView;
use vcc_core::series::Gauge;
use vcc_core::vocabulary::{ClosedValue, State};

/// Label values in the order of a family's labels.
type Values = Vec<Arc<str>>;

/// What was ongoing at one poll.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Ongoing {
    /// Interactions by medium, direction, medium manager and state.
    in_progress: BTreeMap<Values, u64>,
    /// Waits by medium, direction, virtual queue and reporting group.
    waiting: BTreeMap<Values, u64>,
    /// When the longest wait of a virtual queue began, Unix milliseconds.
    oldest_ms: BTreeMap<Arc<str>, i64>,
}

/// Collects what is ongoing from one page after the other.
#[derive(Debug)]
pub struct LiveCollector<'d> {
    resolver: Resolver<'d>,
    limit: usize,
    seen: BTreeSet<Guid>,
    found: Ongoing,
}

impl<'d> LiveCollector<'d> {
    /// An empty collector. Label values are resolved by the account's dictionary, which learns none of
    /// them; beyond the limit on the series of a family they are `other`.
    pub fn new(dictionary: &'d LabelInterner, limit: usize) -> Self {
        LiveCollector {
            resolver: Resolver::new(dictionary),
            limit,
            seen: BTreeSet::new(),
            found: Ongoing::default(),
        }
    }

    /// Collects an interaction, unless it is over. Returns whether it was on no earlier page.
    pub fn take(&mut self, interaction: &Interaction<'_>) -> bool {
        if !self.seen.insert(interaction.guid) {
            return false;
        }
        if interaction.is_final() {
            return true;
        }
        let medium = self.text(Label::Medium, interaction.medium.as_deref());
        let direction = self.text(Label::Direction, interaction.direction.as_deref());
        let manager = self.text(Label::MediumManager, interaction.medium_manager.as_deref());
        let group = self.text(
            Label::ReportingGroup,
            interaction.reporting_group.as_deref(),
        );
        let state = state(interaction).as_str().into();
        let labels = vec![Arc::clone(&medium), Arc::clone(&direction), manager, state];
        count(&mut self.found.in_progress, labels, self.limit);
        for channel in going_on(interaction) {
            for event in open_waits(channel) {
                let entered_ms = interaction.start_ms.saturating_add(event.offset_ms);
                let named = event.queue.iter().flat_map(|queue| &queue.virtual_queues);
                let mut queues: BTreeSet<_> = named
                    .map(|name| self.text(Label::VirtualQueue, Some(name)))
                    .collect();
                if queues.is_empty() {
                    queues.insert(self.text(Label::VirtualQueue, None));
                }
                for queue in queues {
                    let (medium, direction) = (Arc::clone(&medium), Arc::clone(&direction));
                    let labels = vec![medium, direction, Arc::clone(&queue), Arc::clone(&group)];
                    count(&mut self.found.waiting, labels, self.limit);
                    let oldest = self.found.oldest_ms.entry(queue).or_insert(entered_ms);
                    *oldest = entered_ms.min(*oldest);
                }
            }
        }
        true
    }

    fn text(&mut self, label: Label, value: Option<&str>) -> Arc<str> {
        let id = self.resolver.resolve(label, value);
        self.resolver.text(id.unwrap_or(LabelId::NONE))
    }

    pub fn finish(self) -> Ongoing {
        self.found
    }
}

/// Counts one more under these labels; beyond the limit under `other` for all but our own words.
fn count(series: &mut BTreeMap<Values, u64>, mut labels: Values, limit: usize) {
    if series.len() >= limit && !series.contains_key(&labels) {
        for label in &mut labels {
            if State::VOCABULARY.position(label).is_none() {
                *label = "other".into();
            }
        }
    }
    *series.entry(labels).or_default() += 1;
}

fn going_on<'i, 'a>(interaction: &'i Interaction<'a>) -> impl Iterator<Item = &'i Channel<'a>> {
    let channels = interaction.channels.iter();
    channels.filter(|channel| !interaction.has_ended(channel))
}

/// Waits of customers that have no result yet.
fn open_waits<'i, 'a>(
    channel: &'i Channel<'a>,
) -> impl Iterator<Item = &'i vcc_core::interaction::Event<'a>> {
    let events = channel.events.iter();
    events.filter(|event| event.kind == EventKind::Queue && event.value.is_none())
}

/// The state of an interaction as the customer sees it: an agent is connected, a phone rings, a
/// queue moves, an agent only wraps up, or a machine answers.
fn state(interaction: &Interaction<'_>) -> State {
    let doing = |channel: &Channel<'_>| {
        let telling = [EventKind::Ringing, EventKind::Connected, EventKind::Wrap];
        let events = channel.events.iter();
        let last = events
            .filter(|event| telling.contains(&event.kind))
            .max_by_key(|event| event.offset_ms);
        last.map(|event| event.kind)
    };
    let agents: Vec<_> = interaction
        .agents()
        .filter(|channel| !interaction.has_ended(channel))
        .filter_map(doing)
        .collect();
    let is_queued = going_on(interaction).any(|channel| open_waits(channel).next().is_some());
    if agents.contains(&EventKind::Connected) {
        State::Connected
    } else if agents.contains(&EventKind::Ringing) {
        State::Ringing
    } else if is_queued {
        State::Queued
    } else if agents.contains(&EventKind::Wrap) {
        State::Wrap
    } else {
        State::SelfService
    }
}

impl Ongoing {
    /// The gauges, with a 0 for everything the account is known to have.
    pub fn gauges(&self, account: &str, view: &AccountView) -> Vec<Gauge> {
        let mut in_progress = self.in_progress.clone();
        for known in known(view, Family::InteractionsStarted) {
            for state in State::ALL {
                let labels = known.iter().cloned().chain([state.as_str().into()]);
                in_progress.entry(labels.collect()).or_default();
            }
        }
        let mut waiting = self.waiting.clone();
        for known in known(view, Family::QueueEntries) {
            waiting.entry(known).or_default();
        }
        let mut out = Vec::new();
        for (labels, count) in in_progress {
            out.push(gauge(
                Family::InteractionsInProgress,
                account,
                labels,
                count as f64,
            ));
        }
        for (labels, count) in waiting {
            out.push(gauge(Family::QueueWaiting, account, labels, count as f64));
        }
        for (queue, entered_ms) in &self.oldest_ms {
            let (family, entered) = (Family::QueueOldestEntry, *entered_ms as f64 / 1_000.0);
            out.push(gauge(family, account, vec![Arc::clone(queue)], entered));
        }
        out
    }
}

/// The label values of a family's series, unless the configuration leaves some of them out.
fn known(view: &AccountView, family: Family) -> impl Iterator<Item = Values> {
    let series = view.series(family).iter();
    let values = series.map(|series| series.labels.to_vec());
    values.filter(|values| values.iter().all(|value| !value.is_empty()))
}

fn gauge(family: Family, account: &str, values: Values, value: f64) -> Gauge {
    let own = family.info().labels.iter().zip(values);
    let own = own.map(|(label, text)| (label.name(), Cow::Owned(text.to_string())));
    let account = ("account", Cow::Owned(account.to_owned()));
    Gauge {
        family,
        labels: std::iter::once(account).chain(own).collect(),
        value,
    }
}
