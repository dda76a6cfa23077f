//! From a page's bytes to a durable commit, against parsing alone and against a plain script.

use std::hint::black_box;

use bytes::Bytes;
use vcc_core::ledger::{AccountView, Commit, CommitTime, EvalContext, WindowProgress, plan_page};
use vcc_exporter::poller::Ingestor;
use vcc_vonage::{decode, wire};

use super::pages::{PAGE, Pages, START_MS, UP_TO_MS};
use super::python::Python;
use super::stats::{median, median_ratio, time, timed};
use super::{exporter, machine};

/// Pages whose times are not used: allocator, page cache and series grow into place.
const WARM_UP: usize = 3;

const STAGES: [&str; 6] = [
    "decode",
    "prefetch rows and conversations",
    "plan",
    "durable commit",
    "apply and publish",
    "drop the page's bytes",
];

#[derive(Debug, Default)]
struct Times {
    bytes: Vec<f64>,
    parse: Vec<f64>,
    ingest: Vec<f64>,
    duplicate: Vec<f64>,
    python: Vec<f64>,
    stages: [Vec<f64>; STAGES.len()],
    series: Vec<f64>,
}

pub fn run(pages: usize) {
    let mut supply = Pages::new(4 * PAGE);
    let folder = machine::folder();
    let file = folder.path().join("page.json");
    let mut core = exporter::open(&folder.path().join("state"));
    let mut python = Python::start();
    let mut times = Times::default();
    for number in 0..WARM_UP + pages {
        let page = supply.page();
        if number == WARM_UP {
            times = Times::default();
        }
        times.bytes.push(page.len() as f64);
        times.parse.push(timed(|| parse(&page)).1);
        times
            .ingest
            .push(timed(|| exporter::take(&mut core, &page)).1);
        times
            .duplicate
            .push(timed(|| exporter::take(&mut core, &page)).1);
        if let Some(python) = &mut python {
            std::fs::write(&file, &page).unwrap();
            times.python.push(python.take(&file));
        }
        let (of_stages, series) = stages(&mut core, supply.page());
        times.series.push(series as f64);
        for (all, one) in times.stages.iter_mut().zip(of_stages) {
            all.push(one);
        }
    }
    let floor: Vec<_> = (0..pages).map(|_| smallest_commit(&core)).collect();
    print(&times, median(&floor), pages);
    let series: usize = core.account.all_series().iter().map(|f| f.len()).sum();
    println!(
        "{series} series in the end, of which a page changes {:.0}.\n",
        median(&times.series)
    );
}

fn parse(page: &Bytes) {
    let page: wire::Page<'_> = serde_json::from_slice(page).unwrap();
    black_box(&page);
}

/// What `Ingestor::ingest_page` does, step by step; and how many series the page changed.
fn stages(core: &mut Ingestor, body: Bytes) -> ([f64; STAGES.len()], usize) {
    let time = CommitTime {
        server_ms: UP_TO_MS,
        local_ms: core.deps.clock.local_ms(),
        monotonic_ms: core.monotonic_ms(),
    };
    let advance = WindowProgress {
        cursor_ms: Some(START_MS),
        ..WindowProgress::default()
    };
    let (page, decoding) = timed(|| decode(&body).unwrap());
    let (known, prefetching) = timed(|| core.deps.store.prefetch(core.id, &page).unwrap());
    let (commit, planning) = timed(|| {
        plan_page(
            &EvalContext::new(&core.account, &core.deps.rules, time),
            page,
            known,
            &advance,
        )
    });
    let series = commit.series.len();
    let (_, committing) = timed(|| {
        core.deps
            .store
            .commit(core.id, &core.account, &commit)
            .unwrap();
    });
    let (_, applying) = timed(|| {
        core.account.apply(commit, &core.deps.rules);
        core.deps
            .publisher
            .publish(0, AccountView::of(&core.account));
    });
    let (_, dropping) = timed(|| drop(body));
    let times = [
        decoding,
        prefetching,
        planning,
        committing,
        applying,
        dropping,
    ];
    (times, series)
}

/// What durability costs however little is written.
fn smallest_commit(core: &Ingestor) -> f64 {
    let commit = Commit {
        meta: Some(core.account.meta.clone()),
        ..Commit::default()
    };
    timed(|| {
        core.deps
            .store
            .commit(core.id, &core.account, &commit)
            .unwrap()
    })
    .1
}

fn print(times: &Times, floor: f64, pages: usize) {
    let bytes = median(&times.bytes);
    let line = |name: &str, samples: &[f64], parse: &str, python: &str| {
        let took = median(samples);
        println!(
            "| {name} | {} | {:.0} | {:.0} | {parse} | {python} |",
            time(took),
            PAGE as f64 / took / 1e3,
            bytes / took / 1e6,
        );
    };
    let ratio = |over: &[f64], under: &[f64]| match over {
        [] => "no python3".to_owned(),
        _ => format!("**{:.2}**", median_ratio(over, under)),
    };
    println!("## Ingest\n");
    println!(
        "{pages} pages of {PAGE} complete interactions, {:.2} MB each ({:.0} bytes an \
         interaction), medians by page; ratios are medians of each page's own ratio.\n",
        bytes / 1e6,
        bytes / PAGE as f64
    );
    println!(
        "| | a page | 1,000 interactions/s | MB/s | throughput / parse alone | throughput / naive Python |"
    );
    println!("|---|---|---|---|---|---|");
    line(
        "bytes to durable commit",
        &times.ingest,
        &ratio(&times.parse, &times.ingest),
        &ratio(&times.python, &times.ingest),
    );
    line(
        "the same page again (only duplicates)",
        &times.duplicate,
        &ratio(&times.parse, &times.duplicate),
        &ratio(&times.python, &times.duplicate),
    );
    line(
        "parse alone: `serde_json::from_slice` into `wire::Page`",
        &times.parse,
        "1",
        &ratio(&times.python, &times.parse),
    );
    if !times.python.is_empty() {
        line(
            "naive Python: `json.loads` and a dict",
            &times.python,
            &ratio(&times.parse, &times.python),
            "1",
        );
    }
    let whole: f64 = times.stages.iter().map(|samples| median(samples)).sum();
    println!("\n| stage of new pages | a page | share |\n|---|---|---|");
    for (name, samples) in STAGES.iter().zip(&times.stages) {
        let took = median(samples);
        println!(
            "| {name} | {} | {:.0} % |",
            time(took),
            100.0 * took / whole
        );
    }
    println!(
        "| (an almost empty durable commit) | {} | {:.0} % |\n",
        time(floor),
        100.0 * floor / whole
    );
}
