//! Every panel, variable and rule is asked of a real Prometheus that has a day of two simulated
//! contact centres: nothing fails, warns or stays empty without a reason, and what the panels that
//! matter most show is what truly happened.

mod answers;
mod figures;
mod grafana;
mod rules;

use vcc_test_support::history::{Serving, play};
use vcc_test_support::tools::prometheus;

use answers::Prometheus;

/// What nothing was found for at one value of a variable, or at all, and why.
///
/// By dashboard, panel and the variable that is narrowed; without a variable at any setting.
const EMPTY: [(&str, &str, &str, &str); 23] = [
    ("vcc-exporter", "Facts not counted an hour", "", NEVER),
    ("vcc-exporter", "Contradictions an hour", "", NEVER),
    ("vcc-exporter", "Counted under other, an hour", "", NEVER),
    ("vcc-exporter", "Counted under redacted, an hour", "", NEVER),
    ("vcc-exporter", "Exports an hour", "", NO_RECEIVER),
    ("vcc-exporter", "Failed exports an hour", "", NO_RECEIVER),
    (
        "vcc-exporter",
        "Items a receiver rejected an hour",
        "",
        NO_RECEIVER,
    ),
    ("vcc-exporter", "Outbox", "", NO_RECEIVER),
    ("vcc-exporter", "Oldest in the outbox", "", NO_RECEIVER),
    (
        "vcc-exporter",
        "Dropped from the outbox an hour",
        "",
        NO_RECEIVER,
    ),
    ("vcc-exporter", "Interactions expired an hour", "", NEVER),
    ("vcc-queues", "Longest wait now", "queue", NOBODY),
    ("vcc-queues", "Longest wait, in targets", "queue", NOBODY),
    (
        "vcc-exporter",
        "Records rejected an hour",
        "account",
        "only the other account had any",
    ),
    ("vcc-self-service", "Containment", "medium", NO_BOTS),
    ("vcc-self-service", "Sessions", "medium", NO_BOTS),
    ("vcc-self-service", "Messages", "medium", NO_BOTS),
    (
        "vcc-self-service",
        "Sessions an hour, by result",
        "medium",
        NO_BOTS,
    ),
    (
        "vcc-self-service",
        "Containment, by assistant",
        "medium",
        NO_BOTS,
    ),
    ("vcc-self-service", "Assistants", "medium", NO_BOTS),
    (
        "vcc-self-service",
        "Interactions with an assistant an hour",
        "medium",
        NO_BOTS,
    ),
    ("vcc-self-service", "Length of sessions", "medium", NO_BOTS),
    (
        "vcc-self-service",
        "Messages an hour, by assistant",
        "medium",
        NO_BOTS,
    ),
];

const NEVER: &str = "nothing of the kind happened, as it should be";
const NOBODY: &str = "nobody waits in the one queue looked at, at half past four";
const NO_RECEIVER: &str = "nothing is pushed to a receiver here";
const NO_BOTS: &str = "the one medium looked at, the telephone, has no assistants";

#[tokio::test(flavor = "multi_thread")]
async fn every_panel_and_every_rule_shows_what_happened() {
    prometheus();
    let history = tokio::task::spawn_blocking(play).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let serving = Serving::history(&history, &directory.path().join("tsdb")).await;
    let prometheus = Prometheus::at(serving.url(""));

    let mut wrong = rules::evaluate_all(&prometheus).await;
    let dashboards = grafana::committed();
    for dashboard in &dashboards {
        wrong.extend(grafana::look(dashboard, &prometheus, &EMPTY).await);
    }
    wrong.extend(figures::compare(&dashboards, &prometheus, &history).await);
    println!("of {} samples", history.scrapes.samples());
    serving.stop().await;
    assert!(
        wrong.is_empty(),
        "{} problems:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
