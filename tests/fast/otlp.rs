//! The exports over OTLP: what is said, when it is said again, and that it is what a scrape says.

mod delivery;
mod identity;
mod messages;
mod network;
mod pushing;
mod receiver;
mod scraped;
mod self_metrics;
mod shipping;
mod spans;
