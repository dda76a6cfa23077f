//! Generates scripts: a scenario per kind of interaction, then anomalies, then the versions to publish.
//!
//! A script is a function of the configuration and the arrival, so the timeline keeps arrivals and generates their
//! scripts again when it needs them. Every random draw shifts those after it: adding one changes all traffic.
mod agents;
mod anomalies;
mod builder;
mod digital;
mod generate;
mod kinds;
mod names;
mod voice;

pub(crate) use generate::generate_script;
pub(crate) use names::Names;
