//! A simulated VCC Insights Stats API that also knows the truth about what it shows.
//!
//! A world is a function of its seed and of the time it is asked at. Scripts say what happens in each interaction
//! and when each part becomes known; the API shows them version by version; the truth is tallied from the scripts.
mod api;
mod arrivals;
mod config;
mod cut;
mod dice;
mod faults;
mod live;
mod make;
mod names;
mod oddities;
mod page;
mod plot;
mod query;
mod render;
mod reply;
mod script;
mod server;
mod shelf;
mod starvation;
mod stories;
mod stories_agents;
mod stories_digital;
mod tally;
mod tally_agents;
mod tally_events;
mod tally_queues;
mod time;
mod token;
mod truth;
mod world;

pub use api::Simulator;
pub use config::{DAY_MS, HOUR_MS, MAX_INTERACTIONS, Premises, WorldConfig};
pub use faults::{Faults, Sticky};
pub use reply::{Call, Delivery, Reply};
pub use server::serve;
pub use shelf::Include;
pub use starvation::{Starvation, UnknownQueue};
pub use truth::{Series, Truth, Value};
pub use world::World;
