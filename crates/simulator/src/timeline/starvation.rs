//! Queues that run out of agents.
use crate::scenarios::Names;
use crate::settings::{SimulatorConfig, Starvation};

/// There is no virtual queue of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no queue {requested:?}; there are {known:?}")]
pub struct UnknownQueue {
    requested: String,
    known: Vec<String>,
}

/// Arrivals after `now_ms` find these queues starved, and no others.
pub(super) fn starve(
    config: &mut SimulatorConfig,
    queues: &[String],
    now_ms: i64,
) -> Result<(), UnknownQueue> {
    let known: Vec<String> = Names(config).queues().collect();
    if let Some(unknown) = queues.iter().find(|queue| !known.contains(queue)) {
        let requested = unknown.clone();
        return Err(UnknownQueue { requested, known });
    }
    for starvation in &mut config.starvations {
        if starvation.covers(now_ms + 1) && !queues.contains(&starvation.queue) {
            starvation.to_ms = Some(now_ms);
        }
    }
    let already = config.starved_queues(now_ms + 1);
    for queue in queues.iter().filter(|queue| !already.contains(queue)) {
        config.starvations.push(Starvation {
            queue: queue.clone(),
            from_ms: now_ms,
            to_ms: None,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HOUR_MS, Timeline, Truth};

    const STARVED: &str = "Billing Queue";

    fn busy_timeline() -> (Timeline, i64) {
        let config = SimulatorConfig {
            per_hour: 600.0,
            day_length_ms: 0,
            ..SimulatorConfig::default()
        };
        let start_ms = config.start_ms;
        (Timeline::new(config), start_ms)
    }

    /// The share of a queue's waits that the caller abandoned.
    #[expect(clippy::cast_precision_loss, reason = "these are thousands")]
    fn given_up(truth: &Truth, queue: &str) -> f64 {
        let count = |result: &[(&str, &str)]| {
            let of_queue = [&[("virtual_queue", queue)], result].concat();
            truth.count("vcc_queue_exits_total", &of_queue) as f64
        };
        count(&[("result", "HangUp")]) / count(&[])
    }

    #[test]
    fn callers_of_a_starved_queue_give_up_and_those_of_the_others_do_not() {
        let (mut timeline, start_ms) = busy_timeline();
        let from = start_ms + HOUR_MS;
        timeline
            .starve(&[STARVED.to_owned()], from)
            .expect("a queue");
        assert_eq!(timeline.starved(), [STARVED]);
        let truth = timeline.truth(from + 3 * HOUR_MS, from);
        assert!(given_up(&truth, STARVED) > 0.6);
        assert!(given_up(&truth, "Sales Queue") < 0.3);
        let until = from + 3 * HOUR_MS;
        timeline.starve(&[], until).expect("no queue");
        assert!(timeline.starved().is_empty());
        let truth = timeline.truth(until + 3 * HOUR_MS, until + HOUR_MS);
        assert!(given_up(&truth, STARVED) < 0.3);
    }

    #[test]
    fn the_truth_so_far_does_not_change_when_agents_leave_or_return() {
        let (mut timeline, start_ms) = busy_timeline();
        let now = start_ms + HOUR_MS;
        for (queues, at) in [(vec![STARVED.to_owned()], now), (vec![], now + HOUR_MS)] {
            let before = timeline.truth(at, start_ms);
            timeline.starve(&queues, at).expect("a queue");
            assert!(timeline.truth(at, start_ms) == before);
        }
        let grown = timeline.truth(now + 4 * HOUR_MS, start_ms);
        // A timeline from the configuration as it is now has the same past.
        let mut replayed = Timeline::new(timeline.config().clone());
        assert!(replayed.truth(now + 4 * HOUR_MS, start_ms) == grown);
    }

    #[test]
    fn an_unknown_queue_is_rejected_by_name_and_changes_nothing() {
        let (mut timeline, start_ms) = busy_timeline();
        timeline
            .starve(&[STARVED.to_owned()], start_ms)
            .expect("a queue");
        let requested = ["Sales Queue".to_owned(), "Nobody's".to_owned()];
        let error = timeline
            .starve(&requested, start_ms + 1)
            .expect_err("unknown");
        let message = error.to_string();
        assert!(
            message.contains("Nobody's") && message.contains(STARVED),
            "{message}"
        );
        assert_eq!(timeline.starved(), [STARVED]);
    }
}
