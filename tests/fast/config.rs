//! The configuration file and the flags.

mod flags;
mod mistakes;
mod otlp;
mod reference;
mod trouble;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use secrecy::ExposeSecret;
use vcc_core::catalogue::{Family, Label};
use vcc_core::delta::FamilyOptions;
use vcc_core::ledger::Rules;
use vcc_exporter::config::{Account, Config, Web};
use vcc_exporter::poller::{Settings, StartFrom};
use vcc_exposition::Options;
use vcc_net::secret::SecretSource;
use vcc_vonage::RetrySettings;
use vcc_yaml::ConfigError;

const SECRET: &str = "hunter2";

fn env(name: &str) -> Option<String> {
    match name {
        "VCC_SECRET" => Some(SECRET.to_owned() + "\n"),
        "EMPTY" => Some("\n".to_owned()),
        _ => None,
    }
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/config")
        .join(name)
}

fn text_of(name: &str) -> String {
    fs::read_to_string(data(name)).expect(name)
}

fn parse(name: &str, text: &str) -> Result<Config, Vec<ConfigError>> {
    Config::parse(name, text, &env)
}

fn valid(name: &str) -> Config {
    Config::load(&data(name), &env).expect("no mistake")
}

/// The minimal file with more at its end.
fn minimal_and(more: &str) -> Config {
    parse("file.yml", &(text_of("valid-minimal.yml") + more)).expect("no mistake")
}

fn of_account(account: &Account) -> [&str; 4] {
    let secret = match &account.credentials.secret {
        SecretSource::File(path) => path.to_str().expect("UTF-8"),
        SecretSource::Value(value) => value.expose_secret(),
    };
    [
        account.endpoints.api_url.as_str(),
        account.endpoints.token_url.as_str(),
        &account.credentials.client_id,
        secret,
    ]
}

const DAY_MS: i64 = 24 * 3_600_000;

const fn hours(count: u64) -> Duration {
    Duration::from_secs(count * 3600)
}

/// The defaults of everything that is not about accounts, paths and exports.
fn assert_has_the_defaults(config: &Config) {
    assert_eq!(config.poll, Settings::default());
    assert_eq!(config.rules, Rules::default());
    assert_eq!(config.exposition, Options::default());
    assert_eq!(config.web, Web::default());
    let minute = Duration::from_secs(60);
    assert_eq!(config.api.http.timeout, Some(minute));
    let default = RetrySettings::default();
    assert_eq!(config.api.retry.max_retries, default.max_retries);
    assert_eq!(config.api.retry.requests_per_minute, 80);
    // What is documented, in the parts' own units.
    let (second_ms, hour_ms) = (1_000, 3_600_000);
    let poll = Settings {
        interval: Duration::from_secs(15),
        page_size: 1_000,
        start_from: StartFrom::Now,
        overlap_ms: 120 * second_ms,
        rescan_interval_ms: hour_ms,
        rescan_span_ms: 6 * hour_ms,
        ongoing_interval: Duration::from_secs(15),
    };
    assert_eq!(config.poll, poll);
    let rules = &config.rules;
    assert_eq!(rules.retention_ms, 35 * 24 * hour_ms);
    assert_eq!(rules.expire_ms, 30 * 24 * hour_ms);
    assert_eq!(rules.expire_phone_ms, 24 * hour_ms);
    assert_eq!(
        (rules.warmup, rules.family_options.series_limit),
        (minute, 20_000)
    );
    assert_eq!(
        (rules.objective, rules.short_abandon_ms),
        (0.8, 5 * second_ms)
    );
    assert!(rules.count_breakouts && !rules.names_agents());
}

#[test]
fn a_minimal_file_has_the_defaults() {
    let config = valid("valid-minimal.yml");
    assert_eq!(config.accounts.len(), 1);
    assert_eq!(config.accounts[0].name, "acme");
    assert_eq!(
        of_account(&config.accounts[0]),
        [
            "https://emea.api.newvoicemedia.com/",
            "https://emea.newvoicemedia.com/Auth/connect/token",
            "exporter",
            SECRET,
        ]
    );
    assert_has_the_defaults(&config);
    assert_eq!(config.state_path, None);
    let blocks = "poll:\nledger: {}\nstate:\nweb:\nmetrics: { label_limits: }\nservice_level:\n";
    assert_has_the_defaults(&minimal_and(blocks));
}

/// The words of the documentation: `15s`, `1h` and so on.
#[test]
fn written_out_the_defaults_are_the_documented_ones() {
    let config = minimal_and(
        "poll: { interval: 15s, page_size: 1000, start_from: now, overlap: 2m, timeout: 60s,
                 requests_per_minute: 80, reread_interval: 1h, reread_span: 6h }
ledger: { retention: 35d, expire_after: 30d, expire_phone_after: 24h }
web: { listen_address: '127.0.0.1:9877', telemetry_path: /metrics }
metrics: { new_series_hold: 60s, series_limit: 20000 }
service_level: { objective: 0.8, short_abandon: 5s, breakouts: count }\n",
    );
    assert_has_the_defaults(&config);
}

#[test]
fn a_full_file_sets_everything() {
    let config = valid("valid-full.yml");
    let accounts: Vec<_> = config.accounts.iter().map(of_account).collect();
    assert_eq!(
        accounts,
        [
            [
                "https://emea.api.newvoicemedia.com/",
                "https://emea.newvoicemedia.com/Auth/connect/token",
                "0123",
                "/run/secrets/vcc",
            ],
            [
                "https://proxy.example.com/vcc",
                "https://nam.newvoicemedia.com/Auth/connect/token",
                "exporter",
                SECRET,
            ],
            [
                "http://127.0.0.1:9878/",
                "http://localhost:9878/Auth/connect/token",
                "any",
                SECRET,
            ],
        ]
    );
    let poll = Settings {
        interval: Duration::from_secs(30),
        page_size: 5000,
        start_from: StartFrom::Ago(hours(24)),
        overlap_ms: 0,
        rescan_interval_ms: DAY_MS,
        rescan_span_ms: 7 * DAY_MS,
        ongoing_interval: Duration::from_secs(45),
    };
    assert_eq!(config.poll, poll);
    assert_eq!(config.api.retry.requests_per_minute, 160);
    assert_eq!(config.api.http.timeout, Some(Duration::from_secs(90)));
    let state_path = config.state_path("file.yml").unwrap();
    assert_eq!(state_path, Path::new("/var/lib/vcc-exporter"));
    let web = Web {
        listen_address: "[::1]:9000".parse().unwrap(),
        telemetry_path: "/vcc/metrics".to_owned(),
    };
    assert_eq!(config.web, web);
    let rules = Rules {
        retention_ms: 400 * DAY_MS,
        expire_ms: DAY_MS / 24,
        expire_phone_ms: 2 * DAY_MS,
        warmup: Duration::ZERO,
        family_options: FamilyOptions {
            series_limit: 1_000_000,
            dropped: [
                (
                    Family::InteractionDuration,
                    vec![Label::Outcome, Label::VirtualQueue, Label::ReportingGroup],
                ),
                (
                    Family::QueueWait,
                    vec![
                        Label::Medium,
                        Label::Direction,
                        Label::VirtualQueue,
                        Label::ReportingGroup,
                    ],
                ),
            ]
            .into(),
            off: BTreeSet::new(),
        },
        label_limits: [(Label::Skill, 1), (Label::VirtualQueue, 500)].into(),
        renames: Arc::new(
            [(
                Label::VirtualQueue,
                [("Billing".to_owned(), "Billing Queue".to_owned())].into(),
            )]
            .into(),
        ),
        objective: 0.999,
        short_abandon_ms: 0,
        count_breakouts: false,
        default_target_ms: Some(30_000),
        targets: [("0800", 300_000), ("Billing Queue", 20_000)]
            .map(|(queue, target_ms)| (queue.to_owned(), target_ms))
            .into(),
        traces: None,
    };
    assert_eq!(config.rules, rules);
    let exposition = Options {
        native_histograms: true,
        created_samples: true,
    };
    assert_eq!(config.exposition, exposition);
}

#[test]
fn a_start_may_be_a_time_with_or_without_quotes() {
    let start = |text| {
        minimal_and(&format!("poll:\n  start_from: {text}\n"))
            .poll
            .start_from
    };
    let new_year = StartFrom::At(1_767_225_600_000);
    assert_eq!(start("2026-01-01T00:00:00Z"), new_year);
    assert_eq!(start("'2026-01-01T01:00:00+01:00'"), new_year);
    assert_eq!(
        start("-5y"),
        StartFrom::Ago(Duration::from_secs(157_788_000))
    );
    assert_eq!(
        start("\"-1h 30m\""),
        StartFrom::Ago(Duration::from_secs(5400))
    );
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_are_no_mistake() {
    let text = text_of("valid-minimal.yml").replace('\n', "\r\n");
    let config = parse("file.yml", &format!("\u{feff}{text}")).expect("no mistake");
    assert_eq!(config.accounts[0].credentials.client_id, "exporter");
}

#[test]
fn both_ends_of_a_range_are_inside() {
    let config = minimal_and(
        "poll: { interval: 5s, page_size: 1, start_from: -1s, overlap: 1h, timeout: 1s,
                 requests_per_minute: 1, reread_interval: 5m, reread_span: 10m }
ledger: { retention: 32d, expire_after: 400d, expire_phone_after: 1h }
metrics: { new_series_hold: 1h, series_limit: 100, label_limits: { result: 100000 } }
service_level: { objective: 0.01, short_abandon: 5m, default_target: 1s, targets: { a: 30d } }\n",
    );
    assert_eq!(config.poll.interval, Duration::from_secs(5));
    let limits = config.rules.label_limits;
    assert!(limits.values().eq([&100_000]), "{limits:?}");
    assert_eq!(config.rules.targets["a"], 30 * DAY_MS);
    minimal_and("poll: { interval: 1h, timeout: 10m }\nservice_level: { default_target: 30d }\n");
}

#[test]
fn a_family_may_keep_none_of_its_labels_and_names_may_be_quoted_numbers() {
    let config = minimal_and(
        "metrics:
  labels: { vcc_queue_exits_total: [], vcc_interactions_total: [reporting_group] }
  rename: { acd_queue: { 0800: '0800 free', \"Old \\\"one\\\"\": New }, skill: {} }
  per_agent: false\n",
    );
    let kept = |family: Family| {
        let dropped = &config.rules.family_options.dropped[&family];
        let own = family.info().labels.iter().copied();
        let five = own.filter(|label| Label::FIVE.contains(label));
        let kept = five.filter(|label| !dropped.contains(label));
        kept.collect::<Vec<_>>()
    };
    assert_eq!(kept(Family::QueueExits), []);
    assert_eq!(kept(Family::Interactions), [Label::ReportingGroup]);
    let names = &config.rules.renames[&Label::AcdQueue];
    assert_eq!(names["0800"], "0800 free");
    assert_eq!(names["Old \"one\""], "New");
    assert!(!config.rules.names_agents());
}

#[test]
fn http_is_for_loopback_hosts_only() {
    let allowed = |scheme: &str, host: &str| {
        let url = format!("    api_url: '{scheme}://{host}'\n");
        parse("file.yml", &(text_of("valid-minimal.yml") + &url)).is_ok()
    };
    for host in ["127.0.0.1", "127.9.9.9:80", "localhost:1/x", "[::1]:9878"] {
        assert!(allowed("http", host), "{host}");
    }
    for host in [
        "10.0.0.1",
        "0.0.0.0",
        "[::2]",
        "localhost.example.com",
        "127.0.0.1.example.com",
    ] {
        assert!(!allowed("http", host), "{host}");
        assert!(allowed("https", host), "{host}");
    }
}

#[test]
fn a_credential_of_the_service_manager_is_a_file_in_its_directory() {
    let text = text_of("invalid-secret-credential.yml");
    let text = text.split("  - name: path").next().unwrap();
    let under_systemd = |name: &str| {
        (name == "CREDENTIALS_DIRECTORY")
            .then(|| "/run/credentials/vcc-exporter.service".to_owned())
    };
    let config = Config::parse("file.yml", text, &under_systemd).expect("no mistake");
    let SecretSource::File(path) = &config.accounts[0].credentials.secret else {
        panic!("not a file");
    };
    assert_eq!(
        path,
        Path::new("/run/credentials/vcc-exporter.service/vcc-secret")
    );
}
