//! An exporter and the simulated API it reads, each behind its own address.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;
use vcc_simulator::Truth;

use vcc_test_support::exposition::{BUSINESS, Exposition};
use vcc_test_support::http::{client, get};
use vcc_test_support::programs::eventually;

use super::server::Prometheus;

/// Where the two are.
pub struct Scene {
    /// The exporter's host and port.
    pub exporter: String,
    /// The simulator's base URL.
    pub simulator: String,
}

impl Scene {
    /// What the exporter serves.
    pub async fn body(&self) -> String {
        get(&format!("http://{}/metrics", self.exporter)).await
    }

    /// The same, read.
    pub async fn shown(&self) -> Exposition {
        Exposition::parse(&self.body().await)
    }

    /// When each series began: what the exporter shows in `OpenMetrics`.
    pub async fn starts(&self) -> Exposition {
        let url = format!("http://{}/metrics", self.exporter);
        let request = client().get(url);
        let request = request.header("accept", "application/openmetrics-text;version=1.0.0");
        let answer = request.send().await.unwrap();
        Exposition::parse(&answer.text().await.unwrap())
    }

    /// What really happened since the exporter's epoch.
    pub async fn truth(&self, shown: &Exposition) -> Truth {
        let epoch = rfc3339(milliseconds(shown, "vcc_exporter_epoch_timestamp_seconds"));
        read_truth(&get(&format!("{}/-/truth?epoch={epoch}", self.simulator)).await)
    }

    /// Lets nothing new begin, and what began become known in full at once. The answer is a moment
    /// by which all of that had happened.
    async fn settle(&self) -> i64 {
        let url = format!("{}/-/traffic?running=false&settle=true", self.simulator);
        let answer = client().post(url).send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
        Utc::now().timestamp_millis()
    }

    /// Ends the traffic and waits until the exporter has read all of it, shows all of it, and
    /// Prometheus has it all.
    ///
    /// `held_scrapes` is how many scrapes a new series is held back for: what stays the same for
    /// that long is not held back any more.
    pub async fn come_to_rest(&self, prometheus: &Prometheus, held_scrapes: usize) -> Exposition {
        let settled_ms = self.settle().await;
        eventually("past the end of the traffic", async || {
            let shown = self.shown().await;
            let cursor_ms = milliseconds(&shown, "vcc_cursor_timestamp_seconds");
            (cursor_ms > settled_ms)
                .then_some(())
                .ok_or(format!("{} ms to go", settled_ms - cursor_ms))
        })
        .await;
        eventually("at rest", async || {
            let before = business(&self.shown().await);
            prometheus.more_scrapes(held_scrapes.max(2)).await;
            let shown = self.shown().await;
            (business(&shown).0 == before.0)
                .then_some(shown)
                .ok_or("the exporter's counters still move".to_owned())
        })
        .await
    }
}

/// The families that change only with what happens in the contact centre. Beside them stand those
/// that count the exporter's own doings, such as the records it receives again with every poll.
pub fn business(shown: &Exposition) -> Exposition {
    let mut shown = shown.clone();
    shown.0.retain(|name, _| {
        let stem = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|suffix| name.strip_suffix(suffix));
        BUSINESS.contains(&stem.unwrap_or(name))
    });
    shown
}

/// A gauge in seconds as milliseconds.
fn milliseconds(shown: &Exposition, name: &str) -> i64 {
    (shown.sum(name, &[]) * 1_000.0).round() as i64
}

/// A moment as the simulator's controls and flags take it.
pub fn rfc3339(ms: i64) -> String {
    let time: DateTime<Utc> = DateTime::from_timestamp_millis(ms).unwrap();
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn read_truth(text: &str) -> Truth {
    let json: Value = serde_json::from_str(text).unwrap();
    let string = |value: &Value| value.as_str().unwrap().to_owned();
    let read = |series: &Value| vcc_simulator::Series {
        family: string(&series["family"]),
        labels: serde_json::from_value(series["labels"].clone()).unwrap(),
        value: match series.get("value") {
            Some(value) => vcc_simulator::Value::Counter {
                value: value.as_u64().unwrap(),
            },
            None => vcc_simulator::Value::Histogram {
                count: series["count"].as_u64().unwrap(),
                sum_ms: series["sum_ms"].as_i64().unwrap(),
                observations: serde_json::from_value(series["observations"].clone()).unwrap(),
            },
        },
    };
    Truth {
        as_of: string(&json["as_of"]),
        epoch: string(&json["epoch"]),
        series: json["series"]
            .as_array()
            .unwrap()
            .iter()
            .map(read)
            .collect(),
    }
}
