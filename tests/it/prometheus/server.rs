//! A real Prometheus that scrapes one exporter every second, and its raw samples.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use url::Url;

use super::process::{eventually, free_address, get, start, try_get};
use crate::support::exposition::Labels;
use crate::support::tools;

/// Every sample of a series: Unix milliseconds and value.
pub type Samples = Vec<(i64, f64)>;

/// A running Prometheus.
pub struct Prometheus {
    address: SocketAddr,
    _process: Child,
    _directory: TempDir,
}

impl Prometheus {
    /// Starts one, and waits until it has scraped this exporter once.
    pub async fn scraping(exporter: &str) -> Prometheus {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("prometheus.yml");
        let configuration = format!(
            "global: {{scrape_interval: 1s, scrape_timeout: 1s}}\n\
             scrape_configs:\n\
             - job_name: vcc\n  static_configs: [{{targets: ['{exporter}']}}]\n"
        );
        std::fs::write(&file, configuration).unwrap();
        let address = free_address();
        let mut command = Command::new(tools::prometheus());
        command
            .arg(format!("--config.file={}", file.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                directory.path().display()
            ))
            .arg(format!("--web.listen-address={address}"))
            .args(["--query.max-samples=500000000", "--log.level=warn"])
            .stdout(Stdio::null());
        let prometheus = Prometheus {
            address,
            _process: start(&mut command),
            _directory: directory,
        };
        prometheus.scrapes(1).await;
        prometheus
    }

    fn url(&self, path: &str, parameters: &[(&str, &str)]) -> String {
        let base = format!("http://{}{path}", self.address);
        Url::parse_with_params(&base, parameters).unwrap().into()
    }

    async fn try_query(&self, query: &str, at_ms: Option<i64>) -> Result<Vec<Value>, String> {
        let at = at_ms.map(|ms| format!("{}.{:03}", ms / 1_000, ms % 1_000));
        let mut parameters = vec![("query", query)];
        parameters.extend(at.as_deref().map(|at| ("time", at)));
        let text = try_get(&self.url("/api/v1/query", &parameters)).await?;
        let mut answer: Value = serde_json::from_str(&text).unwrap();
        match answer["data"]["result"].take() {
            Value::Array(result) => Ok(result),
            other => Err(format!("{query}: {other}")),
        }
    }

    /// What a query gives for each series at a moment.
    pub async fn values(&self, query: &str, at_ms: i64) -> BTreeMap<Labels, f64> {
        let result = self.try_query(query, Some(at_ms)).await.unwrap();
        result
            .iter()
            .map(|series| (labels(series), number(&series["value"][1])))
            .collect()
    }

    /// Every sample Prometheus stored of a name, exactly as it was scraped: a range selector alone
    /// neither aligns nor extrapolates.
    pub async fn raw(&self, name: &str) -> BTreeMap<Labels, Samples> {
        let result = self.try_query(&format!("{name}[1d]"), None).await.unwrap();
        result
            .iter()
            .map(|series| (labels(series), samples(series)))
            .collect()
    }

    /// Every sample of a name that has one series only.
    pub async fn raw_alone(&self, name: &str) -> Samples {
        let mut all = self.raw(name).await.into_values();
        let one = all.next().unwrap_or_default();
        assert_eq!(all.next(), None, "{name} has more than one series");
        one
    }

    /// Waits until there are this many successful scrapes.
    pub async fn scrapes(&self, wanted: usize) {
        eventually(&format!("{wanted} scrapes"), async || {
            let done = self.successes().await?;
            (done >= wanted)
                .then_some(())
                .ok_or(format!("{done} so far"))
        })
        .await;
    }

    /// Waits until there were this many more scrapes from beginning to end: one may be on its way.
    pub async fn more_scrapes(&self, more: usize) {
        let done = self.successes().await.unwrap();
        self.scrapes(done + more + 1).await;
    }

    async fn successes(&self) -> Result<usize, String> {
        let result = self.try_query("up[1d]", None).await?;
        let up = result.first().map(samples).unwrap_or_default();
        Ok(up.iter().filter(|(_, value)| *value == 1.0).count())
    }

    /// What was wrong with the last scrape, and which samples were dropped since the start.
    pub async fn complaints(&self) -> Vec<String> {
        let targets = get(&self.url("/api/v1/targets", &[])).await;
        let targets: Value = serde_json::from_str(&targets).unwrap();
        let mut found = Vec::new();
        for target in targets["data"]["activeTargets"].as_array().unwrap() {
            if target["health"] != "up" || target["lastError"] != "" {
                found.push(target.to_string());
            }
        }
        let own = get(&self.url("/metrics", &[])).await;
        let dropped = |line: &&str| {
            let names = [
                "prometheus_target_scrapes_sample_",
                "prometheus_target_scrapes_exceeded_",
                "prometheus_tsdb_out_of_order_samples_total",
            ];
            names.iter().any(|name| line.starts_with(name)) && !line.ends_with(" 0")
        };
        found.extend(own.lines().filter(dropped).map(str::to_owned));
        found
    }
}

/// The labels the exporter gave, as the tests compare them.
fn labels(series: &Value) -> Labels {
    let given = series["metric"].as_object().unwrap().iter();
    given
        .filter(|(name, _)| !["__name__", "account", "instance", "job"].contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect()
}

fn samples(series: &Value) -> Samples {
    let values = series["values"].as_array().unwrap().iter();
    values
        .map(|sample| {
            let seconds = sample[0].as_f64().unwrap();
            ((seconds * 1_000.0).round() as i64, number(&sample[1]))
        })
        .collect()
}

/// Prometheus writes values as text, in the shortest form that reads back the same.
fn number(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}
