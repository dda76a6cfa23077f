//! The names of media, queues, reporting groups, skills and agents.
use crate::rng::SimRng;
use crate::settings::SimulatorConfig;

pub(super) const PHONE: usize = 0;
pub(super) const CALLBACK: usize = 1;
pub(super) const WEBCHAT: usize = 2;
pub(super) const CASE: usize = 3;

const MEDIA: [&str; 4] = ["Phone", "Phone Callback", "Webchat", "API Case PM"];
const QUEUES: [&str; 6] = [
    "Billing Queue",
    "Support Queue",
    "Sales Queue",
    "Returns Queue",
    "Überblick \"West\"",
    "Night\\Line Queue",
];
const GROUPS: [&str; 4] = ["Support", "Sales", "Billing", "Case Report Group"];
const SKILLS: [&str; 5] = ["Billing", "French", "German", "Technical", "Retention"];

/// Cases have a queue of their own, because its target is a day rather than seconds.
const CASE_QUEUE: &str = "Case Queue";

/// Names by number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names<'a>(pub(crate) &'a SimulatorConfig);

impl Names<'_> {
    /// A medium's name; the first medium's where there are fewer media.
    pub(crate) fn medium(self, number: usize) -> String {
        let number = if number < self.0.media.max(1) as usize {
            number
        } else {
            0
        };
        MEDIA
            .get(number)
            .map_or_else(|| format!("API Case {number}"), |name| (*name).to_owned())
    }

    pub(crate) fn case_medium(self, rng: &mut SimRng) -> usize {
        CASE + rng.index((self.0.media as usize).saturating_sub(CASE))
    }

    /// Number of virtual queues other than that of the cases.
    pub(crate) fn queue_count(self) -> usize {
        self.0.queues.max(1) as usize
    }

    /// The number of the queue of the cases.
    pub(crate) fn case_queue(self) -> usize {
        self.queue_count()
    }

    pub(crate) fn queue(self, number: usize) -> String {
        if number == self.case_queue() {
            return CASE_QUEUE.to_owned();
        }
        QUEUES
            .get(number)
            .map_or_else(|| format!("Queue Line {number}"), |name| (*name).to_owned())
    }

    /// The virtual queues other than that of the cases.
    pub(crate) fn queues(self) -> impl Iterator<Item = String> {
        (0..self.queue_count()).map(move |number| self.queue(number))
    }

    /// The ACD queue behind a virtual queue; one in a hundred events has none.
    pub(crate) fn acd_queue(self, number: usize, rng: &mut SimRng) -> Option<String> {
        (!rng.chance(0.01)).then(|| format!("ACD{}", number / 2 + 1))
    }

    pub(crate) fn group(self, rng: &mut SimRng) -> String {
        let number = rng.index(self.0.groups.max(1) as usize);
        GROUPS
            .get(number)
            .map_or_else(|| format!("Report Gp {number}"), |name| (*name).to_owned())
    }

    pub(crate) fn skill(self, number: usize) -> &'static str {
        SKILLS[number % SKILLS.len()]
    }

    /// A random agent's id; real ids have leading zeros too.
    pub(crate) fn agent(self, rng: &mut SimRng) -> String {
        let number = rng.index(self.0.agents.max(1) as usize);
        format!("{number:03}")
    }

    /// A random agent other than this one.
    pub(crate) fn other_agent(self, agent: &str, rng: &mut SimRng) -> String {
        let step = 1 + rng.index((self.0.agents.max(2) - 1) as usize);
        let number = agent.parse::<usize>().unwrap_or_default() + step;
        format!("{:03}", number % self.0.agents.max(2) as usize)
    }
}
