//! Waits in queues, and what follows them: offers to agents, talks, wrap-up.
use super::ScriptBuilder;
use crate::script::{Detail, Known, QueueDetail, Role};
use crate::settings::{DAY_MS, HOUR_MS};

/// Target time to answer a case: a day.
const CASE_TARGET_SECONDS: i64 = 86_400;

impl ScriptBuilder<'_> {
    /// Draws the queue of the first wait; true if it has hardly any agents.
    pub(crate) fn first_queue_is_starved(&mut self) -> bool {
        if self.starved.is_empty() {
            // Nothing is drawn, so that the traffic is the same as without starvations.
            return false;
        }
        let queue = self.rng.index(self.names.queue_count());
        self.next_queue = Some(queue);
        self.starved.contains(&self.names.queue(queue))
    }

    /// The details of the next wait in a queue, with random queues, targets and skills.
    pub(crate) fn queue_detail(&mut self, result: &'static str) -> QueueDetail {
        self.last_queue = match self.next_queue.take() {
            Some(queue) => queue,
            None => self.rng.index(self.names.queue_count()),
        };
        let count = self.rng.weighted(&[(82, 1_usize), (10, 2), (8, 0)]);
        let total = self.names.queue_count();
        let is_case = self.last_queue == self.names.case_queue();
        let picked: Vec<usize> = if is_case {
            vec![self.last_queue]
        } else {
            (0..count.min(total))
                .map(|step| (self.last_queue + step) % total)
                .collect()
        };
        let with_target = self.rng.weighted(&[(85, 2_usize), (8, 0), (7, 1)]);
        let targets = picked
            .iter()
            .take(with_target)
            .map(|queue| {
                let seconds = if is_case {
                    CASE_TARGET_SECONDS
                } else {
                    [20, 30, 30, 60, 120][queue % 5]
                };
                let target = self.scaled(seconds * 1000) / 1000 * 1000;
                (self.names.queue(*queue), target.max(5_000))
            })
            .collect();
        let skills = match self.rng.index(3) {
            0 => vec![],
            1 => vec![self.names.skill(self.last_queue)],
            _ => vec![
                self.names.skill(self.last_queue),
                self.names.skill(self.last_queue + 1),
            ],
        };
        self.waits += 1;
        QueueDetail {
            number: self.waits,
            plan: self
                .script
                .mapping
                .as_ref()
                .map_or_else(|| "Plan".to_owned(), |it| it.plan.clone()),
            queues: picked
                .into_iter()
                .map(|queue| self.names.queue(queue))
                .collect(),
            targets,
            skills,
            result: Some(result),
            as_text: self.rng.chance(0.05),
        }
    }

    /// A wait of this length with this result; the clock moves to its end.
    pub(crate) fn queue(&mut self, channel: usize, wait: i64, result: &'static str) {
        self.applet(channel, "ACD", "ACD");
        self.pass(20, 200);
        let detail = self.queue_detail(result);
        self.offering = Some(detail.number);
        let name = self.names.acd_queue(self.last_queue, &mut self.rng);
        self.event(channel, Detail::Queue(detail), name, wait);
        self.now += wait;
    }

    /// A random length of a wait that ends with an answer; some are zero.
    pub(crate) fn wait(&mut self) -> i64 {
        match self.rng.index(40) {
            0 => 0,
            1..=6 => self.span(60_000, 240_000),
            _ => self.span(1_500, 55_000),
        }
    }

    /// A wait that this agent's answer ends; the ringing lies inside the wait. Returns the agent's channel.
    pub(crate) fn queue_and_answer(&mut self, external: usize, agent: &str, wait: i64) -> usize {
        self.queue(external, wait, "Delivered");
        let ring = self.span(1_500, 12_000).min(wait);
        self.answer(agent, ring)
    }

    /// Adds an agent's channel that rang for this long until now and is connected now.
    pub(crate) fn answer(&mut self, agent: &str, ring: i64) -> usize {
        self.now -= ring;
        let leg = self.open(Role::Agent, Some(agent.to_owned()));
        self.event(leg, Detail::Ringing, None, ring);
        self.now += ring;
        self.lasting(leg, Detail::Connected, None);
        leg
    }

    /// Adds an agent's channel that rings for this long from now on, unanswered; the clock does not move.
    pub(crate) fn unanswered(&mut self, agent: &str, ring: i64, end_reason: &'static str) {
        let leg = self.open(Role::Agent, Some(agent.to_owned()));
        self.event(leg, Detail::Ringing, None, ring);
        let offer = &mut self.script.channels[leg];
        offer.duration = Known::new(ring, offer.offset + ring);
        offer.end_reason = end_reason;
    }

    /// Two connected parties talk; in a quarter of the talks the agent holds the customer for a while.
    pub(crate) fn talk(&mut self, external: usize, leg: usize, low: i64, high: i64) {
        let length = self.span(low, high);
        self.offering = None;
        if self.rng.chance(0.25) {
            let held = length / 4;
            self.now += length / 3;
            let kind = self
                .rng
                .pick(&["Held", "Held", "Held", "Interrupted", "Parked", "Muted"]);
            let by = self.script.channels[leg].party.clone().unwrap_or_default();
            self.event(
                external,
                Detail::Held {
                    kind,
                    by: by.clone(),
                },
                None,
                held,
            );
            self.event(leg, Detail::Held { kind, by }, None, held);
            self.now += length - length / 3;
        } else {
            self.now += length;
        }
    }

    /// Hours to days with this probability, else zero.
    fn late_report_delay(&mut self, probability: f64) -> i64 {
        if self.rng.chance(probability) {
            self.span(HOUR_MS, 4 * DAY_MS)
        } else {
            0
        }
    }

    /// The agent leaves the talk and wraps up. The clock moves to the end of the wrap-up if `and_wait`, else not.
    pub(crate) fn leave(&mut self, leg: usize, and_wait: bool) {
        self.stop(leg);
        let parted = self.now;
        let wrap = self.span(0, 25_000);
        self.event(leg, Detail::Wrap, None, wrap);
        self.now += 1;
        let wrapped_up = parted + wrap.max(2);
        if self.rng.chance(0.8) {
            let name = self
                .rng
                .pick(&["CallBack", "Resolved", "Sale", "No Sale", "Follow Up"]);
            self.event(leg, Detail::Disposition { name }, None, 0);
            // A few agents choose the disposition days later.
            let reported = wrapped_up + self.late_report_delay(0.03);
            self.report_at(leg, reported, reported);
        }
        if self.rng.chance(0.35) {
            self.now += 1;
            let score = (!self.rng.chance(0.2)).then(|| self.rng.between(1, 5));
            let as_text = self.rng.chance(0.8);
            self.event(leg, Detail::Rating { score, as_text }, None, 0);
            let soon = if self.rng.chance(0.3) {
                self.rng.between(1_000, 90_000)
            } else {
                0
            };
            let rated = wrapped_up + soon + self.late_report_delay(0.1);
            self.report_at(leg, wrapped_up, rated);
        }
        self.now = wrapped_up;
        self.close(leg);
        let channel = &mut self.script.channels[leg];
        let talked = channel.connected().map_or(0, |(from, to)| to - from);
        channel.handle = Some(Some(Known::new(talked + wrap, wrapped_up)));
        if !and_wait {
            self.now = parted;
        }
    }
}
