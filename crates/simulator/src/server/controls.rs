//! The control endpoints under `/-/`: faults, starved queues, traffic, and the truth.
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::shared::{Shared, lock, now_ms, response};
use crate::api::{Faults, Reply};
use crate::time::parse;

/// The reply to `GET /-/`.
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

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/-/", get(async || CONTROLS))
        .route("/-/healthy", get(async || "ok\n"))
        .route("/-/truth", get(truth))
        .route("/-/live", get(live))
        .route("/-/faults", get(faults).put(set_faults))
        .route("/-/starved", get(starved).put(set_starved))
        .route("/-/traffic", post(traffic))
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
    // This takes long for a large timeline, so it must not block the threads that serve other requests.
    let truth = move || lock(&simulator).truth(now_ms(), epoch_ms);
    match tokio::task::spawn_blocking(truth).await {
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
    let rejected = |error: &dyn std::fmt::Display| {
        (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response()
    };
    let queues: Vec<String> = match serde_json::from_slice(&body) {
        Ok(queues) => queues,
        Err(error) => return rejected(&error),
    };
    match lock(&simulator).starve(&queues, now_ms()) {
        Ok(()) => json(&queues),
        Err(error) => rejected(&error),
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

fn json(value: &impl serde::Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => response(Reply::json(200, body)),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
