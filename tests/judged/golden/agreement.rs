//! The three formats of one moment say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use vcc_exporter::assembly::ExporterView;
use vcc_exposition::{ContentEncoding, FormatKind, LiveMetrics, MetricsSource, Options};

use super::readers::{Key, ReadPage};
use vcc_test_support::day::{ALL, EPOCH_MS, held, shown};

/// The whole page of one moment in every format, each read by its own reader.
struct Readings {
    text: ReadPage,
    openmetrics: ReadPage,
    protobuf: ReadPage,
}

impl Readings {
    fn of(site: &ExporterView) -> Readings {
        let snapshot = site.publisher.current();
        let present = site.live(&snapshot);
        let body = |format| {
            let present = LiveMetrics {
                gauges: present.gauges.clone(),
                instruments: present.instruments.clone(),
                since_ms: present.since_ms,
            };
            let encoded = snapshot.encoded(format);
            encoded.with(present, ContentEncoding::Identity).concat()
        };
        let text = |format| String::from_utf8(body(format)).unwrap();
        let openmetrics = text(FormatKind::OpenMetrics);
        assert!(openmetrics.ends_with("\n# EOF\n"));
        Readings {
            text: ReadPage::by_text(&text(FormatKind::Text)),
            openmetrics: ReadPage::by_openmetrics(&openmetrics),
            protobuf: ReadPage::by_protobuf(&body(FormatKind::Protobuf)),
        }
    }
}

/// Names the entries in which two maps differ, instead of printing both.
fn assert_same<K: Ord + Debug, V: PartialEq + Debug>(
    what: &str,
    a: &BTreeMap<K, V>,
    b: &BTreeMap<K, V>,
) {
    let keys: BTreeSet<_> = a.keys().chain(b.keys()).collect();
    let differ = keys.iter().filter(|key| a.get(key) != b.get(key));
    let differ: Vec<_> = differ.map(|key| (key, a.get(key), b.get(key))).collect();
    assert!(differ.is_empty(), "{what}: {differ:#?}");
}

#[tokio::test(start_paused = true)]
async fn every_format_says_the_same_of_the_same_moment() {
    let said = Readings::of(&shown(ALL).await);
    let (text, openmetrics, protobuf) = (&said.text, &said.openmetrics, &said.protobuf);
    assert!(text.samples.len() > 1_000);
    for (name, other) in [("OpenMetrics", openmetrics), ("protobuf", protobuf)] {
        assert_same(name, &text.families, &other.families);
        assert_same(name, &text.samples, &other.samples);
    }
    assert_same("units", &openmetrics.units, &protobuf.units);
    assert_same("starts", &openmetrics.starts, &protobuf.starts);
}

#[tokio::test(start_paused = true)]
async fn each_series_that_counts_says_when_it_began() {
    let said = Readings::of(&shown(ALL).await).protobuf;
    let kind_of = |name: &str| said.families[name].0.as_str();
    let counting: BTreeSet<Key> = said
        .samples
        .keys()
        .filter_map(|(name, labels)| {
            let total = name.strip_suffix("_total");
            let stem = total.or_else(|| name.strip_suffix("_count"))?;
            let counts = ["counter", "histogram"].contains(&kind_of(stem));
            counts.then(|| (stem.to_owned(), labels.clone()))
        })
        .collect();
    assert_eq!(
        said.starts.keys().cloned().collect::<BTreeSet<_>>(),
        counting
    );
    assert!(said.starts.values().all(|start_ms| *start_ms >= EPOCH_MS));
}

#[tokio::test(start_paused = true)]
async fn openmetrics_says_nothing_of_starts_unless_it_is_told_to() {
    let said = Readings::of(&shown(Options::default()).await);
    assert_eq!(said.openmetrics.starts, BTreeMap::new());
    assert!(!said.protobuf.starts.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_held_is_zero_in_every_format() {
    let (_core, site) = held(ALL);
    let said = Readings::of(&site);
    let business = |said: &ReadPage| -> BTreeMap<Key, f64> {
        let own = |key: &&Key| key.0.starts_with("vcc_interactions_total");
        let keys = said.samples.keys().filter(own);
        keys.map(|key| (key.clone(), said.samples[key])).collect()
    };
    let text = business(&said.text);
    assert!(!text.is_empty() && text.values().all(|value| *value == 0.0));
    for (name, other) in [
        ("OpenMetrics", &said.openmetrics),
        ("protobuf", &said.protobuf),
    ] {
        assert_same(name, &said.text.samples, &other.samples);
    }
}
