//! What holds for any bytes at all, one file for each of the exporter's edges.
//!
//! libFuzzer looks for bytes for which it does not (`fuzz/run`); `tests/fast/fuzz.rs` tries the
//! seeds, and changes of them, with every `cargo test`.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a check that unwraps has failed, which is its purpose"
)]

pub mod accept;
mod changed;
pub mod config;
pub mod damaged;
mod example;
pub mod page;
pub mod record;
pub mod stored;
mod tables;
pub mod token;
