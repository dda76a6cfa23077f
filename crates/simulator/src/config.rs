//! What a simulated world is made of, and which of the unproven premises about the API hold in it.
use serde::{Deserialize, Serialize};

use super::starvation::Starvation;

/// One hour in milliseconds.
pub const HOUR_MS: i64 = 3_600_000;
/// One day in milliseconds.
pub const DAY_MS: i64 = 24 * HOUR_MS;
/// How many interactions a world keeps before the oldest settled ones go.
pub const MAX_INTERACTIONS: usize = 200_000;

/// Everything a world is made from: the same configuration gives the same world, byte for byte.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorldConfig {
    /// The number every chance in this world is drawn from.
    pub seed: u64,
    /// When the first interaction may arrive, in Unix milliseconds.
    pub start_ms: i64,
    /// When somebody began to look, in Unix milliseconds: what the passing of time makes count,
    /// counts as long after it was seen.
    pub watched_from_ms: i64,
    /// No interaction arrives at or after this moment.
    pub stop_ms: Option<i64>,
    /// Mean number of arrivals per hour over a whole traffic cycle.
    pub per_hour: f64,
    /// Length of the cycle from quiet to busy and back, in milliseconds; zero or less means steady traffic.
    pub day_length_ms: i64,
    /// Factor on every scripted duration; a demo uses less than one so that calls end while one watches.
    pub pace: f64,
    /// Number of virtual queues, that of the cases left out.
    pub queues: u32,
    /// Number of reporting groups.
    pub groups: u32,
    /// Number of media; beyond the fourth they are further case media.
    pub media: u32,
    /// Number of agents.
    pub agents: u32,
    /// When which virtual queue has hardly an agent.
    pub starvations: Vec<Starvation>,
    /// Some interactions fall silent half-way, and are heard of again days later or never.
    pub losses: bool,
    /// Later versions of some interactions contradict what was final before.
    pub contradictions: bool,
    /// Most interactions kept at a time.
    pub max_interactions: usize,
    /// Which answers this world gives to what the API's documentation leaves open.
    pub premises: Premises,
    /// The client id the token endpoint accepts.
    pub client_id: String,
    /// The client secret the token endpoint accepts.
    pub client_secret: String,
}

impl Default for WorldConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            start_ms: 1_767_225_600_000,
            watched_from_ms: i64::MIN,
            stop_ms: None,
            per_hour: 120.0,
            day_length_ms: DAY_MS,
            pace: 1.0,
            queues: 6,
            groups: 4,
            media: 4,
            agents: 24,
            starvations: Vec::new(),
            losses: true,
            contradictions: false,
            max_interactions: MAX_INTERACTIONS,
            premises: Premises::default(),
            client_id: "simulated".to_owned(),
            client_secret: "simulated".to_owned(),
        }
    }
}

/// The premises about the API that nobody has proven; a correct reader is right under both answers to each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Premises {
    /// A `Processed` window returns interactions that are still going on.
    ///
    /// If not, nothing of an interaction can be learnt before its status is final or absent.
    pub processed_returns_ongoing: bool,
    /// Durations are null while their subject goes on; if not, they show a running value that grows.
    pub ongoing_durations_null: bool,
    /// An item processed anew leaves the older window; if not, it stays in every window it was ever in.
    pub reprocessed_leaves_window: bool,
    /// A window may end now; if not, an item's processed time lies up to a minute before it becomes visible.
    pub past_end_harmless: bool,
}

impl Default for Premises {
    fn default() -> Self {
        Self {
            processed_returns_ongoing: true,
            ongoing_durations_null: true,
            reprocessed_leaves_window: true,
            past_end_harmless: true,
        }
    }
}
