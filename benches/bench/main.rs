//! How fast, how large, how quick to scrape and how quiet the exporter is, as ratios to something
//! that does the same work and less, measured in the same run.
//!
//! `cargo bench --features peers` prints Markdown. Nothing here fails for being slow: a shared machine's times are
//! no test. What can be set, by environment:
//!
//! | variable | default | meaning |
//! |---|---|---|
//! | `VCC_BENCH` | `ingest,memory,scrape,encode,idle` | which parts run |
//! | `VCC_BENCH_PAGES` | 24 | pages of 5,000 interactions in the ingest part |
//! | `VCC_BENCH_QUEUES` | 6 | virtual queues; each occurs with every one of 4 reporting groups |
//! | `VCC_BENCH_HISTORY` | 2000000 | interactions of the long history in the memory part |
//! | `VCC_BENCH_IDLE_S` | 30 | seconds the binary is watched idling |
//! | `VCC_BENCH_DIR` | the build's own folder | where states are written; must be a real disk |
#![allow(
    unreachable_pub,
    clippy::disallowed_methods,
    missing_docs,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for developers: it prints, and whatever fails ends it"
)]

mod client;
#[cfg(feature = "peers")]
mod encode;
mod exporter;
mod idle;
mod ingest;
mod machine;
mod memory;
mod pages;
mod python;
#[cfg(feature = "peers")]
mod registries;
mod scrape;
mod stats;

use std::str::FromStr;

const PARTS: &str = "ingest,memory,scrape,encode,idle";

/// The binary's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let Some(place) = args.iter().position(|arg| arg == memory::CHILD) {
        return memory::child(&args[place + 1..]);
    }
    let parts = std::env::var("VCC_BENCH").unwrap_or_else(|_| PARTS.to_owned());
    println!("{}\n", machine::describe());
    for part in parts.split(',') {
        match part {
            "ingest" => ingest::run(knob("VCC_BENCH_PAGES", 24)),
            "memory" => memory::run(knob("VCC_BENCH_HISTORY", 2_000_000)),
            "scrape" => scrape::run(),
            #[cfg(feature = "peers")]
            "encode" => encode::run(),
            #[cfg(not(feature = "peers"))]
            "encode" => println!("## Encode\n\nLeft out: it needs `--features peers`.\n"),
            "idle" => idle::run(knob("VCC_BENCH_IDLE_S", 30)),
            other => panic!("VCC_BENCH names {other:?}; there are {PARTS}"),
        }
    }
}

fn knob<T: FromStr>(name: &str, default: T) -> T {
    match std::env::var(name) {
        Ok(text) => text.parse().ok().expect(name),
        Err(_) => default,
    }
}
