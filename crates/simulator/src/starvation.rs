//! Queues that run out of agents: who comes to one waits long, and mostly in vain.
use serde::{Deserialize, Serialize};

use super::config::WorldConfig;
use super::names::Names;

/// A time in which a virtual queue has hardly an agent, in Unix milliseconds of server time.
///
/// It is told by the arrival: who came before goes on being served as if nothing were the matter. So an arrival's
/// script never changes once it has arrived, and the truth stays the truth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Starvation {
    /// The queue's name.
    pub queue: String,
    /// Arrivals after this moment are touched.
    pub from_ms: i64,
    /// Arrivals after this moment are not; absent, there is no end yet.
    pub to_ms: Option<i64>,
}

impl Starvation {
    /// Whether an arrival of this moment is touched.
    fn touches(&self, arrival_ms: i64) -> bool {
        self.from_ms < arrival_ms && self.to_ms.is_none_or(|to_ms| arrival_ms <= to_ms)
    }
}

/// A virtual queue was named that the world does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownQueue {
    asked: String,
    known: Vec<String>,
}

impl std::fmt::Display for UnknownQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { asked, known } = self;
        write!(f, "there is no queue {asked:?}; there are {known:?}")
    }
}

impl std::error::Error for UnknownQueue {}

/// Whoever arrives after `now_ms` finds these queues starved and no others.
pub(super) fn starve(
    config: &mut WorldConfig,
    queues: &[String],
    now_ms: i64,
) -> Result<(), UnknownQueue> {
    let known: Vec<String> = Names(config).queues().collect();
    if let Some(asked) = queues.iter().find(|queue| !known.contains(queue)) {
        let asked = asked.clone();
        return Err(UnknownQueue { asked, known });
    }
    for starvation in &mut config.starvations {
        if starvation.touches(now_ms + 1) && !queues.contains(&starvation.queue) {
            starvation.to_ms = Some(now_ms);
        }
    }
    let already = starved(config, now_ms + 1);
    for queue in queues.iter().filter(|queue| !already.contains(queue)) {
        config.starvations.push(Starvation {
            queue: queue.clone(),
            from_ms: now_ms,
            to_ms: None,
        });
    }
    Ok(())
}

/// The queues that whoever arrives at this moment finds starved.
pub(super) fn starved(config: &WorldConfig, arrival_ms: i64) -> Vec<String> {
    let touching = |it: &&Starvation| it.touches(arrival_ms);
    let found = config.starvations.iter().filter(touching);
    found.map(|it| it.queue.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HOUR_MS, Truth, World};

    const STARVED: &str = "Billing Queue";

    fn world() -> (World, i64) {
        let config = WorldConfig {
            per_hour: 600.0,
            day_length_ms: 0,
            ..WorldConfig::default()
        };
        let start_ms = config.start_ms;
        (World::new(config), start_ms)
    }

    /// The share of a queue's finished waits in which the caller gave up.
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
        let (mut world, start_ms) = world();
        let from = start_ms + HOUR_MS;
        world.starve(&[STARVED.to_owned()], from).expect("a queue");
        assert_eq!(world.starved(), [STARVED]);
        let truth = world.truth(from + 3 * HOUR_MS, from);
        assert!(given_up(&truth, STARVED) > 0.6);
        assert!(given_up(&truth, "Sales Queue") < 0.3);
        let until = from + 3 * HOUR_MS;
        world.starve(&[], until).expect("no queue");
        assert!(world.starved().is_empty());
        let truth = world.truth(until + 3 * HOUR_MS, until + HOUR_MS);
        assert!(given_up(&truth, STARVED) < 0.3);
    }

    #[test]
    fn what_was_true_stays_true_when_agents_leave_and_when_they_return() {
        let (mut world, start_ms) = world();
        let now = start_ms + HOUR_MS;
        for (queues, at) in [(vec![STARVED.to_owned()], now), (vec![], now + HOUR_MS)] {
            let before = world.truth(at, start_ms);
            world.starve(&queues, at).expect("a queue");
            assert!(world.truth(at, start_ms) == before);
        }
        let grown = world.truth(now + 4 * HOUR_MS, start_ms);
        // A world that was made from what this one has become has the same past.
        let mut made_so = World::new(world.config().clone());
        assert!(made_so.truth(now + 4 * HOUR_MS, start_ms) == grown);
    }

    #[test]
    fn an_unknown_queue_is_refused_by_name_and_changes_nothing() {
        let (mut world, start_ms) = world();
        world
            .starve(&[STARVED.to_owned()], start_ms)
            .expect("a queue");
        let asked = ["Sales Queue".to_owned(), "Nobody's".to_owned()];
        let refused = world.starve(&asked, start_ms + 1).expect_err("unknown");
        let said = refused.to_string();
        assert!(
            said.contains("Nobody's") && said.contains(STARVED),
            "{said}"
        );
        assert_eq!(world.starved(), [STARVED]);
    }
}
