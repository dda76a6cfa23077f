//! One expression: valid, of what the catalogue has, and not misleading.

use std::collections::BTreeSet;

use promql_parser::label::MatchOp;
use promql_parser::parser::{Expr, VectorSelector};

use super::known::Known;
use super::promql::{EACH, Selector, WHOLE, all, joined_by, kept, parse, selectors};

/// A rule, and what is wrong.
pub type Wrong = (&'static str, String);

/// What is wrong with an expression, wherever it stands.
pub fn wrong(text: &str, instant: bool) -> Vec<Wrong> {
    let mut found = unknown(text);
    let Ok(expr) = parse(text) else { return found };
    for selector in selectors(&expr) {
        if let Some(known) = Known::of(selector.sample()) {
            found.extend(spans(&selector, &known, instant));
            found.extend(sums(&selector, &known));
        }
        for (name, rule) in [
            ("job", "target-job-rule"),
            ("instance", "target-instance-rule"),
        ] {
            if !follows(selector.vector, name, name) {
                found.push((rule, format!("no {name}=~\"${name}\"")));
            }
        }
    }
    found.extend(gaps(&expr));
    found
}

/// What is no `PromQL`, or not in the catalogue.
pub fn unknown(text: &str) -> Vec<Wrong> {
    let expr = match parse(text) {
        Ok(expr) => expr,
        Err(error) => return vec![("target-promql-rule", format!("{error} in {text}"))],
    };
    let mut found = Vec::new();
    for selector in selectors(&expr) {
        let sample = selector.sample();
        let Some(known) = Known::of(sample) else {
            found.push(("target-family-rule", format!("there is no {sample}")));
            continue;
        };
        let matched = selector
            .vector
            .matchers
            .matchers
            .iter()
            .map(|matcher| matcher.name.as_str());
        let grouped = selector
            .aggregations
            .iter()
            .flat_map(|aggregate| kept(aggregate));
        for label in matched.chain(grouped) {
            if !known.labels.contains(label) {
                found.push((
                    "target-label-rule",
                    format!("{sample} has no label {label}"),
                ));
            }
        }
    }
    found
}

/// A counter is looked at over the span of its query, a gauge as it is.
fn spans(selector: &Selector, known: &Known, instant: bool) -> Vec<Wrong> {
    let sample = selector.sample();
    let mut found = Vec::new();
    let rates = matches!(selector.function, Some("rate" | "irate" | "increase"));
    if known.grows && !(rates && selector.range.is_some()) {
        found.push((
            "target-counter-agg-rule",
            format!("{sample} without rate or increase"),
        ));
    }
    if !known.grows && rates {
        found.push((
            "target-gauge-rule",
            format!("the rate of the gauge {sample}"),
        ));
    }
    // A point in a graph stands for the time since the last one, a single number for all of it.
    let span = if instant { WHOLE } else { EACH };
    if selector.range.is_some_and(|range| range != span) {
        let name = if instant {
            "$__range"
        } else {
            "$__rate_interval"
        };
        found.push((
            "target-rate-interval-rule",
            format!("{sample} not over {name}"),
        ));
    }
    if selector.function == Some("rate") && selector.range != Some(EACH) {
        found.push((
            "target-rate-interval-rule",
            format!("a rate of {sample} not over $__rate_interval"),
        ));
    }
    found
}

/// Sums that would be something else than what they seem.
fn sums(selector: &Selector, known: &Known) -> Vec<Wrong> {
    let sample = selector.sample();
    let mut found = Vec::new();
    let matched = &selector.vector.matchers.matchers;
    if matched.iter().any(|matcher| matcher.name == "le") {
        found.push((
            "target-le-rule",
            format!("{sample} of one le, which not every scraper writes alike"),
        ));
    }
    let innermost = selector.aggregations.first();
    if sample.ends_with("_bucket") && !innermost.is_some_and(|sum| kept(sum).contains("le")) {
        found.push((
            "target-le-rule",
            format!("{sample} summed over its buckets"),
        ));
    }
    let adds = |operator: &str| matches!(operator, "sum" | "avg" | "count");
    let loses = (selector.aggregations.iter())
        .any(|sum| adds(&sum.op.to_string()) && !kept(sum).contains("virtual_queue"));
    if known.counts_a_wait_often() && loses {
        found.push((
            "target-queue-sum-rule",
            format!("{sample} summed over virtual_queue"),
        ));
    }
    found
}

/// Ratios and quantiles that would be missing where they are 0, or no number where there are none.
fn gaps(expr: &Expr) -> Vec<Wrong> {
    let mut found = Vec::new();
    let grows = |expr: &Expr| -> BTreeSet<String> {
        (selectors(expr).iter())
            .map(|selector| selector.sample().to_owned())
            .filter(|sample| Known::of(sample).is_some_and(|known| known.grows))
            .collect()
    };
    let (mut quantiles, mut guarded) = (0, 0);
    let is_quantile =
        |expr: &Expr| matches!(expr, Expr::Call(call) if call.func.name == "histogram_quantile");
    for part in all(expr) {
        quantiles += usize::from(is_quantile(part));
        let Expr::Binary(binary) = part else { continue };
        match binary.op.to_string().as_str() {
            ">=" => guarded += usize::from(is_quantile(&binary.lhs)),
            "/" => {
                let (above, below) = (grows(&binary.lhs), grows(&binary.rhs));
                if !below.is_empty() && !joined_by(&binary.rhs, ">") {
                    found.push((
                        "target-ratio-rule",
                        "it is NaN where nothing was counted".to_owned(),
                    ));
                }
                if !above.is_disjoint(&below) && !joined_by(&binary.lhs, "or") {
                    found.push((
                        "target-ratio-rule",
                        "it is missing where it is 0".to_owned(),
                    ));
                }
            }
            _ => {}
        }
    }
    if quantiles != guarded {
        found.push((
            "target-quantile-rule",
            "it is NaN where nothing was observed".to_owned(),
        ));
    }
    found
}

/// What is wrong with a variable's series and the label it takes the values of.
pub fn wrong_with_selector(series: &str, label: &str) -> Vec<String> {
    let mut found: Vec<_> = unknown(series).into_iter().map(|(_, what)| what).collect();
    let sample = series.split('{').next().unwrap_or_default();
    if Known::of(sample).is_some_and(|known| !known.labels.contains(label)) {
        found.push(format!("{sample} has no label {label}"));
    }
    found
}

/// Whether a selector takes what was chosen for a variable.
pub fn follows(vector: &VectorSelector, label: &str, variable: &str) -> bool {
    vector.matchers.matchers.iter().any(|matcher| {
        matcher.name == label
            && matches!(matcher.op, MatchOp::Re(_))
            && matcher.value == format!("${variable}")
    })
}

#[test]
fn a_bad_query_is_complained_about() {
    let one = r#"job=~"$job", instance=~"$instance""#;
    let waits = format!("sum(increase(vcc_acd_queue_exits_total{{{one}}}[$__range]))");
    let cases = [
        ("target-promql-rule", "sum(".to_owned()),
        ("target-family-rule", format!("vcc_calls_total{{{one}}}")),
        (
            "target-family-rule",
            format!("vcc_queue_wait_seconds{{{one}}}"),
        ),
        (
            "target-label-rule",
            format!("vcc_unread_windows{{{one}, medium=\"Phone\"}}"),
        ),
        (
            "target-label-rule",
            format!("sum by (skill) (vcc_unread_windows{{{one}}})"),
        ),
        (
            "target-counter-agg-rule",
            format!("sum(vcc_polls_total{{{one}}})"),
        ),
        (
            "target-gauge-rule",
            format!("increase(vcc_unread_windows{{{one}}}[$__range])"),
        ),
        (
            "target-rate-interval-rule",
            format!("sum(increase(vcc_polls_total{{{one}}}[5m]))"),
        ),
        (
            "target-rate-interval-rule",
            format!("sum(rate(vcc_polls_total{{{one}}}[$__range]))"),
        ),
        (
            "target-le-rule",
            format!("increase(vcc_hold_seconds_bucket{{{one}, le=\"30.0\"}}[$__range])"),
        ),
        (
            "target-le-rule",
            format!("sum(increase(vcc_hold_seconds_bucket{{{one}}}[$__range]))"),
        ),
        (
            "target-queue-sum-rule",
            format!("sum(vcc_queue_waiting{{{one}}})"),
        ),
        (
            "target-queue-sum-rule",
            format!("sum by (medium) (increase(vcc_agent_queue_exits_total{{{one}}}[$__range]))"),
        ),
        (
            "target-ratio-rule",
            format!("({waits} or 0 * {waits}) / {waits}"),
        ),
        ("target-ratio-rule", format!("{waits} / ({waits} > 0)")),
        (
            "target-quantile-rule",
            format!(
                "histogram_quantile(0.9, sum by (le) (increase(vcc_hold_seconds_bucket{{{one}}}[$__range])))"
            ),
        ),
        (
            "target-job-rule",
            r#"sum(vcc_unread_windows{instance=~"$instance"})"#.to_owned(),
        ),
        (
            "target-job-rule",
            r#"sum(vcc_unread_windows{instance=~"$instance", job="$job"})"#.to_owned(),
        ),
        (
            "target-instance-rule",
            r#"sum(vcc_unread_windows{job=~"$job"})"#.to_owned(),
        ),
    ];
    for (rule, expr) in cases {
        let found = wrong(&expr, true);
        assert!(
            found.iter().any(|(said, _)| *said == rule),
            "{rule}: {expr}: {found:?}"
        );
    }
    let good = format!("({waits} or 0 * {waits}) / ({waits} > 0)");
    let found = wrong(&good, true);
    assert!(found.is_empty(), "{found:?}");
}
