//! What the most important panels show, held against what truly happened today.

use vcc_simulator::{Series, Truth, Value};

use super::answers::{Prometheus, numbers};
use super::grafana::Dashboard;
use vcc_test_support::exposition::Labels;
use vcc_test_support::history::History;

/// How far a figure may be off. What is shown is an `increase()`: Prometheus takes the samples within
/// the range, of which the first comes after its beginning, and extrapolates to its borders, so a
/// count, rounded to the unit, may be off by one in a hundred.
const SHARE: f64 = 0.01;

/// What happened in the last moments before an edge of the day counts behind it, because it is
/// learnt with the next poll: one of them more here, or one less there.
const UNITS: f64 = 2.0;

/// A case may have waited for days, hundreds of times as long as a call: one of them behind an edge
/// moves a mean.
const SHARE_OF_MEAN: f64 = 0.05;

/// A panel's first query and what it must show.
struct Figure {
    dashboard: &'static str,
    panel: &'static str,
    /// The label whose values are told apart; without one there is a single figure.
    by: Option<&'static str>,
    truth: fn(&Day<'_>) -> f64,
}

/// What happened today, of the labels asked for.
pub struct Day<'h> {
    history: &'h History,
    only: Option<(&'static str, String)>,
}

const FIGURES: [Figure; 16] = [
    figure("vcc-overview", "Offered", None, |day| {
        day.count("vcc_acd_queue_exits_total", |l| l["timing"] != "short")
    }),
    figure("vcc-overview", "Answered", None, |day| {
        day.count("vcc_acd_queue_exits_total", |l| l["result"] == "Delivered")
    }),
    figure("vcc-overview", "Abandoned", None, |day| {
        day.count("vcc_acd_queue_exits_total", |l| {
            l["result"] == "HangUp" && l["timing"] != "short"
        })
    }),
    figure("vcc-overview", "Handled", None, |day| {
        day.count("vcc_interactions_total", |l| l["path"] == "handled")
    }),
    figure("vcc-overview", "Average answer time", None, |day| {
        day.mean("vcc_acd_queue_wait_seconds", |l| {
            l["category"] == "answered"
        })
    }),
    figure(
        "vcc-overview",
        "How interactions ended",
        Some("path"),
        |day| day.count("vcc_interactions_total", |_| true),
    ),
    figure("vcc-overview", "Outcomes", Some("outcome"), |day| {
        day.count("vcc_interactions_total", |_| true)
    }),
    figure("vcc-queues", "Queues", Some("virtual_queue"), |day| {
        day.count("vcc_queue_exits_total", |l| l["timing"] != "short")
    }),
    figure("vcc-handling", "Average handle time", None, |day| {
        day.mean("vcc_interaction_handle_seconds", |_| true)
    }),
    figure("vcc-handling", "Average wrap-up", None, |day| {
        day.mean("vcc_agent_wrap_seconds", |_| true)
    }),
    figure("vcc-handling", "Offers not answered", None, |day| {
        day.count("vcc_agent_offers_total", |l| l["result"] == "unanswered")
            / day.count("vcc_agent_offers_total", |_| true)
    }),
    figure("vcc-handling", "Transferred or consulted", None, |day| {
        day.count("vcc_interactions_transferred_total", |_| true)
            / day.count("vcc_interactions_total", |l| l["path"] == "handled")
    }),
    figure("vcc-handling", "Dispositions", Some("disposition"), |day| {
        day.count("vcc_dispositions_total", |_| true)
    }),
    figure("vcc-self-service", "Containment", None, |day| {
        let family = "vcc_virtual_assistant_interactions_total";
        day.count(family, |l| l["result"] == "contained") / day.count(family, |_| true)
    }),
    figure("vcc-self-service", "Sessions", None, |day| {
        day.count("vcc_virtual_assistant_sessions_total", |_| true)
    }),
    figure("vcc-self-service", "Voicemails", None, |day| {
        day.count("vcc_voicemails_total", |_| true)
    }),
];

const fn figure(
    dashboard: &'static str,
    panel: &'static str,
    by: Option<&'static str>,
    truth: fn(&Day<'_>) -> f64,
) -> Figure {
    Figure {
        dashboard,
        panel,
        by,
        truth,
    }
}

impl Day<'_> {
    fn count(&self, family: &str, wanted: fn(&Labels) -> bool) -> f64 {
        self.sum(family, wanted, |value| value.count() as f64)
    }

    /// The mean of a histogram, in seconds.
    fn mean(&self, family: &str, wanted: fn(&Labels) -> bool) -> f64 {
        let sum_ms = self.sum(family, wanted, |value| match value {
            Value::Counter { .. } => 0.0,
            Value::Histogram { sum_ms, .. } => *sum_ms as f64,
        });
        sum_ms / 1_000.0 / self.count(family, wanted)
    }

    fn sum(&self, family: &str, wanted: fn(&Labels) -> bool, value: fn(&Value) -> f64) -> f64 {
        let fits = |series: &&Series| {
            let only = self.only.as_ref();
            series.family == family
                && wanted(&series.labels)
                && only.is_none_or(|(name, value)| series.labels[*name] == *value)
        };
        let total = |truth: &Truth| -> f64 {
            let all = truth.series.iter().filter(fits);
            all.map(|series| value(&series.value)).sum()
        };
        let accounts = self.history.accounts.iter();
        accounts
            .map(|account| total(&account.now) - total(&account.this_morning))
            .sum()
    }
}

/// Compares them all; says which are not true.
pub async fn compare(
    dashboards: &[Dashboard],
    prometheus: &Prometheus,
    history: &History,
) -> Vec<String> {
    let mut wrong = Vec::new();
    for figure in FIGURES {
        let place = format!("{} / {}", figure.dashboard, figure.panel);
        let mut all = dashboards.iter();
        let dashboard = all.find(|it| it.uid == figure.dashboard).unwrap();
        let target = &dashboard.panel(figure.panel).targets[0];
        let (query, when) = dashboard.asked(target, &dashboard.all());
        let series = match prometheus.ask(&query, when).await {
            Ok(series) => series,
            Err(error) => {
                wrong.push(format!("{place}: {error}"));
                continue;
            }
        };
        if series.is_empty() {
            wrong.push(format!("{place} shows nothing"));
        }
        for one in series {
            let only = figure.by.map(|label| {
                let value = one["metric"][label].as_str().unwrap_or_default();
                (label, value.to_owned())
            });
            let shown = numbers(&one)[0];
            let truth = (figure.truth)(&Day {
                history,
                only: only.clone(),
            });
            println!("{place} {only:?}: {shown}, truly {truth}");
            let is_count = truth.fract() == 0.0 && shown.fract() == 0.0;
            let allowed = match is_count {
                true => UNITS.max(SHARE * truth),
                false => SHARE_OF_MEAN * truth,
            };
            // What is no number is near nothing.
            let is_near = (shown - truth).abs() <= allowed;
            if !is_near {
                wrong.push(format!(
                    "{place} {only:?} shows {shown}, truly it was {truth}"
                ));
            }
        }
    }
    wrong
}
