//! What is in a request: exactly one fixed text for one fixed page, and nothing else than a scrape
//! shows.

use std::collections::BTreeMap;
use std::fmt::Write;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::{Metric, metric, number_data_point};
use prost::Message;
use vcc_exposition::{ContentEncoding, FormatKind, MetricsSource, Options, ledger};
use vcc_otlp::metrics;
use vcc_otlp::push::request;
use vcc_otlp::resource::resource;

use super::receiver;
use vcc_test_support::committed::assert_committed;
use vcc_test_support::day::{EPOCH_MS, HOUR_MS, Still, held};
use vcc_test_support::exposition::{Exposition, Labels};

const ID: &str = "9c5b94b1-35ad-49bb-b118-8e8fc24abf80";

fn text_of(attribute: &KeyValue) -> (String, String) {
    match attribute.value.as_ref().unwrap().value.as_ref().unwrap() {
        any_value::Value::StringValue(text) => (attribute.key.clone(), text.clone()),
        other => panic!("{other:?} is no text"),
    }
}

fn list(attributes: &[KeyValue]) -> String {
    let texts = attributes.iter().map(text_of);
    let texts: Vec<_> = texts
        .map(|(name, text)| format!("{name}={text:?}"))
        .collect();
    format!("{{{}}}", texts.join(","))
}

fn number(value: &Option<number_data_point::Value>) -> String {
    match value.as_ref().unwrap() {
        number_data_point::Value::AsInt(value) => format!("int {value}"),
        number_data_point::Value::AsDouble(value) => format!("double {value:?}"),
    }
}

/// Everything a metric says, a line a point.
fn written(metric: &Metric) -> String {
    let mut out = format!(
        "{} unit={:?} {:?}\n",
        metric.name, metric.unit, metric.description
    );
    match metric.data.as_ref().unwrap() {
        metric::Data::Gauge(gauge) => {
            for point in &gauge.data_points {
                let (value, attributes) = (number(&point.value), list(&point.attributes));
                let at = point.time_unix_nano;
                let _ = writeln!(out, "  gauge {attributes} at {at}: {value}");
                assert_eq!(point.start_time_unix_nano, 0);
            }
        }
        metric::Data::Sum(sum) => {
            assert!(sum.is_monotonic && sum.aggregation_temporality == 2);
            for point in &sum.data_points {
                let (value, attributes) = (number(&point.value), list(&point.attributes));
                let (from, at) = (point.start_time_unix_nano, point.time_unix_nano);
                let _ = writeln!(out, "  sum {attributes} {from} to {at}: {value}");
            }
        }
        metric::Data::Histogram(histogram) => {
            assert_eq!(histogram.aggregation_temporality, 2);
            for point in &histogram.data_points {
                let (from, at) = (point.start_time_unix_nano, point.time_unix_nano);
                let _ = writeln!(
                    out,
                    "  histogram {} {from} to {at}: count {} sum {:?} bounds {:?} counts {:?}",
                    list(&point.attributes),
                    point.count,
                    point.sum,
                    point.explicit_bounds,
                    point.bucket_counts
                );
            }
        }
        metric::Data::ExponentialHistogram(histogram) => {
            assert_eq!(histogram.aggregation_temporality, 2);
            for point in &histogram.data_points {
                let (from, at) = (point.start_time_unix_nano, point.time_unix_nano);
                let positive = point.positive.as_ref().unwrap();
                let _ = writeln!(
                    out,
                    "  exponential {} {from} to {at}: count {} sum {:?} scale {} zero {} from {} {:?}",
                    list(&point.attributes),
                    point.count,
                    point.sum,
                    point.scale,
                    point.zero_count,
                    positive.offset,
                    positive.bucket_counts
                );
                let buckets: u64 = positive.bucket_counts.iter().sum();
                assert_eq!(buckets + point.zero_count, point.count);
            }
        }
        metric::Data::Summary(_) => panic!("{} is a summary", metric.name),
    }
    out
}

fn text(request: &ExportMetricsServiceRequest) -> String {
    // Through its bytes, as a receiver sees it.
    let request = ExportMetricsServiceRequest::decode(&*request.encode_to_vec()).unwrap();
    assert_eq!(request.resource_metrics.len(), 1);
    let of_resource = &request.resource_metrics[0];
    assert_eq!(of_resource.scope_metrics.len(), 1);
    let scope = of_resource.scope_metrics[0].scope.as_ref().unwrap();
    let resource = list(&of_resource.resource.as_ref().unwrap().attributes);
    let mut out = format!(
        "resource {resource}\nscope {} {}\n",
        scope.name, scope.version
    );
    out = out.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    receiver::metrics(&request)
        .iter()
        .for_each(|metric| out += &written(metric));
    out
}

fn assert_golden(file: &str, is: &str) {
    assert_committed(&format!("tests/golden/{file}"), is, "otlp");
}

/// The ledger's part of a request for the fixed page.
async fn of_the_page(options: Options) -> ExportMetricsServiceRequest {
    let (mut core, site) = held(options);
    tokio::time::advance(core.deps.rules.warmup).await;
    core.release(EPOCH_MS + HOUR_MS).unwrap();
    let snapshot = site.publisher.current();
    let configured = [("team".to_owned(), "telephony".to_owned())].into();
    let resource = resource(ID, &configured);
    metrics::request(&resource, options, EPOCH_MS + HOUR_MS, |out| {
        ledger(&snapshot.accounts, out);
    })
}

#[tokio::test(start_paused = true)]
async fn a_page_leads_to_exactly_this_request() {
    let request = of_the_page(Options::default()).await;
    assert_golden("otlp.txt", &text(&request));
}

#[tokio::test(start_paused = true)]
async fn with_native_histograms_there_are_no_others() {
    let request = of_the_page(Options {
        native_histograms: true,
        ..Options::default()
    });
    let request = request.await;
    let written: String = receiver::metrics(&request)
        .iter()
        .map(written)
        .filter(|text| !text.contains("  sum "))
        .collect();
    assert!(!written.contains("  histogram "), "{written}");
    assert_golden("otlp-native.txt", &written);
}

/// A request as samples of the text format.
fn samples(request: &ExportMetricsServiceRequest) -> BTreeMap<(String, Labels), f64> {
    let mut out = BTreeMap::new();
    let mut add = |name: &str, attributes: &[KeyValue], le: Option<String>, value: f64| {
        let mut labels: Labels = attributes.iter().map(text_of).collect();
        labels.remove("account");
        labels.extend(le.map(|le| ("le".to_owned(), le)));
        assert_eq!(out.insert((name.to_owned(), labels), value), None, "{name}");
    };
    for metric in receiver::metrics(request) {
        let name = metric.name.as_str();
        let points = match metric.data.as_ref().unwrap() {
            metric::Data::Gauge(gauge) => &gauge.data_points[..],
            metric::Data::Sum(sum) => &sum.data_points[..],
            metric::Data::Histogram(histogram) => {
                for point in &histogram.data_points {
                    let bounds = point
                        .explicit_bounds
                        .iter()
                        .map(|bound| format!("{bound:?}"));
                    let mut below = 0;
                    for (le, count) in bounds.chain(["+Inf".to_owned()]).zip(&point.bucket_counts) {
                        below += count;
                        add(
                            &format!("{name}_bucket"),
                            &point.attributes,
                            Some(le),
                            below as f64,
                        );
                    }
                    assert_eq!(below, point.count);
                    add(
                        &format!("{name}_count"),
                        &point.attributes,
                        None,
                        below as f64,
                    );
                    add(
                        &format!("{name}_sum"),
                        &point.attributes,
                        None,
                        point.sum.unwrap(),
                    );
                }
                continue;
            }
            other => panic!("{other:?}"),
        };
        for point in points {
            let value = match point.value.as_ref().unwrap() {
                number_data_point::Value::AsInt(value) => *value as f64,
                number_data_point::Value::AsDouble(value) => *value,
            };
            add(name, &point.attributes, None, value);
        }
    }
    out
}

#[tokio::test(start_paused = true)]
async fn every_sample_of_a_scrape_is_in_the_request_and_nothing_else() {
    let (mut core, site) = held(Options::default());
    tokio::time::advance(core.deps.rules.warmup).await;
    core.release(EPOCH_MS + HOUR_MS).unwrap();
    let parts = site.scrape(FormatKind::Text, ContentEncoding::Identity);
    let body = parts.iter().map(|part| std::str::from_utf8(part).unwrap());
    let scraped = Exposition::parse(&body.collect::<String>());
    let pushed = samples(&request(&site, &resource(ID, &BTreeMap::new()), &Still));
    // Processor time and memory go on between the two.
    let moving = |name: &str| name.starts_with("process_");
    let mut expected = BTreeMap::new();
    for (name, series) in scraped.0.iter().filter(|(name, _)| !moving(name)) {
        for (labels, value) in series {
            let value: f64 = value.parse().unwrap();
            expected.insert((name.clone(), labels.clone()), value);
        }
    }
    assert!(expected.len() > 500, "{}", expected.len());
    let names = |of: &BTreeMap<(String, Labels), f64>| -> Vec<String> {
        of.keys()
            .map(|(name, _)| name.clone())
            .filter(|name| moving(name))
            .collect()
    };
    assert!(names(&pushed).contains(&"process_cpu_seconds_total".to_owned()));
    let rest: BTreeMap<_, _> = pushed
        .into_iter()
        .filter(|((name, _), _)| !moving(name))
        .collect();
    assert_eq!(rest, expected);
}
