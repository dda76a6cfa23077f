//! vcc-exporter: true Prometheus metrics of a Vonage Contact Center.

pub mod api;
pub mod catalogue;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod config;
pub mod exemplars;
pub mod explain;
pub mod exporter;
pub mod expose;
pub mod health;
pub mod interaction;
pub mod labels;
pub mod ledger;
pub mod ongoing;
pub mod otlp;
pub mod poller;
pub mod series;
pub mod simulator;
pub mod snapshot;
pub mod spans;
pub mod store;
pub mod tally;
pub mod telemetry;
pub mod trace;
pub mod web;
