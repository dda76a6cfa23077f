//! A real Prometheus with the committed rules, a real Alertmanager with the committed inhibitions,
//! and whoever it wakes.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use super::super::DASHBOARDS;
use super::compress::{compress, compress_thresholds};
use vcc_test_support::http::try_get;
use vcc_test_support::programs::{free_address, start};
use vcc_test_support::tools;

/// An alert of an account: the account's name and the alert's.
pub type Alert = (String, String);

/// What was sent: alerts as they fired and as they resolved.
#[derive(Debug, Clone, Default)]
pub struct Pager(Arc<Mutex<(BTreeSet<Alert>, BTreeSet<Alert>)>>);

impl Pager {
    /// What it was sent as firing.
    pub fn fired(&self) -> BTreeSet<Alert> {
        self.0.lock().unwrap().0.clone()
    }

    /// What it was sent as resolved.
    pub fn resolved(&self) -> BTreeSet<Alert> {
        self.0.lock().unwrap().1.clone()
    }

    /// Forgets what it was sent so far.
    pub fn forget(&self) {
        *self.0.lock().unwrap() = Default::default();
    }

    /// Listens for notifications.
    async fn listen(&self) -> SocketAddr {
        let app = Router::new()
            .route("/", post(take))
            .with_state(self.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        address
    }
}

async fn take(State(pager): State<Pager>, notification: Bytes) {
    let notification: Value = serde_json::from_slice(&notification).unwrap();
    let mut told = pager.0.lock().unwrap();
    for alert in notification["alerts"].as_array().unwrap() {
        let set = match alert["status"].as_str().unwrap() {
            "resolved" => &mut told.1,
            _ => &mut told.0,
        };
        set.insert(identity(alert));
    }
}

/// The account and the name of an alert as Prometheus and Alertmanager write it.
fn identity(alert: &Value) -> Alert {
    let label = |name: &str| alert["labels"][name].as_str().unwrap_or("").to_owned();
    (label("account"), label("alertname"))
}

/// The two servers, and who is told.
pub struct Alerting {
    pub pager: Pager,
    prometheus: SocketAddr,
    _processes: [Child; 2],
    _directory: TempDir,
}

impl Alerting {
    /// Watches this exporter by the committed rules, with these thresholds changed.
    pub async fn of(exporter: SocketAddr, thresholds: &[(&str, f64)]) -> Self {
        let pager = Pager::default();
        let receiver = pager.listen().await;
        let directory = tempfile::tempdir().unwrap();
        let (prometheus, alertmanager) = (free_address(), free_address());
        let _processes = [
            start_alertmanager(directory.path(), alertmanager, receiver),
            start_prometheus(
                directory.path(),
                prometheus,
                alertmanager,
                exporter,
                thresholds,
            ),
        ];
        Alerting {
            pager,
            prometheus,
            _processes,
            _directory: directory,
        }
    }

    /// What fires in Prometheus, inhibited or not; the reason if it cannot say.
    pub async fn firing(&self) -> Result<BTreeSet<Alert>, String> {
        let answer = try_get(&format!("http://{}/api/v1/alerts", self.prometheus)).await?;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let alerts = answer["data"]["alerts"].as_array().unwrap();
        let firing = alerts.iter().filter(|alert| alert["state"] == "firing");
        Ok(firing.map(identity).collect())
    }

    /// What Prometheus says of rules that it could not evaluate.
    pub async fn broken_rules(&self) -> Vec<String> {
        let answer = try_get(&format!("http://{}/api/v1/rules", self.prometheus)).await;
        let answer: Value = serde_json::from_str(&answer.unwrap()).unwrap();
        let groups = answer["data"]["groups"].as_array().unwrap();
        let rules = groups
            .iter()
            .flat_map(|group| group["rules"].as_array().unwrap());
        let broken = rules.filter(|rule| rule["health"] != "ok");
        broken
            .map(|rule| format!("{}: {}", rule["name"], rule["lastError"]))
            .collect()
    }
}

fn start_alertmanager(directory: &Path, address: SocketAddr, receiver: SocketAddr) -> Child {
    let example = read("rules/alertmanager-inhibit.yml");
    // Who is told, and in which hours, is an example there; what inhibits what is not.
    let inhibitions = &example[example.find("inhibit_rules:").unwrap()..];
    let configuration = format!(
        "route: {{receiver: pager, group_by: [...], group_wait: 1s, group_interval: 1s}}\n\
         receivers:\n- name: pager\n  webhook_configs: [{{url: 'http://{receiver}/'}}]\n\
         {inhibitions}"
    );
    let file = directory.join("alertmanager.yml");
    std::fs::write(&file, configuration).unwrap();
    tools::output_of(
        std::process::Command::new(tools::amtool())
            .arg("check-config")
            .arg(&file),
    );
    start(
        Command::new(tools::alertmanager())
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.path={}", directory.display()))
            .arg(format!("--web.listen-address={address}"))
            .args(["--cluster.listen-address=", "--log.level=warn"])
            .stdout(Stdio::null()),
    )
}

fn start_prometheus(
    directory: &Path,
    address: SocketAddr,
    alertmanager: SocketAddr,
    exporter: SocketAddr,
    thresholds: &[(&str, f64)],
) -> Child {
    let write = |name: &str, text: String| std::fs::write(directory.join(name), text).unwrap();
    for name in ["recording.yml", "alerts.yml"] {
        write(name, compress(&read(&format!("rules/{name}"))));
    }
    let name = "thresholds.yml";
    let numbers = compress_thresholds(&read(&format!("rules/{name}")), thresholds);
    write(name, numbers);
    let configuration = format!(
        "global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}\n\
         rule_files: [thresholds.yml, recording.yml, alerts.yml]\n\
         alerting: {{alertmanagers: [{{static_configs: [{{targets: ['{alertmanager}']}}]}}]}}\n\
         scrape_configs:\n\
         - {{job_name: vcc-exporter, static_configs: [{{targets: ['{exporter}']}}]}}\n"
    );
    write("prometheus.yml", configuration);
    let file = directory.join("prometheus.yml");
    start(
        Command::new(tools::prometheus())
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}/tsdb", directory.display()))
            .arg(format!("--web.listen-address={address}"))
            .args(["--rules.alert.resend-delay=1s", "--log.level=warn"])
            .stdout(Stdio::null()),
    )
}

/// A committed file.
fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(DASHBOARDS).join(name)).unwrap()
}
