//! Counts all facts of one script.
use super::collector::TruthCollector;
use super::observed::{ObservedScript, VisibleVersion};
use super::{agents, events, interactions, queues};
use crate::script::Script;

/// Adds every fact that a reader of these versions, oldest first, has to count.
pub(crate) fn add_facts(
    collector: &mut TruthCollector,
    script: &Script,
    versions: &[VisibleVersion],
) {
    let observed = ObservedScript::new(script, versions);
    interactions::add(collector, &observed);
    queues::add(collector, &observed);
    agents::add(collector, &observed);
    events::add(collector, &observed);
}
