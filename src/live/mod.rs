//! Live gauges, from `GET /stats/interactions/ongoing`: who waits and what is in progress now.
//!
//! Nothing promises that the windows of processed interactions show one again when it enters a
//! queue, so the present is polled by itself. None of it is counted or kept.

#![allow(
    missing_docs,
    reason = "parts of the process, no interface for others: documented where there is something to say"
)]

mod collector;
mod poller;

pub use collector::{LiveCollector, Ongoing};
pub use poller::LivePoller;
