//! The configuration of a simulation.

/// One hour in milliseconds.
pub const HOUR_MS: i64 = 3_600_000;
/// One day in milliseconds.
pub const DAY_MS: i64 = 24 * HOUR_MS;
/// Default of [`SimulatorConfig::max_interactions`].
pub const MAX_INTERACTIONS: usize = 200_000;

/// What a simulation is generated from: the same configuration gives the same traffic, byte for byte.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatorConfig {
    /// Seed of all random numbers.
    pub seed: u64,
    /// Earliest arrival, in Unix milliseconds.
    pub start_ms: i64,
    /// When a reader began to read, in Unix milliseconds. Facts that the passing of time creates, such as an
    /// expiry, are dated from then on for interactions that were visible before.
    pub watched_from_ms: i64,
    /// No interaction arrives at or after this time, in Unix milliseconds.
    pub stop_ms: Option<i64>,
    /// Mean number of arrivals per hour over a whole traffic cycle.
    pub per_hour: f64,
    /// Length of the cycle from quiet to busy and back, in milliseconds; zero or less means steady traffic.
    pub day_length_ms: i64,
    /// Factor on every scripted duration. A demo uses less than one so that calls end within a minute.
    pub time_scale: f64,
    /// Number of virtual queues, not counting the queue of the cases.
    pub queues: u32,
    /// Number of reporting groups.
    pub groups: u32,
    /// Number of media; those beyond the fourth are further case media.
    pub media: u32,
    /// Number of agents.
    pub agents: u32,
    /// When which virtual queue has hardly any agents.
    pub starvations: Vec<Starvation>,
    /// Whether some interactions stop being updated half-way, to be updated again a day later or never.
    pub losses: bool,
    /// Whether later versions of some interactions contradict values that were final before.
    pub contradictions: bool,
    /// Maximum number of interactions kept; beyond it the oldest ones without further versions are evicted.
    pub max_interactions: usize,
    /// How the simulated API behaves where the documentation leaves it open.
    pub assumptions: ApiAssumptions,
    /// The client id that the token endpoint accepts.
    pub client_id: String,
    /// The client secret that the token endpoint accepts.
    pub client_secret: String,
}

impl Default for SimulatorConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            start_ms: 1_767_225_600_000,
            watched_from_ms: i64::MIN,
            stop_ms: None,
            per_hour: 120.0,
            day_length_ms: DAY_MS,
            time_scale: 1.0,
            queues: 6,
            groups: 4,
            media: 4,
            agents: 24,
            starvations: Vec::new(),
            losses: true,
            contradictions: false,
            max_interactions: MAX_INTERACTIONS,
            assumptions: ApiAssumptions::default(),
            client_id: "simulated".to_owned(),
            client_secret: "simulated".to_owned(),
        }
    }
}

impl SimulatorConfig {
    /// The virtual queues that have hardly any agents for an arrival at this time.
    pub(crate) fn starved_queues(&self, arrival_ms: i64) -> Vec<String> {
        let starved = self.starvations.iter().filter(|it| it.covers(arrival_ms));
        starved.map(|it| it.queue.clone()).collect()
    }
}

/// Properties of the API that nobody has proven. A correct reader gives correct numbers under both answers to each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiAssumptions {
    /// A `Processed` window returns interactions that are still ongoing.
    ///
    /// If not, nothing about an interaction can be learnt before its status is final or absent.
    pub processed_returns_ongoing: bool,
    /// Durations are null while their subject is ongoing; if not, they show the time elapsed so far.
    pub ongoing_durations_null: bool,
    /// An item that is processed again leaves the older window; if not, it stays in every window it was ever in.
    pub reprocessed_leaves_window: bool,
    /// A window may end now; if not, an item's processed time lies up to a minute before it becomes visible.
    pub past_end_harmless: bool,
}

impl Default for ApiAssumptions {
    fn default() -> Self {
        Self {
            processed_returns_ongoing: true,
            ongoing_durations_null: true,
            reprocessed_leaves_window: true,
            past_end_harmless: true,
        }
    }
}

/// A period in which a virtual queue has hardly any agents: callers wait long, and most hang up.
///
/// It applies to interactions by their time of arrival, in Unix milliseconds of server time. So the script of an
/// interaction never changes after its arrival, and neither does the truth about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Starvation {
    /// The queue's name.
    pub queue: String,
    /// Arrivals after this time are affected.
    pub from_ms: i64,
    /// Arrivals after this time are not affected any more; `None` while there is no end yet.
    pub to_ms: Option<i64>,
}

impl Starvation {
    /// Whether an arrival at this time is affected.
    pub(crate) fn covers(&self, arrival_ms: i64) -> bool {
        self.from_ms < arrival_ms && self.to_ms.is_none_or(|to_ms| arrival_ms <= to_ms)
    }
}
