//! A real Prometheus that has a history in its storage.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use tokio::process::{Child, Command};

use super::{History, remote};
use crate::http::{client, try_get};
use crate::programs::{eventually, free_address, start};
use crate::tools::prometheus;

/// Blocks of a day: a past of days comes in minutes, and making a block every two hours of it
/// would take most of the time.
const BLOCKS: [&str; 2] = [
    "--storage.tsdb.min-block-duration=1d",
    "--storage.tsdb.max-block-duration=1d",
];

/// What rules compute is stored after what they compute it from, all of it.
const CONFIGURATION: &str = "storage: {tsdb: {out_of_order_time_window: 30d}}";

/// A running Prometheus.
#[derive(Debug)]
pub struct Serving {
    address: SocketAddr,
    process: Child,
}

impl Serving {
    /// Starts one on a directory of its own and writes the history into it.
    pub async fn history(history: &History, directory: &Path) -> Serving {
        let address = free_address();
        let configuration = directory.with_extension("yml");
        std::fs::write(&configuration, CONFIGURATION).unwrap();
        let mut command = Command::new(prometheus());
        command
            .arg(format!("--config.file={}", configuration.display()))
            .arg(format!("--storage.tsdb.path={}", directory.display()))
            .arg(format!("--web.listen-address={address}"))
            .args([
                "--web.enable-remote-write-receiver",
                "--web.enable-lifecycle",
            ])
            .args(BLOCKS)
            .arg("--log.level=error")
            .stdout(Stdio::null());
        let serving = Serving {
            address,
            process: start(&mut command),
        };
        let ready = serving.url("/-/ready");
        eventually("ready", async || try_get(&ready).await).await;
        remote::send(&history.scrapes, &serving.url("")).await;
        serving
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Ends it cleanly, so that another can go on with its directory.
    pub async fn stop(mut self) {
        let answer = client().post(self.url("/-/quit")).send().await;
        assert!(answer.unwrap().status().is_success());
        self.process.wait().await.unwrap();
    }
}
