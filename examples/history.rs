//! Leaves the history that tests look at where a Prometheus can serve it, for pictures and for a
//! look by hand: `cargo run --example history -- OUTDIR`, then
//! `prometheus --storage.tsdb.path=OUTDIR/tsdb`.
//!
//! It prints the virtual present, at which dashboards must look.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "it is run by hand, and ends where something is wrong"
)]

use std::path::PathBuf;

use chrono::{DateTime, SecondsFormat, Utc};
use vcc_test_support::history::{NOW_MS, Serving, play};

/// The binary's own: a week of pages is played here.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let Some(directory) = std::env::args_os().nth(1) else {
        println!("usage: history OUTDIR");
        std::process::exit(2);
    };
    let directory = PathBuf::from(directory).join("tsdb");
    std::fs::create_dir_all(&directory).unwrap();
    let history = play();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        Serving::history(&history, &directory).await.stop().await;
    });
    println!(
        "{} samples of {} series are in {}. Now is",
        history.scrapes.samples(),
        history.scrapes.series().len(),
        directory.display()
    );
    let now: DateTime<Utc> = DateTime::from_timestamp_millis(NOW_MS).unwrap();
    println!("{}", now.to_rfc3339_opts(SecondsFormat::Secs, true));
}
