//! The program is killed with SIGKILL, or told to stop. The crate `soak` kills it sixty times.

use std::sync::{Arc, Mutex};

use vcc_net::clock::{Clock, SystemClock};
use vcc_simulator::{HOUR_MS, Simulator, SimulatorConfig, serve};
use vcc_store::FILE_NAME;

use vcc_test_support::exposition::Exposition;
use vcc_test_support::process::{Process, ended, text, write_config};
use vcc_test_support::samples::{self, gone_down};
use vcc_test_support::sigkill::count_through_kills;

#[test]
fn killed_a_few_times_it_goes_on_and_counts_every_fact_once() {
    count_through_kills(23, 12);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_process_owns_a_state_and_leaves_it_in_order_when_told_to_stop() {
    let world = SimulatorConfig {
        start_ms: SystemClock.local_ms() - HOUR_MS,
        ..SimulatorConfig::default()
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let simulator = Arc::new(Mutex::new(Simulator::new(world)));
    tokio::spawn(serve(listener, simulator, std::future::pending()));
    let directory = tempfile::tempdir().unwrap();
    let more =
        "poll:\n  interval: 5s\n  ongoing_interval: 0s\n  page_size: 10\n  start_from: -1h\n";
    let config_file = write_config(directory.path(), &url, more);
    let first = Process::run(&config_file).await;
    first
        .until(|shown| shown.sum("vcc_interactions_started_total", &[]) > 0.0)
        .await;

    let second = ended(&["run", "--config.file", config_file.to_str().unwrap()]).await;
    let said = text(&second.stderr);
    assert_eq!(second.status.code(), Some(1), "{said}");
    let file = directory.path().join("state").join(FILE_NAME);
    let expected = format!("the state {} is in use by another process", file.display());
    assert!(said.contains(&expected), "{said}");

    let shown = first.scrape().await;
    assert_eq!(first.signalled("TERM").await.code(), Some(0));
    let again = Process::run(&config_file).await;
    let read = |shown: &Exposition| shown.0.contains_key("vcc_records_received_total");
    samples::none(
        &gone_down(&shown, &again.until(read).await),
        "after the stop",
    );
    assert_eq!(again.signalled("TERM").await.code(), Some(0));
}
