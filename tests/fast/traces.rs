//! An interaction as a trace: one each, whatever the order of its versions; its shape, its
//! identities, what it links to, and which are kept.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value, json};
use vcc_core::catalogue::Family;
use vcc_core::ledger::{MAX_LINKS, TraceRules};
use vcc_core::series::{SeriesKey, Value as Counted};
use vcc_core::trace::{self, Attribute, Trace};

use vcc_test_support::item::{
    START_MS, agent, call, event, numbered, push_event, talking, waiting,
};
use vcc_test_support::ledger_harness::LedgerHarness;

const DAY_MS: i64 = 86_400_000;

fn ledger(share: f64) -> LedgerHarness {
    ledger_with(share, false)
}

fn ledger_with(share: f64, party_ids: bool) -> LedgerHarness {
    LedgerHarness::with(START_MS - DAY_MS, |rules| {
        rules.traces = Some(TraceRules { share, party_ids });
    })
}

/// A trace as text: a line a span, an event or a link, indented by depth, times from its start.
fn drawn(trace: &Trace) -> String {
    let mut out = String::new();
    let origin = trace.spans[0].start_ms;
    for span in &trace.spans {
        let mut depth = 0;
        let mut above = span.parent;
        while let Some(parent) = above {
            depth += 1;
            above = trace
                .spans
                .iter()
                .find(|it| it.id == parent)
                .unwrap()
                .parent;
        }
        let indent = "  ".repeat(depth);
        let (from, to) = (span.start_ms - origin, span.end_ms - origin);
        let failed = if span.failed { " FAILED" } else { "" };
        writeln!(
            out,
            "{indent}{} {from}..{to} {:?}{failed}",
            span.name, span.kind
        )
        .unwrap();
        attributes(&mut out, &indent, &span.attributes);
        for event in &span.events {
            writeln!(out, "{indent}  * {} {}", event.name, event.at_ms - origin).unwrap();
            attributes(&mut out, &format!("{indent}  "), &event.attributes);
        }
        for (trace, _) in &span.links {
            writeln!(out, "{indent}  -> {trace}").unwrap();
        }
    }
    out
}

fn attributes(out: &mut String, indent: &str, attributes: &[Attribute]) {
    for (name, value) in attributes {
        writeln!(out, "{indent}  {name} = {value:?}").unwrap();
    }
}

fn rich_call() -> Value {
    let mut item = call();
    push_event(
        &mut item,
        json!({ "type": "Held", "offset": 20_000, "name": "x", "duration": 5_000,
                "properties": { "type": "Held", "initiatingAgentId": "07" } }),
    );
    push_event(
        &mut item,
        json!({ "type": "Disposition", "offset": 56_000, "name": "x", "duration": null,
                "properties": { "disposition": "Sale" } }),
    );
    item
}

#[test]
fn a_call_is_drawn_as_it_went() {
    let mut ledger = ledger_with(1.0, true);
    ledger.take(&rich_call());
    let traces = ledger.traces();
    assert_eq!(traces.len(), 1);
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("trace_of_a_call", drawn(&traces[0]));
    });
}

#[test]
fn whatever_the_versions_and_their_order_there_is_one_trace_and_the_same() {
    let whole = rich_call();
    let mut once = ledger(1.0);
    once.take(&whole);
    let [expected] = &once.traces()[..] else {
        panic!("not one trace");
    };
    let mut rated = whole.clone();
    push_event(&mut rated, event("Applet", 59_000, 1));
    for order in [
        vec![&waiting(), &talking(), &whole],
        vec![&talking(), &waiting(), &whole, &talking()],
        vec![&whole, &waiting(), &whole, &rated],
    ] {
        let mut ledger = ledger(1.0);
        for version in order {
            ledger.take(version);
            ledger.reopen();
        }
        assert_eq!(ledger.traces(), std::slice::from_ref(expected));
    }
    let mut ids: Vec<_> = expected.spans.iter().map(|span| span.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(
        ids.len(),
        expected.spans.len(),
        "each span has its own identity"
    );
}

#[test]
fn what_ends_by_the_passing_of_time_is_traced_too() {
    let mut item = call();
    item["channels"][1]["endReason"] = Value::Null;
    item["channels"][1]["duration"] = Value::Null;
    let mut ledger = ledger(1.0);
    ledger.take(&item);
    assert_eq!(ledger.traces(), []);
    ledger.pass(2 * 3_600_000);
    assert_eq!(ledger.traces().len(), 1);
}

#[test]
fn what_ended_before_counting_began_is_not_traced() {
    let mut ledger = LedgerHarness::with(START_MS + DAY_MS, |rules| {
        rules.traces = Some(TraceRules {
            share: 1.0,
            party_ids: false,
        });
    });
    ledger.take(&call());
    assert_eq!(ledger.traces(), []);
}

#[test]
fn without_the_rule_there_are_none() {
    let mut ledger = LedgerHarness::new();
    ledger.take(&call());
    assert_eq!(ledger.traces(), []);
}

#[test]
fn failures_and_missed_service_levels_are_kept_whatever_the_share() {
    let mut failed = call();
    failed["status"] = json!("InternalError");
    let mut late = call();
    late["channels"][0]["events"][1]["duration"] = json!(30_000);
    let mut abandoned = call();
    abandoned["channels"][0]["events"][1]["properties"]["result"] = json!("HangUp");
    for (item, kept) in [(call(), 0), (failed, 1), (late, 1), (abandoned, 1)] {
        let mut ledger = ledger(0.0);
        ledger.take(&item);
        assert_eq!(ledger.traces().len(), kept, "{item}");
    }
    let mut ledger = ledger(0.5);
    for number in 0..400 {
        ledger.take(&numbered(&call(), number));
    }
    assert!((150..250).contains(&ledger.traces().len()));
}

#[test]
fn agents_are_named_only_where_that_is_asked_for() {
    for (party_ids, named) in [(false, 0), (true, 1)] {
        let mut ledger = ledger_with(1.0, party_ids);
        ledger.take(&talking());
        ledger.take(&call());
        let ids = ledger.traces().iter().map(drawn).collect::<String>();
        assert_eq!(ids.matches("vcc.party.id").count(), named);
    }
}

#[test]
fn a_trace_is_linked_to_the_earlier_ones_of_its_conversation() {
    let mut ledger = ledger(1.0);
    let mut known = Vec::new();
    for number in 0..12 {
        let mut item = numbered(&call(), number);
        item["conversationGuid"] = call()["conversationGuid"].clone();
        ledger.take(&item);
        if number % 3 == 0 {
            ledger.reopen();
        }
        let traces = ledger.traces();
        let newest = traces
            .iter()
            .find(|trace| !known.contains(&trace.id))
            .unwrap();
        let links: Vec<_> = newest.spans[0].links.iter().map(|(id, _)| *id).collect();
        let earlier = known.len().saturating_sub(MAX_LINKS);
        assert_eq!(links, known[earlier..]);
        assert!((newest.spans[0].links.iter()).all(|(id, span)| *span == trace::root_of(*id)));
        known.push(newest.id);
    }
}

/// What its traces stand for is what the histograms hold, to the millisecond, though most of it was
/// counted long before the trace.
#[test]
fn the_observations_of_traces_are_those_of_the_histograms() {
    let mut ledger = ledger(1.0);
    // Series whose labels are only now admitted have no exemplars yet.
    ledger.take(&numbered(&call(), 1));
    ledger.observed.clear();
    let before = totals(&ledger);
    for version in [waiting(), talking(), call()] {
        ledger.take(&version);
    }
    let mut transferred = numbered(&call(), 2);
    let second = agent("08", 70_000, 75_000, 20_000);
    transferred["channels"].as_array_mut().unwrap().push(second);
    transferred["duration"] = json!(120_000);
    ledger.take(&transferred);
    let mut observed = before;
    for (key, ms) in &ledger.observed {
        let total = observed.entry(*key).or_insert((0, 0));
        *total = (total.0 + 1, total.1 + ms);
    }
    assert_eq!(observed, totals(&ledger));
}

/// Count and sum of each histogram of what belongs to interactions.
fn totals(ledger: &LedgerHarness) -> BTreeMap<SeriesKey, (u64, u64)> {
    let mut totals = BTreeMap::new();
    for family in Family::ALL
        .iter()
        .filter(|family| **family != Family::FactLateness)
    {
        for series in ledger.account.series(*family).iter() {
            if let Counted::Histogram(histogram) = &series.value {
                totals.insert(series.key, (histogram.count(), histogram.sum_ms));
            }
        }
    }
    totals
}
