//! Where an exposition comes from: scrapes and OTLP pushes read the same source.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::body::LiveMetrics;
use super::negotiate::{ContentEncoding, FormatKind};
use super::snapshot::{Publisher, Snapshot};

/// The metrics of a running exporter.
pub trait MetricsSource: Send + Sync + fmt::Debug {
    /// Publishes the snapshots of the ledger.
    fn publisher(&self) -> &Arc<Publisher>;

    /// Gauges and the process's own instruments, computed now. A gauge that depends on the ledger
    /// is computed from `snapshot`, so that both parts of a body show the same commit.
    fn live(&self, snapshot: &Snapshot) -> LiveMetrics;

    /// The body of one scrape in two parts: the encoded snapshot, cached and shared, and the live
    /// metrics. It encodes and compresses, so call it on a blocking thread.
    fn scrape(&self, format: FormatKind, encoding: ContentEncoding) -> [Bytes; 2] {
        let snapshot = self.publisher().current();
        let live = self.live(&snapshot);
        snapshot.encoded(format).with(live, encoding)
    }
}
