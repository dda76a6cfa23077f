//! States that earlier versions have written.
//!
//! `tests/data/states` holds, for each schema version that was ever released, a state as its version
//! left it and the pages it was made of, with more that came later. A version that changes the
//! schema adds one, with `MAKE_STATE=N cargo test upgrade`, before it does.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use redb::Database;
use serde_json::{Value, json};
use tempfile::TempDir;
use vcc_exporter::poller::Ingestor;
use vcc_exporter::poller::window::Window;
use vcc_simulator::SimulatorConfig;
use vcc_store::{FILE_NAME, ReadOnlyStore, Store, compact, verify};

use vcc_test_support::disk::Disk;
use vcc_test_support::dump::dump;
use vcc_test_support::exposition::Exposition;
use vcc_test_support::pages::{core, create, pages, shown, take};
use vcc_test_support::simulated_api::memory_store;

/// Every schema version that was released.
const RELEASED: [u32; 2] = [1, 2];
/// The one that this version writes.
const PRESENT: u32 = 2;

/// How many of the pages an earlier version has read, and how many there are.
const READ: usize = 5;
const PAGES: usize = 8;

/// The time a page covers. The API's clock may not leap further at once.
const MINUTES: i64 = 9;

fn folder(version: u32) -> PathBuf {
    let states = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/states");
    states.join(format!("schema-{version}"))
}

fn world() -> SimulatorConfig {
    SimulatorConfig {
        seed: 20,
        per_hour: 120.0,
        ..SimulatorConfig::default()
    }
}

fn unpacked(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    bytes
}

fn pack(path: &Path, bytes: &[u8]) {
    let file = File::create(path).unwrap();
    let mut packer = GzEncoder::new(file, Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap();
}

/// The pages of a version, and when they were made of.
fn kept_pages(version: u32) -> Vec<(Window, Bytes)> {
    let kept: Value =
        serde_json::from_slice(&unpacked(&folder(version).join("pages.json.gz"))).unwrap();
    let page = |page: &Value| {
        let ms = |name: &str| page[name].as_i64().unwrap();
        let (start_ms, end_ms) = (ms("start_ms"), ms("end_ms"));
        (
            Window { start_ms, end_ms },
            Bytes::from(page["body"].as_str().unwrap().to_owned()),
        )
    };
    kept.as_array().unwrap().iter().map(page).collect()
}

/// Reads pages into a state, as if just started, and gives what is shown then.
fn read_all(store: &Arc<Store>, pages: &[(Window, Bytes)]) -> Exposition {
    let mut core = core(store);
    for page in pages {
        take(&mut core, page).unwrap();
    }
    facts(&core)
}

/// What the centre did, without what merely says how often something was received.
fn facts(core: &Ingestor) -> Exposition {
    let mut shown = shown(core);
    shown.0.retain(|name, _| !name.starts_with("vcc_records_"));
    shown
}

#[test]
fn counters_of_every_released_version_go_on() {
    if let Ok(version) = std::env::var("MAKE_STATE") {
        make(version.parse().unwrap());
    }
    for version in RELEASED {
        let pages = kept_pages(version);
        let (read, later) = pages.split_at(READ);
        let directory = state_of(version);
        let kept = Arc::new(Store::open(directory.path()).unwrap());
        let fresh = memory_store();
        let start_ms = read[0].0.start_ms;
        create(
            &fresh,
            &SimulatorConfig {
                start_ms,
                ..world()
            },
        );
        let wanted = read_all(&fresh, read);
        assert!(wanted.sum("vcc_interactions_total", &[]) > 0.0);
        assert_eq!(read_all(&kept, &[]).0, wanted.0, "schema {version}");
        assert_eq!(
            read_all(&kept, read).0,
            wanted.0,
            "schema {version}, read twice"
        );
        let wanted = read_all(&fresh, later);
        assert_eq!(
            read_all(&kept, later).0,
            wanted.0,
            "schema {version}, gone on"
        );
        drop(kept);
        let verified = verify(directory.path(), &mut |_, _| {}).unwrap();
        assert_eq!(verified.faults, Vec::<String>::new(), "schema {version}");
    }
}

/// A directory with the state of a version.
fn state_of(version: u32) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let state = unpacked(&folder(version).join("state.gz"));
    std::fs::write(directory.path().join(FILE_NAME), state).unwrap();
    directory
}

#[test]
fn a_state_of_this_version_is_opened_as_it_is() {
    let directory = state_of(PRESENT);
    let stored = || dump(&Database::open(directory.path().join(FILE_NAME)).unwrap());
    let before = stored();
    drop(Store::open(directory.path()).unwrap());
    assert!(stored() == before, "the state was changed");
}

#[test]
fn who_only_looks_refuses_an_earlier_version_and_leaves_it_as_it_is() {
    for version in RELEASED.into_iter().filter(|version| *version < PRESENT) {
        let directory = state_of(version);
        let path = directory.path();
        let before = std::fs::read(path.join(FILE_NAME)).unwrap();
        let refusals = [
            ReadOnlyStore::open(path).map(drop),
            verify(path, &mut |_, _| {}).map(drop),
            compact(path).map(drop),
        ];
        for refusal in refusals {
            let refused = refusal.expect_err("a refusal").to_string();
            let words = format!("has schema version {version}, written by an earlier vcc-exporter");
            assert!(refused.contains(&words), "{refused}");
        }
        let after = dump(&Database::open(path.join(FILE_NAME)).unwrap());
        std::fs::write(path.join(FILE_NAME), before).unwrap();
        let before = dump(&Database::open(path.join(FILE_NAME)).unwrap());
        assert!(after == before, "the state was changed");
    }
}

#[test]
fn a_power_cut_during_a_migration_leaves_a_state_that_can_be_migrated() {
    let image = unpacked(&folder(1).join("state.gz"));
    let migrated = {
        let disk = Disk::of(image.clone());
        drop(disk.open().unwrap());
        dump(&disk.database())
    };
    let mut random = Pcg64Mcg::seed_from_u64(1);
    let mut steps = 0;
    loop {
        let disk = Disk::of(image.clone());
        disk.fail_at(steps, true);
        let done = disk.open().is_ok();
        for survival in [0.0, 0.5, 1.0] {
            let disk = disk.after_power_cut(survival, &mut random);
            drop(disk.open().unwrap());
            assert!(
                dump(&disk.database()) == migrated,
                "step {steps}, survival {survival}"
            );
        }
        if done {
            break;
        }
        steps += 1;
    }
    assert!(steps > 5, "{steps} steps");
}

/// Writes the state of this version.
fn make(version: u32) {
    let folder = folder(version);
    std::fs::create_dir_all(&folder).unwrap();
    let pages = pages(world(), &[MINUTES; PAGES]);
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open(directory.path()).unwrap());
    create(&store, &world());
    read_all(&store, &pages[..READ]);
    drop(store);
    compact(directory.path()).unwrap();
    pack(
        &folder.join("state.gz"),
        &std::fs::read(directory.path().join(FILE_NAME)).unwrap(),
    );
    let page = |(window, body): &(Window, Bytes)| {
        json!({
            "start_ms": window.start_ms,
            "end_ms": window.end_ms,
            "body": std::str::from_utf8(body).unwrap(),
        })
    };
    let kept: Vec<Value> = pages.iter().map(page).collect();
    pack(
        &folder.join("pages.json.gz"),
        &serde_json::to_vec(&kept).unwrap(),
    );
}
