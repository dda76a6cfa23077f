//! A scrape shows what is in memory, the outbox's numbers too, and never touches the database.

use std::sync::Arc;
use std::time::Duration;

use vcc_core::ledger::TraceRules;
use vcc_exporter::assembly::ExporterView;
use vcc_exporter::poller::StartFrom;
use vcc_exposition::{ContentEncoding, FormatKind, MetricsSource};
use vcc_otlp::TraceSettings;
use vcc_simulator::SimulatorConfig;

use super::receiver::target;
use vcc_test_support::disk::Disk;
use vcc_test_support::exposition::Exposition;
use vcc_test_support::simulated_api::{SimulatedApi, config, start};

/// What is shown, but for the process's own figures, which change from one moment to the next.
fn scrape(site: &ExporterView) -> Exposition {
    let parts = site.scrape(FormatKind::Text, ContentEncoding::Identity);
    let text: String = (parts.iter())
        .map(|part| std::str::from_utf8(part).unwrap())
        .collect();
    let mut shown = Exposition::parse(&text);
    shown.0.retain(|name, _| !name.starts_with("process_"));
    shown
}

fn outbox(shown: &Exposition) -> (f64, f64) {
    let one = |name| shown.sum(name, &[("signal", "traces")]);
    (
        one("vcc_exporter_outbox_items"),
        one("vcc_exporter_outbox_oldest_timestamp_seconds"),
    )
}

#[tokio::test(start_paused = true)]
async fn a_scrape_serves_everything_while_the_database_is_out_of_reach() {
    let world = SimulatorConfig {
        per_hour: 600.0,
        day_length_ms: 0,
        ..SimulatorConfig::default()
    };
    let (began_ms, centre) = (world.start_ms, SimulatedApi::new(world));
    let disk = Disk::default();
    let store = Arc::new(disk.open().unwrap());
    let mut config = config(Duration::from_secs(15), 1_000, StartFrom::At(began_ms));
    config.otlp.traces = Some(TraceSettings {
        target: target("http://127.0.0.1:1/"),
        exporter: false,
        interactions: Some(TraceRules {
            share: 1.0,
            party_ids: false,
        }),
    });
    let exporter = start(&centre, &store, &config);
    tokio::time::sleep(Duration::from_secs(1_800)).await;
    let site = Arc::clone(&exporter.site);
    exporter.stop().await;
    let before = scrape(&site);
    let (items, oldest_ms) = store.outbox().unwrap();
    assert!(items > 50, "{items} wait");
    let stored = (items as f64, oldest_ms.unwrap() as f64 / 1_000.0);
    assert_eq!(outbox(&before), stored);

    // Delivered traces leave the numbers at once.
    let waiting = store.queued_traces(20).unwrap();
    let places: Vec<_> = waiting.iter().map(|waiting| waiting.key).collect();
    store.remove_traces(&places).unwrap();
    let fewer = scrape(&site);
    let (items, oldest_ms) = store.outbox().unwrap();
    let stored = (items as f64, oldest_ms.unwrap() as f64 / 1_000.0);
    assert_eq!(outbox(&fewer), stored);
    assert_eq!(outbox(&fewer).0, outbox(&before).0 - 20.0);

    // So do restarts find them, before anything is polled.
    let again = Arc::new(disk.copy().open().unwrap());
    let restarted = start(&centre, &again, &config);
    assert_eq!(outbox(&scrape(&restarted.site)), stored);
    restarted.stop().await;

    // After a failed write, whatever needs the database opens it anew: a scrape does not.
    disk.fail_at(0, true);
    store.remove_traces(&places).unwrap_err();
    let openings = disk.openings();
    assert_eq!(scrape(&site).0, fewer.0);
    assert_eq!(disk.openings(), openings, "the database was asked");
    store.outbox().unwrap_err();
    assert!(disk.openings() > openings, "that would have been seen");
}
