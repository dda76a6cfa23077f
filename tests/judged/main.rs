//! The exporter, and what is published beside it, held to programs of others: Prometheus, Alertmanager, the
//! OpenTelemetry Collector, Helm, Chromium and more. `support/tools.rs` builds them.
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

/// The binary's own: a history of days is played here.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod collector;
mod deploy;
mod golden;
mod mixin;
mod page;
mod prometheus;
mod service_level;
mod supply;
mod web;
