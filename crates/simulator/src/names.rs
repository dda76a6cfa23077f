//! The names that appear in a world: media, queues, groups, skills, agents.
use super::config::WorldConfig;
use super::dice::Dice;

/// Position of the phone medium.
pub(super) const PHONE: usize = 0;
/// Position of the queued-callback medium.
pub(super) const CALLBACK: usize = 1;
/// Position of the chat medium.
pub(super) const WEBCHAT: usize = 2;
/// Position of the first case medium.
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

/// The queue of the cases, which are in no hurry: beside the callers' queues, as its target is not theirs.
const CASE_QUEUE: &str = "Case Queue";

/// Looks names up by number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names<'a>(pub(super) &'a WorldConfig);

impl Names<'_> {
    /// A medium's name; a world with fewer media uses its first one instead.
    pub(super) fn medium(self, number: usize) -> String {
        let number = if number < self.0.media.max(1) as usize {
            number
        } else {
            0
        };
        MEDIA
            .get(number)
            .map_or_else(|| format!("API Case {number}"), |name| (*name).to_owned())
    }

    /// One of the case media.
    pub(super) fn case_medium(self, dice: &mut Dice) -> usize {
        CASE + dice.index((self.0.media as usize).saturating_sub(CASE))
    }

    /// How many virtual queues there are for everything but cases.
    pub(super) fn queue_count(self) -> usize {
        self.0.queues.max(1) as usize
    }

    /// The number of the queue of the cases, behind those of all others.
    pub(super) fn case_queue(self) -> usize {
        self.queue_count()
    }

    /// A virtual queue's name.
    pub(super) fn queue(self, number: usize) -> String {
        if number == self.case_queue() {
            return CASE_QUEUE.to_owned();
        }
        QUEUES
            .get(number)
            .map_or_else(|| format!("Queue Line {number}"), |name| (*name).to_owned())
    }

    /// Every virtual queue but that of the cases.
    pub(super) fn queues(self) -> impl Iterator<Item = String> {
        (0..self.queue_count()).map(move |number| self.queue(number))
    }

    /// The ACD queue behind a virtual queue; rarely it has no name.
    pub(super) fn acd_queue(self, number: usize, dice: &mut Dice) -> Option<String> {
        (!dice.chance(0.01)).then(|| format!("ACD{}", number / 2 + 1))
    }

    pub(super) fn group(self, dice: &mut Dice) -> String {
        let number = dice.index(self.0.groups.max(1) as usize);
        GROUPS
            .get(number)
            .map_or_else(|| format!("Report Gp {number}"), |name| (*name).to_owned())
    }

    pub(super) fn skill(self, number: usize) -> &'static str {
        SKILLS[number % SKILLS.len()]
    }

    /// An agent's id, with the leading zeros the real ones have.
    pub(super) fn agent(self, dice: &mut Dice) -> String {
        let number = dice.index(self.0.agents.max(1) as usize);
        format!("{number:03}")
    }

    /// An agent other than this one.
    pub(super) fn other_agent(self, agent: &str, dice: &mut Dice) -> String {
        let step = 1 + dice.index((self.0.agents.max(2) - 1) as usize);
        let number = agent.parse::<usize>().unwrap_or_default() + step;
        format!("{:03}", number % self.0.agents.max(2) as usize)
    }
}
