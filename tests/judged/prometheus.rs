//! A real Prometheus scrapes the real binary: what reaches its storage is what happened.

mod exemplars;
mod query_results;
mod scene;
mod server;
mod tracing;

use std::net::SocketAddr;

use chrono::Utc;
use tokio::process::Child;
use vcc_simulator::Truth;

use vcc_test_support::exposition::{BUSINESS, Exposition};
use vcc_test_support::http::try_get;
use vcc_test_support::process::program;
use vcc_test_support::programs::{eventually, free_address, start, start_and_read};
use vcc_test_support::tools::{assert_promtool_is_silent, prometheus, promtool};

use query_results::QueryResults;
use scene::{Scene, business, rfc3339};
use server::{DEFAULT, EVERY_WAY, FEATURES, NATIVE, Prometheus, Stored};
use tracing::Tracing;

const CONVERSATIONS: &str = "vcc_conversations_started_total";

/// Building takes minutes the first time, in which the simulated world would move on.
fn build_first() {
    prometheus();
    promtool();
}

#[tokio::test(flavor = "multi_thread")]
async fn prometheus_stores_what_the_demo_counts() {
    build_first();
    // The demo holds a new series for three seconds.
    let (hold_ms, held_scrapes) = (3_000, 4);
    let (_demo, addresses) = start_and_read(
        &mut program(&[
            "--log.level",
            "warn",
            "demo",
            "--web.listen-address",
            "127.0.0.1:0",
        ]),
        &["http://", "http://", "http://"],
    )
    .await;
    let host = |url: &str| url.split('/').next().unwrap().to_owned();
    let scene = Scene {
        exporter: host(&addresses[0]),
        simulator: format!("http://{}", host(&addresses[2])),
    };
    let address = free_address();
    let prometheus = Prometheus::scraping(&scene.exporter, address, &DEFAULT, &[]).await;
    prometheus.scrapes(30).await;
    let shown = scene.come_to_rest(&prometheus, held_scrapes).await;
    let stored = prometheus.stored().next().unwrap();
    let results = QueryResults::gather(stored, &shown).await;

    results.assert_it_ends_as_shown();
    results.assert_nothing_decreases();
    let births = results.assert_births_begin_at_zero(hold_ms);
    assert!(births > 0, "no series was born during the run");
    results.assert_increase_agrees().await;

    assert_is_true(&results.added_up(), &scene.truth(&shown).await, NO_FAMILY);

    assert_eq!(prometheus.dropped().await, Vec::<String>::new());
    assert_every_line_is_taken(&scene, &prometheus, &results.stored).await;
    assert_promtool_is_silent(&scene.body().await);
    let (series, samples) = results.size();
    println!(
        "{} scrapes, {samples} samples of {series} series, {births} born meanwhile: all true",
        results.up.len()
    );
}

/// Prometheus takes as many samples as there are lines. Their number changes with the first
/// failure of a kind, so it is read before and after a scrape.
async fn assert_every_line_is_taken(scene: &Scene, prometheus: &Prometheus, stored: &Stored<'_>) {
    eventually(
        "the same number of lines before and after a scrape",
        async || {
            let before = lines(&scene.body().await);
            prometheus.more_scrapes(1).await;
            let after = lines(&scene.body().await);
            for name in [
                "scrape_samples_scraped",
                "scrape_samples_post_metric_relabeling",
            ] {
                let taken = stored.raw_alone(name).await.last().unwrap().1;
                if (before, after) != (taken as usize, taken as usize) {
                    return Err(format!("{before} lines, {name} {taken}, {after} lines"));
                }
            }
            Ok(())
        },
    )
    .await;
}

fn lines(body: &str) -> usize {
    body.lines().filter(|line| !line.starts_with('#')).count()
}

/// The exporter reading the simulator through its configuration file, which it is started with
/// again after each death.
struct Sidecar {
    directory: tempfile::TempDir,
    address: String,
}

impl Sidecar {
    fn new(simulator: &str, prometheus: SocketAddr, tracing: &str) -> Sidecar {
        let directory = tempfile::tempdir().unwrap();
        let configuration = format!(
            "accounts:\n\
             - name: simulated\n  api_url: {simulator}\n  \
             token_url: {simulator}/Auth/connect/token\n  \
             client_id: simulated\n  client_secret_env: VCC_SECRET\n\
             poll: {{interval: 5s, start_from: -5m, page_size: 100, requests_per_minute: 160}}\n\
             metrics: {{new_series_hold: 10s, native_histograms: true, created_samples: true}}\n\
             otlp:\n  metrics_endpoint: http://{prometheus}/api/v1/otlp/v1/metrics\n  \
             traces_endpoint: {tracing}/v1/traces\n  metrics: {{interval: 1s}}\n  \
             traces: {{exporter: false, interactions: true}}\n"
        );
        std::fs::write(directory.path().join("vcc-exporter.yml"), configuration).unwrap();
        Sidecar {
            directory,
            address: free_address().to_string(),
        }
    }

    fn start(&self) -> Child {
        let path = |name| self.directory.path().join(name).display().to_string();
        let (file, state) = (path("vcc-exporter.yml"), path("state"));
        let arguments = [
            "--log.level",
            "warn",
            "run",
            "--config.file",
            &file,
            "--state.path",
            &state,
        ];
        let mut command = program(&arguments);
        command.args(["--web.listen-address", &self.address]);
        start(command.env("VCC_SECRET", "simulated"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_stays_true_when_the_exporter_is_killed() {
    build_first();
    let (hold_ms, held_scrapes) = (10_000, 12);
    // A world younger than an hour: nothing in it counts by the passing of time alone, so that the
    // truth is exact for every family.
    let began = rfc3339(Utc::now().timestamp_millis() - 15 * 60_000);
    let (_simulator, said) = start_and_read(
        program(&["simulate", "--web.listen-address", "127.0.0.1:0"]).args([
            "--start",
            &began,
            "--per-hour",
            "300",
            "--seed",
            "7",
            // In a simulated night hardly a call would end while this lasts.
            "--day-length",
            "0s",
        ]),
        &["is at "],
    )
    .await;
    let simulator = said[0].clone();
    let (address, tracing) = (free_address(), Tracing::start().await);
    let sidecar = Sidecar::new(&simulator, address, &tracing.url);
    let mut process = sidecar.start();
    let scene = Scene {
        exporter: sidecar.address.clone(),
        simulator,
    };
    let prometheus = Prometheus::scraping(&scene.exporter, address, &EVERY_WAY, &FEATURES).await;
    for _ in 0..2 {
        prometheus.more_scrapes(12).await;
        process.kill().await.unwrap();
        let metrics = format!("http://{}/metrics", scene.exporter);
        assert!(try_get(&metrics).await.is_err(), "it outlived SIGKILL");
        process = sidecar.start();
    }
    prometheus.more_scrapes(12).await;
    let shown = scene.come_to_rest(&prometheus, held_scrapes).await;
    let truth = scene.truth(&shown).await;
    assert_is_true(&business(&shown), &truth, NO_FAMILY);
    let starts = scene.starts().await;
    for stored in prometheus.stored() {
        let job = stored.job;
        let pushed = job.settings.is_none();
        // A push carries histograms in exponential buckets alone.
        let (classic, ignored) = if pushed {
            (without_histograms(&shown), HISTOGRAMS)
        } else {
            (shown.clone(), NO_FAMILY)
        };
        let results = QueryResults::gather(stored, &classic).await;
        results.assert_it_ends_as_shown();
        results.assert_nothing_decreases();
        let births = results.assert_births_begin_at_zero(hold_ms);
        assert!(births > 0, "no series was born during the run");
        assert_is_true(&results.added_up(), &truth, ignored);
        if job.learns_starts {
            results.assert_starts_are_learnt(&starts).await;
            tracing
                .assert_exemplars_lead_to_traces(&results.stored)
                .await;
        } else {
            results.assert_increase_agrees().await;
        }
        if job.name == NATIVE {
            results.assert_no_resets().await;
            results.assert_native_totals().await;
            results.assert_quantiles_agree().await;
        }
        let (series, samples) = results.size();
        println!(
            "{}: {} times, {samples} samples of {series} series, {births} born meanwhile, two \
             kills: all true",
            job.name,
            results.up.len()
        );
        if pushed {
            let whole = QueryResults::gather(results.stored, &shown).await;
            whole.assert_native_totals().await;
        }
    }
    assert_eq!(prometheus.dropped().await, Vec::<String>::new());
}

/// Families whose name is that of a histogram.
const HISTOGRAMS: fn(&str) -> bool = |family| !family.ends_with("_total");
const NO_FAMILY: fn(&str) -> bool = |_| false;

fn without_histograms(shown: &Exposition) -> Exposition {
    let mut shown = shown.clone();
    let suffixes = ["_bucket", "_sum", "_count"];
    (shown.0).retain(|name, _| !suffixes.iter().any(|suffix| name.ends_with(suffix)));
    shown
}

/// Every business series says what happened, to the unit and to the millisecond.
fn assert_is_true(counted: &Exposition, truth: &Truth, ignored: fn(&str) -> bool) {
    let ignored = |family: &&str| *family == CONVERSATIONS || ignored(family);
    let ignored: Vec<_> = BUSINESS.into_iter().filter(ignored).collect();
    let mut differences = counted.differences(truth, &ignored);
    // A callback looks like the first of its conversation where the call that asked for it was
    // over before the epoch: the exporter never sees that call, the truth knows it.
    let conversations = truth.count(CONVERSATIONS, &[]) as f64;
    let callback = ("medium", "Phone Callback");
    let callbacks = truth.count("vcc_interactions_started_total", &[callback]) as f64;
    let shown = counted.sum(CONVERSATIONS, &[]);
    if !(conversations..=conversations + callbacks).contains(&shown) {
        differences.push(format!(
            "{CONVERSATIONS}: truth {conversations}, shown {shown}"
        ));
    }
    assert_eq!(differences, Vec::<String>::new());
}
