//! The alert story, end to end: what goes wrong in simulated contact centres wakes somebody, for the
//! right reason and for no other, and lets them sleep again when it is over.
//!
//! Three accounts have a trouble each, at the same time, and a fourth has none. One exporter reads
//! them all, so that an alert of the wrong account would show too. A real Prometheus evaluates the
//! committed rules in compressed time.

mod alerting;
mod centres;
mod compress;

use std::collections::BTreeSet;

use alerting::{Alert, Alerting};
use centres::Centres;

use vcc_test_support::programs::eventually;
use vcc_test_support::tools;

const HEALTHY: &str = "healthy";
const STALLED: &str = "stalled";
const REVOKED: &str = "revoked";
const STARVED: &str = "starved";
const ACCOUNTS: [&str; 4] = [HEALTHY, STALLED, REVOKED, STARVED];

/// What every account says of itself for a while after its first start.
const NEW_EPOCH: &str = "VccNewEpoch";

/// Thresholds that contact centres of another kind than real ones need.
const THRESHOLDS: [(&str, f64); 3] = [
    // A busy machine may keep a poll waiting for seconds, which are many minutes here.
    ("data_stale_seconds", 15.0),
    // Facts of a stalled API are as late as it stalled for, which is as long as the story takes.
    ("fact_lateness_seconds", 600.0),
    // Its agents leave one offer in eight unanswered, and half a minute has few of them.
    ("unanswered_ratio", 0.5),
];

/// This one is inhibited while the burn fires, but looks back longer, so that it may begin before and
/// end after it.
const ABANDONMENT: &str = "VccAbandonmentHigh";

/// What fires in each trouble, and whether it wakes anybody or is inhibited by another.
const EXPECTED: [(&str, &str, bool); 8] = [
    (STALLED, "VccApiLagHigh", true),
    (REVOKED, "VccCredentialsRefused", true),
    (REVOKED, "VccApiUnreachable", false),
    (REVOKED, "VccDataStale", false),
    (REVOKED, "VccApiLagHigh", false),
    (STARVED, "VccServiceLevelBurnFast", true),
    (STARVED, ABANDONMENT, false),
    (STARVED, "VccWaitFarOverTarget", true),
];

#[tokio::test(flavor = "multi_thread")]
async fn troubles_wake_somebody_for_the_right_reason_and_end() {
    // Building takes minutes the first time, in which time would pass for the alerts.
    tools::prometheus();
    tools::alertmanager();
    tools::amtool();
    let centres = Centres::open(&ACCOUNTS).await;
    let alerting = Alerting::of(centres.exporter, &THRESHOLDS).await;
    let mut story = Story {
        alerting,
        seen: BTreeSet::new(),
    };

    // Until the first scrape Prometheus knows no exporter, and says so.
    story.until_firing(&new_epochs()).await;
    story.seen.clear();
    story.alerting.pager.forget();
    centres.tell(STALLED, "faults", r#"{"stalled":true}"#).await;
    let revoked = r#"{"secret_revoked":true}"#;
    centres.tell(REVOKED, "faults", revoked).await;
    let starved = r#"["Billing Queue"]"#;
    centres.tell(STARVED, "starved", starved).await;
    let troubles = all(&EXPECTED);
    story.until_firing(&(&new_epochs() | &troubles)).await;

    centres.tell(STALLED, "faults", "{}").await;
    centres.tell(REVOKED, "faults", "{}").await;
    centres.tell(STARVED, "starved", "[]").await;
    story.until_firing(&new_epochs()).await;

    assert_eq!(story.seen, &new_epochs() | &troubles, "and nothing else");
    let woken = EXPECTED.iter().filter(|(.., wakes)| *wakes).copied();
    let woken = all(&woken.collect::<Vec<_>>());
    let pager = &story.alerting.pager;
    eventually("told that all is over", async || {
        let resolved = pager.resolved();
        let missing: Vec<_> = woken.difference(&resolved).collect();
        let all_over = missing.is_empty();
        all_over.then_some(()).ok_or(format!("{missing:?}"))
    })
    .await;
    let mut fired = pager.fired();
    fired.retain(|(_, name)| name != ABANDONMENT && name != NEW_EPOCH);
    assert_eq!(fired, woken);
    assert_eq!(story.alerting.broken_rules().await, Vec::<String>::new());
}

/// What fires where all is well.
fn new_epochs() -> BTreeSet<Alert> {
    let of = |account: &&str| ((*account).to_owned(), NEW_EPOCH.to_owned());
    ACCOUNTS.iter().map(of).collect()
}

fn all(expected: &[(&str, &str, bool)]) -> BTreeSet<Alert> {
    let alert = |(account, name, _): &(&str, &str, bool)| ((*account).into(), (*name).into());
    expected.iter().map(alert).collect()
}

/// What happens, and every alert that has fired on the way.
struct Story {
    alerting: Alerting,
    seen: BTreeSet<Alert>,
}

impl Story {
    /// Waits until just this fires.
    async fn until_firing(&mut self, wanted: &BTreeSet<Alert>) {
        let (alerting, seen) = (&self.alerting, &mut self.seen);
        eventually(&format!("firing: {wanted:?}"), async || {
            let firing = alerting.firing().await?;
            seen.extend(firing.iter().cloned());
            let wrong: Vec<_> = firing.symmetric_difference(wanted).collect();
            let is_so = wrong.is_empty();
            is_so.then_some(()).ok_or(format!("{wrong:?}"))
        })
        .await;
    }
}
