//! What takes long: weeks of traffic, kills again and again.
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

mod sigkill;
mod truth;
