//! What a Collector wrote down, read back: metrics as they last were, and traces.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

use serde_json::Value;

use vcc_test_support::exposition::{Exposition, Labels};

/// How many of what has these labels.
pub type Counts = BTreeMap<Labels, u64>;

/// Every push, as the samples it stands for.
pub struct Received(Vec<Push>);

#[derive(Default)]
struct Push {
    /// Sample lines of the text format.
    text: String,
    /// By name and labels: start time and count.
    points: BTreeMap<String, (u64, f64)>,
    exemplars: BTreeSet<String>,
}

impl Received {
    pub fn read(lines: &[String]) -> Self {
        let read = |line: &String| push(&serde_json::from_str(line).unwrap());
        Received(lines.iter().map(read).collect())
    }

    pub fn pushes(&self) -> usize {
        self.0.len()
    }

    /// The last one.
    pub fn last(&self) -> Exposition {
        Exposition::parse(&self.0.last().unwrap().text)
    }

    /// The traces that exemplars point to.
    pub fn exemplars(&self) -> BTreeSet<String> {
        self.0
            .iter()
            .flat_map(|push| push.exemplars.clone())
            .collect()
    }

    /// Whether the exporter was killed or not.
    pub fn assert_nothing_decreases_and_starts_stay(&self) {
        let mut before: BTreeMap<&str, (u64, f64)> = BTreeMap::new();
        for push in &self.0 {
            for (series, (start, count)) in &push.points {
                // The process's own instruments do begin anew.
                if series.starts_with("vcc_poll")
                    || series.starts_with("vcc_api_")
                    || series.starts_with("vcc_exporter_")
                    || series.starts_with("process_")
                {
                    continue;
                }
                if let Some((was_start, was)) = before.insert(series, (*start, *count)) {
                    assert_eq!(was_start, *start, "{series} began anew");
                    assert!(was <= *count, "{series} fell from {was} to {count}");
                }
            }
        }
    }
}

fn each<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value[key].as_array().into_iter().flatten()
}

fn push(line: &Value) -> Push {
    let mut push = Push::default();
    for metric in each(line, "resourceMetrics")
        .flat_map(|of| each(of, "scopeMetrics"))
        .flat_map(|of| each(of, "metrics"))
    {
        let name = metric["name"].as_str().unwrap();
        for kind in ["sum", "gauge", "histogram"] {
            for point in each(&metric[kind], "dataPoints") {
                if kind == "histogram" {
                    histogram(&mut push, name, point);
                } else {
                    number(&mut push, name, point, kind == "sum");
                }
            }
        }
    }
    push
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "0".to_owned(),
        other => other.to_string(),
    }
}

/// The labels of a point as they stand between braces, with more behind them.
fn labels(point: &Value, more: &str) -> String {
    let mut out = String::new();
    for attribute in each(point, "attributes") {
        let value = attribute["value"]["stringValue"]
            .as_str()
            .unwrap_or_default();
        let value = value
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n");
        write!(out, "{}=\"{value}\",", attribute["key"].as_str().unwrap()).unwrap();
    }
    out.push_str(more);
    out.trim_end_matches(',').to_owned()
}

fn braced(labels: &str) -> String {
    match labels {
        "" => String::new(),
        labels => format!("{{{labels}}}"),
    }
}

fn number(push: &mut Push, name: &str, point: &Value, counts: bool) {
    let value = match &point["asInt"] {
        Value::Null => text(&point["asDouble"]),
        int => text(int),
    };
    let series = format!("{name}{}", braced(&labels(point, "")));
    writeln!(push.text, "{series} {value}").unwrap();
    if counts {
        let start = text(&point["startTimeUnixNano"]).parse().unwrap();
        push.points.insert(series, (start, value.parse().unwrap()));
    }
}

fn histogram(push: &mut Push, name: &str, point: &Value) {
    let own = labels(point, "");
    let bounds: Vec<_> = each(point, "explicitBounds")
        .map(|it| it.as_f64().unwrap())
        .collect();
    let mut up_to = 0;
    for (place, count) in each(point, "bucketCounts").enumerate() {
        up_to += text(count).parse::<u64>().unwrap();
        let le = bounds
            .get(place)
            .map_or("+Inf".to_owned(), |it| format!("{it:?}"));
        let labels = labels(point, &format!("le=\"{le}\""));
        writeln!(push.text, "{name}_bucket{{{labels}}} {up_to}").unwrap();
    }
    let (count, sum) = (text(&point["count"]), point["sum"].as_f64().unwrap_or(0.0));
    writeln!(push.text, "{name}_count{} {count}", braced(&own)).unwrap();
    writeln!(push.text, "{name}_sum{} {sum}", braced(&own)).unwrap();
    let start = text(&point["startTimeUnixNano"]).parse().unwrap();
    let series = format!("{name}{}", braced(&own));
    push.points.insert(series, (start, count.parse().unwrap()));
    let traces = each(point, "exemplars").map(|it| text(&it["traceId"]));
    push.exemplars.extend(traces);
}

/// Every span by its identity.
pub struct Spans {
    all: HashMap<(String, String), Value>,
    /// How many came more than once, each time the same.
    pub repeated: usize,
}

impl Spans {
    pub fn read(lines: &[String]) -> Self {
        let mut spans = Spans {
            all: HashMap::new(),
            repeated: 0,
        };
        for line in lines {
            let line: Value = serde_json::from_str(line).unwrap();
            for span in each(&line, "resourceSpans")
                .flat_map(|of| each(of, "scopeSpans"))
                .flat_map(|of| each(of, "spans"))
            {
                let id = (text(&span["traceId"]), text(&span["spanId"]));
                if let Some(before) = spans.all.insert(id, span.clone()) {
                    assert_eq!(before, *span, "one identity, two spans");
                    spans.repeated += 1;
                }
            }
        }
        spans
    }

    pub fn count(&self) -> usize {
        self.all.len()
    }

    pub fn traces(&self) -> usize {
        self.roots().count()
    }

    pub fn has(&self, trace: &str) -> bool {
        self.all.keys().any(|(of, _)| of == trace)
    }

    fn roots(&self) -> impl Iterator<Item = &Value> {
        let is_root = |span: &&Value| span["parentSpanId"].as_str().unwrap_or_default().is_empty();
        self.all.values().filter(is_root)
    }

    /// Every parent is there, every time is, and every link leads to a trace.
    pub fn assert_whole(&self) {
        for ((trace, _), span) in &self.all {
            let parent = text(&span["parentSpanId"]);
            let known = |span: &str| self.all.contains_key(&(trace.clone(), span.to_owned()));
            assert!(matches!(&*parent, "" | "0") || known(&parent), "{span}");
            let time = |key| text(&span[key]).parse::<u64>().unwrap();
            assert!(
                time("startTimeUnixNano") <= time("endTimeUnixNano"),
                "{span}"
            );
            for link in each(span, "links") {
                let to = (text(&link["traceId"]), text(&link["spanId"]));
                assert!(self.all.contains_key(&to), "{span} links to nothing");
            }
        }
    }

    /// The interactions by the labels they count under.
    pub fn interactions(&self) -> Counts {
        let mut counts = Counts::new();
        for root in self.roots() {
            let mut labels = attributes(root);
            labels.retain(|name, _| {
                [
                    "medium",
                    "direction",
                    "outcome",
                    "virtual_queue",
                    "reporting_group",
                    "path",
                    "medium_manager",
                ]
                .contains(&name.as_str())
            });
            *counts.entry(labels).or_default() += 1;
        }
        counts
    }

    /// The waits by how they ended. One whose duration is not known took no time.
    pub fn waits_by_result(&self) -> Counts {
        let mut counts = Counts::new();
        let spans = self.all.values();
        for wait in spans.flat_map(|span| each(span, "events").chain([span])) {
            if wait["name"] == "queue" {
                let mut labels = attributes(wait);
                labels
                    .entry("result".to_owned())
                    .or_insert("none".to_owned());
                labels.retain(|name, _| name == "result" || name == "timing");
                *counts.entry(labels).or_default() += 1;
            }
        }
        counts
    }
}

/// Attributes by their names without `vcc.`.
fn attributes(span: &Value) -> Labels {
    let all = each(span, "attributes");
    all.map(|attribute| {
        let name = attribute["key"]
            .as_str()
            .unwrap()
            .trim_start_matches("vcc.");
        (name.to_owned(), text(&attribute["value"]["stringValue"]))
    })
    .collect()
}
