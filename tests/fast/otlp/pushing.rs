//! When metrics are pushed, in paused time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use vcc_exporter::assembly::ExporterView;
use vcc_exporter::poller::Ingestor;
use vcc_exposition::{ContentEncoding, FormatKind, MetricsSource, Options};
use vcc_net::clock::Clock;
use vcc_otlp::resource::resource;
use vcc_otlp::transport::{HttpResponse, TransportError};
use vcc_otlp::{Client, Push, Signal};

use super::receiver::{Post, Receiver, Reply, leaves_out, status, sum, target, unpacked};
use vcc_test_support::day::{EPOCH_MS, HOUR_MS, Still, held};
use vcc_test_support::exposition::Exposition;

const MINUTE: Duration = Duration::from_secs(60);
const EXPORTS: &str = "vcc_exporter_otlp_exports_total";
const FAILURES: &str = "vcc_exporter_otlp_export_failures_total";
const REJECTED: &str = "vcc_exporter_otlp_rejected_items_total";

/// A push under way.
struct Pushing {
    core: Ingestor,
    site: Arc<ExporterView>,
    arrived: UnboundedReceiver<Post>,
    ended: CancellationToken,
    task: JoinHandle<()>,
    began: Instant,
}

fn begin(replies: impl IntoIterator<Item = Reply>) -> Pushing {
    let (core, site) = held(Options::default());
    let site = Arc::new(site);
    let (wire, arrived) = Receiver::new(replies);
    let clock: Arc<dyn Clock> = Arc::new(Still);
    let (target, exports) = (target("http://127.0.0.1:1/"), site.health.otlp_metrics());
    let push = Push {
        source: Arc::clone(&site) as _,
        resource: resource("id", &Default::default()),
        client: Client::over(wire, Signal::Metrics, &target, Arc::clone(&clock), exports),
        interval: MINUTE,
        clock,
    };
    let ended = CancellationToken::new();
    Pushing {
        core,
        site,
        arrived,
        task: tokio::spawn(push.run(ended.clone())),
        ended,
        began: Instant::now(),
    }
}

impl Pushing {
    /// The next request, and seconds since the beginning.
    async fn next(&mut self) -> (Post, f64) {
        let post = self.arrived.recv().await.unwrap();
        let at = post.at.duration_since(self.began).as_secs_f64();
        (post, at)
    }

    fn shown(&self) -> Exposition {
        let parts = self
            .site
            .scrape(FormatKind::Text, ContentEncoding::Identity);
        let text = parts.iter().map(|part| std::str::from_utf8(part).unwrap());
        Exposition::parse(&text.collect::<String>())
    }

    fn failed(&self, reason: &str) -> f64 {
        self.shown().sum(FAILURES, &[("reason", reason)])
    }
}

#[tokio::test(start_paused = true)]
async fn the_newest_snapshot_goes_out_at_once_and_every_interval() {
    let mut pushing = begin([]);
    let (first, at) = pushing.next().await;
    assert!(at < 1.0, "{at}");
    assert_eq!(
        sum(&unpacked(&first.parcel), "vcc_interactions_total", ""),
        0.0
    );
    assert_eq!(pushing.next().await.1.round(), 60.0);
    // By now the hold is over.
    pushing.core.release(EPOCH_MS + HOUR_MS).unwrap();
    let (third, at) = pushing.next().await;
    assert_eq!(at.round(), 120.0);
    let shown = pushing.shown().sum("vcc_interactions_total", &[]);
    assert!(shown > 0.0);
    assert_eq!(
        sum(&unpacked(&third.parcel), "vcc_interactions_total", ""),
        shown
    );
    assert_eq!(pushing.shown().sum(FAILURES, &[]), 0.0);
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_tried_again_soon_with_the_snapshot_there_is_by_then() {
    let broken = Reply::Nothing(TransportError::Unreachable("refused".to_owned()));
    let mut pushing = begin([status(200), status(503), broken, status(502)]);
    pushing.next().await;
    let began = pushing.next().await.1;
    // By now the hold is over.
    pushing.core.release(EPOCH_MS + HOUR_MS).unwrap();
    let mut last = None;
    for most in [2.0, 6.0, 14.0] {
        let (post, at) = pushing.next().await;
        assert!(at <= began + most, "{at} is later than {most}");
        last = Some(post);
    }
    let last = unpacked(&last.unwrap().parcel);
    let shown = pushing.shown();
    let total = shown.sum("vcc_interactions_total", &[]);
    assert!(total > 0.0);
    assert_eq!(sum(&last, "vcc_interactions_total", ""), total);
    assert_eq!(pushing.failed("unavailable"), 2.0);
    assert_eq!(pushing.failed("unreachable"), 1.0);
    assert_eq!(sum(&last, FAILURES, "unavailable"), 2.0);
    let (next, at) = pushing.next().await;
    assert_eq!(at.round(), 120.0);
    // This one is under way and not counted yet.
    assert_eq!(sum(&unpacked(&next.parcel), EXPORTS, "metrics"), 5.0);
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_asks_for_patience_gets_it_in_seconds_or_as_a_date() {
    let throttled = |retry_after: &str| {
        Reply::Answer(HttpResponse {
            status: 429,
            retry_after: Some(retry_after.to_owned()),
            ..HttpResponse::default()
        })
    };
    // An hour after the epoch it is 10 o'clock.
    let date = "Mon, 02 Mar 2026 10:00:50 GMT";
    let mut pushing = begin([throttled("100"), throttled(date), throttled("999999")]);
    let mut before = pushing.next().await.1;
    for (least, most) in [(100.0, 103.0), (50.0, 55.0), (300.0, 310.0)] {
        let at = pushing.next().await.1;
        let waited = at - before;
        assert!((least..most).contains(&waited), "{waited} for {least}");
        before = at;
    }
    assert_eq!(pushing.failed("throttled"), 3.0);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_waits_for_the_next_interval() {
    let mut pushing = begin([status(400), status(401), status(500), status(301)]);
    for due in [0.0, 60.0, 120.0, 180.0, 240.0] {
        let at = pushing.next().await.1;
        assert!((at - due).abs() < 1.0, "{at}, not {due}");
    }
    for reason in ["rejected", "refused", "server_error", "bad_answer"] {
        assert_eq!(pushing.failed(reason), 1.0, "{reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn silence_is_a_timeout_and_passes() {
    let mut pushing = begin([Reply::Silence]);
    pushing.next().await;
    let at = pushing.next().await.1;
    assert!((10.0..=12.1).contains(&at), "{at}");
    assert_eq!(pushing.failed("timeout"), 1.0);
}

#[tokio::test(start_paused = true)]
async fn what_is_left_out_is_counted_and_not_sent_again() {
    let partial = leaves_out(7, "too old");
    let mut pushing = begin([partial.clone(), partial]);
    for due in [0.0, 60.0, 120.0] {
        assert_eq!(pushing.next().await.1.round(), due);
    }
    assert_eq!(
        pushing.shown().sum(REJECTED, &[("signal", "metrics")]),
        14.0
    );
    assert_eq!(pushing.shown().sum(FAILURES, &[]), 0.0);
}

#[tokio::test(start_paused = true)]
async fn at_the_end_there_is_one_push_more_which_keeps_nobody() {
    let mut pushing = begin([status(200), Reply::Silence, Reply::Silence]);
    pushing.next().await;
    pushing.next().await;
    // One is on its way and is given up for the last, which nobody answers either.
    pushing.core.release(EPOCH_MS + HOUR_MS).unwrap();
    let told = Instant::now();
    pushing.ended.cancel();
    let (last, _) = pushing.next().await;
    assert!(sum(&unpacked(&last.parcel), "vcc_interactions_total", "") > 0.0);
    pushing.task.await.unwrap();
    assert_eq!(told.elapsed().as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn without_a_snapshot_the_first_push_waits_a_little_and_says_so() {
    let (_, site) = held(Options::default());
    let empty = Arc::new(vcc_exposition::Publisher::new(1, Options::default()));
    let site = Arc::new(ExporterView {
        publisher: empty,
        ..site
    });
    let (wire, mut arrived) = Receiver::new([]);
    let clock: Arc<dyn Clock> = Arc::new(Still);
    let (target, exports) = (target("http://127.0.0.1:1/"), site.health.otlp_metrics());
    let push = Push {
        source: site,
        resource: resource("id", &Default::default()),
        client: Client::over(wire, Signal::Metrics, &target, Arc::clone(&clock), exports),
        interval: MINUTE,
        clock,
    };
    let began = Instant::now();
    let task = tokio::spawn(push.run(CancellationToken::new()));
    let post = arrived.recv().await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 10);
    let request = unpacked(&post.parcel);
    assert_eq!(sum(&request, "vcc_exporter_build_info", ""), 1.0);
    assert_eq!(sum(&request, "vcc_interactions_total", ""), 0.0);
    assert!(post.headers.is_empty());
    task.abort();
}
