//! States that must be refused in clear words, and never be reset.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use redb::{Database, TableDefinition};
use tokio::time::sleep;
use url::Url;
use vcc_exporter::assembly::Exporter;
use vcc_exporter::poller::StartFrom;
use vcc_net::clock::SystemClock;
use vcc_simulator::SimulatorConfig;
use vcc_store::{FILE_NAME, Store};

use vcc_test_support::dump::dump;
use vcc_test_support::pages::{core, create, pages, take};
use vcc_test_support::process::{ended, text};
use vcc_test_support::simulated_api::{SimulatedApi, SimulatedTransport, config, start};

/// A state with something in it.
fn make(directory: &Path) {
    let world = SimulatorConfig::default();
    let store = Arc::new(Store::open(directory).unwrap());
    create(&store, &world);
    for page in pages(world, &[20]) {
        take(&mut core(&store), &page).unwrap();
    }
}

/// Opening is refused with these words, and the file stays as it is.
fn is_refused(directory: &Path, words: &str) {
    let file = directory.join(FILE_NAME);
    let before = fs::read(&file).unwrap();
    let refused = Store::open(directory).expect_err("a refusal").to_string();
    assert!(refused.contains(words), "{refused}");
    assert!(refused.contains("It is left as it is"), "{refused}");
    assert!(refused.contains(&file.display().to_string()), "{refused}");
    assert!(
        fs::read(&file).unwrap() == before,
        "the file was changed: {refused}"
    );
}

#[test]
fn garbage_and_torsos_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join(FILE_NAME);
    let mut garbage = vec![0; 100_000];
    Pcg64Mcg::seed_from_u64(1).fill_bytes(&mut garbage);
    for bytes in [
        // A new state gets its name only when it is whole, so this one has lost everything.
        Vec::new(),
        b"x".to_vec(),
        b"counters: 12\n".to_vec(),
        garbage,
        vec![0; 100_000],
    ] {
        fs::write(&file, bytes).unwrap();
        is_refused(directory.path(), "cannot be read (");
    }
    fs::remove_file(&file).unwrap();
    make(directory.path());
    let whole = fs::read(&file).unwrap();
    for keep in [64, 320, 4_096, 8_192, whole.len() / 2, whole.len() - 4_096] {
        fs::write(&file, &whole[..keep]).unwrap();
        is_refused(directory.path(), "cannot be read (");
    }
    fs::write(&file, &whole).unwrap();
    Store::open(directory.path()).unwrap();
}

#[test]
fn a_database_without_anything_in_it_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    // What a copy leaves behind that was interrupted at its beginning.
    drop(redb::Database::create(directory.path().join("ledger.redb")).unwrap());
    is_refused(directory.path(), "it holds nothing");
}

#[test]
fn a_database_of_another_program_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::create(directory.path().join(FILE_NAME)).unwrap();
    let table = TableDefinition::<&str, u64>::new("their_table");
    let transaction = database.begin_write().unwrap();
    transaction
        .open_table(table)
        .unwrap()
        .insert("theirs", 7)
        .unwrap();
    transaction.commit().unwrap();
    drop(database);
    is_refused(directory.path(), "is a database of another program");
}

#[test]
fn a_state_of_a_later_version_is_refused() {
    is_refused_with_version(
        99,
        "has schema version 99, written by a later vcc-exporter than this one",
    );
}

#[test]
fn a_state_of_a_version_too_old_is_refused() {
    is_refused_with_version(
        0,
        "has schema version 0, and this vcc-exporter migrates version 1 or later",
    );
}

fn is_refused_with_version(version: u32, words: &str) {
    let directory = tempfile::tempdir().unwrap();
    make(directory.path());
    let database = Database::open(directory.path().join(FILE_NAME)).unwrap();
    let table = TableDefinition::<&str, u32>::new("vcc-exporter");
    let transaction = database.begin_write().unwrap();
    transaction
        .open_table(table)
        .unwrap()
        .insert("schema", version)
        .unwrap();
    transaction.commit().unwrap();
    drop(database);
    is_refused(directory.path(), words);
}

#[test]
fn a_place_that_cannot_be_written_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "not a directory").unwrap();
    let refused = Store::open(&file.join("state"))
        .expect_err("a refusal")
        .to_string();
    assert!(refused.contains("Check that the directory exists and that this user may write"));
    assert_eq!(fs::read_to_string(&file).unwrap(), "not a directory");

    let closed = directory.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(closed.join("probe"), "").is_ok() {
        println!("skipped: permissions do not bind this user, who is probably root");
        return;
    }
    let refused = Store::open(&closed).expect_err("a refusal").to_string();
    assert!(refused.contains("may write to it"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn an_account_of_another_api_is_refused_and_stays_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let world = SimulatorConfig::default();
    let epoch_ms = world.start_ms;
    let centre = SimulatedApi::new(world);
    let mut config = config(Duration::from_secs(60), 100, StartFrom::At(epoch_ms));
    {
        let store = Arc::new(Store::open(directory.path()).unwrap());
        let exporter = start(&centre, &store, &config);
        sleep(Duration::from_secs(7_200)).await;
        exporter.stop().await;
    }
    let file = directory.path().join(FILE_NAME);
    let before = dump(&Database::open(&file).unwrap());
    // A change of definitions at the same time must not have its effect either.
    config.rules.short_abandon_ms = 20_000;
    config.accounts[0].endpoints.api_url = Url::parse("http://127.0.0.1:2/").unwrap();
    let store = Arc::new(Store::open(directory.path()).unwrap());
    let road = Arc::new(SimulatedTransport(Arc::clone(&centre)));
    let refused = Exporter::prepare(&config, store, road, Arc::new(SystemClock)).map(|_| ());
    let refused = refused.expect_err("a refusal").to_string();
    let words = r#"the account "acme" in the state was read from http://127.0.0.1:1/, not from http://127.0.0.1:2/"#;
    assert!(refused.contains(words), "{refused}");
    assert!(
        dump(&Database::open(&file).unwrap()) == before,
        "the state was changed"
    );
}

#[tokio::test]
async fn the_program_says_so_and_makes_nothing_new() {
    let directory = tempfile::tempdir().unwrap();
    let config_file =
        vcc_test_support::process::write_config(directory.path(), "http://127.0.0.1:1", "");
    let state = directory.path().join("state");
    fs::create_dir(&state).unwrap();
    fs::write(state.join(FILE_NAME), "garbage").unwrap();
    let refused = ended(&["run", "--config.file", config_file.to_str().unwrap()]).await;
    let said = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(
        said.contains("cannot be read (") && said.contains("Restore a backup"),
        "{said}"
    );
    assert_eq!(
        fs::read_to_string(state.join(FILE_NAME)).unwrap(),
        "garbage"
    );

    let nowhere = directory.path().join("nowhere");
    for command in [&["backup", "--to", "copy"][..], &["reset-counters"]] {
        let mut args = vec![
            "state",
            command[0],
            "--state.path",
            nowhere.to_str().unwrap(),
        ];
        args.extend(&command[1..]);
        let refused = ended(&args).await;
        assert_eq!(refused.status.code(), Some(1));
        let said = text(&refused.stderr);
        assert!(said.contains("there is no ledger.redb in"), "{said}");
        assert!(!nowhere.exists());
    }
}
