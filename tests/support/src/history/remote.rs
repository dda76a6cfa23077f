//! Prometheus' remote write, version 1: how samples of a past get into its storage.
//!
//! <https://prometheus.io/docs/specs/prw/remote_write_spec/>

use std::ops::Range;

use prost::Message;

use super::recorder::{Recorder, Series};
use crate::exposition::{Labels, parse_labels};
use crate::http::client;

/// What a scraper adds to every series.
pub const TARGET: [(&str, &str); 2] = [("instance", "vcc-exporter:9877"), ("job", "vcc-exporter")];

/// What is sent of one series before the next. Prometheus takes nothing that is older than the
/// newest it has by half a block.
const SLICE_MS: i64 = 11 * 3_600_000;

/// Series of one request.
const BATCH: usize = 500;

/// The most bytes of a literal whose length is written in two.
const LITERAL: usize = 1 << 16;

#[derive(Clone, PartialEq, Message)]
pub struct WriteRequest {
    #[prost(message, repeated, tag = "1")]
    pub timeseries: Vec<TimeSeries>,
}

#[derive(Clone, PartialEq, Message)]
pub struct TimeSeries {
    #[prost(message, repeated, tag = "1")]
    pub labels: Vec<Label>,
    #[prost(message, repeated, tag = "2")]
    pub samples: Vec<Sample>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Label {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "2")]
    pub value: String,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub struct Sample {
    #[prost(double, tag = "1")]
    pub value: f64,
    #[prost(int64, tag = "2")]
    pub timestamp: i64,
}

/// Sends all that was recorded, the older before the newer.
pub async fn send(recorder: &Recorder, prometheus: &str) {
    let all: Vec<_> = (recorder.series().iter())
        .map(|series| (labels(&series.name), series))
        .collect();
    for slice in slices(&recorder.scrapes_ms) {
        for batch in all.chunks(BATCH) {
            let samples = |(labels, series): &(Vec<Label>, &Series)| {
                let samples = series.during(slice.clone()).map(|(scrape, value)| Sample {
                    value,
                    timestamp: recorder.scrapes_ms[scrape],
                });
                TimeSeries {
                    labels: labels.clone(),
                    samples: samples.collect(),
                }
            };
            let timeseries = batch.iter().map(samples);
            write(
                prometheus,
                timeseries.filter(|it| !it.samples.is_empty()).collect(),
            )
            .await;
        }
    }
}

/// Stores some samples, which are in order of time.
pub async fn write(prometheus: &str, timeseries: Vec<TimeSeries>) {
    let body = snappy(&WriteRequest { timeseries }.encode_to_vec());
    let request = client()
        .post(format!("{prometheus}/api/v1/write"))
        .header("content-type", "application/x-protobuf")
        .header("content-encoding", "snappy")
        .header("x-prometheus-remote-write-version", "0.1.0")
        .body(body);
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let said = answer.text().await.unwrap();
    assert!(status.is_success(), "remote write: {status}: {said}");
}

/// Scrapes that may be sent together.
fn slices(scrapes_ms: &[i64]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for (scrape, at_ms) in scrapes_ms.iter().enumerate() {
        if at_ms - scrapes_ms[start] > SLICE_MS {
            found.push(start..scrape);
            start = scrape;
        }
    }
    found.push(start..scrapes_ms.len());
    found
}

/// The labels of a series, in the order that the protocol asks for.
fn labels(series: &str) -> Vec<Label> {
    let (name, given) = match series.split_once('{') {
        Some((name, labels)) => (name, parse_labels(labels)),
        None => (series, Labels::new()),
    };
    let mut all = given;
    all.insert("__name__".to_owned(), name.to_owned());
    for (name, value) in TARGET {
        all.insert(name.to_owned(), value.to_owned());
    }
    all.into_iter()
        .map(|(name, value)| Label { name, value })
        .collect()
}

/// The block format of snappy, with nothing made smaller.
fn snappy(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 1_000 + 16);
    prost::encoding::encode_varint(bytes.len() as u64, &mut out);
    for literal in bytes.chunks(LITERAL) {
        out.push(61 << 2);
        out.extend_from_slice(&((literal.len() - 1) as u16).to_le_bytes());
        out.extend_from_slice(literal);
    }
    out
}
