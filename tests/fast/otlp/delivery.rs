//! The way of an interaction's trace out of the outbox, in paused time: through an outage of the
//! receiver, refusals and a crash, and what its bounds let go.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::Message;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use vcc_core::catalogue::Family;
use vcc_core::ledger::{MAX_AGE_MS, TraceRules};
use vcc_exporter::assembly::StoreOutbox;
use vcc_exporter::health::Health;
use vcc_exporter::poller::StartFrom;
use vcc_exposition::Publisher;
use vcc_net::clock::Clock;
use vcc_otlp::resource::resource;
use vcc_otlp::target::ResolvedHeader;
use vcc_otlp::trace_exporter::TraceExporter;
use vcc_otlp::transport::{
    EncodedRequest, HttpResponse, OtlpTransport, ResponseFuture, TransportError,
};
use vcc_otlp::{Client, Signal, TraceSettings};
use vcc_simulator::SimulatorConfig;
use vcc_store::{OUTBOX_LIMIT, Store};

use super::receiver::{plain, target};
use vcc_test_support::item::{START_MS, call, numbered};
use vcc_test_support::ledger_harness::LedgerHarness;
use vcc_test_support::simulated_api::{SimulatedApi, config, memory_store, start};

const MINUTE: Duration = Duration::from_secs(60);

/// A receiver that may be away, or answer as it is told.
#[derive(Debug, Default)]
struct Shore {
    away: Mutex<Option<(Instant, Instant)>>,
    answers: Mutex<Vec<HttpResponse>>,
    /// A trace it never takes, nor what comes with it.
    refused: Mutex<Option<Vec<u8>>>,
    /// By trace and span: how often it came.
    spans: Mutex<BTreeMap<(Vec<u8>, Vec<u8>), usize>>,
    posts: AtomicI64,
}

impl Shore {
    fn traces(&self) -> BTreeSet<Vec<u8>> {
        let spans = self.spans.lock().unwrap();
        spans.keys().map(|(trace, _)| trace.clone()).collect()
    }
}

impl OtlpTransport for Shore {
    fn post(&self, parcel: EncodedRequest, _: Vec<ResolvedHeader>) -> ResponseFuture<'_> {
        self.posts.fetch_add(1, Ordering::Relaxed);
        let (now, away) = (Instant::now(), *self.away.lock().unwrap());
        if away.is_some_and(|(from, to)| from <= now && now < to) {
            let nobody = TransportError::Unreachable("connection refused".to_owned());
            return Box::pin(async { Err(nobody) });
        }
        let body = plain(&parcel.body, parcel.gzip);
        let request = ExportTraceServiceRequest::decode(&*body).unwrap();
        let sent = &request.resource_spans[0].scope_spans[0].spans;
        let refused = self.refused.lock().unwrap().clone();
        let refused = refused.is_some_and(|it| sent.iter().any(|span| span.trace_id == it));
        let told = self.answers.lock().unwrap().pop();
        let answer = told.unwrap_or(HttpResponse {
            status: if refused { 400 } else { 200 },
            ..HttpResponse::default()
        });
        if answer.status == 200 {
            let mut spans = self.spans.lock().unwrap();
            for span in sent {
                let id = (span.trace_id.clone(), span.span_id.clone());
                *spans.entry(id).or_default() += 1;
            }
        }
        Box::pin(async { Ok(answer) })
    }
}

/// Local time that passes with tokio's.
#[derive(Debug)]
struct Local {
    start_ms: i64,
    began: Instant,
}

impl Clock for Local {
    fn local_ms(&self) -> i64 {
        self.start_ms + self.began.elapsed().as_millis() as i64
    }
}

fn clock(start_ms: i64) -> Arc<dyn Clock> {
    Arc::new(Local {
        start_ms,
        began: Instant::now(),
    })
}

/// The export of a state's outbox to a shore.
fn delivery(
    store: &Arc<Store>,
    publisher: &Arc<Publisher>,
    shore: &Arc<Shore>,
    clock: Arc<dyn Clock>,
) -> (TraceExporter, Arc<Health>) {
    vcc_test_support::log::wanted();
    let health = Health::new(0).unwrap();
    let client = Client::over(
        Arc::clone(shore) as Arc<dyn OtlpTransport>,
        Signal::Traces,
        &target("http://127.0.0.1:1/"),
        Arc::clone(&clock),
        health.otlp_metrics(),
    );
    let delivery = TraceExporter {
        outbox: Arc::new(StoreOutbox(Arc::clone(store))),
        publisher: Arc::clone(publisher),
        resource: resource("id", &BTreeMap::new()),
        client,
        clock,
    };
    (delivery, health)
}

fn dropped(health: &Health, reason: &str) -> f64 {
    let families = health.gather();
    let name = Family::OutboxDropped.info().name;
    let family = families.iter().find(|it| it.name() == name).unwrap();
    let mut series = family.get_metric().iter();
    let has = |metric: &&prometheus::proto::Metric| {
        (metric.get_label().iter()).any(|label| label.value() == reason)
    };
    series.find(has).unwrap().get_counter().get_value()
}

/// A ledger of `calls` calls that are all traced.
fn calls(count: u32) -> LedgerHarness {
    let mut ledger = LedgerHarness::with(START_MS - 1, |rules| {
        rules.traces = Some(TraceRules {
            share: 1.0,
            party_ids: false,
        });
    });
    let items: Vec<_> = (0..count).map(|number| numbered(&call(), number)).collect();
    for items in items.chunks(1_000) {
        ledger.take_all(items);
    }
    ledger
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_ten_minutes_loses_no_trace() {
    let world = SimulatorConfig {
        per_hour: 600.0,
        time_scale: 0.3,
        day_length_ms: 0,
        ..SimulatorConfig::default()
    };
    let (began_ms, centre) = (world.start_ms, SimulatedApi::new(world));
    let (store, shore) = (memory_store(), Arc::new(Shore::default()));
    let mut config = config(Duration::from_secs(15), 1_000, StartFrom::At(began_ms));
    config.otlp.traces = Some(TraceSettings {
        target: target("http://127.0.0.1:1/"),
        exporter: false,
        interactions: Some(TraceRules {
            share: 1.0,
            party_ids: false,
        }),
    });
    let exporter = start(&centre, &store, &config);
    let publisher = &exporter.site.publisher;
    let (delivery, health) = delivery(&store, publisher, &shore, clock(began_ms));
    let ended = CancellationToken::new();
    let task = tokio::spawn(delivery.run(ended.clone()));

    tokio::time::sleep(15 * MINUTE).await;
    let away = (Instant::now(), Instant::now() + 10 * MINUTE);
    *shore.away.lock().unwrap() = Some(away);
    tokio::time::sleep(10 * MINUTE - Duration::from_secs(1)).await;
    let (waiting, oldest) = store.outbox().unwrap();
    assert!(waiting > 50, "{waiting} wait");
    assert!(oldest.unwrap() < began_ms + 16 * 60_000);
    tokio::time::sleep(15 * MINUTE).await;
    {
        let mut simulator = centre.simulator.lock().unwrap();
        simulator.set_running(false, centre.now_ms());
        simulator.settle(centre.now_ms());
    }
    // Beyond the hour after which an interaction is taken as ended whose channel never ends.
    tokio::time::sleep(75 * MINUTE).await;
    exporter.stop().await;
    ended.cancel();
    task.await.unwrap();

    let truth = centre.truth(began_ms);
    let interactions = truth.count("vcc_interactions_total", &[]);
    assert_eq!(shore.traces().len() as u64, interactions);
    assert_eq!(store.outbox().unwrap(), (0, None));
    let spans = shore.spans.lock().unwrap();
    assert!(
        spans.values().all(|times| *times == 1),
        "each was taken once"
    );
    for reason in ["full", "too_old", "refused"] {
        assert_eq!(dropped(&health, reason), 0.0, "{reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_but_not_settled_is_sent_again_and_is_the_same() {
    let ledger = calls(300);
    let (publisher, shore) = (publisher(), Arc::new(Shore::default()));
    let first = ledger.store.queued_traces(200).unwrap();
    let mut before = BTreeMap::new();
    for round in 0..2 {
        // The state as it was before the crash: nothing of it was settled.
        let store = copy_of(&ledger);
        let (delivery, _) = delivery(&store, &publisher, &shore, clock(START_MS));
        let ended = CancellationToken::new();
        ended.cancel();
        delivery.run(ended).await;
        assert_eq!(store.outbox().unwrap().0, 0);
        let spans = shore.spans.lock().unwrap();
        if round == 0 {
            before.clone_from(&spans);
        } else {
            assert!(spans.keys().eq(before.keys()), "the same identities");
            assert!(spans.values().all(|times| *times == 2));
        }
    }
    assert_eq!((first.len(), shore.traces().len()), (200, 300));
}

/// The same calls in a state of their own.
fn copy_of(ledger: &LedgerHarness) -> Arc<Store> {
    let copy = calls(300);
    assert_eq!(copy.traces(), ledger.traces());
    copy.store
}

fn publisher() -> Arc<Publisher> {
    Arc::new(Publisher::new(1, Default::default()))
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_for_good_gives_way_to_what_comes_after_it() {
    let ledger = calls(250);
    let (publisher, shore) = (publisher(), Arc::new(Shore::default()));
    let bad = ledger.store.queued_traces(100).unwrap()[77].trace.id;
    *shore.refused.lock().unwrap() = Some(bad.0.to_vec());
    let (delivery, health) = delivery(&ledger.store, &publisher, &shore, clock(START_MS));
    let ended = CancellationToken::new();
    let task = tokio::spawn(delivery.run(ended.clone()));
    tokio::time::sleep(30 * MINUTE).await;
    ended.cancel();
    task.await.unwrap();
    assert_eq!(
        shore.traces().len(),
        249,
        "one is refused and no other with it"
    );
    assert!(!shore.traces().contains(bad.0.as_slice()));
    assert_eq!(dropped(&health, "refused"), 1.0);
    assert_eq!(ledger.store.outbox().unwrap(), (0, None));
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_is_set_up_wrongly_is_waited_for() {
    let ledger = calls(5);
    let (publisher, shore) = (publisher(), Arc::new(Shore::default()));
    let wrong = [401, 404, 405, 500, 302].map(|status| HttpResponse {
        status,
        ..HttpResponse::default()
    });
    *shore.answers.lock().unwrap() = wrong.to_vec();
    let (delivery, health) = delivery(&ledger.store, &publisher, &shore, clock(START_MS));
    let ended = CancellationToken::new();
    let task = tokio::spawn(delivery.run(ended.clone()));
    tokio::time::sleep(5 * MINUTE).await;
    ended.cancel();
    task.await.unwrap();
    assert_eq!(
        (shore.traces().len(), dropped(&health, "refused")),
        (5, 0.0)
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_older_than_its_bound_is_let_go_and_counted() {
    let ledger = calls(7);
    let (publisher, shore) = (publisher(), Arc::new(Shore::default()));
    let ready_ms = ledger.store.outbox().unwrap().1.unwrap();
    let late = ready_ms + MAX_AGE_MS;
    for (now_ms, sent, gone) in [(late + 1, 0, 7.0), (late, 7, 0.0)] {
        let store = calls(7).store;
        let (delivery, health) = delivery(&store, &publisher, &shore, clock(now_ms));
        let ended = CancellationToken::new();
        ended.cancel();
        delivery.run(ended).await;
        assert_eq!(
            (shore.traces().len(), dropped(&health, "too_old")),
            (sent, gone)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_outbox_lets_the_oldest_go() {
    let mut ledger = calls(OUTBOX_LIMIT as u32);
    assert_eq!(ledger.given_way, 0);
    ledger.now_ms += 1_000;
    let items: Vec<_> = (0..5)
        .map(|number| numbered(&call(), 1_000_000 + number))
        .collect();
    ledger.take_all(&items);
    assert_eq!(ledger.given_way, 5);
    assert_eq!(ledger.store.outbox().unwrap().0, OUTBOX_LIMIT);
    let newest = ledger.store.queued_traces(usize::MAX).unwrap();
    let guid = newest.last().unwrap().trace.spans[0].attributes[1].clone();
    assert!(format!("{guid:?}").contains("0000000f42"), "{guid:?}");
}

#[tokio::test(start_paused = true)]
async fn only_what_a_receiver_took_in_full_becomes_an_exemplar() {
    let partial = ExportTraceServiceResponse {
        partial_success: Some(ExportTracePartialSuccess {
            rejected_spans: 1,
            error_message: "one too many".to_owned(),
        }),
    };
    let partial = HttpResponse {
        status: 200,
        body: partial.encode_to_vec().into(),
        ..HttpResponse::default()
    };
    for (answers, wanted) in [(vec![partial], false), (vec![], true)] {
        let mut ledger = calls(1);
        ledger.take(&numbered(&call(), 7));
        let (publisher, shore) = (publisher(), Arc::new(Shore::default()));
        publisher.publish(0, vcc_core::ledger::AccountView::of(&ledger.account));
        publisher.register_pending(0, &ledger.outgoing);
        *shore.answers.lock().unwrap() = answers;
        let (delivery, _) = delivery(&ledger.store, &publisher, &shore, clock(START_MS));
        let ended = CancellationToken::new();
        ended.cancel();
        delivery.run(ended).await;
        let snapshot = publisher.current();
        let text = snapshot.encoded(vcc_exposition::FormatKind::OpenMetrics);
        let text = String::from_utf8(text.plain.to_vec()).unwrap();
        assert_eq!(text.contains("# {trace_id=\""), wanted, "{text}");
    }
}
