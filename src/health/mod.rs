//! The exporter's own instruments: what it did, how the API behaved, how late everything is.
//!
//! Their counters live with the process. What must survive a restart is in the ledger instead.

#![allow(
    missing_docs,
    reason = "parts of the process, no interface for others: documented where there is something to say"
)]

mod account;
pub mod catchup;
pub mod daily;
mod failures;
mod gauges;
mod instruments;
mod observations;
mod state;
mod status;

pub use account::{AccountHealth, PollSchedule};
pub use failures::{Failure, FailureStreak};
pub use instruments::{Health, ReloadStatus};
pub use observations::{LiveGauges, Poll, Polls};
pub use status::StatusInputs;
