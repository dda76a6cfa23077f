//! GET /metrics over a loopback socket, against the same bytes as a fixed answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::header;
use axum::routing::get;
use bytes::Bytes;
use tokio::runtime::Runtime;
use vcc_core::catalogue::{Family, Kind, Label};
use vcc_core::labels::LabelSet;
use vcc_core::ledger::AccountView;
use vcc_core::series::{Series, SeriesKey, Value};
use vcc_core::vocabulary::{Category, Path, Timing};
use vcc_exporter::assembly::ExporterView;
use vcc_exporter::assembly::routes;
use vcc_exporter::poller::Ingestor;
use vcc_exposition::{ContentEncoding, FormatKind, MetricsSource, TEXT};

use super::client::Client;
use super::stats::{median, quantile, time};
use super::{exporter, machine};

/// Time series as Prometheus counts them: lines of the text that are no comments.
const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

/// Answers are timed in turns of this length, so that noise meets both sides.
const TURN: Duration = Duration::from_millis(250);
const TURNS: usize = 4;
const PUBLISHED: usize = 9;

pub fn run() {
    println!("## Scrape\n");
    println!(
        "| series | | body | first after a publish | cached: median | p99 | requests/s | fixed answer: median | requests/s | fixed / cached |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for size in SIZES {
        let folder = machine::folder();
        let mut core = exporter::open(folder.path());
        let lines = fill(&mut core, size);
        let site = exporter::site(&core);
        let runtime = Runtime::new().unwrap();
        let address = runtime.block_on(serve(site));
        for gzip in [false, true] {
            row(&core, lines, address, gzip);
        }
        runtime.shutdown_background();
    }
    println!("\nOne keep-alive connection asks, one answer after the other.\n");
}

/// The exporter's own routes, and beside them its present answers as fixed ones.
async fn serve(site: Arc<ExporterView>) -> SocketAddr {
    let mut app = routes(&site);
    for (path, gzip) in [("/fixed", false), ("/fixed-gzip", true)] {
        let body = Bytes::from(site.scrape(FormatKind::Text, coding(gzip)).concat());
        let mut headers = vec![(header::CONTENT_TYPE, TEXT)];
        headers.extend(gzip.then_some((header::CONTENT_ENCODING, "gzip")));
        let headers = axum::response::AppendHeaders(headers);
        let answer = move || {
            let answer = (headers.clone(), body.clone());
            async move { answer }
        };
        app = app.route(path, get(answer));
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

fn row(core: &Ingestor, lines: usize, address: SocketAddr, gzip: bool) {
    let mut client = Client::connect(address);
    let (_, length) = client.get("/metrics", gzip);
    let first: Vec<_> = (0..PUBLISHED)
        .map(|_| {
            core.deps
                .publisher
                .publish(0, AccountView::of(&core.account));
            client.get("/metrics", gzip).0
        })
        .collect();
    let fixed_path = if gzip { "/fixed-gzip" } else { "/fixed" };
    let (mut cached, mut fixed) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        cached.extend(client.repeat("/metrics", gzip, TURN));
        fixed.extend(client.repeat(fixed_path, gzip, TURN));
    }
    let rate = |times: &[f64]| times.len() as f64 / times.iter().sum::<f64>();
    println!(
        "| {lines} | {} | {:.2} MB | {} | {} | {} | {:.0} | {} | {:.0} | **{:.2}** |",
        if gzip { "gzip" } else { "plain" },
        length as f64 / 1e6,
        time(median(&first)),
        time(median(&cached)),
        time(quantile(&cached, 0.99)),
        rate(&cached),
        time(median(&fixed)),
        rate(&fixed),
        median(&fixed) / median(&cached),
    );
}

/// Adds queue after queue, each with all that is born with a queue's first call, until there are
/// about this many lines; how many there are.
pub fn fill(core: &mut Ingestor, lines: usize) -> usize {
    let count = |core: &Ingestor| {
        core.deps
            .publisher
            .publish(0, AccountView::of(&core.account));
        let snapshot = core.deps.publisher.current();
        let text = std::str::from_utf8(&snapshot.encoded(FormatKind::Text).plain).unwrap();
        text.lines().filter(|line| !line.starts_with('#')).count()
    };
    add_queue(core, 0);
    let each = count(core);
    for queue in 1..lines.div_ceil(each) {
        add_queue(core, queue);
    }
    count(core)
}

fn add_queue(core: &mut Ingestor, number: usize) {
    let mut set = LabelSet::new();
    for (label, text) in [
        (Label::Medium, "Phone".to_owned()),
        (Label::Direction, "Inbound".to_owned()),
        (Label::MediumManager, "VCC".to_owned()),
        (Label::Outcome, "Handled by agent".to_owned()),
        (Label::ReportingGroup, format!("Group {}", number % 12)),
        (Label::VirtualQueue, format!("Queue of kind {number}")),
        (Label::AcdQueue, format!("ACD {number}")),
    ] {
        let known = core.account.labels.find(label, &text);
        let id = known
            .unwrap_or_else(|| Arc::make_mut(&mut core.account.labels).intern(label, text.into()));
        set = set.with(label, id);
    }
    for path in [Path::Handled, Path::Abandoned] {
        put(core, Family::Interactions, &set.with(Label::Path, path));
    }
    for result in ["Delivered", "HangUp"] {
        let known = core.account.labels.find(Label::QueueResult, result);
        let id = known.unwrap_or_else(|| {
            Arc::make_mut(&mut core.account.labels).intern(Label::QueueResult, result.into())
        });
        for timing in [
            Timing::Within,
            Timing::Late,
            Timing::NoTarget,
            Timing::Short,
        ] {
            let set = set.with(Label::QueueResult, id).with(Label::Timing, timing);
            put(core, Family::QueueExits, &set);
            put(core, Family::AcdQueueExits, &set);
        }
    }
    for category in [Category::Answered, Category::Abandoned, Category::Breakout] {
        put(
            core,
            Family::QueueWait,
            &set.with(Label::Category, category),
        );
    }
    for family in [
        Family::InteractionDuration,
        Family::InteractionHandle,
        Family::InteractionTalk,
        Family::QueueEntries,
        Family::ServiceLevelEligible,
        Family::ServiceLevelMet,
    ] {
        put(core, family, &set);
    }
}

/// What every histogram has observed, in milliseconds.
pub fn observations() -> impl Iterator<Item = u64> {
    (0..40).map(|n| n * n * 1_234)
}

fn put(core: &mut Ingestor, family: Family, set: &LabelSet) {
    let key = SeriesKey::new(family, set);
    let mut value = Value::zero(family);
    value.add(12_345);
    if let Kind::Histogram(bounds) = family.info().kind {
        observations().for_each(|ms| value.observe(bounds, ms));
    }
    let dictionary = &core.account.labels;
    let labels = key.labels().map(|(_, id)| dictionary.text(id)).collect();
    core.account.put(Arc::new(Series {
        key,
        labels,
        value,
        start_ms: 0,
        revealed: true,
        warmup_since_ms: 0,
    }));
}

fn coding(gzip: bool) -> ContentEncoding {
    if gzip {
        ContentEncoding::Gzip
    } else {
        ContentEncoding::Identity
    }
}
