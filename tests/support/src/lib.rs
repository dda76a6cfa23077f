//! What the tests share: a simulated API behind the client's transport, a state in memory, and a
//! reader of the text format that shares no code with its writer.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::type_complexity,
    missing_docs,
    missing_debug_implementations,
    clippy::new_without_default,
    reason = "a test that unwraps has failed, which is its purpose, and says what it saw"
)]

pub mod binary;
pub mod browser;
pub mod certificates;
pub mod committed;
pub mod day;
pub mod disk;
pub mod dump;
pub mod exposition;
pub mod fake_api;
pub mod gate;
pub mod history;
pub mod http;
pub mod item;
pub mod ledger_harness;
pub mod log;
pub mod pages;
pub mod process;
pub mod programs;
pub mod promql;
pub mod repository;
pub mod running_exporter;
pub mod samples;
pub mod served;
pub mod sigkill;
pub mod simulated_api;
pub mod simulated_server;
pub mod tools;
pub mod tracing;
pub mod truth;
pub mod weeks;
