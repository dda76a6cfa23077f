//! Reads the text format and holds it against the simulator's truth.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use vcc_simulator::{Truth, Value};

/// A sample's labels without `account`.
pub type Labels = BTreeMap<String, String>;

/// The samples of one name.
pub type Samples = BTreeMap<Labels, String>;

/// Every sample by name and labels.
#[derive(Debug, Default, Clone)]
pub struct Exposition(pub BTreeMap<String, Samples>);

const NO_SAMPLES: &Samples = &Samples::new();

impl Exposition {
    /// Reads a scrape's body.
    pub fn parse(text: &str) -> Self {
        let mut names = BTreeMap::<&str, Vec<(Labels, String)>>::new();
        for line in text
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
        {
            let (series, value) = line.rsplit_once(' ').unwrap();
            let (name, mut labels) = match series.split_once('{') {
                Some((name, labels)) => (name, parse_labels(labels)),
                None => (series, Labels::new()),
            };
            labels.remove("account");
            (names.entry(name).or_default()).push((labels, value.to_owned()));
        }
        // The samples of a name come more or less in order, and a map that is made of all at once
        // does not look for the place of each.
        let names = names.into_iter().map(|(name, samples)| {
            let number = samples.len();
            let samples = Samples::from_iter(samples);
            assert_eq!(samples.len(), number, "the same series of {name} twice");
            (name.to_owned(), samples)
        });
        Exposition(names.collect())
    }

    /// The samples of a name.
    pub fn of(&self, name: &str) -> &Samples {
        self.0.get(name).unwrap_or(NO_SAMPLES)
    }

    /// The sum of a name's samples with these label values.
    pub fn sum(&self, name: &str, wanted: &[(&str, &str)]) -> f64 {
        let samples = self.of(name).iter();
        let fits = |labels: &Labels| {
            wanted
                .iter()
                .all(|(name, value)| labels.get(*name).is_some_and(|v| v == value))
        };
        samples
            .filter(|(labels, _)| fits(labels))
            .map(|(_, v)| v.parse::<f64>().unwrap())
            .sum()
    }

    /// Where this differs from the truth, in the families the truth knows.
    pub fn differences(&self, truth: &Truth, ignored: &[&str]) -> Vec<String> {
        let mut found = Vec::new();
        let mut expected = BTreeMap::<String, Samples>::new();
        let mut bounds = BTreeMap::new();
        for family in BUSINESS.iter().filter(|family| !ignored.contains(family)) {
            for suffix in suffixes(family) {
                expected.entry(format!("{family}{suffix}")).or_default();
            }
            bounds.insert(*family, self.bounds(family));
        }
        for series in truth
            .series
            .iter()
            .filter(|s| !ignored.contains(&s.family.as_str()))
        {
            let family = series.family.as_str();
            for (suffix, labels, value) in samples(&series.labels, &series.value, &bounds[family]) {
                let of_name = expected.entry(format!("{family}{suffix}"));
                of_name.or_default().insert(labels, value);
            }
        }
        for (name, expected) in &expected {
            for (labels, want, have) in beside(expected, self.of(name)) {
                let (want, have) = (want.map_or("0", |it| it), have.map_or("0", |it| it));
                if want != have {
                    found.push(format!("{name}{labels:?}: truth {want}, shown {have}"));
                }
            }
        }
        found
    }

    /// The bounds that a histogram's buckets are shown with: as they are written, in milliseconds.
    fn bounds(&self, family: &str) -> Vec<(String, f64)> {
        let buckets = self.of(&format!("{family}_bucket")).keys();
        let written: BTreeSet<_> = buckets.map(|labels| &labels["le"]).collect();
        let written = written.into_iter();
        let bound_ms = |le: &str| match le {
            "+Inf" => f64::INFINITY,
            le => le.parse::<f64>().unwrap() * 1_000.0,
        };
        written.map(|le| (le.clone(), bound_ms(le))).collect()
    }
}

/// The samples a series has in truth, by what its name ends in. The bounds of buckets are taken from
/// what is shown; what they must hold comes from the truth.
fn samples(
    labels: &Labels,
    value: &Value,
    bounds: &[(String, f64)],
) -> Vec<(&'static str, Labels, String)> {
    let (count, sum_ms, observations) = match value {
        Value::Counter { value } => return vec![("", labels.clone(), value.to_string())],
        Value::Histogram {
            count,
            sum_ms,
            observations,
        } => (count, sum_ms, observations),
    };
    let buckets = bounds.iter().map(|(le, bound_ms)| {
        let within = observations
            .iter()
            .filter(|(ms, _)| **ms as f64 <= *bound_ms);
        let within: u64 = within.map(|(_, n)| *n).sum();
        let mut labels = labels.clone();
        labels.insert("le".to_owned(), le.clone());
        ("_bucket", labels, within.to_string())
    });
    let whole = [
        ("_count", labels.clone(), count.to_string()),
        ("_sum", labels.clone(), exact_seconds(*sum_ms)),
    ];
    whole.into_iter().chain(buckets).collect()
}

/// Two maps side by side: every key, in order, with what either of them holds.
pub fn beside<'m, K: Ord, V>(
    left: &'m BTreeMap<K, V>,
    right: &'m BTreeMap<K, V>,
) -> impl Iterator<Item = (&'m K, Option<&'m V>, Option<&'m V>)> {
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    std::iter::from_fn(move || {
        let order = match (left.peek(), right.peek()) {
            (Some((left, _)), Some((right, _))) => left.cmp(right),
            (Some(_), None) => Ordering::Less,
            (None, _) => Ordering::Greater,
        };
        let left = left.next_if(|_| order.is_le());
        let right = right.next_if(|_| order.is_ge());
        let (key, _) = left.or(right)?;
        Some((key, left.map(|(_, it)| it), right.map(|(_, it)| it)))
    })
}

fn suffixes(family: &str) -> &'static [&'static str] {
    if family.ends_with("_seconds") || family.ends_with("_score") {
        &["_count", "_sum", "_bucket"]
    } else {
        &[""]
    }
}

/// Milliseconds as seconds, written without rounding.
fn exact_seconds(ms: i64) -> String {
    let text = format!("{}.{:03}", ms / 1_000, ms % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The labels of a series, account included, from behind the brace that opens them.
pub fn parse_labels(text: &str) -> Labels {
    let (mut labels, mut rest) = (Labels::new(), text);
    loop {
        let (name, behind) = rest.split_once("=\"").unwrap();
        let (value, behind) = quoted(behind);
        labels.insert(name.to_owned(), value);
        match behind.split_at(1) {
            (",", more) => rest = more,
            ("}", _) => return labels,
            _ => panic!("unexpected {behind:?} in {text}"),
        }
    }
}

/// A label's value and what comes behind it, from behind the quotation mark that opens it.
fn quoted(text: &str) -> (String, &str) {
    let (mut value, mut rest) = (String::new(), text);
    loop {
        let end = rest.find(['"', '\\']).unwrap();
        value.push_str(&rest[..end]);
        let mut special = rest[end..].chars();
        if special.next() == Some('"') {
            return (value, special.as_str());
        }
        value.push(match special.next().unwrap() {
            'n' => '\n',
            c => c,
        });
        rest = special.as_str();
    }
}

/// The families whose every series the simulator knows the truth of.
pub const BUSINESS: [&str; 44] = [
    "vcc_interactions_total",
    "vcc_interaction_duration_seconds",
    "vcc_interaction_handle_seconds",
    "vcc_interaction_talk_seconds",
    "vcc_interaction_time_to_agent_seconds",
    "vcc_interactions_started_total",
    "vcc_conversations_started_total",
    "vcc_interactions_transferred_total",
    "vcc_interactions_requeued_total",
    "vcc_interactions_expired_total",
    "vcc_interactions_categorized_total",
    "vcc_acd_queue_exits_total",
    "vcc_acd_queue_wait_seconds",
    "vcc_queue_entries_total",
    "vcc_queue_exits_total",
    "vcc_queue_wait_seconds",
    "vcc_service_level_eligible_total",
    "vcc_service_level_met_total",
    "vcc_queue_skill_requests_total",
    "vcc_agent_queue_exits_total",
    "vcc_agent_queue_wait_seconds",
    "vcc_agent_offers_total",
    "vcc_agent_ring_seconds",
    "vcc_agent_handle_seconds",
    "vcc_agent_wrap_seconds",
    "vcc_hold_seconds",
    "vcc_outbound_attempts_total",
    "vcc_channels_ended_total",
    "vcc_dispositions_total",
    "vcc_call_quality_ratings_total",
    "vcc_call_quality_score",
    "vcc_monitoring_seconds",
    "vcc_audio_problems_total",
    "vcc_delivery_failures_total",
    "vcc_virtual_assistant_sessions_total",
    "vcc_virtual_assistant_interactions_total",
    "vcc_virtual_assistant_seconds",
    "vcc_virtual_assistant_messages_total",
    "vcc_applets_total",
    "vcc_interaction_plans_total",
    "vcc_recording_seconds",
    "vcc_voicemails_total",
    "vcc_data_source_values_total",
    "vcc_events_total",
];
