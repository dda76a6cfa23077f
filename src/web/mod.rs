//! The web surface.
//!
//! | route | answer |
//! |---|---|
//! | `/metrics` (configurable) | every family, text format 0.0.4, gzip when asked |
//! | `/` | a page for people |
//! | `/-/healthy` | 200 while the process lives |
//! | `/-/ready` | 200 once the state is open; never tied to the API's health |

mod page;

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
use crate::expose::{CONTENT_TYPE, Gauge, write_gauges};
use crate::health::{AccountHealth, Health};
use crate::ledger::Rules;
use crate::snapshot::{Publisher, Snapshot};
use crate::store::Store;

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

/// The routes.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route(&site.telemetry_path, get(metrics))
        .route("/", get(page::landing))
        .route("/-/healthy", get(|| async { "vcc-exporter is healthy.\n" }))
        .route("/-/ready", get(|| async { "vcc-exporter is ready.\n" }))
        .with_state(site)
}

async fn metrics(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let gzip = accepts_gzip(&headers);
    // Encoding a large snapshot takes a while, so it is kept off the threads that serve.
    match tokio::task::spawn_blocking(move || site.scrape(gzip)).await {
        Ok(parts) => respond(parts, gzip),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn respond(parts: Vec<Bytes>, gzip: bool) -> Response {
    let length: usize = parts.iter().map(Bytes::len).sum();
    let body = Body::from_stream(stream::iter(
        parts.into_iter().map(Ok::<_, std::convert::Infallible>),
    ));
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// Whether the client takes gzip: it is named, or anything is, without being refused by `q=0`.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut any = false;
    for coding in values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
    {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let refused = parts.any(|part| {
            let weight = part.strip_prefix("q=").or(part.strip_prefix("Q="));
            weight.is_some_and(|weight| weight.trim().parse() == Ok(0.0))
        });
        match name {
            name if name.eq_ignore_ascii_case("gzip") => return !refused,
            "*" => any = !refused,
            _ => {}
        }
    }
    any
}

impl Site {
    /// The parts of a scrape's body: the big one that stands for the whole snapshot, and the
    /// gauges of this moment.
    pub fn scrape(&self, gzip: bool) -> Vec<Bytes> {
        let snapshot = self.publisher.current();
        let mut rest = String::new();
        write_gauges(&mut rest, self.gauges(&snapshot));
        self.health.write(&mut rest);
        let encoded = snapshot.encoded();
        if gzip {
            encoded.compressed().with(rest.as_bytes()).into()
        } else {
            vec![encoded.text.clone(), rest.into()]
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_used_when_it_is_wanted() {
        for (value, wanted) in [
            ("gzip", true),
            ("gzip;q=0", false),
            ("deflate, gzip;q=0.5", true),
            ("*", true),
            ("identity", false),
            ("*;q=0", false),
            ("gzip; q=0.0, *", false),
            ("GZIP", true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            assert_eq!(accepts_gzip(&headers), wanted, "{value}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
