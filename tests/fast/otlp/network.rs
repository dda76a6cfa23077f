//! Over real sockets: the request as it arrives, what is not followed, and a whole exporter.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use prost::Message;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;
use vcc_exporter::assembly::Exporter;
use vcc_exporter::health::Health;
use vcc_exporter::poller::StartFrom;
use vcc_net::clock::{Clock, SystemClock};
use vcc_net::secret::SecretSource;
use vcc_otlp::error::FailureReason;
use vcc_otlp::transport::EncodedRequest;
use vcc_otlp::{Client, Header, MetricsSettings, Settings, Signal, Target};

use super::receiver::{plain, sum, target};
use super::shipping::{EXPORTS, counted};
use vcc_test_support::fake_api::{FakeApi, FakeTransport};
use vcc_test_support::item::{call, numbered};
use vcc_test_support::programs::eventually;
use vcc_test_support::simulated_api::{config, memory_store};

const SECRET: &str = "hunter2-of-the-receiver";

type Arrived = (Uri, HeaderMap, Bytes);

#[derive(Clone)]
struct Served {
    told: UnboundedSender<Arrived>,
    reply: Arc<dyn Fn(&HeaderMap) -> Response + Send + Sync>,
}

async fn take(State(served): State<Served>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let response = (served.reply)(&headers);
    served.told.send((uri, headers, body)).unwrap_or_default();
    response
}

/// A receiver on a socket: its address, and what arrives.
async fn receiver(
    reply: impl Fn(&HeaderMap) -> Response + Send + Sync + 'static,
) -> (String, UnboundedReceiver<Arrived>) {
    let (told, arrived) = unbounded_channel();
    let reply = Arc::new(reply);
    let router = Router::new()
        .fallback(take)
        .with_state(Served { told, reply });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, arrived)
}

fn ok(_: &HeaderMap) -> Response {
    StatusCode::OK.into_response()
}

fn client(target: &Target) -> Client {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let exports = Health::new(0).unwrap().otlp_metrics();
    Client::new(Signal::Metrics, target, clock, exports).unwrap()
}

fn parcel(gzip: bool) -> EncodedRequest {
    EncodedRequest::new(&ExportMetricsServiceRequest::default(), gzip)
}

fn secret(name: &'static str, value: SecretSource) -> Header {
    Header {
        name: header::HeaderName::from_static(name),
        value,
    }
}

#[tokio::test]
async fn a_request_arrives_as_the_protocol_has_it() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("key");
    std::fs::write(&file, "first\n").unwrap();
    let (url, mut arrived) = receiver(ok).await;
    let mut target = target(&format!("{url}/v1/metrics"));
    let value = SecretSource::Value(SecretString::from(SECRET));
    target.headers = vec![
        secret("authorization", value),
        secret("x-key", SecretSource::File(file.clone())),
    ];
    let client = client(&target);
    client.export(parcel(true)).await.unwrap();
    let (uri, headers, _) = arrived.recv().await.unwrap();
    assert_eq!(uri.path(), "/v1/metrics");
    let version = concat!("vcc-exporter/", env!("CARGO_PKG_VERSION"));
    for (name, value) in [
        ("content-type", "application/x-protobuf"),
        ("content-encoding", "gzip"),
        ("user-agent", version),
        ("authorization", SECRET),
        ("x-key", "first"),
    ] {
        assert_eq!(headers.get(name), Some(&HeaderValue::from_static(value)));
    }
    std::fs::write(&file, "second").unwrap();
    client.export(parcel(false)).await.unwrap();
    let (_, headers, _) = arrived.recv().await.unwrap();
    assert_eq!(
        headers.get("x-key"),
        Some(&HeaderValue::from_static("second"))
    );
    assert_eq!(headers.get("content-encoding"), None);
    std::fs::remove_file(&file).unwrap();
    let error = client.export(parcel(false)).await.unwrap_err();
    assert_eq!(error.reason(), FailureReason::Unsent);
    assert!(error.to_string().contains("key"), "{}", error);
}

#[tokio::test]
async fn redirects_are_not_followed_and_answers_without_end_are_left() {
    let (elsewhere, mut followed) = receiver(ok).await;
    let (url, _arrived) = receiver(move |_| {
        (
            StatusCode::TEMPORARY_REDIRECT,
            [(header::LOCATION, elsewhere.clone())],
        )
            .into_response()
    })
    .await;
    let error = client(&target(&url))
        .export(parcel(true))
        .await
        .unwrap_err();
    assert_eq!(error.reason(), FailureReason::BadAnswer);
    assert!(followed.try_recv().is_err());
    for (status, reason) in [
        (StatusCode::OK, FailureReason::BadAnswer),
        (StatusCode::SERVICE_UNAVAILABLE, FailureReason::Unavailable),
    ] {
        let (url, _arrived) =
            receiver(move |_| (status, vec![b'x'; 1 << 20]).into_response()).await;
        let error = client(&target(&url))
            .export(parcel(true))
            .await
            .unwrap_err();
        assert_eq!(error.reason(), reason);
        assert!(
            error.to_string().len() < 1_000,
            "{}",
            error.to_string().len()
        );
    }
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let error = client(&target(&url))
        .export(parcel(true))
        .await
        .unwrap_err();
    assert_eq!(error.reason(), FailureReason::Unreachable);
}

#[test]
fn authorities_that_are_none_are_refused_before_anything_is_sent() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ca.pem");
    let mut target = target("https://127.0.0.1:1/");
    target.ca_file = Some(file.clone());
    let made = |target: &Target| {
        let exports = Health::new(0).unwrap().otlp_metrics();
        Client::new(Signal::Metrics, target, Arc::new(SystemClock), exports).map(|_| ())
    };
    for content in [None, Some(""), Some("no certificate")] {
        if let Some(content) = content {
            std::fs::write(&file, content).unwrap();
        }
        let refused = made(&target).unwrap_err().to_string();
        assert!(refused.contains("ca.pem is unusable: "), "{refused}");
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_header_is_in_no_log_although_the_receiver_repeats_it() {
    vcc_test_support::log::wanted();
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _here = tracing::subscriber::set_default(subscriber);
    let (url, _arrived) = receiver(|headers| {
        let repeated = headers.get("authorization").unwrap().to_str().unwrap();
        let token = repeated.split(' ').next_back().unwrap();
        let text = format!("not known: {repeated}, that is {token}");
        (StatusCode::UNAUTHORIZED, text).into_response()
    })
    .await;
    let mut target = target(&url);
    let value = SecretSource::Value(SecretString::from(format!("Bearer {SECRET}")));
    target.headers = vec![secret("authorization", value)];
    let client = client(&target);
    for _ in 0..2 {
        let error = client.export(parcel(true)).await.unwrap_err();
        assert_eq!(error.reason(), FailureReason::Refused);
        assert!(error.to_string().contains("not known: "), "{}", error);
        assert!(!format!("{error:?} {client:?} {target:?}").contains(SECRET));
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(!log.contains(SECRET), "{log}");
    let said = log
        .lines()
        .filter(|line| line.contains("WARN") && line.contains("refused"));
    assert_eq!(said.count(), 1, "it is said once: {log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exporter_pushes_soon_after_its_start_and_when_it_is_stopped() {
    let now_ms = SystemClock.local_ms();
    let api = FakeApi::new(now_ms);
    api.put(now_ms - 60_000, &numbered(&call(), 1));
    let (url, mut arrived) = receiver(ok).await;
    let ago = StartFrom::Ago(Duration::from_secs(400 * 86_400));
    let mut config = config(Duration::from_secs(1), 100, ago);
    config.rules.warmup = Duration::ZERO;
    config.otlp = Settings {
        metrics: Some(MetricsSettings {
            target: target(&format!("{url}/v1/metrics")),
            interval: Duration::from_secs(3_600),
        }),
        ..Settings::default()
    };
    let road = Arc::new(FakeTransport(Arc::clone(&api)));
    let store = memory_store();
    let id = store.instance_id().unwrap();
    let exporter = Exporter::prepare(&config, store, road, Arc::new(SystemClock)).unwrap();
    let site = exporter.view();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(exporter.run(listener, stop.clone()));
    let mut next = async || {
        let (_, _, body) = arrived.recv().await.unwrap();
        ExportMetricsServiceRequest::decode(&*plain(&body, true)).unwrap()
    };
    let first = next().await;
    assert!(format!("{:?}", first.resource_metrics[0].resource).contains(&id));
    // The receiver has the request before the exporter has the response, and a stop in between would
    // abandon the push.
    eventually("delivered", async || {
        let count = counted(&site.health, EXPORTS, "metrics");
        (count > 0.0)
            .then_some(())
            .ok_or_else(|| format!("{count} exports"))
    })
    .await;
    stop.cancel();
    running.await.unwrap().unwrap();
    let last = next().await;
    let snapshot = site.publisher.current();
    let shown = snapshot.encoded(vcc_exposition::FormatKind::Text);
    let shown = std::str::from_utf8(&shown.plain).unwrap();
    let shown = vcc_test_support::exposition::Exposition::parse(shown);
    for name in ["vcc_records_received_total", "vcc_interactions_total"] {
        assert_eq!(sum(&last, name, ""), shown.sum(name, &[]), "{name}");
    }
    assert_eq!(
        sum(&last, "vcc_exporter_otlp_exports_total", "metrics"),
        1.0
    );
}
