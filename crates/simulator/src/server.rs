//! The simulator on a socket: the real clock, real delays, really broken connections, and a few controls.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, DefaultBodyLimit, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::api::Simulator;
use super::cut::{CutListener, Scissors};
use super::faults::Faults;
use super::reply::{Call, Delivery, Reply};
use super::time::parse;

/// Largest request body; the API takes none but a token request's.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// What a running simulator can be told, for whoever asks at `/-/`.
const CONTROLS: &str = "\
A simulated contact centre, and what it can be told while it runs.

What goes wrong between the API and its reader: everything that is not named goes well again.
  curl SIMULATOR/-/faults                                         all there are
  curl -X PUT -d '{\"stalled\": true}' SIMULATOR/-/faults           the API shows nothing new
  curl -X PUT -d '{\"secret_revoked\": true}' SIMULATOR/-/faults    the credentials are refused
  curl -X PUT -d '{}' SIMULATOR/-/faults                          all is well

Which queues have hardly an agent: callers who come from now on wait long, and most hang up.
  curl -X PUT -d '[\"Billing Queue\"]' SIMULATOR/-/starved
  curl -X PUT -d '[]' SIMULATOR/-/starved

Whether anybody comes at all, and whether all that began is told at once.
  curl -X POST 'SIMULATOR/-/traffic?running=false&settle=true'

What really happened, and what is going on now, tallied without an exporter.
  curl 'SIMULATOR/-/truth?epoch=2026-01-01'
  curl SIMULATOR/-/live
";

type Shared = Arc<Mutex<Simulator>>;

/// Serves the simulated API on this listener until `shutdown` is done.
///
/// Under `/-/` stand the controls, explained by `GET /-/`.
///
/// # Errors
/// If the listener fails.
pub async fn serve(
    listener: tokio::net::TcpListener,
    simulator: Arc<Mutex<Simulator>>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let app = Router::new()
        .route("/-/", get(async || CONTROLS))
        .route("/-/healthy", get(async || "ok\n"))
        .route("/-/truth", get(truth))
        .route("/-/live", get(live))
        .route("/-/faults", get(faults).put(set_faults))
        .route("/-/starved", get(starved).put(set_starved))
        .route("/-/traffic", post(traffic))
        .fallback(answer)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(simulator);
    let service = app.into_make_service_with_connect_info::<Scissors>();
    axum::serve(CutListener(listener), service)
        .with_graceful_shutdown(shutdown)
        .await
}

/// Nothing awaits while the simulator is held, and a panic in one request does not make it unusable.
fn lock(simulator: &Shared) -> MutexGuard<'_, Simulator> {
    simulator.lock().unwrap_or_else(PoisonError::into_inner)
}

fn now_ms() -> i64 {
    chrono::Utc::now().timestamp_millis()
}

/// Everything that is not a control is a request to the API.
async fn answer(
    State(simulator): State<Shared>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let header = |name| header_text(&parts.headers, name);
    let call = Call {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        accept: header(header::ACCEPT),
        authorization: header(header::AUTHORIZATION),
        content_type: header(header::CONTENT_TYPE),
        body: &body,
    };
    let reply = lock(&simulator).answer(&call, now_ms());
    tracing::debug!(
        method = call.method,
        path = call.path,
        query = call.query,
        status = reply.status,
        "answered"
    );
    match reply.delivery {
        Delivery::Whole => {}
        Delivery::Delayed(delay) => tokio::time::sleep(delay).await,
        Delivery::CutOff(bytes) => scissors.cut_after(bytes),
    }
    response(reply)
}

fn header_text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn response(reply: Reply) -> Response {
    let mut response = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    response
        .body(Body::from(reply.body))
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

fn json(value: &impl serde::Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => response(Reply::json(200, body)),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

#[derive(Debug, Deserialize)]
struct TruthQuery {
    epoch: Option<String>,
}

async fn truth(State(simulator): State<Shared>, Query(query): Query<TruthQuery>) -> Response {
    let epoch_ms = match query.epoch.as_deref().map(parse) {
        None => 0,
        Some(Some(epoch_ms)) => epoch_ms,
        Some(None) => return (StatusCode::BAD_REQUEST, "epoch is not a time\n").into_response(),
    };
    // Tallying a large world takes its time, which other requests need not wait for on this thread.
    let tally = move || lock(&simulator).truth(now_ms(), epoch_ms);
    match tokio::task::spawn_blocking(tally).await {
        Ok(truth) => json(&truth),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn live(State(simulator): State<Shared>) -> Response {
    let live = lock(&simulator).live(now_ms());
    json(&live)
}

async fn faults(State(simulator): State<Shared>) -> Response {
    let faults = lock(&simulator).faults().clone();
    json(&faults)
}

async fn set_faults(State(simulator): State<Shared>, body: Bytes) -> Response {
    match serde_json::from_slice::<Faults>(&body) {
        Ok(faults) => {
            lock(&simulator).set_faults(faults.clone());
            json(&faults)
        }
        Err(error) => (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    }
}

async fn starved(State(simulator): State<Shared>) -> Response {
    let queues = lock(&simulator).starved();
    json(&queues)
}

async fn set_starved(State(simulator): State<Shared>, body: Bytes) -> Response {
    let refused = |error: &dyn std::fmt::Display| {
        (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response()
    };
    let queues: Vec<String> = match serde_json::from_slice(&body) {
        Ok(queues) => queues,
        Err(error) => return refused(&error),
    };
    match lock(&simulator).starve(&queues, now_ms()) {
        Ok(()) => json(&queues),
        Err(error) => refused(&error),
    }
}

#[derive(Debug, Deserialize)]
struct TrafficQuery {
    running: Option<bool>,
    #[serde(default)]
    settle: bool,
}

async fn traffic(State(simulator): State<Shared>, Query(query): Query<TrafficQuery>) -> Response {
    let mut simulator = lock(&simulator);
    let now_ms = now_ms();
    if let Some(running) = query.running {
        simulator.set_running(running, now_ms);
    }
    if query.settle {
        simulator.settle(now_ms);
    }
    StatusCode::NO_CONTENT.into_response()
}
