//! The exponential buckets: the same observations once more, and never of the process.

use serde_json::Value;
use vcc_exporter::assembly::ExporterView;
use vcc_exposition::{ContentEncoding, FormatKind, MetricsSource, Options};

use super::readers::{array, number};
use vcc_test_support::day::{ALL, held, ledger, shown};
use vcc_test_support::tools::decode_protobuf;

/// Every histogram of these families, by its family's name.
fn histograms(families: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for family in array(families) {
        for metric in array(&family["metric"]) {
            if let Some(histogram) = metric.get("histogram") {
                let name = family["name"].as_str().unwrap().to_owned();
                found.push((name, histogram.clone()));
            }
        }
    }
    found
}

fn of_ledger(site: &ExporterView) -> Vec<(String, Value)> {
    histograms(&decode_protobuf(&ledger(site, FormatKind::Protobuf)))
}

/// A repeated field, which is absent where it is empty.
fn repeated<'v>(histogram: &'v Value, field: &str) -> &'v [Value] {
    histogram.get(field).map_or(&[], array)
}

/// The index and the count of each bucket that spans and differences tell of.
fn buckets(histogram: &Value) -> Vec<(i32, f64)> {
    let mut deltas = repeated(histogram, "positive_delta").iter().map(number);
    let (mut index, mut count, mut found) = (0, 0.0, Vec::new());
    for (place, span) in repeated(histogram, "positive_span").iter().enumerate() {
        let offset = number(&span["offset"]) as i32;
        assert!(
            place == 0 || offset > 0,
            "two spans that are one: {histogram}"
        );
        index += offset;
        for _ in 0..number(&span["length"]) as u32 {
            count += deltas.next().unwrap();
            found.push((index, count));
            index += 1;
        }
    }
    assert_eq!(deltas.next(), None, "more counts than buckets: {histogram}");
    found
}

#[tokio::test(start_paused = true)]
async fn exponential_buckets_hold_what_the_classic_ones_hold() {
    let all = of_ledger(&shown(ALL).await);
    assert!(all.len() > 10);
    for (name, histogram) in all {
        let (zero, buckets) = (number(&histogram["zero_count"]), buckets(&histogram));
        let total = zero + buckets.iter().map(|(_, count)| count).sum::<f64>();
        assert_eq!(total, number(&histogram["sample_count"]), "{name}");
        assert!(buckets.iter().all(|(_, count)| *count > 0.0), "{name}");

        let base = 2f64.powf(2f64.powf(-number(&histogram["schema"])));
        for classic in repeated(&histogram, "bucket") {
            let within = number(&classic["cumulative_count"]);
            let Some(bound) = classic["upper_bound"].as_f64() else {
                assert_eq!(within, total, "{name}");
                continue;
            };
            // What surely lies below the bound, and what may.
            let below = |margin: i32| {
                let upper = |index: i32| base.powi(index + margin) <= bound * (1.0 + 1e-9);
                let inside = buckets.iter().filter(|(index, _)| upper(*index));
                zero + inside.map(|(_, count)| count).sum::<f64>()
            };
            let (least, most) = (below(0), below(-1));
            assert!(
                (least..=most).contains(&within),
                "{name} has {within} up to {bound}, between {least} and {most} by {histogram}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_held_histogram_is_native_and_empty() {
    let (_core, site) = held(ALL);
    let all = of_ledger(&site);
    assert!(!all.is_empty());
    for (name, histogram) in all {
        let zero = [&histogram["sample_count"], &histogram["zero_count"]];
        assert!(zero.iter().all(|count| number(count) == 0.0), "{name}");
        assert_eq!(buckets(&histogram), [], "{name}");
        // Without this a Prometheus that has seen no observation takes it for a classic one.
        assert!(number(&histogram["zero_threshold"]) > 0.0, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_ledger_has_exponential_buckets_and_only_where_they_are_wanted() {
    let whole = |site: ExporterView| {
        let parts = site.scrape(FormatKind::Protobuf, ContentEncoding::Identity);
        histograms(&decode_protobuf(&parts.concat()))
    };
    let native = |histogram: &Value| {
        let fields = ["schema", "zero_threshold", "zero_count", "positive_span"];
        fields.iter().any(|field| histogram.get(field).is_some())
    };
    let site = shown(ALL).await;
    let ledger: Vec<_> = of_ledger(&site).into_iter().map(|(name, _)| name).collect();
    let all = whole(site);
    assert!(all.len() > ledger.len(), "the process has no histograms");
    for (name, histogram) in all {
        assert_eq!(native(&histogram), ledger.contains(&name), "{name}");
    }
    for (name, histogram) in whole(shown(Options::default()).await) {
        assert!(!native(&histogram), "{name}");
    }
}
