//! Reads the text format and holds it against the simulator's truth.

use std::collections::{BTreeMap, BTreeSet};

use vcc_exporter::simulator::{Truth, Value};

/// A sample's labels without `account`.
pub type Labels = BTreeMap<String, String>;

/// Every sample by name and labels.
#[derive(Debug, Default, Clone)]
pub struct Exposition(pub BTreeMap<String, BTreeMap<Labels, String>>);

impl Exposition {
    /// Reads a scrape's body.
    pub fn parse(text: &str) -> Self {
        let mut out = Exposition::default();
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
            let old = out
                .0
                .entry(name.to_owned())
                .or_default()
                .insert(labels, value.to_owned());
            assert_eq!(old, None, "the same series twice: {series}");
        }
        out
    }

    /// The sum of a name's samples with these label values.
    pub fn sum(&self, name: &str, wanted: &[(&str, &str)]) -> f64 {
        let samples = self.0.get(name).into_iter().flatten();
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
        let mut expected: BTreeMap<String, BTreeMap<Labels, String>> = BTreeMap::new();
        for family in BUSINESS.iter().filter(|family| !ignored.contains(family)) {
            for suffix in suffixes(family) {
                expected.entry(format!("{family}{suffix}")).or_default();
            }
        }
        for series in truth
            .series
            .iter()
            .filter(|s| !ignored.contains(&s.family.as_str()))
        {
            self.expect(&mut expected, &series.family, &series.labels, &series.value);
        }
        for (name, expected) in &expected {
            let none = BTreeMap::new();
            let shown = self.0.get(name).unwrap_or(&none);
            let all: BTreeSet<_> = expected.keys().chain(shown.keys()).collect();
            for labels in all {
                let want = expected.get(labels).map_or("0", String::as_str);
                let have = shown.get(labels).map_or("0", String::as_str);
                if want != have {
                    found.push(format!("{name}{labels:?}: truth {want}, shown {have}"));
                }
            }
        }
        found
    }

    fn expect(
        &self,
        expected: &mut BTreeMap<String, BTreeMap<Labels, String>>,
        family: &str,
        labels: &Labels,
        value: &Value,
    ) {
        let mut put = |suffix: &str, labels: Labels, value: String| {
            expected
                .entry(format!("{family}{suffix}"))
                .or_default()
                .insert(labels, value);
        };
        match value {
            Value::Counter { value } => put("", labels.clone(), value.to_string()),
            Value::Histogram {
                count,
                sum_ms,
                observations,
            } => {
                put("_count", labels.clone(), count.to_string());
                put("_sum", labels.clone(), exact_seconds(*sum_ms));
                // Bounds are taken from what is shown; what they must hold comes from the truth.
                for le in self.bounds(family) {
                    let bound_ms = match le.as_str() {
                        "+Inf" => f64::INFINITY,
                        le => le.parse::<f64>().unwrap() * 1_000.0,
                    };
                    let within = observations
                        .iter()
                        .filter(|(ms, _)| **ms as f64 <= bound_ms);
                    let within: u64 = within.map(|(_, n)| *n).sum();
                    let mut labels = labels.clone();
                    labels.insert("le".to_owned(), le);
                    put("_bucket", labels, within.to_string());
                }
            }
        }
    }

    fn bounds(&self, family: &str) -> BTreeSet<String> {
        let buckets = self
            .0
            .get(&format!("{family}_bucket"))
            .into_iter()
            .flatten();
        buckets.map(|(labels, _)| labels["le"].clone()).collect()
    }
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
    let mut labels = Labels::new();
    let mut chars = text.chars().peekable();
    loop {
        let name: String = std::iter::from_fn(|| chars.next_if(|c| *c != '=')).collect();
        assert_eq!(
            (chars.next(), chars.next()),
            (Some('='), Some('"')),
            "{text}"
        );
        let mut value = String::new();
        loop {
            match chars.next().unwrap() {
                '"' => break,
                '\\' => value.push(match chars.next().unwrap() {
                    'n' => '\n',
                    c => c,
                }),
                c => value.push(c),
            }
        }
        labels.insert(name, value);
        match chars.next().unwrap() {
            ',' => {}
            '}' => return labels,
            c => panic!("unexpected {c:?} in {text}"),
        }
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
