//! Encoding a whole snapshot, once per format, against the two client libraries for Rust, whose
//! registries hold the same values.
//!
//! A registry is gathered from and encoded at every scrape, so both count. Ours is encoded once per
//! change; it is that one time which is shown.

use std::hint::black_box;

use prometheus_client::encoding::{prometheus_protobuf, prometheus_text, text};
use vcc_exposition::{Encoded, FormatKind, Options};

use super::registries::{Client, Crate};
use super::stats::{median, median_ratio, time, timed};
use super::{exporter, machine, scrape};

const SIZES: [usize; 2] = [10_000, 100_000];
const ROUNDS: usize = 15;

/// Something that makes a body.
type Encode<'a> = &'a dyn Fn() -> Vec<u8>;

pub fn run() {
    println!("## Encode\n");
    println!(
        "| series | format | body | ours | prometheus | prometheus / ours | prometheus-client | prometheus-client / ours |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for size in SIZES {
        let folder = machine::folder();
        let mut core = exporter::open(folder.path());
        let lines = scrape::fill(&mut core, size);
        let snapshot = core.deps.publisher.current();
        let view = &snapshot.accounts[0];
        let ours = |format, native_histograms| {
            let options = Options {
                native_histograms,
                ..Options::default()
            };
            Encoded::new(format, options, &snapshot.accounts)
                .plain
                .to_vec()
        };
        let (crate_, client) = (Crate::of(view), Client::of(view, false));
        let native = Client::of(view, true);
        let protobuf = |client: &Client| prometheus_protobuf::encode_to_vec(&client.0).unwrap();
        let written = |encode: &dyn Fn(&mut String)| {
            let mut out = String::new();
            encode(&mut out);
            out.into_bytes()
        };
        row(
            lines,
            "text 0.0.4",
            &|| ours(FormatKind::Text, false),
            Some(&|| crate_.text()),
            &|| written(&|out| prometheus_text::encode(out, &client.0).unwrap()),
        );
        row(
            lines,
            "OpenMetrics",
            &|| ours(FormatKind::OpenMetrics, false),
            None,
            &|| written(&|out| text::encode(out, &client.0).unwrap()),
        );
        row(
            lines,
            "protobuf",
            &|| ours(FormatKind::Protobuf, false),
            None,
            &|| protobuf(&client),
        );
        row(
            lines,
            "protobuf, native",
            &|| ours(FormatKind::Protobuf, true),
            None,
            &|| protobuf(&native),
        );
    }
    println!(
        "\nNative: classic buckets and exponential ones. The crate `prometheus` has no OpenMetrics, \
         and no protobuf without a feature that changes the types the exporter is built with.\n"
    );
}

/// Times all in turn, so that noise meets each of them.
fn row(lines: usize, format: &str, ours: Encode, old: Option<Encode>, new: Encode) {
    let body = ours().len();
    let (mut own, mut others) = (Vec::new(), [Vec::new(), Vec::new()]);
    let seconds = |encode: Encode| timed(|| black_box(encode())).1;
    for _ in 0..ROUNDS {
        own.push(seconds(ours));
        others[0].extend(old.map(seconds));
        others[1].push(seconds(new));
    }
    let columns = others.map(|times| match times[..] {
        [] => " | ".to_owned(),
        _ => format!(
            "{} | **{:.1}**",
            time(median(&times)),
            median_ratio(&times, &own)
        ),
    });
    println!(
        "| {lines} | {format} | {:.2} MB | {} | {} |",
        body as f64 / 1e6,
        time(median(&own)),
        columns.join(" | "),
    );
}
