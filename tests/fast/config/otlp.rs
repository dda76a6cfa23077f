//! The block `otlp` and OpenTelemetry's variables.

use std::time::Duration;

use secrecy::ExposeSecret;
use vcc_core::ledger::TraceRules;
use vcc_exporter::config::{Config, otlp_from_env};
use vcc_net::secret::SecretSource;
use vcc_otlp::{MetricsSettings, Settings};

use super::text_of;

type Variables = [(&'static str, &'static str)];

/// What a file and the environment say together, or the problems without the file's name.
fn read(more: &str, variables: &Variables) -> Result<Settings, Vec<String>> {
    let env = |name: &str| match variables.iter().find(|(known, _)| *known == name) {
        Some((_, text)) => Some((*text).to_owned()),
        None => super::env(name),
    };
    let parsed = Config::parse("f", &(text_of("valid-minimal.yml") + more), &env);
    parsed.map(|config| config.otlp).map_err(|problems| {
        let lines = problems.iter().map(ToString::to_string);
        lines.map(|line| line.replacen("f: ", "", 1)).collect()
    })
}

fn metrics(more: &str, variables: &Variables) -> MetricsSettings {
    read(more, variables).unwrap().metrics.expect("a push")
}

/// The addresses of metrics and traces, `-` where there is none.
fn urls(more: &str, variables: &Variables) -> [String; 2] {
    let otlp = read(more, variables).unwrap();
    let targets = [
        otlp.metrics.map(|metrics| metrics.target),
        otlp.traces.map(|traces| traces.target),
    ];
    targets.map(|target| target.map_or("-".to_owned(), |target| target.url.to_string()))
}

const GENERAL: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://env:4318/base/");
const OWN: (&str, &str) = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "https://own/exact");
const BASE: &str = "otlp: { endpoint: 'http://file:4318' }\n";

#[test]
fn an_address_is_the_files_else_the_signals_else_the_general_one() {
    let both = [
        "http://env:4318/base/v1/metrics",
        "http://env:4318/base/v1/traces",
    ];
    let file = ["http://file:4318/v1/metrics", "http://file:4318/v1/traces"];
    let exact = "otlp: { endpoint: 'http://file:4318/', metrics_endpoint: 'http://m/x' }\n";
    let empty = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", " ");
    assert_eq!(urls("", &[]), ["-", "-"]);
    assert_eq!(urls("", &[GENERAL]), both);
    assert_eq!(urls("", &[GENERAL, empty]), both);
    assert_eq!(urls("", &[GENERAL, OWN]), ["https://own/exact", both[1]]);
    assert_eq!(urls("", &[OWN]), ["https://own/exact", "-"]);
    assert_eq!(urls(BASE, &[GENERAL, OWN]), file);
    assert_eq!(urls(exact, &[GENERAL]), ["http://m/x", file[1]]);
}

#[test]
fn a_signal_can_be_switched_off_and_the_file_has_the_last_word() {
    let off = [
        "otlp: { endpoint: 'http://file:4318', metrics: { enabled: false } }\n",
        "otlp: { endpoint: 'http://file:4318', traces: { exporter: false } }\n",
    ];
    assert_eq!(urls(off[0], &[])[0], "-");
    assert_eq!(urls(off[1], &[])[1], "-");
    let disabled = ("OTEL_SDK_DISABLED", "TRUE");
    assert_eq!(urls(BASE, &[disabled]), ["-", "-"]);
    assert_eq!(urls(BASE, &[("OTEL_METRICS_EXPORTER", "none")])[0], "-");
    assert_eq!(urls(BASE, &[("OTEL_TRACES_EXPORTER", "none")])[1], "-");
    let on = "otlp: { endpoint: 'http://file:4318', metrics: { enabled: true } }\n";
    assert_ne!(urls(on, &[disabled])[0], "-");
}

#[test]
fn how_it_is_sent_is_taken_from_each_place_in_turn() {
    let target = metrics("", &[GENERAL]).target;
    assert!(target.gzip && target.headers.is_empty() && target.ca_file.is_none());
    assert_eq!(target.timeout, Duration::from_secs(10));
    let all = [
        GENERAL,
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=general"),
        (
            "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
            "authorization=Bearer%20x, b=2",
        ),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "2000"),
        ("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "none"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca.pem"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "5000"),
    ];
    let push = metrics("", &all);
    assert_eq!(push.interval, Duration::from_secs(5));
    assert_eq!(push.target.timeout, Duration::from_secs(2));
    assert!(!push.target.gzip);
    assert_eq!(push.target.ca_file, Some("/ca.pem".into()));
    let shown: Vec<_> = push.target.headers.iter().map(shown).collect();
    assert_eq!(shown, ["authorization: Bearer x", "b: 2"]);
    let file = "otlp:
  endpoint: http://file:4318
  headers: { X-Key: k }
  header_files: { x-other: /run/other }
  compression: gzip
  timeout: 1s
  ca_file: /own.pem
  metrics: { interval: 1h }
";
    let push = metrics(file, &all);
    assert_eq!(push.interval, Duration::from_secs(3_600));
    assert_eq!(push.target.timeout, Duration::from_secs(1));
    assert!(push.target.gzip);
    assert_eq!(push.target.ca_file, Some("/own.pem".into()));
    let own: Vec<_> = push.target.headers.iter().map(self::shown).collect();
    assert_eq!(own, ["x-key: k", "x-other: in /run/other"]);
}

fn shown(header: &vcc_otlp::Header) -> String {
    match &header.value {
        SecretSource::Value(value) => format!("{}: {}", header.name, value.expose_secret()),
        SecretSource::File(path) => format!("{}: in {}", header.name, path.display()),
    }
}

#[test]
fn attributes_of_the_resource_come_from_three_places() {
    let variables = [
        GENERAL,
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "service.name=no,deployment.environment.name=a%2Cb,team=x",
        ),
        ("OTEL_SERVICE_NAME", "mine"),
    ];
    let otlp = read("otlp: { resource: { team: 'y' } }\n", &variables).unwrap();
    let all: Vec<_> = otlp
        .resource
        .iter()
        .map(|(k, v)| format!("{k}={v}"))
        .collect();
    assert_eq!(
        all,
        [
            "deployment.environment.name=a,b",
            "service.name=mine",
            "team=y"
        ]
    );
}

#[test]
fn a_wrong_variable_is_named_with_what_is_allowed_and_only_where_it_matters() {
    let wrong = [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "hunter2"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1m"),
        ("OTEL_TRACES_EXPORTER", "zipkin"),
        ("OTEL_RESOURCE_ATTRIBUTES", "half"),
    ];
    assert_eq!(urls("", &wrong), ["-", "-"]);
    let found = read("", &[&[GENERAL], &wrong[..]].concat()).unwrap_err();
    assert_eq!(
        found,
        [
            r#"OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" is not spoken: allowed is http/protobuf, on a Collector's port 4318"#,
            "OTEL_EXPORTER_OTLP_HEADERS: is not a list such as name=value,name2=value2 (a comma in a value is %2C)",
            r#"OTEL_EXPORTER_OTLP_COMPRESSION: "zstd" must be gzip or none"#,
            r#"OTEL_EXPORTER_OTLP_TIMEOUT: "10" is too small: allowed is 1000 to 300000"#,
            r#"OTEL_METRIC_EXPORT_INTERVAL: "1m" is not a whole number of milliseconds: allowed is 1000 to 3600000"#,
            r#"OTEL_TRACES_EXPORTER: "zipkin" names no exporter there is: allowed are otlp and none"#,
            r#"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json" is not spoken: allowed is http/protobuf, on a Collector's port 4318"#,
            r#"OTEL_RESOURCE_ATTRIBUTES: "half" is not a list such as name=value,name2=value2 (a comma in a value is %2C)"#,
        ]
    );
    let user = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://u:hunter2@h");
    let found = read("", &[user]).unwrap_err();
    assert_eq!(
        found,
        [
            "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: must not hold a user or a password: send them as a header"
        ]
    );
}

#[test]
fn the_environment_alone_does_without_a_file() {
    let env = |name: &str| (name == GENERAL.0).then(|| GENERAL.1.to_owned());
    assert!(otlp_from_env(&env).unwrap().metrics.is_some());
    assert!(otlp_from_env(&|_| None).unwrap().traces.is_none());
    let env = |name: &str| (name == GENERAL.0).then(|| "collector".to_owned());
    let found = otlp_from_env(&env).unwrap_err();
    let words = r#"the environment: OTEL_EXPORTER_OTLP_ENDPOINT: "collector" is not a URL"#;
    assert_eq!(found.len(), 1);
    assert!(found[0].to_string().starts_with(words), "{}", found[0]);
}

#[test]
fn values_of_headers_are_not_shown() {
    let file = "otlp: { endpoint: 'http://c:4318', headers: { x-key: hunter2 } }\n";
    let otlp = read(file, &[]).unwrap();
    let debug = format!("{otlp:?}");
    assert!(
        debug.contains("x-key") && !debug.contains("hunter2"),
        "{debug}"
    );
}

#[test]
fn interactions_become_traces_only_where_that_is_asked_for_and_there_is_somewhere_to_send_them() {
    let traces = |keys: &str, variables: &Variables| {
        let more = format!("otlp: {{ endpoint: 'http://file:4318', traces: {{ {keys} }} }}\n");
        read(&more, variables).unwrap().traces
    };
    let own = traces("", &[]).unwrap();
    assert_eq!((own.exporter, own.interactions), (true, None));
    let both = traces("interactions: true", &[]).unwrap();
    let whole = TraceRules {
        share: 1.0,
        party_ids: false,
    };
    assert_eq!((both.exporter, both.interactions), (true, Some(whole)));
    let keys = "exporter: false, interactions: true, sample_ratio: 0.25, party_ids: true";
    let alone = traces(keys, &[]).unwrap();
    let some = TraceRules {
        share: 0.25,
        party_ids: true,
    };
    assert_eq!(
        (alone.exporter, alone.interactions),
        (false, Some(some.clone()))
    );
    // The environment speaks of our own traces; the file has the last word on the customers'.
    let none = ("OTEL_TRACES_EXPORTER", "none");
    let keys = "interactions: true, sample_ratio: 0.25, party_ids: true";
    let only = traces(keys, &[none]).unwrap();
    assert_eq!((only.exporter, only.interactions), (false, Some(some)));
    assert!(traces("", &[none]).is_none());

    let nowhere = "otlp: { traces: { interactions: true } }\n";
    assert_eq!(
        read(nowhere, &[]).unwrap_err(),
        [
            "otlp.traces.interactions: \"true\" needs to know where to: add otlp.endpoint or \
             otlp.traces_endpoint, or set OTEL_EXPORTER_OTLP_ENDPOINT"
        ]
    );
    assert_eq!(
        read("otlp: { traces: { sample_ratio: 1.5 } }\n", &[]).unwrap_err(),
        ["otlp.traces.sample_ratio: \"1.5\" is too large: allowed is 0 to 1"]
    );
}
