//! A state that goes on from an earlier copy of itself, or is told to begin anew.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use vcc_exporter::config::Config;
use vcc_exporter::poller::StartFrom;
use vcc_simulator::{DAY_MS, Faults, SimulatorConfig};
use vcc_store::Store;

use vcc_test_support::exposition::{BUSINESS, Exposition};
use vcc_test_support::running_exporter::RunningExporter;
use vcc_test_support::samples::{self, is_stored, together, unlike};
use vcc_test_support::simulated_api::{SimulatedApi, config, start};
use vcc_test_support::truth::untrue;

const HOUR: Duration = Duration::from_secs(3_600);

/// A world, and exporters that read it one after another.
struct Scene {
    centre: Arc<SimulatedApi>,
    config: Config,
    epoch_ms: i64,
}

impl Scene {
    fn new(seed: u64) -> Self {
        let world = SimulatorConfig {
            seed,
            per_hour: 20.0,
            ..SimulatorConfig::default()
        };
        let epoch_ms = world.start_ms;
        let interval = Duration::from_secs(300);
        let mut config = config(interval, 50, StartFrom::At(epoch_ms));
        config.rules.warmup = Duration::ZERO;
        let centre = SimulatedApi::new(world);
        Scene {
            centre,
            config,
            epoch_ms,
        }
    }

    fn start(&self, state: &Path) -> RunningExporter {
        let store = Arc::new(Store::open(state).unwrap());
        start(&self.centre, &store, &self.config)
    }

    /// Runs an exporter for a while; what it showed last.
    async fn run(&self, state: &Path, time: Duration) -> Exposition {
        let exporter = self.start(state);
        sleep(time).await;
        let shown = exporter.shown();
        exporter.stop().await;
        shown
    }

    /// What an exporter shows before the API has answered anything.
    async fn first_sight(&self, state: &Path) -> Exposition {
        let down = Faults {
            error_503: 1.0,
            token_endpoint_too: true,
            ..Faults::default()
        };
        self.centre.simulator.lock().unwrap().set_faults(down);
        let shown = self.run(state, Duration::from_secs(30)).await;
        self.centre
            .simulator
            .lock()
            .unwrap()
            .set_faults(Faults::default());
        shown
    }

    /// Stops the traffic and reads everything.
    async fn finish(&self, state: &Path) -> Exposition {
        let quiet_ms = {
            let mut simulator = self.centre.simulator.lock().unwrap();
            simulator.set_running(false, self.centre.now_ms());
            simulator.timeline().quiet_from_ms() - self.centre.now_ms()
        };
        let rest = Duration::from_millis((quiet_ms.max(0) + 2 * DAY_MS) as u64);
        self.run(state, rest).await
    }
}

fn program(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_vcc-exporter"))
        .args(args)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

fn sums(shown: &Exposition) -> f64 {
    let sum = |family: &&str| shown.sum(family, &[]) + shown.sum(&format!("{family}_count"), &[]);
    BUSINESS.iter().map(sum).sum()
}

/// Runs, starts anew, runs on: what is shown then is what happened since.
async fn starts_anew(seed: u64, anew: impl AsyncFnOnce(&Scene, &Path) -> PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let scene = Scene::new(seed);
    let state = directory.path().join("state");
    let counted = scene.run(&state, 20 * HOUR).await;
    assert!(sums(&counted) > 1_000.0);

    let state = anew(&scene, &state).await;
    let first = scene.first_sight(&state).await;
    assert_eq!(sums(&first), 0.0, "every series begins at 0");
    let rows = "vcc_exporter_ledger_interactions";
    assert_eq!(
        first.sum(rows, &[]),
        counted.sum(rows, &[]),
        "the ledger stays"
    );
    let (epoch, cursor) = (
        "vcc_exporter_epoch_timestamp_seconds",
        "vcc_cursor_timestamp_seconds",
    );
    assert_eq!(
        first.sum(epoch, &[]),
        counted.sum(cursor, &[]),
        "it counts from here on"
    );

    let on = scene.run(&state, 6 * HOUR).await;
    assert!(sums(&on) > 100.0);
    let again = scene.first_sight(&state).await;
    let found = unlike(&again, &on, is_stored);
    samples::none(&found, "a restart goes on");

    let shown = scene.finish(&state).await;
    let truth = scene.centre.truth(scene.epoch_ms);
    untrue(&together(&shown, &counted), &truth).none();
}

#[tokio::test(start_paused = true)]
async fn a_restored_backup_begins_at_0_and_counts_nothing_twice() {
    starts_anew(31, async |scene, state| {
        let copy = state.parent().unwrap().join("copy");
        let (from, to) = (state.to_str().unwrap(), copy.to_str().unwrap());
        let said = program(&["state", "backup", "--state.path", from, "--to", to]);
        assert!(said.contains("It is marked as a copy"), "{said}");
        // The state it was taken from goes on, and is lost.
        let later = scene.run(state, 9 * HOUR).await;
        assert!(sums(&later) > 1_000.0);
        std::fs::remove_dir_all(state).unwrap();
        copy
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_new_epoch_begins_at_0_and_counts_nothing_twice() {
    starts_anew(32, async |_, state| {
        let args = [
            "state",
            "reset-counters",
            "--state.path",
            state.to_str().unwrap(),
        ];
        assert_eq!(program(&args), "Every counter of acme begins at 0 again.\n");
        state.to_owned()
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_changed_definition_restarts_its_families_and_no_other() {
    const TOUCHED: [&str; 5] = [
        "vcc_acd_queue_exits_total",
        "vcc_queue_exits_total",
        "vcc_agent_queue_exits_total",
        "vcc_service_level_eligible_total",
        "vcc_service_level_met_total",
    ];
    let directory = tempfile::tempdir().unwrap();
    let mut scene = Scene::new(33);
    let state = directory.path().join("state");
    let before = scene.run(&state, 20 * HOUR).await;
    scene.config.rules.short_abandon_ms = 20_000;
    let after = scene.first_sight(&state).await;
    for family in TOUCHED {
        assert!(before.sum(family, &[]) > 0.0, "{family} had counted");
        assert_eq!(after.sum(family, &[]), 0.0, "{family} begins anew");
    }
    let found = unlike(&after, &before, |name| {
        is_stored(name) && !TOUCHED.contains(&name)
    });
    samples::none(&found, "the others stay");
    let again = scene.first_sight(&state).await;
    let found = unlike(&again, &after, is_stored);
    samples::none(&found, "a restart changes nothing");

    let shown = scene.finish(&state).await;
    let truth = scene.centre.truth(scene.epoch_ms);
    let exits = "vcc_acd_queue_exits_total";
    let both = before.sum(exits, &[]) + shown.sum(exits, &[]);
    assert_eq!(
        both,
        truth.count(exits, &[]) as f64,
        "each exit once, under one definition"
    );
    let found = shown.differences(
        &truth,
        &[&TOUCHED[..], &["vcc_conversations_started_total"]].concat(),
    );
    samples::none(&found, "the untouched families");
}
