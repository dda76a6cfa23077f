//! A simulated VCC Insights Stats API that knows the truth about the traffic it shows.
//!
//! Everything is a function of the configuration (above all its seed) and of the time of the request. Read the
//! modules in this order:
#![warn(missing_docs)]
#![warn(unreachable_pub)]

/// The configuration of a simulation, and the assumptions about the API that nobody has proven.
mod settings;

/// Seeded random numbers: one independent stream per purpose and number.
mod rng;

/// Reads and writes the API's timestamps.
mod time;

/// What happens in one interaction, and when each part of it becomes known.
mod script;

/// Generates the script of a numbered arrival: one of twenty kinds of call, chat or case, with anomalies.
mod scenarios;

/// Which interactions arrive when, which of their versions are visible now, and which window returns them.
mod timeline;

/// Counts the facts of the scripts: the series an exact reader must show.
mod truth;

/// Answers requests as the API would: tokens, pages, JSON, and the faults that can be switched on.
mod api;

/// Serves the simulator over HTTP, with the control endpoints under `/-/`.
mod server;

pub use api::{Call, Delivery, Faults, Reply, Simulator, Sticky};
pub use server::serve;
pub use settings::{
    ApiAssumptions, DAY_MS, HOUR_MS, MAX_INTERACTIONS, SimulatorConfig, Starvation,
};
pub use timeline::{Include, Timeline, UnknownQueue};
pub use truth::{Series, Truth, Value};
