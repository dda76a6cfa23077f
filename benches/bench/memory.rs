//! Whether memory stays flat while the history grows, how large the history is on disk, and how
//! long a restart takes on top of it.

use std::path::Path;
use std::process::Command;

use vcc_store::FILE_NAME;

use super::pages::{PAGE, Pages};
use super::stats::{mib, time, timed};
use super::{exporter, machine};

/// The argument that makes this program a child that ingests: how many, where to.
pub const CHILD: &str = "--ingest-and-die";

const SHORT: usize = 100_000;

/// Ingests, says what memory it took and dies without closing the state.
pub fn child(args: &[String]) {
    let count: usize = args[0].parse().unwrap();
    let mut pages = Pages::new(PAGE);
    let mut core = exporter::open(Path::new(&args[1]));
    let before = machine::memory("self", "VmRSS");
    let (_, took) = timed(|| {
        for _ in 0..count / PAGE {
            exporter::take(&mut core, &pages.page());
        }
    });
    println!(
        "{before} {} {} {} {took}",
        machine::memory("self", "VmRSS"),
        machine::memory("self", "VmHWM"),
        core.account.meta.rows
    );
    // No destructor runs: to the database this is what a kill is.
    std::process::exit(0);
}

#[derive(Debug)]
struct Measured {
    count: usize,
    before: u64,
    after: u64,
    peak: u64,
    rows: u64,
    took: f64,
    file: u64,
    compacted: u64,
    compacting: f64,
    reopened_killed: f64,
    reopened_clean: f64,
}

fn measure(count: usize) -> Measured {
    let folder = machine::folder();
    let output = Command::new(std::env::current_exe().unwrap())
        .arg(CHILD)
        .arg(count.to_string())
        .arg(folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let words: Vec<&str> = text.split_whitespace().collect();
    let [before, after, peak, rows, took] = words[..] else {
        panic!("{text}{}", String::from_utf8_lossy(&output.stderr));
    };
    let path = folder.path().join(FILE_NAME);
    let file = machine::file_bytes(&path);
    let (core, reopened_killed) = timed(|| exporter::open(folder.path()));
    drop(core);
    let (core, reopened_clean) = timed(|| exporter::open(folder.path()));
    drop(core);
    let mut database = redb::Database::open(&path).unwrap();
    let (_, compacting) = timed(|| database.compact().unwrap());
    drop(database);
    Measured {
        count,
        before: before.parse().unwrap(),
        after: after.parse().unwrap(),
        peak: peak.parse().unwrap(),
        rows: rows.parse().unwrap(),
        took: took.parse().unwrap(),
        file,
        compacted: machine::file_bytes(&path),
        compacting,
        reopened_killed,
        reopened_clean,
    }
}

pub fn run(history: usize) {
    let measured = [SHORT.min(history), history].map(measure);
    println!("## Memory and disk\n");
    println!(
        "Each history was ingested by a process of its own, the ledger on disk. Memory includes \
         the page being read and what the pages are made from.\n"
    );
    println!(
        "| interactions | RSS before | RSS after | peak RSS | ingested in | file | bytes an interaction | compacted | bytes an interaction | compacting |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for m in &measured {
        let each = |bytes: u64| bytes as f64 / m.rows as f64;
        println!(
            "| {} | {} | {} | {} | {} | {} | {:.0} | {} | {:.0} | {} |",
            m.count,
            mib(m.before),
            mib(m.after),
            mib(m.peak),
            time(m.took),
            mib(m.file),
            each(m.file),
            mib(m.compacted),
            each(m.compacted),
            time(m.compacting),
        );
    }
    let [short, long] = &measured;
    println!(
        "\nRSS with the long history / with the short one: **{:.2}** (peak {:.2}).\n",
        long.after as f64 / short.after as f64,
        long.peak as f64 / short.peak as f64
    );
    println!("| interactions | reopened after a clean end | after a kill |\n|---|---|---|");
    for m in &measured {
        let (clean, killed) = (time(m.reopened_clean), time(m.reopened_killed));
        println!("| {} | {clean} | {killed} |", m.count);
    }
    println!();
}
