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
use serde_json::{Value, json};
use vcc_exporter::poller::Core;
use vcc_exporter::poller::window::Window;
use vcc_exporter::store::{FILE_NAME, Store, compact, verify};
use vcc_simulator::SimulatorConfig;

use crate::support::centre::memory_store;
use crate::support::exposition::Exposition;
use crate::support::pages::{core, create, pages, shown, take};

/// Every schema version that was released.
const RELEASED: [u32; 1] = [1];

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
fn facts(core: &Core) -> Exposition {
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
        let directory = tempfile::tempdir().unwrap();
        let state = unpacked(&folder(version).join("state.gz"));
        std::fs::write(directory.path().join(FILE_NAME), state).unwrap();
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
