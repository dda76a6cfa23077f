//! The web surface.
//!
//! | route | answer |
//! |---|---|
//! | `/metrics` (configurable) | every family, in the format and the coding that are asked for |
//! | `/` | a page for people |
//! | `/api/status` | the same as JSON |
//! | `/-/healthy` | 200 while the process lives |
//! | `/-/ready` | 200 once the state is open; never tied to the API's health |
//! | `POST /-/reload` | reads the configuration again; only where that is switched on |

mod access;
mod connections;
mod guard;
mod page;
mod passwords;
mod serve;
mod shown;
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

use crate::exporter::ExporterView as Site;
use crate::expose::{ContentEncoding, MetricsSource, Negotiated, choose};

pub use access::Access;
pub use serve::{Limits, serve};
pub use shown::{Reload, Shown};

/// The routes.
pub fn router(site: Arc<Site>) -> Router {
    let metrics = Arc::clone(&site) as Arc<dyn MetricsSource>;
    Router::new()
        .route(&site.telemetry_path, get(scrape).with_state(metrics))
        .route("/", get(page::landing))
        .route("/api/status", get(status::json))
        .route("/-/healthy", get(|| async { "vcc-exporter is healthy.\n" }))
        .route("/-/ready", get(|| async { "vcc-exporter is ready.\n" }))
        .with_state(site)
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
