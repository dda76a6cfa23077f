//! A commit is interrupted at each of its steps, and the power goes: what is found afterwards is
//! the state before it or the state after it.

use bytes::Bytes;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use vcc_core::interaction::Guid;
use vcc_core::ledger::{
    Account, Commit, CommitTime, EvalContext, Phase, WindowProgress, plan_page,
};
use vcc_exporter::poller::window::Window;
use vcc_simulator::SimulatorConfig;
use vcc_store::{AccountId, Loaded, Store};
use vcc_vonage::decode;

use vcc_test_support::disk::Disk;
use vcc_test_support::dump::{dump, without_receipts};
use vcc_test_support::pages::{ACCOUNT, core, create, pages, rules, take};

/// Which share of the unsynced writes survives a power cut, one cut each.
const SURVIVAL: [f64; 8] = [0.0, 1.0, 0.1, 0.3, 0.5, 0.5, 0.7, 0.9];

/// A state with some history, and the page whose commit is interrupted.
struct Scene {
    disk: Disk,
    page: (Window, Bytes),
}

impl Scene {
    fn new(seed: u64) -> Self {
        let world = SimulatorConfig {
            seed,
            per_hour: 40.0,
            day_length_ms: 0,
            ..SimulatorConfig::default()
        };
        let mut pages = pages(world.clone(), &[20, 20, 60]);
        let page = pages.pop().unwrap();
        let disk = Disk::default();
        let store = std::sync::Arc::new(disk.open().unwrap());
        create(&store, &world);
        for page in &pages {
            take(&mut core(&store), page).unwrap();
        }
        drop(store);
        Scene { disk, page }
    }

    /// The page's commit, with some old rows evicted in it as well.
    fn plan(&self, store: &Store) -> (AccountId, Account, Commit) {
        let (rules, (window, body)) = (rules(), &self.page);
        let Loaded { id, account, .. } = store.load_account(ACCOUNT, &rules, 0).unwrap().unwrap();
        let page = decode(body).unwrap();
        let guids: Vec<Guid> = page.interactions.iter().map(|it| it.guid).collect();
        let known = store.prefetch(id, &page).unwrap();
        let seen = known.conversations.clone();
        let clocks = CommitTime {
            server_ms: window.end_ms,
            local_ms: window.end_ms,
            monotonic_ms: 0,
        };
        let advance = WindowProgress {
            cursor_ms: Some(window.end_ms),
            ..WindowProgress::default()
        };
        let ctx = EvalContext::new(&account, &rules, clocks);
        let mut commit = plan_page(&ctx, page, known, &advance);
        let scanned = store.scan(id, Guid(0), u64::MAX).unwrap();
        let closed = scanned.rows.iter().filter(|row| row.1 == Phase::Closed);
        let idle = closed.map(|row| row.0).filter(|guid| !guids.contains(guid));
        commit.evicted = idle.take(4).collect();
        let used = |guid: &Guid| commit.conversations.iter().any(|(known, _)| known == guid);
        let idle = scanned.conversations.iter().map(|(guid, _)| *guid);
        commit.evicted_conversations = idle
            .filter(|guid| !used(guid) && !seen.contains(guid))
            .take(4)
            .collect();
        commit.meta.as_mut().unwrap().rows -= commit.evicted.len() as u64;
        (id, account, commit)
    }

    fn commit(&self, store: &Store) -> bool {
        let (id, account, commit) = self.plan(store);
        store.commit(id, &account, &commit).is_ok()
    }

    /// The commit changes everything that a commit can change.
    fn check(&self) {
        let store = self.disk.copy().open().unwrap();
        let (id, account, commit) = self.plan(&store);
        let guids: Vec<Guid> = commit.records.iter().map(|(guid, _)| *guid).collect();
        let known = store.rows(id, &guids).unwrap();
        let changed = known.iter().flatten().count();
        assert!(changed > 0 && changed < guids.len(), "changed and new rows");
        let in_all = |series: &&std::sync::Arc<vcc_core::series::Series>| {
            let family = account.series(series.key.family);
            family.iter().any(|known| known.key == series.key)
        };
        let grown = commit.series.iter().filter(in_all).count();
        assert!(
            grown > 0 && grown < commit.series.len(),
            "grown and new series"
        );
        assert!(!commit.admitted.is_empty(), "admitted label values");
        assert!(!commit.evicted.is_empty() && !commit.evicted_conversations.is_empty());
        assert!(!commit.opened.is_empty() && !commit.closed.is_empty());
        let cursor_ms = commit.meta.as_ref().unwrap().cursor_ms;
        assert!(cursor_ms > account.meta.cursor_ms, "a moved cursor");
    }
}

#[test]
fn a_power_cut_at_any_step_of_a_commit_leaves_the_state_before_it_or_after_it() {
    let scene = Scene::new(7);
    scene.check();
    let before = dump(&scene.disk.database());
    let after = {
        let disk = scene.disk.copy();
        assert!(scene.commit(&disk.open().unwrap()));
        dump(&disk.database())
    };
    assert_ne!(before, after);
    let mut rng = Pcg64Mcg::seed_from_u64(7);
    let (mut steps, mut found_before, mut found_after) = (0, 0, 0);
    loop {
        let disk = scene.disk.copy();
        let store = disk.open().unwrap();
        let (id, account, commit) = scene.plan(&store);
        disk.fail_at(steps, true);
        let done = store.commit(id, &account, &commit).is_ok();
        for survival in SURVIVAL {
            let disk = disk.after_power_cut(survival, &mut rng);
            let store = disk.open().unwrap();
            let found = dump(&disk.database());
            let place = format!("step {steps}, survival {survival}");
            if found == after {
                found_after += 1;
            } else {
                assert!(!done, "{place}: a commit that succeeded is gone");
                assert!(found == before, "{place}: a mixture");
                found_before += 1;
            }
            // The evictions of the first attempt make the second one find other rows to evict.
            let (id, account, mut commit) = scene.plan(&store);
            if found == after {
                commit.evicted.clear();
                commit.evicted_conversations.clear();
                commit.meta = Some(account.meta.clone());
            }
            store.commit(id, &account, &commit).unwrap();
            let replayed = without_receipts(dump(&disk.database()));
            assert!(
                replayed == without_receipts(after.clone()),
                "{place}: replayed"
            );
        }
        if done {
            break;
        }
        steps += 1;
    }
    println!(
        "{steps} steps; found the state before {found_before} times, after {found_after} times"
    );
    assert!(steps > 10 && found_before > 0 && found_after > SURVIVAL.len());
}
