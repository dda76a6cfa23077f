//! A real Prometheus that scrapes one exporter every second in one way or in several, or is pushed
//! to, and its raw samples.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use url::Url;

use vcc_test_support::exposition::Labels;
use vcc_test_support::http::{get, try_get};
use vcc_test_support::programs::{eventually, start};
use vcc_test_support::tools;

/// Every sample of a series: Unix milliseconds and value.
pub type Samples = Vec<(i64, f64)>;

/// A way to get at the metrics.
pub struct Job {
    /// What it is called.
    pub name: &'static str,
    /// What it is told beside its target; `None` if it is not scraped but pushed to.
    pub settings: Option<&'static str>,
    /// Whether Prometheus stores a 0 at the time each series began.
    pub learns_starts: bool,
}

/// Whatever Prometheus asks for by itself.
pub const DEFAULT: [Job; 1] = [Job {
    name: "vcc",
    settings: Some(""),
    learns_starts: false,
}];

/// What Prometheus must be told to learn of starts, to keep exemplars, to ask for zstd and to be
/// pushed to.
pub const FEATURES: [&str; 2] = [
    "--enable-feature=created-timestamp-zero-ingestion,exemplar-storage,zstd-scrape",
    "--web.enable-otlp-receiver",
];

/// What pushed series have for a job: the name of the service.
pub const PUSHED: &str = "vcc-exporter";

/// A job that has exponential buckets too.
pub const NATIVE: &str = "protobuf";

/// Each way there is. `OpenMetrics` 0.0.1 and text 1.0.0 differ from their siblings in nothing but
/// the content type.
pub const EVERY_WAY: [Job; 4] = [
    Job {
        name: NATIVE,
        settings: Some(
            "scrape_protocols: [PrometheusProto], scrape_native_histograms: true, \
             always_scrape_classic_histograms: true",
        ),
        learns_starts: true,
    },
    Job {
        name: "openmetrics-1.0.0",
        settings: Some("scrape_protocols: [OpenMetricsText1.0.0]"),
        learns_starts: true,
    },
    Job {
        name: "text-0.0.4",
        settings: Some("scrape_protocols: [PrometheusText0.0.4]"),
        learns_starts: false,
    },
    Job {
        name: PUSHED,
        settings: None,
        learns_starts: true,
    },
];

/// A running Prometheus.
pub struct Prometheus {
    address: SocketAddr,
    jobs: &'static [Job],
    _process: Child,
    _directory: TempDir,
}

impl Prometheus {
    /// Starts one, and waits until each job has scraped this exporter once.
    pub async fn scraping(
        exporter: &str,
        address: SocketAddr,
        jobs: &'static [Job],
        flags: &[&str],
    ) -> Prometheus {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("prometheus.yml");
        let mut configuration =
            "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n".to_owned();
        for Job { name, settings, .. } in jobs {
            let Some(settings) = settings else { continue };
            configuration += &format!(
                "- {{job_name: {name}, static_configs: [{{targets: ['{exporter}']}}], {settings}}}\n"
            );
        }
        std::fs::write(&file, configuration).unwrap();
        let mut command = Command::new(tools::prometheus());
        command
            .arg(format!("--config.file={}", file.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                directory.path().display()
            ))
            .arg(format!("--web.listen-address={address}"))
            .args(flags)
            .args(["--query.max-samples=500000000", "--log.level=warn"])
            .stdout(Stdio::null());
        let prometheus = Prometheus {
            address,
            jobs,
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

    /// What each of its jobs stored.
    pub fn stored(&self) -> impl Iterator<Item = Stored<'_>> {
        self.jobs.iter().map(|job| Stored {
            prometheus: self,
            job,
        })
    }

    /// Waits until each job has scraped this often with success.
    pub async fn scrapes(&self, wanted: usize) {
        self.scrapes_beyond(&BTreeMap::new(), wanted).await;
    }

    /// Waits until there were this many more scrapes from beginning to end: one may be on its way.
    pub async fn more_scrapes(&self, more: usize) {
        let done = self.successes().await.unwrap();
        self.scrapes_beyond(&done, more + 1).await;
    }

    async fn scrapes_beyond(&self, before: &BTreeMap<String, usize>, more: usize) {
        eventually(&format!("{more} more scrapes"), async || {
            let done = self.successes().await?;
            let enough = |job: &Job| {
                let of = |counts: &BTreeMap<String, usize>| counts.get(job.name).copied();
                of(&done).unwrap_or(0) >= of(before).unwrap_or(0) + more
            };
            let mut scraped = self.jobs.iter().filter(|job| job.settings.is_some());
            scraped
                .all(enough)
                .then_some(())
                .ok_or(format!("{done:?} so far, {before:?} before"))
        })
        .await;
    }

    async fn successes(&self) -> Result<BTreeMap<String, usize>, String> {
        let result = self.try_query("up[1d]", None).await?;
        let count = |series: &Value| {
            let up = samples(series);
            let job = series["metric"]["job"].as_str().unwrap().to_owned();
            (job, up.iter().filter(|(_, value)| *value == 1.0).count())
        };
        Ok(result.iter().map(count).collect())
    }

    /// Waits until the last scrape of each job had no fault, as on a busy machine one may be too
    /// late; then names which samples were dropped since the start.
    pub async fn dropped(&self) -> Vec<String> {
        eventually("scraped without a fault", async || {
            let targets = try_get(&self.url("/api/v1/targets", &[])).await?;
            let targets: Value = serde_json::from_str(&targets).unwrap();
            let all = targets["data"]["activeTargets"].as_array().unwrap();
            let faulty = |target: &&Value| target["health"] != "up" || target["lastError"] != "";
            (all.iter().find(faulty)).map_or(Ok(()), |target| Err(target.to_string()))
        })
        .await;
        let own = get(&self.url("/metrics", &[])).await;
        let dropped = |line: &&str| {
            let names = [
                "prometheus_target_scrapes_sample_",
                "prometheus_target_scrapes_exceeded_",
                "prometheus_tsdb_out_of_order_samples_total",
            ];
            names.iter().any(|name| line.starts_with(name)) && !line.ends_with(" 0")
        };
        own.lines().filter(dropped).map(str::to_owned).collect()
    }
}

/// What Prometheus stored of one job's scrapes.
pub struct Stored<'p> {
    prometheus: &'p Prometheus,
    pub job: &'static Job,
}

impl Stored<'_> {
    /// What selects a name's series.
    pub fn selector(&self, name: &str) -> String {
        format!("{name}{{job=\"{}\"}}", self.job.name)
    }

    /// What a query gives for each series at a moment.
    pub async fn values(&self, query: &str, at_ms: i64) -> BTreeMap<Labels, f64> {
        let result = self.prometheus.try_query(query, Some(at_ms)).await.unwrap();
        result
            .iter()
            .map(|series| (labels(series), number(&series["value"][1])))
            .collect()
    }

    /// What a query gives that has one answer.
    pub async fn value(&self, query: &str, at_ms: i64) -> f64 {
        let all = self.values(query, at_ms).await;
        assert_eq!(all.len(), 1, "{query}: {all:?}");
        all.into_values().sum()
    }

    /// Every sample Prometheus stored of a name, exactly as it was scraped: a range selector alone
    /// neither aligns nor extrapolates.
    pub async fn raw(&self, name: &str) -> BTreeMap<Labels, Samples> {
        let query = format!("{}[1d]", self.selector(name));
        let result = self.prometheus.try_query(&query, None).await.unwrap();
        result
            .iter()
            .map(|series| (labels(series), samples(series)))
            .collect()
    }

    /// When it got the metrics, and whether with success: a push that is not one leaves no trace.
    pub async fn up(&self) -> Samples {
        match self.job.settings {
            Some(_) => self.raw_alone("up").await,
            None => self.raw_alone("vcc_exporter_build_info").await,
        }
    }

    /// The exemplars of every histogram: which trace, and what was observed.
    pub async fn exemplars(&self) -> Vec<(String, f64)> {
        let query = format!("{{__name__=~\"vcc_.*\",job=\"{}\"}}", self.job.name);
        let day = [("start", "0"), ("end", "4000000000")];
        let mut parameters = vec![("query", &*query)];
        parameters.extend(day);
        let url = self.prometheus.url("/api/v1/query_exemplars", &parameters);
        let answer: Value = serde_json::from_str(&get(&url).await).unwrap();
        let series = answer["data"].as_array().unwrap().iter();
        let all = series.flat_map(|of| of["exemplars"].as_array().unwrap());
        all.map(|one| {
            let trace = one["labels"]["trace_id"].as_str().unwrap();
            (trace.to_owned(), number(&one["value"]))
        })
        .collect()
    }

    /// Every sample of a name that has one series only.
    pub async fn raw_alone(&self, name: &str) -> Samples {
        let mut all = self.raw(name).await.into_values();
        let one = all.next().unwrap_or_default();
        assert_eq!(all.next(), None, "{name} has more than one series");
        one
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
