//! What is tested from outside with Rust alone, in one binary.
#![allow(
    unreachable_pub,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::type_complexity,
    missing_docs,
    reason = "a test that unwraps has failed, which is its purpose, and says what it saw"
)]

/// The binary's own: weeks of pages are played here.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod api_client;
mod asking;
mod catalogue;
mod commands;
mod config;
mod counting;
mod crash;
mod epoch;
mod explain;
mod fuzz;
mod golden;
mod hostile;
mod live;
mod network;
mod otlp;
mod privacy;
mod simulator;
mod status;
mod traces;
mod truth;
mod upgrade;
mod web;
