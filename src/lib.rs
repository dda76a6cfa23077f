//! vcc-exporter: true Prometheus metrics of a Vonage Contact Center.

pub mod admin_socket;
pub mod cli;
pub mod commands;
pub mod config;
pub mod explain;
pub mod exporter;
pub mod health;
pub mod live;
pub mod poller;
pub mod progress;
pub mod spans;
pub mod systemd;
pub mod telemetry;
