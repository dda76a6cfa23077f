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

mod auth;
pub mod config_file;
mod connections;
mod hot_router;
mod page;
mod serve;
pub mod status;
mod tls;

use std::borrow::Cow;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use futures_util::stream;

use crate::catalogue::{Family, Origin};
use crate::expose::{Chosen, Coding, FormatKind, Gauge, Present, choose};
use crate::health::{AccountHealth, Health};
use crate::ledger::Rules;
use crate::snapshot::{Publisher, Snapshot};
use crate::store::Store;

use status::StatusSource;

pub use auth::{WebSecurity, WebSettingsWatcher};
pub use hot_router::{HotRouter, ReloadError, ReloadRequest};
pub use serve::{Limits, serve};

/// What the pages are made from.
#[derive(Debug)]
pub struct Site {
    /// Where snapshots come from.
    pub publisher: Arc<Publisher>,
    /// The process's instruments.
    pub health: Arc<Health>,
    /// Each account's instruments.
    pub accounts: Vec<Arc<AccountHealth>>,
    /// The state.
    pub store: Arc<Store>,
    /// What counts as what.
    pub rules: Arc<Rules>,
    /// Where the metrics are.
    pub telemetry_path: String,
}

/// The routes; `telemetry_path` is that of the metrics.
pub fn router(telemetry_path: &str, metrics: Arc<Site>, status: StatusSource) -> Router {
    Router::new()
        .route(telemetry_path, get(scrape).with_state(metrics))
        .route("/", get(page::landing))
        .route("/api/status", get(status::json))
        .route("/-/healthy", get(|| async { "vcc-exporter is healthy.\n" }))
        .route("/-/ready", get(|| async { "vcc-exporter is ready.\n" }))
        .with_state(status)
}

async fn scrape(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let chosen = choose(&headers);
    let (format, coding) = (chosen.format, chosen.coding);
    // Encoding a large snapshot takes a while, so it is kept off the threads that serve.
    match tokio::task::spawn_blocking(move || site.scrape(format, coding)).await {
        Ok(parts) => respond(parts, chosen),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn respond(parts: [Bytes; 2], chosen: Chosen) -> Response {
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
    let coding = match chosen.coding {
        Coding::Identity => None,
        Coding::Gzip => Some("gzip"),
        Coding::Zstd => Some("zstd"),
    };
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

impl Site {
    /// The parts of a scrape's body: the big one that stands for the whole snapshot, and the
    /// gauges of this moment.
    pub fn scrape(&self, format: FormatKind, coding: Coding) -> [Bytes; 2] {
        let snapshot = self.publisher.current();
        snapshot
            .encoded(format)
            .with(self.present(&snapshot), coding)
    }

    /// What is true only at this moment.
    pub fn present(&self, snapshot: &Snapshot) -> Present {
        Present {
            gauges: self.gauges(snapshot),
            instruments: self.health.gather(),
            since_ms: self.health.since_ms(),
        }
    }

    fn gauges(&self, snapshot: &Snapshot) -> Vec<Gauge> {
        let mut gauges = Vec::new();
        for account in &self.accounts {
            let view = snapshot
                .accounts
                .iter()
                .find(|view| *view.name == *account.name());
            gauges.extend(account.gauges(view.map(|view| &**view)));
        }
        self.target_gauges(snapshot, &mut gauges);
        self.own_gauges(snapshot, &mut gauges);
        gauges
    }

    fn target_gauges(&self, snapshot: &Snapshot, gauges: &mut Vec<Gauge>) {
        for view in &snapshot.accounts {
            let mut targets = view.targets.clone();
            for (queue, ms) in &self.rules.targets {
                if !targets.iter().any(|(known, _)| **known == **queue) {
                    targets.push((queue.as_str().into(), *ms));
                }
            }
            for (queue, ms) in targets {
                let labels = || {
                    let (account, queue) = (view.name.to_string(), queue.to_string());
                    vec![
                        ("account", account.into()),
                        ("virtual_queue", Cow::Owned(queue)),
                    ]
                };
                let target = ms as f64 / 1_000.0;
                gauges.push(Gauge {
                    family: Family::ServiceLevelTarget,
                    labels: labels(),
                    value: target,
                });
                let (family, value) = (Family::ServiceLevelObjective, self.rules.objective);
                gauges.push(Gauge {
                    family,
                    labels: labels(),
                    value,
                });
            }
        }
    }

    fn own_gauges(&self, snapshot: &Snapshot, gauges: &mut Vec<Gauge>) {
        let own = |family, labels, value| Gauge {
            family,
            labels,
            value,
        };
        let version = vec![("version", env!("CARGO_PKG_VERSION").into())];
        gauges.push(own(Family::BuildInfo, version, 1.0));
        gauges.push(own(
            Family::StateSize,
            Vec::new(),
            self.store.size_bytes() as f64,
        ));
        if let Some(bytes) = self.store.available_bytes() {
            gauges.push(own(Family::StateAvailable, Vec::new(), bytes as f64));
        }
        if let Some(configured) = self.health.configuration() {
            let is_taken = f64::from(u8::from(configured.is_taken));
            gauges.push(own(Family::ConfigReloadSuccessful, Vec::new(), is_taken));
            let taken = configured.taken_ms as f64 / 1_000.0;
            gauges.push(own(Family::ConfigReloadTime, Vec::new(), taken));
        }
        self.outbox_gauges(gauges);
        let ledger = Family::ALL
            .iter()
            .filter(|family| family.info().origin == Origin::Ledger);
        for family in ledger {
            let labels = || vec![("family", family.info().name.into())];
            let series: usize = snapshot
                .accounts
                .iter()
                .map(|v| v.series(*family).len())
                .sum();
            gauges.push(own(Family::SeriesCount, labels(), series as f64));
            gauges.push(own(
                Family::SeriesLimit,
                labels(),
                self.rules.shape.series_limit as f64,
            ));
        }
    }

    fn outbox_gauges(&self, gauges: &mut Vec<Gauge>) {
        if self.rules.traces.is_none() {
            return;
        }
        // A state that cannot be read is said elsewhere; here it is not known what waits.
        let Ok((items, oldest_ms)) = self.store.outbox() else {
            return;
        };
        let gauge = |family, value| Gauge {
            family,
            labels: vec![("signal", "traces".into())],
            value,
        };
        gauges.push(gauge(Family::OutboxItems, items as f64));
        let oldest = oldest_ms.map(|ms| ms as f64 / 1_000.0);
        gauges.extend(oldest.map(|at| gauge(Family::OutboxOldest, at)));
    }
}
