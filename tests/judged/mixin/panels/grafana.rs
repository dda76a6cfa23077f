//! What Grafana makes of a dashboard: its variables' values, and the queries it sends.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use super::answers::{Moment, Prometheus, says_something};
use crate::mixin::DASHBOARDS;
use vcc_test_support::history::{INTERVAL, NOW_MS, TODAY_MS};

/// How wide a panel is: the most points it asks for.
const POINTS: i64 = 1_000;

/// Values of variables by name.
pub type Values = BTreeMap<String, String>;

/// A dashboard as it is committed.
pub struct Dashboard {
    pub uid: String,
    json: Value,
    pub panels: Vec<Panel>,
}

/// A panel with its queries.
pub struct Panel {
    pub title: String,
    pub targets: Vec<Target>,
}

/// A query of a panel.
pub struct Target {
    pub expression: String,
    is_instant: bool,
}

/// Every committed dashboard.
pub fn committed() -> Vec<Dashboard> {
    let entries = std::fs::read_dir(DASHBOARDS).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|it| it == "json"))
        .map(|path| Dashboard::read(&path))
        .collect();
    found.sort_by(|a, b| a.uid.cmp(&b.uid));
    assert!(!found.is_empty(), "there is no dashboard in {DASHBOARDS}");
    found
}

impl Dashboard {
    fn read(path: &Path) -> Self {
        let json: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let mut panels = Vec::new();
        gather(&json["panels"], &mut panels);
        Dashboard {
            uid: json["uid"].as_str().unwrap().to_owned(),
            panels,
            json,
        }
    }

    /// The panel of this title.
    pub fn panel(&self, title: &str) -> &Panel {
        let mut panels = self.panels.iter();
        let found = panels.find(|panel| panel.title == title);
        found.unwrap_or_else(|| panic!("{} has no panel {title:?}", self.uid))
    }

    /// What is looked at, in Unix seconds: until now, since when the dashboard says.
    fn range(&self) -> (i64, i64) {
        let now = NOW_MS / 1_000;
        let from = match self.json["time"]["from"].as_str().unwrap() {
            "now/d" => TODAY_MS / 1_000,
            ago => {
                let hours = ago
                    .strip_prefix("now-")
                    .and_then(|ago| ago.strip_suffix('h'));
                let hours: i64 = hours.and_then(|hours| hours.parse().ok()).unwrap();
                now - hours * 3_600
            }
        };
        (from, now)
    }

    fn variables(&self) -> impl Iterator<Item = &Value> {
        let all = self.json["templating"]["list"].as_array().unwrap().iter();
        all.filter(|variable| variable["type"] == "query")
    }

    /// Every variable at All.
    pub fn all(&self) -> Values {
        self.variables()
            .map(|variable| {
                let all = variable["allValue"].as_str().unwrap().to_owned();
                (variable["name"].as_str().unwrap().to_owned(), all)
            })
            .collect()
    }

    /// A query as it is sent.
    pub fn asked(&self, target: &Target, values: &Values) -> (String, Moment) {
        let (from, to) = self.range();
        let least = INTERVAL.as_secs() as i64;
        let step = ((to - from) / POINTS / least + 1) * least;
        let rate = (step + least).max(4 * least);
        let mut expression = target.expression.clone();
        let times = [
            ("__rate_interval", rate),
            ("__interval", step),
            ("__range", to - from),
        ];
        for (name, seconds) in times {
            expression = expression.replace(&format!("${name}"), &format!("{seconds}s"));
        }
        let when = match target.is_instant {
            true => Moment::At(to),
            false => Moment::During { from, to, step },
        };
        (put(&expression, values), when)
    }
}

fn gather(panels: &Value, found: &mut Vec<Panel>) {
    for panel in panels.as_array().into_iter().flatten() {
        gather(&panel["panels"], found);
        let targets = panel["targets"].as_array().into_iter().flatten();
        let targets: Vec<_> = targets
            .map(|target| Target {
                expression: target["expr"].as_str().unwrap().to_owned(),
                is_instant: target["instant"] == true,
            })
            .collect();
        if !targets.is_empty() {
            let title = panel["title"].as_str().unwrap().to_owned();
            found.push(Panel { title, targets });
        }
    }
}

/// An expression with the values of its variables.
fn put(expression: &str, values: &Values) -> String {
    let mut names: Vec<_> = values.iter().collect();
    // The longest first, lest one be taken for the beginning of another.
    names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let put = names
        .iter()
        .fold(expression.to_owned(), |text, (name, value)| {
            text.replace(&format!("${{{name}}}"), value)
                .replace(&format!("${name}"), value)
        });
    assert!(!put.contains('$'), "an unknown variable in {put}");
    put
}

/// A value as Grafana writes it into a regular expression in a query.
fn escaped(value: &str) -> String {
    let mut out = String::new();
    for character in value.chars() {
        match character {
            '\\' => out.push_str(r"\\\\"),
            '$' | '^' | '*' | '{' | '}' | '[' | ']' | '\'' | '+' | '?' | '.' | '(' | ')' | '|' => {
                out.push_str(r"\\");
                out.push(character);
            }
            plain => out.push(plain),
        }
    }
    out
}

/// Values to look at alone, where the first one would be a dull one.
const ALONE: [(&str, &str); 4] = [
    ("account", "acme"),
    ("medium", "Phone"),
    ("queue", "Billing Queue"),
    ("group", "Support"),
];

/// Looks at every panel with every variable at All, and then with each of them at one value. Says
/// what is wrong.
pub async fn look(
    dashboard: &Dashboard,
    prometheus: &Prometheus,
    reasons: &[(&str, &str, &str, &str)],
) -> Vec<String> {
    let mut wrong = Vec::new();
    let all = dashboard.all();
    let mut settings = vec![(String::new(), all.clone())];
    for variable in dashboard.variables() {
        let name = variable["name"].as_str().unwrap();
        match one_value(variable, &all, prometheus).await {
            Ok(value) => {
                let mut values = all.clone();
                values.insert(name.to_owned(), escaped(&value));
                settings.push((name.to_owned(), values));
            }
            Err(error) => wrong.push(format!("{}: variable {name}: {error}", dashboard.uid)),
        }
    }
    let mut asked = BTreeSet::new();
    for (narrowed, values) in settings {
        for panel in &dashboard.panels {
            let place = format!("{} / {} ({narrowed:?} alone)", dashboard.uid, panel.title);
            let (mut says, mut is_new) = (Vec::new(), false);
            for target in &panel.targets {
                let (query, when) = dashboard.asked(target, &values);
                // What does not use the variable would only be asked again.
                if !asked.insert((panel.title.clone(), query.clone())) {
                    continue;
                }
                is_new = true;
                match prometheus.ask(&query, when).await {
                    Ok(series) => says.push(says_something(&series)),
                    Err(error) => wrong.push(format!("{place}: {error}\n    {query}")),
                }
            }
            let excused = reasons.iter().any(|(uid, title, variable, _)| {
                (*uid, *title) == (&*dashboard.uid, &*panel.title)
                    && (variable.is_empty() || *variable == narrowed)
            });
            if is_new && says.contains(&true) == excused {
                let verb = if excused {
                    "has data although listed"
                } else {
                    "is empty"
                };
                wrong.push(format!("{place} {verb}"));
            }
        }
    }
    wrong
}

async fn one_value(
    variable: &Value,
    all: &Values,
    prometheus: &Prometheus,
) -> Result<String, String> {
    let query = variable["query"]
        .as_str()
        .or(variable["query"]["query"].as_str());
    let inner = query
        .and_then(|query| query.strip_prefix("label_values("))
        .and_then(|query| query.strip_suffix(')'))
        .ok_or("no query of label_values")?;
    let (selector, label) = inner.rsplit_once(", ").ok_or("no label")?;
    let found = prometheus.label_values(label, &put(selector, all)).await?;
    let wanted = ALONE.iter().find(|(name, _)| variable["name"] == *name);
    match wanted {
        Some((_, value)) if found.iter().any(|it| it == value) => Ok((*value).to_owned()),
        Some((_, value)) => Err(format!("{value} is not among {found:?}")),
        None => found.into_iter().next().ok_or("no values".to_owned()),
    }
}
