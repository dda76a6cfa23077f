//! `explain`: the facts of each documented event, one idea a file, and the command around it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use vcc_core::interaction::EventKind;
use vcc_core::ledger::{
    AccountMeta, CommitTime, EvalContext, PrefetchedRows, WindowProgress, plan_page,
};
use vcc_exporter::assembly::rules;
use vcc_exporter::config::Config;
use vcc_exporter::explain::{ExplainContext, Input, explain};
use vcc_store::{Store, backup};
use vcc_vonage::decode;

use vcc_test_support::process::{ended, program, text};

/// The fixtures, by their names.
fn fixtures() -> Vec<(String, PathBuf)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/events");
    let mut files: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path))
        .collect();
    files.sort();
    files
}

fn explained(bytes: &[u8]) -> String {
    let rules = rules(&Config::defaults(Vec::new()));
    let input = Input::new(bytes).unwrap();
    let read = input.read().unwrap();
    let ground = ExplainContext::bare(&read.page, &rules);
    explain(read, ground, &rules)
}

/// Each snapshot was read against the rules of counting. A change of one is a change of what
/// counts: `INSTA_UPDATE=always cargo test explain` renews them, and the diff is to be read.
#[test]
fn each_event_yields_the_facts_of_its_snapshot() {
    insta::with_settings!({snapshot_path => "snapshots/explain", prepend_module_to_snapshot => false, omit_expression => true}, {
        for (name, path) in fixtures() {
            insta::assert_snapshot!(name, explained(&fs::read(path).unwrap()));
        }
    });
}

#[test]
fn every_documented_event_has_a_fixture_and_so_have_an_unknown_one_and_one_without_a_type() {
    let mut seen = BTreeSet::new();
    for (name, path) in fixtures() {
        let bytes = fs::read(path).unwrap();
        let read = decode(&bytes).unwrap();
        assert_eq!(read.interactions.len(), 1, "{name}");
        let channels = &read.interactions[0].channels;
        for event in channels.iter().flat_map(|channel| &channel.events) {
            let kind = match (event.kind, &event.value) {
                (EventKind::Other, None) => "no type",
                (EventKind::Other, Some(_)) => "unknown type",
                (kind, _) => kind.name(),
            };
            seen.insert(kind);
        }
    }
    let documented = EventKind::DOCUMENTED.iter().map(|kind| kind.name());
    for kind in documented.chain(["no type", "unknown type"]) {
        assert!(seen.contains(kind), "no fixture shows {kind}");
    }
}

/// A fixture as a file among others, and a state that counted it.
struct Scene {
    directory: TempDir,
    state: PathBuf,
}

impl Scene {
    /// A state of these accounts; each has read the fixture.
    fn new(accounts: &[&str], fixture: &str) -> Scene {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("state");
        let store = Store::open(&state).unwrap();
        let rules = rules(&Config::defaults(Vec::new()));
        for name in accounts {
            let meta = AccountMeta::new("http://127.0.0.1:1/", EPOCH_MS, EPOCH_MS, &rules);
            let (id, account) = store.create_account(name, &rules, meta).unwrap();
            let bytes = fs::read(path_of(fixture)).unwrap();
            let page = decode(&bytes).unwrap();
            let clocks = CommitTime {
                server_ms: EPOCH_MS + 7_200_000,
                local_ms: 0,
                monotonic_ms: 0,
            };
            let known = PrefetchedRows {
                rows: page.interactions.iter().map(|_| None).collect(),
                ..PrefetchedRows::default()
            };
            let advance = WindowProgress::default();
            let ctx = EvalContext::new(&account, &rules, clocks);
            let commit = plan_page(&ctx, page, known, &advance);
            store.commit(id, &account, &commit).unwrap();
        }
        Scene { directory, state }
    }

    async fn explain(&self, file: &str, more: &[&str]) -> (i32, String, String) {
        let mut args = vec![
            "explain",
            file,
            "--state.path",
            self.state.to_str().unwrap(),
        ];
        args.extend(more);
        outcome(&args).await
    }
}

/// An hour before the fixtures' start.
const EPOCH_MS: i64 = 1_772_438_400_000;

fn path_of(fixture: &str) -> String {
    format!(
        "{}/tests/data/events/{fixture}.json",
        env!("CARGO_MANIFEST_DIR")
    )
}

async fn outcome(args: &[&str]) -> (i32, String, String) {
    let output = ended(args).await;
    (
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[tokio::test]
async fn with_a_state_it_says_what_was_counted_and_that_it_yields_nothing_more() {
    let scene = Scene::new(&["acme"], "ringing_answered");
    let file = scene.state.join("ledger.redb");
    let before = fs::read(&file).unwrap();
    let (code, out, err) = scene.explain(&path_of("ringing_answered"), &[]).await;
    assert_eq!((code, err.as_str()), (0, ""));
    for line in [
        "Explained for the account acme, which counts since 2026-03-02T08:00:00.000Z.",
        "    it is ended: only late facts can follow",
        "    its labels are frozen: {medium=\"Phone\",direction=\"Inbound\",outcome=\"Handled by agent\",virtual_queue=\"Billing\",reporting_group=\"Support\"}",
        "    settled of the interaction: started, ended, duration, talk, handle",
        "    duration counted as 0:01:00.000",
        "    settled of #1 External: channel_end, Queue (queue_entry, queue_exit, wait, event)",
        "    settled of #2 Agent: channel_end, offer, agent_handle, Ringing (ring, event), Connected (event)",
        "  It holds nothing new: vcc_records_duplicate_total +1",
        "  Counts\n    nothing",
    ] {
        assert!(out.contains(line), "{line} is not in\n{out}");
    }
    assert!(fs::read(&file).unwrap() == before, "the state was changed");

    // Another version of it, and one nobody saw.
    let (code, out, _) = scene.explain(&path_of("ringing_unanswered"), &[]).await;
    assert_eq!(code, 0);
    assert!(out.contains("    nothing of it\n"), "{out}");
    let changed = fs::read_to_string(path_of("ringing_answered")).unwrap();
    let changed = changed.replace("\"duration\": 60000", "\"duration\": 61000");
    let other = scene.directory.path().join("other.json");
    fs::write(&other, changed).unwrap();
    let (_, out, _) = scene.explain(other.to_str().unwrap(), &[]).await;
    assert!(
        out.contains(
            "\n    duration\n      vcc_interaction_corrections_total{fact=\"duration\"} +1\n"
        ),
        "{out}"
    );
}

#[tokio::test]
async fn a_copy_keeps_its_mark_and_a_state_in_use_is_left_alone() {
    let scene = Scene::new(&["acme"], "disposition");
    let copy = scene.directory.path().join("copy");
    let store = Store::open(&scene.state).unwrap();
    backup(&store, &copy).unwrap();
    let (code, _, err) = scene.explain(&path_of("disposition"), &[]).await;
    assert_eq!(code, 1);
    assert!(
        err.contains("is in use by a running exporter") && err.contains("state backup"),
        "{err}"
    );
    drop(store);
    let before = fs::read(copy.join("ledger.redb")).unwrap();
    let file = path_of("disposition");
    let (code, out, err) =
        outcome(&["explain", &file, "--state.path", copy.to_str().unwrap()]).await;
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("Disposition (disposition, event)"), "{out}");
    assert!(
        fs::read(copy.join("ledger.redb")).unwrap() == before,
        "the copy was changed"
    );
    let nowhere = scene.directory.path().join("nowhere");
    let (code, _, err) =
        outcome(&["explain", &file, "--state.path", nowhere.to_str().unwrap()]).await;
    assert_eq!(code, 1);
    assert!(err.contains("there is no ledger.redb in"), "{err}");
    assert!(!nowhere.exists());
}

#[tokio::test]
async fn of_several_accounts_one_is_to_be_chosen() {
    let scene = Scene::new(&["acme", "globex"], "disposition");
    let file = path_of("disposition");
    let (code, _, err) = scene.explain(&file, &[]).await;
    assert_eq!(code, 64);
    assert!(
        err.contains("choose one with --account: acme, globex"),
        "{err}"
    );
    let (code, out, _) = scene.explain(&file, &["--account", "globex"]).await;
    assert!(
        code == 0 && out.contains("Explained for the account globex"),
        "{out}"
    );
    let (code, _, err) = scene.explain(&file, &["--account", "nobody"]).await;
    assert_eq!(code, 1);
    assert!(
        err.contains("the state has no account nobody; it has: acme, globex"),
        "{err}"
    );
    assert_eq!(
        outcome(&["explain", &file, "--account", "acme"]).await.0,
        64
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_said_and_costs_only_itself() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let good = fs::read_to_string(path_of("voicemail")).unwrap();
    let page = good.replacen("\"items\": [", "\"items\": [{\"guid\": \"x\"},", 1);
    let (code, out, _) = outcome(&["explain", &write("page.json", &page)]).await;
    assert_eq!(code, 0);
    assert!(out.contains("Items: 2, of which 1 can be read."), "{out}");
    assert!(out.contains("Rejected without a readable guid: its guid is none\n      vcc_records_rejected_total{reason=\"bad_guid\"} +1"), "{out}");

    let broken = page.replace("\"x\"", "\"x\n");
    let (code, out, _) = outcome(&["explain", &write("broken.json", &broken)]).await;
    assert_eq!(code, 0);
    assert!(
        out.starts_with("The JSON is broken: ") && out.contains("vcc_voicemails_total"),
        "{out}"
    );

    for (text, message) in [
        ("", "it is empty"),
        ("<html>", "it is not JSON"),
        ("{\"items\":", "nothing in it can be saved"),
    ] {
        let (code, out, err) = outcome(&["explain", &write("bad", text)]).await;
        assert_eq!((code, out.as_str()), (1, ""), "{text}");
        assert!(err.contains(message), "{err}");
    }
    let (code, _, err) = outcome(&["explain", "/nowhere/page.json"]).await;
    assert!(code == 1 && err.contains("/nowhere/page.json"), "{err}");
    assert_eq!(outcome(&["explain"]).await.0, 64);
    let config = write("config.yml", "accounts: []\n");
    let (code, _, err) =
        outcome(&["explain", &path_of("voicemail"), "--config.file", &config]).await;
    assert!(code == 64 && err.contains("config.yml: accounts:"), "{err}");
}

#[tokio::test]
async fn it_reads_standard_input_and_follows_the_configuration() {
    use tokio::io::AsyncWriteExt;
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("config.yml");
    let text_of_config = "accounts:\n  - name: acme\n    region: emea\n    client_id: a\n    client_secret_file: secret\nmetrics:\n  labels: { vcc_queue_entries_total: [virtual_queue] }\n  rename: { virtual_queue: { Billing: Accounts } }\n  per_agent: true\n";
    fs::write(&config, text_of_config).unwrap();
    let mut child = program(&["explain", "-", "--config.file", config.to_str().unwrap()])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let bytes = fs::read(path_of("ringing_answered")).unwrap();
    child.stdin.take().unwrap().write_all(&bytes).await.unwrap();
    let output = child.wait_with_output().await.unwrap();
    let out = text(&output.stdout);
    assert!(output.status.success());
    for line in [
        "      vcc_queue_entries_total{virtual_queue=\"Accounts\"} +1\n",
        "      vcc_per_agent_offers_total{agent=\"07\",medium=\"Phone\",result=\"answered\"} +1\n",
    ] {
        assert!(out.contains(line), "{line} is not in\n{out}");
    }
}

#[test]
fn without_a_time_of_the_request_lateness_is_not_made_up_and_nothing_personal_is_shown() {
    let page: serde_json::Value =
        serde_json::from_slice(&fs::read(path_of("assistant_resolved")).unwrap()).unwrap();
    let mut item = page["items"][0].clone();
    item["outcome"] = "call +44 20 7946 0958".into();
    item["connectFrom"] = "jane.doe@example.com".into();
    item["channels"][0]["events"][0]["name"] = "jane.doe@example.com".into();
    let out = explained(item.to_string().as_bytes());
    assert!(
        out.contains("There is no upTo, so it is taken as learnt at 2026-03-02T09:01:00.000Z.")
    );
    assert!(
        out.contains("vcc_fact_lateness_seconds{fact=\"ended\"} observes how late it is learnt")
    );
    assert!(out.contains("vcc_exporter_label_redacted_total{family=\"vcc_virtual_assistant_sessions_total\",label=\"assistant\"} +1"), "{out}");
    assert!(!out.contains("7946") && !out.contains("jane"), "{out}");
}
