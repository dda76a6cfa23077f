//! The body of a scrape in two parts: the snapshot, encoded and compressed once per commit, and the
//! live metrics, encoded at every scrape.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use prometheus::proto::MetricFamily;

use super::gzip::GzipPrefix;
use super::negotiate::{ContentEncoding, FormatKind};
use super::openmetrics::{EOF, OpenMetrics};
use super::protobuf::Protobuf;
use super::sample::MetricsEncoder;
use super::text::Text;
use super::visit;
use vcc_core::ledger::AccountView;
use vcc_core::series::Gauge;

/// zstd's own default. Higher levels cost much more time for a few percent of size.
const ZSTD_LEVEL: i32 = 3;

/// The parts of the configuration that change the formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Whether protobuf and OTLP show exponential buckets.
    pub native_histograms: bool,
    /// Whether `OpenMetrics` text has a `_created` sample for each series.
    pub created_samples: bool,
}

/// Metrics that do not come from the ledger, computed for one scrape or push.
#[derive(Debug)]
pub struct LiveMetrics {
    /// Gauges in any order.
    pub gauges: Vec<Gauge>,
    /// The process's own instruments, as the registry gathers them.
    pub instruments: Vec<MetricFamily>,
    /// Start time of the instruments' counters, local Unix time in milliseconds.
    pub since_ms: i64,
}

impl LiveMetrics {
    /// Passes everything to an encoder.
    pub fn encode(self, out: &mut dyn MetricsEncoder) {
        visit::gauges(self.gauges, out);
        visit::instruments(&self.instruments, self.since_ms, out);
    }
}

impl FormatKind {
    fn encode(self, options: Options, show: impl FnOnce(&mut dyn MetricsEncoder)) -> Bytes {
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
    /// The uncompressed text or messages.
    pub plain: Bytes,
    gzip: OnceLock<GzipPrefix>,
    zstd: OnceLock<Bytes>,
}

impl Encoded {
    /// Encodes the ledger families of these accounts.
    pub fn new(format: FormatKind, options: Options, accounts: &[Arc<AccountView>]) -> Self {
        Encoded {
            format,
            options,
            plain: format.encode(options, |out| visit::ledger(accounts, out)),
            gzip: OnceLock::new(),
            zstd: OnceLock::new(),
        }
    }

    /// The whole body in two parts, of which the first is shared, not copied.
    pub fn with(&self, live: LiveMetrics, encoding: ContentEncoding) -> [Bytes; 2] {
        let mut rest = self.format.encode(self.options, |out| live.encode(out));
        if self.format == FormatKind::OpenMetrics {
            rest = [&rest[..], EOF.as_bytes()].concat().into();
        }
        match encoding {
            ContentEncoding::Identity => [self.plain.clone(), rest],
            ContentEncoding::Gzip => {
                let first = self.gzip.get_or_init(|| GzipPrefix::new(&self.plain));
                first.with(&rest)
            }
            // Concatenated frames are one stream (RFC 8878, 3.1).
            ContentEncoding::Zstd => {
                let first = self.zstd.get_or_init(|| zstd(&self.plain));
                [first.clone(), zstd(&rest)]
            }
        }
    }
}

fn zstd(bytes: &[u8]) -> Bytes {
    // Compression from memory into memory cannot fail.
    zstd::bulk::compress(bytes, ZSTD_LEVEL)
        .unwrap_or_default()
        .into()
}
