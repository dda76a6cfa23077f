//! Recording rules evaluated over the day and stored, and the expressions of alerts.

use std::path::Path;

use serde_json::Value;

use super::answers::{Moment, Prometheus, says_something};
use crate::mixin::DASHBOARDS;
use vcc_test_support::history::remote::{Label, Sample, TimeSeries};
use vcc_test_support::history::{INTERVAL, NOW_MS};

const HOUR: i64 = 3_600;

/// The files in the order in which rules use each other's results.
const FILES: [&str; 3] = ["thresholds.yml", "recording.yml", "alerts.yml"];

/// Recorded series that are not there, and why.
const EMPTY: [(&str, &str); 2] = [
    (
        "account:vcc_data_usable:1d",
        "an outage was caught up today",
    ),
    (
        "account:vcc_data_usable:3d",
        "an outage was caught up today",
    ),
];

/// When rules are evaluated, in seconds before now: today, and this hour of last week.
const SPANS: [(i64, i64); 2] = [(7 * 24 * HOUR + HOUR, 7 * 24 * HOUR), (17 * HOUR, 0)];

/// Evaluates every rule, those before others whose results they use. Says what is wrong.
pub async fn evaluate_all(prometheus: &Prometheus) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in FILES {
        let path = Path::new(DASHBOARDS).join("rules").join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        let rules: Value = serde_saphyr::from_str(&text).unwrap();
        let groups = rules["groups"].as_array().unwrap().iter();
        for rule in groups.flat_map(|group| group["rules"].as_array().unwrap()) {
            let outcome = match rule["record"].as_str() {
                Some(name) => record(name, rule, prometheus).await,
                None => alert(rule, prometheus).await,
            };
            let name = rule["record"].as_str().or(rule["alert"].as_str());
            wrong.extend(
                outcome
                    .err()
                    .map(|error| format!("{file}: {name:?}: {error}")),
            );
        }
    }
    wrong
}

fn expression(rule: &Value) -> &str {
    rule["expr"].as_str().unwrap()
}

/// Stores what a rule gives under its name.
async fn record(name: &str, rule: &Value, prometheus: &Prometheus) -> Result<(), String> {
    let mut is_there = false;
    for (from, to) in SPANS {
        let now = NOW_MS / 1_000;
        let when = Moment::During {
            from: now - from,
            to: now - to,
            step: INTERVAL.as_secs() as i64,
        };
        let found = prometheus.ask(expression(rule), when).await?;
        is_there |= says_something(&found);
        let series = found.iter().map(|series| recorded(name, rule, series));
        prometheus.store(series.collect()).await;
    }
    let excused = EMPTY.iter().any(|(listed, _)| *listed == name);
    match (is_there, excused) {
        (true, true) => Err("is there although it is listed".to_owned()),
        (false, false) => Err("gives nothing".to_owned()),
        _ => Ok(()),
    }
}

/// A rule's result as a series of its own.
fn recorded(name: &str, rule: &Value, found: &Value) -> TimeSeries {
    let mut labels = found["metric"].as_object().unwrap().clone();
    labels.insert("__name__".to_owned(), name.into());
    labels.extend(rule["labels"].as_object().cloned().unwrap_or_default());
    let labels = labels.into_iter().map(|(name, value)| Label {
        name,
        value: value.as_str().unwrap().to_owned(),
    });
    let samples = found["values"].as_array().unwrap().iter();
    let samples = samples.map(|sample| Sample {
        timestamp: sample[0].as_i64().unwrap() * 1_000,
        value: sample[1].as_str().unwrap().parse().unwrap(),
    });
    let mut series = TimeSeries {
        labels: labels.collect(),
        samples: samples.collect(),
    };
    series.labels.sort_by(|a, b| a.name.cmp(&b.name));
    series
}

/// Asks what an alert asks through the day. Whether it fires is another test's matter.
async fn alert(rule: &Value, prometheus: &Prometheus) -> Result<(), String> {
    let (from, to) = SPANS[1];
    let now = NOW_MS / 1_000;
    let when = Moment::During {
        from: now - from,
        to: now - to,
        step: HOUR / 6,
    };
    prometheus.ask(expression(rule), when).await.map(drop)
}
