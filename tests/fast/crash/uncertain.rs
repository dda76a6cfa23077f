//! A step of a commit fails while the process lives on: nobody knows whether the commit reached
//! the disk, and the numbers must be right either way.

use std::sync::Arc;

use vcc_core::ledger::AccountMeta;
use vcc_exporter::poller::IngestError;
use vcc_simulator::SimulatorConfig;

use vcc_test_support::disk::Disk;
use vcc_test_support::exposition::Exposition;
use vcc_test_support::pages::{core, create, pages, rules, shown, take};
use vcc_test_support::samples;

/// What is shown is what is expected, but for what depends on how often and when a page was read.
fn same(shown: &Exposition, expected: &Exposition, place: &str) {
    let found = samples::unlike(shown, expected, |name| {
        !name.starts_with("vcc_records_") && !name.contains("lateness")
    });
    samples::none(&found, place);
}

#[test]
fn a_failed_step_loses_nothing_whether_or_not_the_commit_reached_the_disk() {
    let world = SimulatorConfig {
        seed: 11,
        per_hour: 40.0,
        day_length_ms: 0,
        ..SimulatorConfig::default()
    };
    let pages = pages(world.clone(), &[30, 30, 30]);
    let base = Disk::default();
    {
        let store = Arc::new(base.open().unwrap());
        create(&store, &world);
        take(&mut core(&store), &pages[0]).unwrap();
    }
    let expected = {
        let store = Arc::new(base.copy().open().unwrap());
        take(&mut core(&store), &pages[1]).unwrap();
        let mut core = core(&store);
        take(&mut core, &pages[2]).unwrap();
        shown(&core)
    };
    let (mut steps, mut landed) = (0, 0);
    loop {
        let disk = base.copy();
        let store = Arc::new(disk.open().unwrap());
        let mut running = core(&store);
        let last = shown(&running);
        disk.fail_at(steps, false);
        let outcome = take(&mut running, &pages[1]);
        if outcome.is_ok() {
            break;
        }
        assert!(matches!(outcome, Err(IngestError::Store(_))), "{outcome:?}");
        let moved = samples::unlike(&shown(&running), &last, |_| true);
        samples::none(&moved, &format!("step {steps}: the last snapshot stays"));
        let cursor_ms = running.account.meta.cursor_ms;
        assert_eq!(
            cursor_ms, pages[0].0.end_ms,
            "step {steps}: the cursor stays"
        );
        {
            // A second look at the same disk tells whether the failed commit is on it.
            let found = core(&Arc::new(disk.copy().open().unwrap()));
            landed += u32::from(found.account.meta.cursor_ms > cursor_ms);
        }
        take(&mut running, &pages[1]).unwrap();
        // The API's clock leaps by half an hour here, which the first page that says so pays for.
        let _ = take(&mut running, &pages[2]);
        take(&mut running, &pages[2]).unwrap();
        same(&shown(&running), &expected, &format!("step {steps}: shown"));
        drop(running);
        same(
            &shown(&core(&store)),
            &expected,
            &format!("step {steps}: stored"),
        );
        steps += 1;
    }
    println!("{steps} steps failed; {landed} of the failed commits had reached the disk");
    assert!(steps > 10 && landed > 0);
}

#[test]
fn a_failed_step_of_a_birth_never_gives_two_accounts_one_number() {
    let rules = rules();
    let mut steps = 0;
    loop {
        let disk = Disk::default();
        let store = disk.open().unwrap();
        let create = |name: &str| {
            let meta = AccountMeta::new("http://127.0.0.1/", 0, 0, &rules);
            store.create_account(name, &rules, meta).map(|(id, _)| id)
        };
        disk.fail_at(steps, false);
        if create("first").is_ok() {
            break;
        }
        let first = create("first").unwrap();
        assert_ne!(first, create("second").unwrap(), "step {steps}");
        steps += 1;
    }
    assert!(steps > 5);
}
