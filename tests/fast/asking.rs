//! Asking without gaps: a whole exporter in virtual time, against the simulator where it can play
//! the case, and against items that a test moves about where it cannot.

mod clocks;
mod hold;
mod inconsistent_pages;
mod outage;
mod paging;
mod trouble;
mod unread_windows;

use std::sync::Arc;
use std::time::Duration;

use vcc_exporter::config::Config;
use vcc_exporter::poller::StartFrom;

use vcc_test_support::fake_api::FakeApi;
use vcc_test_support::item::{begun, call, numbered};
use vcc_test_support::running_exporter::RunningExporter;
use vcc_test_support::simulated_api::{config, memory_store};

/// When the stages begin: 4 February 2026, 12:00 UTC.
const NOON_MS: i64 = 1_770_206_400_000;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

const ENDED: &str = "vcc_interactions_total";
const CURSOR: &str = "vcc_cursor_timestamp_seconds";

/// Pages of so many items every 15 s, new series shown at once.
fn settings(page_size: u32, start_from: StartFrom) -> Config {
    let mut config = config(Duration::from_secs(15), page_size, start_from);
    config.rules.warmup = Duration::ZERO;
    config
}

/// An exporter of a fake API that began to count some hours before it.
fn since_hours(api: &Arc<FakeApi>, page_size: u32, hours: u64) -> RunningExporter {
    let start_from = StartFrom::Ago(Duration::from_secs(hours * HOUR));
    RunningExporter::on(api, &memory_store(), &settings(page_size, start_from))
}

/// A call of its own that ended just before a moment and started in the order of its number.
fn ended_by(ms: i64, number: u32) -> serde_json::Value {
    begun(&numbered(&call(), number), ms - 61_000 + i64::from(number))
}
