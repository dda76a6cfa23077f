//! The join of an interaction's versions, so that what is known does not depend on the order in
//! which they arrive.
//!
//! A field is null or a value; joined, the value stays. Where two values differ, the version that
//! knows more (a final status, an ended channel, a result) wins, else the later arrival.

use super::{Channel, Event, EventKind, Interaction, MAX_PARTS, QueueDetails, Role, Status};

/// Joins a version into what is known.
pub fn merge(known: Interaction<'static>, version: Interaction<'static>) -> Interaction<'static> {
    let keep = known.is_final() && !version.is_final();
    Interaction {
        guid: known.guid,
        conversation: pick(keep, known.conversation, version.conversation),
        status: merge_status(&known, &version),
        start_ms: if keep {
            known.start_ms
        } else {
            version.start_ms
        },
        duration_ms: pick(keep, known.duration_ms, version.duration_ms),
        handle_ms: pick(keep, known.handle_ms, version.handle_ms),
        talk_ms: pick(keep, known.talk_ms, version.talk_ms),
        categorized: pick(keep, known.categorized, version.categorized),
        medium: pick(keep, known.medium, version.medium),
        medium_manager: pick(keep, known.medium_manager, version.medium_manager),
        direction: pick(keep, known.direction, version.direction),
        outcome: pick(keep, known.outcome, version.outcome),
        reporting_group: pick(keep, known.reporting_group, version.reporting_group),
        channels: merge_channels(known.channels, version.channels),
    }
}

fn pick<T>(keep: bool, known: Option<T>, version: Option<T>) -> Option<T> {
    if keep {
        known.or(version)
    } else {
        version.or(known)
    }
}

/// What is over stays over; a status the API gave says more than none.
fn merge_status(known: &Interaction<'_>, version: &Interaction<'_>) -> Status {
    let says = |status| status != Status::Unknown;
    let keep = match (known.is_final(), version.is_final()) {
        (true, false) => true,
        (false, true) => false,
        _ => says(known.status) && !says(version.status),
    };
    if keep { known.status } else { version.status }
}

fn merge_channels(
    mut known: Vec<Channel<'static>>,
    version: Vec<Channel<'static>>,
) -> Vec<Channel<'static>> {
    for channel in version {
        match known.iter().position(|it| it.id == channel.id) {
            Some(place) => merge_channel(&mut known[place], channel),
            // A join must stay bounded whatever its versions bring.
            None if known.len() < MAX_PARTS => known.push(channel),
            None => {}
        }
    }
    known
}

fn merge_channel(known: &mut Channel<'static>, version: Channel<'static>) {
    let keep = known.end_reason.is_some() && version.end_reason.is_none();
    known.duration_ms = pick(keep, known.duration_ms, version.duration_ms);
    known.handle_ms = pick(keep, known.handle_ms, version.handle_ms);
    known.party = pick(keep, known.party, version.party);
    known.party_id = pick(keep, known.party_id.take(), version.party_id);
    known.end_reason = pick(keep, known.end_reason.take(), version.end_reason);
    known.integration = pick(keep, known.integration.take(), version.integration);
    if !keep {
        known.offset_ms = version.offset_ms;
    }
    if known.role == Role::Absent || !(keep || version.role == Role::Absent) {
        known.role = version.role;
    }
    let pairs = align(&known.events, &version.events, same_kind, same_identity);
    for (event, pair) in version.events.into_iter().zip(pairs) {
        match pair {
            Some(index) => merge_event(&mut known.events[index], event, keep),
            None if known.events.len() < MAX_PARTS => known.events.push(event),
            None => {}
        }
    }
}

fn merge_event(known: &mut Event<'static>, version: Event<'static>, keep: bool) {
    let finished = |event: &Event<'_>| event.kind.has_result() && event.value.is_some();
    let keep = keep || (finished(known) && !finished(&version));
    known.duration_ms = pick(keep, known.duration_ms, version.duration_ms);
    if !keep {
        known.offset_ms = version.offset_ms;
        known.name = version.name.or(known.name.take());
    }
    known.value = pick(keep, known.value.take(), version.value);
    known.messages = pick(keep, known.messages, version.messages);
    known.queue = match (known.queue.take(), version.queue) {
        (Some(known), Some(version)) => Some(Box::new(merge_queue(*known, *version, keep))),
        (known, version) => known.or(version),
    };
}

fn merge_queue(
    known: QueueDetails<'static>,
    version: QueueDetails<'static>,
    keep: bool,
) -> QueueDetails<'static> {
    QueueDetails {
        virtual_queues: longer(keep, known.virtual_queues, version.virtual_queues),
        targets: longer(keep, known.targets, version.targets),
        skills: longer(keep, known.skills, version.skills),
    }
}

/// An empty list says nothing, like null.
fn longer<T>(keep: bool, known: Vec<T>, version: Vec<T>) -> Vec<T> {
    if version.is_empty() || (keep && !known.is_empty()) {
        known
    } else {
        version
    }
}

/// Types we do not know are told apart by their names.
fn same_kind(a: &Event<'_>, b: &Event<'_>) -> bool {
    a.kind == b.kind && (a.kind != EventKind::Other || a.value == b.value)
}

fn same_identity(a: &Event<'_>, b: &Event<'_>) -> bool {
    a.offset_ms == b.offset_ms && a.name == b.name && same_kind(a, b)
}

/// Finds for each item of a version the known one it is: first those of exactly the same
/// identity, then, in order, those left over of the same group.
///
/// An offset that moved by a millisecond therefore pairs with what it was instead of becoming
/// something new, and equal twins pair one to one. The answer holds indices into `known`, `None`
/// for what is new.
pub fn align<K, V>(
    known: &[K],
    version: &[V],
    same_group: impl Fn(&K, &V) -> bool,
    same_identity: impl Fn(&K, &V) -> bool,
) -> Vec<Option<usize>> {
    let mut pairs = vec![None; version.len()];
    if known.is_empty() {
        return pairs;
    }
    let mut taken = vec![false; known.len()];
    let mut claim = |pairs: &mut Vec<Option<usize>>, same: &dyn Fn(&K, &V) -> bool| {
        for (slot, item) in pairs.iter_mut().zip(version) {
            if slot.is_some() {
                continue;
            }
            let free = (0..known.len()).find(|i| !taken[*i] && same(&known[*i], item));
            if let Some(index) = free {
                taken[index] = true;
                *slot = Some(index);
            }
        }
    };
    claim(&mut pairs, &same_identity);
    claim(&mut pairs, &same_group);
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(known: &[(char, i64)], version: &[(char, i64)]) -> Vec<Option<usize>> {
        align(known, version, |a, b| a.0 == b.0, |a, b| a == b)
    }

    #[test]
    fn exact_identities_pair_first_and_the_rest_in_order() {
        assert_eq!(
            pairs(&[('q', 1), ('q', 5)], &[('q', 5), ('q', 2)]),
            [Some(1), Some(0)]
        );
        assert_eq!(pairs(&[('q', 1)], &[('q', 1), ('q', 1)]), [Some(0), None]);
        assert_eq!(
            pairs(&[('q', 1), ('q', 1)], &[('q', 1), ('q', 1)]),
            [Some(0), Some(1)]
        );
        assert_eq!(pairs(&[('q', 1)], &[('r', 1)]), [None]);
        assert_eq!(pairs(&[], &[('q', 1)]), [None]);
    }
}
