//! A body in two parts: the big one that stands for a whole snapshot, encoded and compressed once,
//! and the gauges of the moment, which are fresh at every scrape.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use prometheus::proto::MetricFamily;

use super::gzip::Compressed;
use super::negotiate::{Coding, FormatKind};
use super::openmetrics::{EOF, OpenMetrics};
use super::point::Format;
use super::project;
use super::protobuf::Protobuf;
use super::text::Text;
use crate::ledger::AccountView;
use crate::series::Gauge;

/// zstd's own default. Higher levels take longer than a scrape should for a few percent.
const ZSTD_LEVEL: i32 = 3;

/// What the operator decides about the formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Whether protobuf and OTLP show exponential buckets.
    pub native_histograms: bool,
    /// Whether OpenMetrics text shows when each series began.
    pub created_samples: bool,
}

/// What is shown beside the ledger: what is true only at the moment of a scrape.
#[derive(Debug)]
pub struct Present {
    /// The gauges.
    pub gauges: Vec<Gauge>,
    /// The process's instruments.
    pub instruments: Vec<MetricFamily>,
    /// When the process began, local Unix time in milliseconds.
    pub since_ms: i64,
}

impl Present {
    /// Shows all of it.
    pub fn show(self, out: &mut dyn Format) {
        project::gauges(self.gauges, out);
        project::instruments(&self.instruments, self.since_ms, out);
    }
}

impl FormatKind {
    fn encode(self, options: Options, show: impl FnOnce(&mut dyn Format)) -> Bytes {
        match self {
            FormatKind::Text => {
                let mut text = Text::default();
                show(&mut text);
                text.out.into()
            }
            FormatKind::OpenMetrics => {
                let mut text = OpenMetrics::new(options.created_samples);
                show(&mut text);
                text.out.into()
            }
            FormatKind::Protobuf => {
                let mut families = Protobuf::new(options.native_histograms);
                show(&mut families);
                families.finish().into()
            }
        }
    }
}

/// The ledger families of one snapshot in one format.
#[derive(Debug)]
pub struct Encoded {
    format: FormatKind,
    options: Options,
    /// As they are.
    pub plain: Bytes,
    gzip: OnceLock<Compressed>,
    zstd: OnceLock<Bytes>,
}

impl Encoded {
    /// Encodes the ledger families of these accounts.
    pub fn new(format: FormatKind, options: Options, accounts: &[Arc<AccountView>]) -> Self {
        Encoded {
            format,
            options,
            plain: format.encode(options, |out| project::ledger(accounts, out)),
            gzip: OnceLock::new(),
            zstd: OnceLock::new(),
        }
    }

    /// The parts of a whole body: the big one is shared, not copied.
    pub fn with(&self, present: Present, coding: Coding) -> [Bytes; 2] {
        let mut rest = self.format.encode(self.options, |out| present.show(out));
        if self.format == FormatKind::OpenMetrics {
            rest = [&rest[..], EOF.as_bytes()].concat().into();
        }
        match coding {
            Coding::Identity => [self.plain.clone(), rest],
            Coding::Gzip => {
                let first = self.gzip.get_or_init(|| Compressed::new(&self.plain));
                first.with(&rest)
            }
            // Frames behind one another are one stream (RFC 8878, 3.1).
            Coding::Zstd => {
                let first = self.zstd.get_or_init(|| zstd(&self.plain));
                [first.clone(), zstd(&rest)]
            }
        }
    }
}

fn zstd(bytes: &[u8]) -> Bytes {
    // Compression from memory into memory has no way to fail.
    zstd::bulk::compress(bytes, ZSTD_LEVEL)
        .unwrap_or_default()
        .into()
}
