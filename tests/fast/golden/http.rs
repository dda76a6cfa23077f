//! What a scraper asks for in its headers, and what it gets.

use std::io::Read;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use bytes::Bytes;
use http_body_util::BodyExt;
use tower::ServiceExt;
use vcc_exporter::assembly::routes;

use vcc_test_support::day::{ALL, shown};

/// What Prometheus 3 sends for each of its scrape protocols alone, and what it gets.
const FORMATS: [(&str, &str); 7] = [
    (
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;\
         encoding=delimited;escaping=allow-utf-8;q=0.6,*/*;q=0.5",
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; \
         encoding=delimited; escaping=allow-utf-8",
    ),
    (
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,*/*;q=0.5",
        "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
    ),
    (
        "application/openmetrics-text;version=0.0.1;q=0.6,*/*;q=0.5",
        "application/openmetrics-text; version=0.0.1; charset=utf-8",
    ),
    (
        "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,*/*;q=0.5",
        "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
    ),
    (
        "text/plain;version=0.0.4;q=0.6,*/*;q=0.5",
        "text/plain; version=0.0.4; charset=utf-8",
    ),
    ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
    (
        "application/json",
        "text/plain; version=0.0.4; charset=utf-8",
    ),
];

/// What Prometheus sends with and without `zstd-scrape`, and what it gets.
const CODINGS: [(&str, Option<&str>); 4] = [
    ("identity", None),
    ("gzip", Some("gzip")),
    ("zstd,gzip", Some("zstd")),
    ("gzip;q=0.5,zstd;q=0", Some("gzip")),
];

async fn get(app: &Router, accept: &str, coding: &str) -> (HeaderMap, Bytes) {
    let request = Request::get("/metrics")
        .header(header::ACCEPT, accept)
        .header(header::ACCEPT_ENCODING, coding)
        .body(Body::empty())
        .unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let (parts, body) = response.into_parts();
    (parts.headers, body.collect().await.unwrap().to_bytes())
}

fn decompressed(coding: Option<&str>, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match coding {
        // A strict reader of one member: what follows it would be lost.
        Some("gzip") => {
            let mut reader = flate2::bufread::GzDecoder::new(body);
            reader.read_to_end(&mut out).unwrap();
            assert!(reader.into_inner().is_empty(), "more than one gzip member");
        }
        Some("zstd") => out = zstd::decode_all(body).unwrap(),
        _ => out = body.to_vec(),
    }
    out
}

/// The messages of a delimited protobuf body. What is in them is read by Prometheus' own types elsewhere.
fn families(mut body: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    while !body.is_empty() {
        let length = prost::decode_length_delimiter(&mut body).unwrap();
        let (family, rest) = body.split_at(length);
        found.push(family);
        body = rest;
    }
    found
}

/// A family's name, which is its first field.
fn name(family: &[u8]) -> &[u8] {
    let mut field = family.strip_prefix(b"\x0a").expect("a name first");
    let length = prost::decode_length_delimiter(&mut field).unwrap();
    &field[..length]
}

/// The body without the figures of the process, which move from one scrape to the next.
fn at_rest(content_type: &str, body: &[u8]) -> Vec<String> {
    if content_type.starts_with("application/vnd.google.protobuf") {
        let still = |family: &&&[u8]| !name(family).starts_with(b"process_");
        return families(body)
            .iter()
            .filter(still)
            .map(|family| family.escape_ascii().to_string())
            .collect();
    }
    let text = std::str::from_utf8(body).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with("process_"));
    lines.map(str::to_owned).collect()
}

#[tokio::test(start_paused = true)]
async fn every_scraper_gets_the_same_page_as_it_asked_for_it() {
    let app = routes(&Arc::new(shown(ALL).await));
    for (accept, content_type) in FORMATS {
        let (_, identity) = get(&app, accept, "identity").await;
        let identity = at_rest(content_type, &identity);
        assert!(identity.len() > 50, "{accept}: {identity:?}");
        for (asked, coding) in CODINGS {
            let (headers, body) = get(&app, accept, asked).await;
            let said = |name| {
                let value = headers.get(name);
                value.map(|value: &axum::http::HeaderValue| value.to_str().unwrap())
            };
            let length = body.len().to_string();
            assert_eq!(said(header::CONTENT_TYPE), Some(content_type), "{accept}");
            assert_eq!(said(header::CONTENT_ENCODING), coding, "{asked}");
            assert_eq!(said(header::VARY), Some("Accept, Accept-Encoding"));
            assert_eq!(said(header::CONTENT_LENGTH), Some(length.as_str()));
            let whole = at_rest(content_type, &decompressed(coding, &body));
            assert!(
                whole == identity,
                "{accept}, {asked}: not the identity body"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_zstd_body_is_two_frames_and_either_is_whole() {
    /// What every frame begins with (RFC 8878, 3.1.1).
    const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
    let app = routes(&Arc::new(shown(ALL).await));
    let (_, body) = get(&app, "*/*", "zstd").await;
    let begin = body.windows(4).rposition(|bytes| bytes == MAGIC).unwrap();
    let (first, second) = body.split_at(begin);
    let text = |frame| String::from_utf8(zstd::decode_all(frame).unwrap()).unwrap();
    assert!(text(first).starts_with("# HELP vcc_") && text(first).ends_with('\n'));
    assert!(text(second).contains("\nprocess_cpu_seconds_total "));
}
