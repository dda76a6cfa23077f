//! Every panel, variable and rule is asked of a real Prometheus that has a day of two simulated
//! contact centres: nothing fails, warns or stays empty without a reason, and what the panels that
//! matter most show is what truly happened.

mod answers;
mod figures;
mod grafana;
mod rules;

use crate::support::history::{Serving, play};
use crate::support::tools::prometheus;

use answers::Prometheus;

/// What nothing was found for at one value of a variable, or at all, and why.
///
/// By dashboard, panel and the variable that is narrowed; without a variable at any setting.
const EMPTY: [(&str, &str, &str, &str); 0] = [];

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
    assert!(
        wrong.is_empty(),
        "{} problems:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
