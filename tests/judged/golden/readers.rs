//! What a page says, whatever it is written in: each format is read by a reader of its own, none
//! of which is the exporter's.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde_json::Value;

use vcc_test_support::exposition::{Exposition, Labels};
use vcc_test_support::tools::{decode_protobuf, read_openmetrics};

/// A sample's name and labels, or a series' family and labels.
pub type Key = (String, Labels);

/// What a page says. Families are called by their names without `_total`.
#[derive(Debug, Default)]
pub struct ReadPage {
    /// Kind and HELP of every family.
    pub families: BTreeMap<String, (String, String)>,
    /// The units of those families that have one.
    pub units: BTreeMap<String, String>,
    /// Every sample, as the text formats take a histogram apart.
    pub samples: BTreeMap<Key, f64>,
    /// When each series began, local Unix time in milliseconds.
    pub starts: BTreeMap<Key, i64>,
}

impl ReadPage {
    /// Reads the text format 0.0.4.
    pub fn by_text(body: &str) -> ReadPage {
        let mut said = ReadPage::default();
        for line in body.lines() {
            let words: Vec<_> = line.splitn(4, ' ').collect();
            let ["#", what, name, rest] = words[..] else {
                continue;
            };
            let family = said.families.entry(stem(name)).or_default();
            match what {
                "HELP" => family.1 = rest.replace("\\n", "\n").replace("\\\\", "\\"),
                _ => family.0 = rest.to_owned(),
            }
        }
        for (name, series) in Exposition::parse(body).0 {
            for (labels, value) in series {
                said.sample(&name, labels, value.parse().unwrap());
            }
        }
        said
    }

    /// Reads `OpenMetrics` with the reference parser.
    pub fn by_openmetrics(body: &str) -> ReadPage {
        let mut said = ReadPage::default();
        for family in array(&read_openmetrics(body)) {
            let name = text(&family["name"]);
            said.head(&name, text(&family["type"]), &family["documentation"]);
            said.unit(&name, &family["unit"]);
            for sample in array(&family["samples"]) {
                let mut labels: Labels = serde_json::from_value(sample["labels"].clone()).unwrap();
                labels.remove("account");
                let (sample_name, value) = (text(&sample["name"]), number(&sample["value"]));
                if sample_name == format!("{name}_created") {
                    let start_ms = (value * 1_000.0).round() as i64;
                    said.starts.insert((name.clone(), labels), start_ms);
                } else {
                    said.sample(&sample_name, labels, value);
                }
            }
        }
        said
    }

    /// Reads protobuf with Prometheus' own types.
    pub fn by_protobuf(body: &[u8]) -> ReadPage {
        let mut said = ReadPage::default();
        for family in array(&decode_protobuf(body)) {
            let (full, kind) = (text(&family["name"]), text(&family["type"]).to_lowercase());
            let name = stem(&full);
            said.unit(&name, &family["unit"]);
            for metric in array(&family["metric"]) {
                let labels = labels(metric);
                let value = &metric[kind.as_str()];
                if let Some(created) = value["created_timestamp"].as_str() {
                    let start = DateTime::parse_from_rfc3339(created).unwrap();
                    let key = (name.clone(), labels.clone());
                    said.starts.insert(key, start.timestamp_millis());
                }
                match kind.as_str() {
                    "histogram" => said.histogram(&name, &labels, value),
                    _ => said.sample(&full, labels, number(&value["value"])),
                }
            }
            said.head(&name, kind, &family["help"]);
        }
        said
    }

    fn head(&mut self, name: &str, kind: String, help: &Value) {
        let old = (self.families).insert(name.to_owned(), (kind, text(help)));
        assert_eq!(old, None, "{name} comes twice");
    }

    fn unit(&mut self, name: &str, unit: &Value) {
        if let Some(unit) = unit.as_str().filter(|unit| !unit.is_empty()) {
            self.units.insert(name.to_owned(), unit.to_owned());
        }
    }

    fn histogram(&mut self, name: &str, labels: &Labels, value: &Value) {
        for bucket in array(&value["bucket"]) {
            let mut labels = labels.clone();
            let bound = match &bucket["upper_bound"] {
                Value::String(word) if word == "Infinity" => "+Inf".to_owned(),
                bound => number(bound).to_string(),
            };
            labels.insert("le".to_owned(), bound);
            let count = number(&bucket["cumulative_count"]);
            self.sample(&format!("{name}_bucket"), labels, count);
        }
        for (suffix, field) in [("_count", "sample_count"), ("_sum", "sample_sum")] {
            let value = number(&value[field]);
            self.sample(&format!("{name}{suffix}"), labels.clone(), value);
        }
    }

    fn sample(&mut self, name: &str, mut labels: Labels, value: f64) {
        // One bound has several spellings.
        if let Some(le) = labels.get_mut("le").filter(|le| *le != "+Inf") {
            *le = le.parse::<f64>().unwrap().to_string();
        }
        let old = (self.samples).insert((name.to_owned(), labels), value);
        assert_eq!(old, None, "{name} has a series twice");
    }
}

/// The labels of a protobuf metric.
pub fn labels(metric: &Value) -> Labels {
    // A metric without labels has no such field.
    let pairs = metric["label"].as_array().into_iter().flatten();
    pairs
        .map(|pair| (text(&pair["name"]), text(&pair["value"])))
        .filter(|(name, _)| name != "account")
        .collect()
}

/// An array's members.
pub fn array(value: &Value) -> &[Value] {
    value
        .as_array()
        .unwrap_or_else(|| panic!("no array: {value}"))
}

/// A number, which protobuf's JSON writes as text where it has 64 bits.
pub fn number(value: &Value) -> f64 {
    match value {
        Value::String(text) => text.parse().unwrap(),
        other => other
            .as_f64()
            .unwrap_or_else(|| panic!("no number: {other}")),
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}

fn stem(name: &str) -> String {
    name.strip_suffix("_total").unwrap_or(name).to_owned()
}
