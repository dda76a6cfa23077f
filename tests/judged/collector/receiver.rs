//! A Collector that writes what it is sent to files, at an address it keeps.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::process::{Child, Command};

use vcc_test_support::programs::{eventually, free_address};
use vcc_test_support::tools::collector;

pub struct Receiver {
    address: SocketAddr,
    directory: TempDir,
    process: Option<Child>,
    /// How often it was started: each time it writes files of their own.
    runs: usize,
}

impl Receiver {
    pub async fn start() -> Self {
        let mut receiver = Receiver {
            address: free_address(),
            directory: tempfile::tempdir().unwrap(),
            process: None,
            runs: 0,
        };
        receiver.restart().await;
        receiver
    }

    /// Where exporters push to.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn file(&self, signal: &str, run: usize) -> PathBuf {
        self.directory.path().join(format!("{signal}-{run}.json"))
    }

    fn configuration(&self) -> String {
        let file = |signal| self.file(signal, self.runs).display().to_string();
        format!(
            "receivers: {{otlp: {{protocols: {{http: {{endpoint: '{}'}}}}}}}}\n\
             exporters:\n  file/metrics: {{path: '{}', format: json, flush_interval: 100ms}}\n  \
             file/traces: {{path: '{}', format: json, flush_interval: 100ms}}\n\
             service:\n  telemetry: {{metrics: {{level: none}}, logs: {{level: error}}}}\n  \
             pipelines:\n    metrics: {{receivers: [otlp], exporters: [file/metrics]}}\n    \
             traces: {{receivers: [otlp], exporters: [file/traces]}}\n",
            self.address,
            file("metrics"),
            file("traces")
        )
    }

    /// Starts it where it was, and waits until it answers.
    pub async fn restart(&mut self) {
        self.runs += 1;
        let config = self.directory.path().join("collector.yaml");
        std::fs::write(&config, self.configuration()).unwrap();
        let mut command = Command::new(collector());
        command.arg("--config").arg(&config).kill_on_drop(true);
        self.process = Some(command.stdout(Stdio::null()).spawn().unwrap());
        eventually("receiving", async || {
            let connected = tokio::net::TcpStream::connect(self.address).await;
            connected.map(drop).map_err(|error| error.to_string())
        })
        .await;
    }

    /// Ends it without asking.
    pub async fn kill(&mut self) {
        self.process.take().unwrap().kill().await.unwrap();
    }

    /// Ends it, so that everything is written; the lines of its files, in their order.
    pub async fn finish(mut self) -> (Vec<String>, Vec<String>) {
        let mut process = self.process.take().unwrap();
        let id = process.id().unwrap().to_string();
        let sent = Command::new("kill").args(["-s", "TERM", &id]).status();
        assert!(sent.await.unwrap().success());
        process.wait().await.unwrap();
        (self.lines("metrics"), self.lines("traces"))
    }

    fn lines(&self, signal: &str) -> Vec<String> {
        let mut all = Vec::new();
        for run in 1..=self.runs {
            let text = std::fs::read_to_string(self.file(signal, run)).unwrap();
            // One that was killed may have left a part of a line.
            let whole = text
                .split_inclusive('\n')
                .filter(|line| line.ends_with('\n'));
            all.extend(whole.map(str::to_owned));
        }
        all
    }
}
