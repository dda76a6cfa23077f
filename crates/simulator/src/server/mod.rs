//! Serves the simulator over HTTP, by the system's clock, with real delays and truncated bodies.
use std::sync::{Arc, Mutex};

use axum::body::to_bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

use crate::api::{Call, Delivery, Simulator};
use shared::{Shared, lock, now_ms, response};
use truncating_listener::{TruncatingListener, Truncation};

mod controls;
mod shared;
mod truncating_listener;

/// Maximum size of a request body; only token requests and controls have one.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Serves the simulated API on this listener until `shutdown` is done.
///
/// The control endpoints are under `/-/`; `GET /-/` lists them.
///
/// # Errors
/// If the listener fails.
pub async fn serve(
    listener: TcpListener,
    simulator: Arc<Mutex<Simulator>>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let app = controls::routes()
        .fallback(answer)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(simulator);
    let service = app.into_make_service_with_connect_info::<Truncation>();
    axum::serve(TruncatingListener(listener), service)
        .with_graceful_shutdown(shutdown)
        .await
}

/// Every request other than those to control endpoints is one to the API.
async fn answer(
    State(simulator): State<Shared>,
    ConnectInfo(truncation): ConnectInfo<Truncation>,
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
        Delivery::Truncated(bytes) => truncation.truncate_after(bytes),
    }
    response(reply)
}

fn header_text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
