//! The program on the command line.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use vcc_store::Store;

use vcc_test_support::exposition::Exposition;
use vcc_test_support::process::{Process, ended, program, signal, text, write_config};
use vcc_test_support::simulated_server::api;

/// How long something that must happen may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What it exits with, and what it says on standard output and standard error.
async fn outcome(args: &[&str]) -> (i32, String, String) {
    let output = ended(args).await;
    let code = output.status.code().unwrap();
    (code, text(&output.stdout), text(&output.stderr))
}

fn written(text: &str) -> (TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("exporter.yml");
    fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap().to_owned();
    (directory, file)
}

async fn check_live(directory: &Path, api_url: &str) -> (i32, String, String) {
    let file = write_config(directory, api_url, "");
    outcome(&["check", "--live", "--config.file", file.to_str().unwrap()]).await
}

#[tokio::test]
async fn a_mistake_in_the_file_is_named_with_its_key_its_value_and_what_is_allowed() {
    let (_directory, file) = written(
        "accounts:\n  - name: acme\n    region: mars\n    client_id: a\n    \
         client_secret_file: secret\npoll:\n  interval: 1s\n",
    );
    for command in ["run", "check"] {
        let (code, out, err) = outcome(&[command, "--config.file", &file]).await;
        assert_eq!((code, out.as_str()), (64, ""), "{err}");
        let lines = [
            format!(
                "{file}: accounts[0].region: \"mars\" is not a region: allowed are emea, nam and apac"
            ),
            format!("{file}: poll.interval: \"1s\" is too short: allowed is 5s to 1h"),
        ];
        for line in lines {
            assert!(err.contains(&line), "{err}");
        }
    }
    let (code, _, err) = outcome(&["run", "--config.file", "/nowhere/exporter.yml"]).await;
    assert_eq!(code, 64, "{err}");
    assert!(err.contains("/nowhere/exporter.yml"), "{err}");
}

#[tokio::test]
async fn a_missing_state_path_is_a_mistake_of_run_alone() {
    let (directory, file) = written(
        "accounts:\n  - name: acme\n    region: emea\n    client_id: a\n    \
         client_secret_file: secret\n",
    );
    let (code, out, err) = outcome(&["check", "--config.file", &file]).await;
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(out, format!("{file}: the configuration is valid.\n"));
    let (code, _, err) = outcome(&["run", "--config.file", &file]).await;
    assert_eq!(code, 64);
    assert!(err.contains("state.path"), "{err}");
    drop(directory);
}

#[tokio::test]
async fn a_mistake_in_the_flags_is_a_mistake_and_a_question_is_answered() {
    let (code, out, err) = outcome(&["run", "--config.flie", "x"]).await;
    assert_eq!((code, out.as_str()), (64, ""));
    assert!(
        err.contains("--config.flie") && err.contains("--config.file"),
        "{err}"
    );
    let (code, _, err) = outcome(&["demo", "--web.listen-address", "9877"]).await;
    assert_eq!(code, 64, "{err}");
    assert_eq!(outcome(&[]).await.0, 64);
    let version = format!("vcc-exporter {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(outcome(&["--version"]).await, (0, version, String::new()));
    let (code, out, err) = outcome(&["--help"]).await;
    assert_eq!((code, err.as_str()), (0, ""));
    for command in [
        "demo",
        "run",
        "check",
        "catalogue",
        "explain",
        "simulate",
        "state",
    ] {
        assert!(out.contains(&format!("\n  {command} ")), "{out}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_check_says_in_plain_words_what_it_saw() {
    let (directory, api_url) = (tempfile::tempdir().unwrap(), api().await);
    let (code, out, err) = check_live(directory.path(), &api_url).await;
    assert_eq!(code, 0, "{out}{err}");
    let (_, report) = out.split_once("acme: the API answers: ").expect(&out);
    let (items, report) = report
        .split_once(" interactions processed in the last 5 minutes; its newest event is ")
        .expect(&out);
    assert!(items.parse::<u32>().unwrap() > 10, "{out}");
    let (lag, report) = report
        .split_once(" s old; its clock differs from this one by ")
        .expect(&out);
    assert!((0.0..300.0).contains(&lag.parse::<f64>().unwrap()), "{out}");
    let skew = report.strip_suffix(" s.\n").expect(&out);
    assert!(skew.parse::<f64>().unwrap().abs() < 60.0, "{out}");
    assert!(
        !directory.path().join("state").exists(),
        "a check makes no state"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_check_fails_with_a_wrong_secret_and_does_not_show_it() {
    let (directory, api_url) = (tempfile::tempdir().unwrap(), api().await);
    let file = write_config(directory.path(), &api_url, "");
    fs::write(directory.path().join("secret"), "hunter2\n").unwrap();
    let args = ["check", "--live", "--config.file", file.to_str().unwrap()];
    let (code, out, err) = outcome(&args).await;
    assert_eq!(code, 1, "{out}{err}");
    assert!(err.contains("not reachable as configured: acme"), "{err}");
    assert!(
        out.contains("acme: ") && out.to_lowercase().contains("secret"),
        "{out}"
    );
    assert!(!out.contains("hunter2") && !err.contains("hunter2"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_check_fails_where_nothing_listens() {
    let directory = tempfile::tempdir().unwrap();
    // A port that was free a moment ago; the operating system does not hand it out again at once.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let (code, out, err) = check_live(directory.path(), &format!("http://{address}")).await;
    assert_eq!(code, 1, "{out}{err}");
    assert!(err.contains("not reachable as configured: acme"), "{err}");
    assert!(out.contains(&address.to_string()), "{out}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demonstration_shows_numbers_by_itself_and_ends_when_interrupted() {
    let (demo, said) = Process::demo().await;
    for text in [
        "/metrics",
        "/-/truth",
        "docker compose -f deploy/compose.yaml up",
        "Import",
        "dashboards/*.json",
        "dashboards/rules/*.yml",
    ] {
        assert!(said.contains(text), "{said}");
    }
    let shown = demo
        .until(|shown| shown.sum("vcc_interactions_total", &[]) > 0.0)
        .await;
    assert!(shown.sum("vcc_interactions_started_total", &[]) > 0.0);
    let (status, page) = demo.get("/").await;
    assert_eq!(status, 200);
    assert!(
        page.starts_with("<!DOCTYPE html>") && page.contains(">demo</h2>"),
        "{page}"
    );
    assert_eq!(
        demo.get("/-/healthy").await,
        (200, "vcc-exporter is healthy.\n".to_owned())
    );
    assert_eq!(
        demo.get("/-/ready").await,
        (200, "vcc-exporter is ready.\n".to_owned())
    );
    assert_eq!(demo.get("/nothing").await.0, 404);
    assert_eq!(demo.signalled("INT").await.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_never_overwrites_and_a_new_epoch_needs_a_known_account() {
    let (directory, api_url) = (tempfile::tempdir().unwrap(), api().await);
    let file = write_config(directory.path(), &api_url, "");
    let exporter = Process::run(&file).await;
    exporter
        .until(|shown| shown.0.contains_key("vcc_exporter_ledger_interactions"))
        .await;
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (state, copy) = (path("state"), path("copy"));
    let backup = ["state", "backup", "--state.path", &state, "--to", &copy];
    assert_eq!(exporter.signalled("TERM").await.code(), Some(0));

    let (code, out, err) = outcome(&backup).await;
    assert_eq!(code, 0, "{err}");
    assert!(out.starts_with(&format!("Copied to {copy}")), "{out}");
    let written = fs::read(directory.path().join("copy/ledger.redb")).unwrap();
    let (code, _, err) = outcome(&backup).await;
    assert_eq!(code, 1);
    assert!(err.contains("the file exists"), "{err}");
    assert!(fs::read(directory.path().join("copy/ledger.redb")).unwrap() == written);

    let (code, _, err) = outcome(&[
        "state",
        "reset-counters",
        "--state.path",
        &state,
        "--account",
        "nobody",
    ])
    .await;
    assert_eq!(code, 1);
    assert!(err.contains("the state has no such account"), "{err}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_manager_is_told_when_it_serves_that_it_lives_and_when_it_ends() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notify");
    let socket = tokio::net::UnixDatagram::bind(&path).unwrap();
    let file = write_config(directory.path(), &api().await, "");
    let mut command = program(&["run", "--config.file", file.to_str().unwrap()]);
    command.env("NOTIFY_SOCKET", &path);
    command.env("WATCHDOG_USEC", "200000");
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let said = async || {
        let mut buffer = [0; 64];
        let received = tokio::time::timeout(PATIENCE, socket.recv(&mut buffer));
        let length = received.await.unwrap().unwrap();
        text(&buffer[..length])
    };
    assert_eq!(said().await.trim_end(), "READY=1");
    for _ in 0..3 {
        assert_eq!(said().await.trim_end(), "WATCHDOG=1");
    }
    signal(&child, "TERM").await;
    while said().await.trim_end() != "STOPPING=1" {}
    assert!(child.wait().await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_health_check_succeeds_only_where_an_exporter_is_well() {
    let directory = tempfile::tempdir().unwrap();
    let exporter = Process::run(&write_config(directory.path(), &api().await, "")).await;
    let asked = async |path: &str| {
        let url = format!("http://{}{path}", exporter.address);
        outcome(&["healthcheck", "--url", &url]).await
    };
    assert_eq!(asked("/-/healthy").await, (0, String::new(), String::new()));
    let (code, _, err) = asked("/-/nothing").await;
    assert_eq!(code, 1);
    assert!(err.contains("answered 404 Not Found"), "{err}");
    let (code, _, err) = outcome(&["healthcheck", "--url", "http://127.0.0.1:1/-/healthy"]).await;
    assert_eq!(code, 1);
    assert!(err.contains("does not answer"), "{err}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_is_looked_at_and_copied_while_an_exporter_runs_on_it() {
    let directory = tempfile::tempdir().unwrap();
    let file = write_config(directory.path(), &api().await, "poll: {start_from: -1h}\n");
    let exporter = Process::run(&file).await;
    let ended = |shown: &Exposition| shown.sum("vcc_interactions_total", &[]);
    let shown = exporter.until(|shown| ended(shown) > 0.0).await;
    let state = directory.path().join("state");
    let state = state.to_str().unwrap();
    let (code, said, err) = outcome(&["state", "info", "--state.path", state]).await;
    assert_eq!(code, 0, "{err}");
    assert!(said.contains("account             acme"), "{said}");
    for command in ["verify", "compact"] {
        let (code, _, err) = outcome(&["state", command, "--state.path", state]).await;
        assert_eq!(code, 1);
        assert!(err.contains("is in use by another process"), "{err}");
    }
    let copy = directory.path().join("copy");
    let copy = copy.to_str().unwrap();
    let args = ["state", "backup", "--state.path", state, "--to", copy];
    let (code, said, err) = outcome(&args).await;
    assert_eq!(code, 0, "{err}");
    assert!(
        said.contains(&format!("Copied to {copy}/ledger.redb")),
        "{said}"
    );
    let (code, _, err) = outcome(&args).await;
    assert_eq!(code, 1);
    assert!(err.contains("exists"), "{err}");
    let (code, said, err) = outcome(&["state", "verify", "--state.path", copy]).await;
    assert_eq!(code, 0, "{err}");
    assert!(said.contains("The state is sound"), "{said}");
    let (_, said, _) = outcome(&["state", "info", "--state.path", copy]).await;
    assert!(
        said.contains("a copy"),
        "verifying it made it no state of its own: {said}"
    );
    // Asking disturbed nobody.
    let later = exporter.scrape().await;
    assert!(ended(&later) >= ended(&shown));
    assert_eq!(exporter.signalled("TERM").await.code(), Some(0));
    let (code, said, err) = outcome(&["state", "compact", "--state.path", state]).await;
    assert_eq!(code, 0, "{err}");
    assert!(said.contains("bytes now"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_state_is_said_to_be_damaged() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let path = store.path().to_owned();
    drop(store);
    let sound = [
        "state",
        "verify",
        "--state.path",
        directory.path().to_str().unwrap(),
    ];
    assert_eq!(outcome(&sound).await.0, 0);
    let mut bytes = fs::read(&path).unwrap();
    // All but the header, without which it would be no database at all.
    for byte in &mut bytes[4_096..] {
        *byte ^= 0x5a;
    }
    fs::write(&path, bytes).unwrap();
    let (code, _, err) = outcome(&sound).await;
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("cannot be read"), "{err}");
}
