//! A whole exporter in virtual time, over any transport.

use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vcc_exporter::assembly::Exporter;
use vcc_exporter::assembly::ExporterView;
use vcc_exporter::config::Config;
use vcc_exporter::poller::PollError;
use vcc_exposition::{ContentEncoding, FormatKind, MetricsSource};
use vcc_net::clock::Clock;
use vcc_store::Store;
use vcc_vonage::Transport;

use super::exposition::Exposition;
use super::fake_api::{FakeApi, FakeTransport};

/// A running exporter.
#[derive(Debug)]
pub struct RunningExporter {
    pub site: Arc<ExporterView>,
    stop: CancellationToken,
    task: JoinHandle<Result<(), PollError>>,
}

impl RunningExporter {
    /// Starts an exporter over a transport.
    pub fn start(
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        store: &Arc<Store>,
        config: &Config,
    ) -> Self {
        let exporter = Exporter::prepare(config, Arc::clone(store), transport, clock).unwrap();
        let stop = CancellationToken::new();
        RunningExporter {
            site: exporter.view(),
            task: tokio::spawn(exporter.poll(stop.clone())),
            stop,
        }
    }

    /// Starts an exporter of a fake API.
    pub fn on(api: &Arc<FakeApi>, store: &Arc<Store>, config: &Config) -> Self {
        let transport = Arc::new(FakeTransport(Arc::clone(api)));
        RunningExporter::start(transport, Arc::clone(api) as Arc<dyn Clock>, store, config)
    }

    /// What it shows now, as text.
    pub fn text(&self) -> String {
        let parts = self
            .site
            .scrape(FormatKind::Text, ContentEncoding::Identity);
        parts
            .iter()
            .map(|part| std::str::from_utf8(part).unwrap())
            .collect()
    }

    /// What it shows now of its only account.
    pub fn shown(&self) -> Exposition {
        Exposition::parse(&self.text())
    }

    /// What it shows now of one account of several.
    pub fn shown_of(&self, account: &str) -> Exposition {
        let wanted = format!("account=\"{account}\"");
        let text = self.text();
        let lines: Vec<_> = text.lines().filter(|line| line.contains(&wanted)).collect();
        Exposition::parse(&lines.join("\n"))
    }

    /// The sum of a name's samples with these label values.
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.shown().sum(name, labels)
    }

    /// Ends it cleanly.
    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }
}
