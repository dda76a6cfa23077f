//! The web server: routes, TLS, authentication, the page and the status.
//!
//! | route | answer |
//! |---|---|
//! | `/metrics` (configurable) | every family, in the negotiated format and encoding |
//! | `/` | the status as a page |
//! | `/api/status` | the status as JSON |
//! | `/-/healthy` | 200 while the process is alive |
//! | `/-/ready` | 200 once the state is open; independent of the API's health |
//! | `POST /-/reload` | reloads the configuration, where enabled |
//!
//! In reading order: `serve` and `connections` accept and bound connections, `tls` secures them, `auth` and
//! `config_file` read the web configuration of Prometheus and apply it, `hot_router` calls the routes of the
//! exporter that runs now, `status` is the model of the page and of `/api/status`, `page` renders it.
#![warn(missing_docs)]

mod auth;
pub mod config_file;
mod connections;
mod hot_router;
mod page;
mod serve;
pub mod status;
mod tls;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use futures_util::stream;

use vcc_exposition::{ContentEncoding, MetricsSource, Negotiated, choose};

use status::StatusSource;

pub use auth::{WebSecurity, WebSettingsWatcher};
pub use hot_router::{HotRouter, ReloadError, ReloadRequest};
pub use serve::{Limits, serve};

/// The routes; `telemetry_path` is that of the metrics.
pub fn router(
    telemetry_path: &str,
    metrics: Arc<dyn MetricsSource>,
    status: StatusSource,
) -> Router {
    Router::new()
        .route(telemetry_path, get(scrape).with_state(metrics))
        .route("/", get(page::landing))
        .route("/api/status", get(status::json))
        .route("/-/healthy", get(|| async { "vcc-exporter is healthy.\n" }))
        .route("/-/ready", get(|| async { "vcc-exporter is ready.\n" }))
        .with_state(status)
}

async fn scrape(State(source): State<Arc<dyn MetricsSource>>, headers: HeaderMap) -> Response {
    let chosen = choose(&headers);
    let (format, encoding) = (chosen.format, chosen.encoding);
    // Encoding a large snapshot takes a while, so it is kept off the threads that serve.
    match tokio::task::spawn_blocking(move || source.scrape(format, encoding)).await {
        Ok(parts) => respond(parts, chosen),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn respond(parts: [Bytes; 2], chosen: Negotiated) -> Response {
    let length: usize = parts.iter().map(Bytes::len).sum();
    let body = Body::from_stream(stream::iter(
        parts.into_iter().map(Ok::<_, std::convert::Infallible>),
    ));
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, chosen.content_type);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(
        header::VARY,
        HeaderValue::from_static("Accept, Accept-Encoding"),
    );
    let coding = match chosen.encoding {
        ContentEncoding::Identity => None,
        ContentEncoding::Gzip => Some("gzip"),
        ContentEncoding::Zstd => Some("zstd"),
    };
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}
