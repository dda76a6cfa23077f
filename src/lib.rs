//! The process `vcc-exporter`: it assembles the crates under `crates/` and runs them.
//!
//! In reading order:
//!
//! * [`cli`] and [`commands`]: the command line, and one file per subcommand;
//! * [`config`]: the configuration file, read into the settings that the parts own;
//! * [`assembly`]: a checked configuration becomes accounts, pipelines and a web server;
//! * [`poller`]: one task per account: a page becomes interactions, facts, a durable commit and a snapshot;
//! * [`live`]: gauges of what is ongoing, polled separately and not stored;
//! * [`health`]: the exporter's own instruments, and the status model built from them;
//! * [`explain`]: what an interaction counts as, and why;
//! * [`ops`]: log, own traces, systemd, admin socket, progress.

pub mod assembly;
pub mod cli;
pub mod commands;
pub mod config;
pub mod explain;
pub mod health;
pub mod live;
pub mod ops;
pub mod poller;
