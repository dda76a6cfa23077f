//! A server that is broken or means harm: it costs at most the page or the record it spoils, it is
//! said and counted, and nothing of what it sent is repeated.

mod server;

use serde_json::{Value, json};
use vcc_vonage::decode;

use vcc_test_support::item::{call, numbered, wait_mut};
use vcc_test_support::ledger_harness::LedgerHarness;

/// Stands in everything hostile, and must never be seen again.
const MARK: &str = "MARK-of-the-sender";

const ENDED: &str = "vcc_interactions_total";

/// A page with this between two good items.
fn page_with(hostile: &[u8]) -> Vec<u8> {
    let good = [1, 2].map(|number| numbered(&call(), number).to_string());
    let [first, last] = good.map(String::into_bytes);
    [
        br#"{"meta":{},"items":["#,
        &first[..],
        b",",
        hostile,
        b",",
        &last,
        b"]}",
    ]
    .concat()
}

/// The text of a third item in which a field's value is replaced by this, whether JSON or not.
fn item_with(field: &str, value: &[u8]) -> Vec<u8> {
    let mut item = numbered(&call(), 3);
    item[field] = json!("HERE");
    item["connectFrom"] = json!(MARK);
    let text = item.to_string();
    let (before, after) = text.split_once("\"HERE\"").unwrap();
    [before.as_bytes(), value, after.as_bytes()].concat()
}

/// What a page with this item counts: ends, and the samples of rejected records.
fn counted(item: &[u8]) -> (f64, Vec<String>) {
    let mut ledger = LedgerHarness::new();
    ledger.take_body(&page_with(item));
    let shown = (
        ledger.value(ENDED, &[]),
        ledger.samples("vcc_records_rejected_total"),
    );
    // The next good page brings what was lost with the item.
    ledger.take(&numbered(&call(), 3));
    assert_eq!(ledger.value(ENDED, &[]), 3.0);
    assert!(!format!("{:?}", ledger.shown()).contains(MARK));
    shown
}

fn rejected(reason: &str) -> (f64, Vec<String>) {
    (2.0, vec![format!("reason={reason} 1")])
}

#[test]
fn nesting_without_end_costs_nothing_where_it_is_not_read_and_its_record_where_it_is() {
    let deep = [vec![b'['; 1_000_000], vec![b']'; 1_000_000]].concat();
    assert_eq!(counted(&item_with("nobodyReadsThis", &deep)), (3.0, vec![]));
    for field in ["channels", "guid", "duration", "interactionPlanMapping"] {
        assert_eq!(
            counted(&item_with(field, &deep)),
            rejected("wrong_type"),
            "{field}"
        );
    }
    let mut ledger = LedgerHarness::new();
    ledger.take_body(&page_with(&deep));
    assert_eq!(ledger.value(ENDED, &[]), 2.0);
    assert_eq!(
        ledger.samples("vcc_records_rejected_total"),
        ["reason=not_an_object 1"]
    );
}

#[test]
fn numbers_beyond_every_type_cost_at_most_their_record() {
    for (number, expected) in [
        ("99999999999999999999", (3.0, vec![])),
        ("-99999999999999999999", (3.0, vec![])),
        ("1e308", (3.0, vec![])),
        ("5e-324", (3.0, vec![])),
        ("\"1e308\"", (3.0, vec![])),
        ("1e400", rejected("malformed")),
        ("\"NaN\"", rejected("wrong_type")),
        ("\"inf\"", rejected("wrong_type")),
    ] {
        assert_eq!(
            counted(&item_with("talkTime", number.as_bytes())),
            expected,
            "{number}"
        );
    }
    let many = vec![b'9'; 1_000_000];
    assert_eq!(
        counted(&item_with("talkTime", &many)),
        rejected("malformed")
    );
}

#[test]
fn half_of_a_surrogate_pair_costs_its_record() {
    // It is JSON, and cannot be text: a name was cut in the middle of an emoji.
    for escape in [&br#""cut \ud83d""#[..], br#""cut \ude00 off""#] {
        assert_eq!(
            counted(&item_with("outcome", escape)),
            rejected("malformed")
        );
        assert_eq!(
            counted(&item_with("nobodyReadsThis", escape)),
            (3.0, vec![])
        );
    }
}

#[test]
fn a_key_given_twice_costs_its_record_and_an_unknown_one_nothing() {
    let twice = br#"1,"duration":2"#;
    assert_eq!(
        counted(&item_with("duration", twice)),
        rejected("wrong_type")
    );
    assert_eq!(
        counted(&item_with("mystery", br#"1,"mystery":2"#)),
        (3.0, vec![])
    );
}

#[test]
fn ten_megabytes_of_text_cost_their_label() {
    let long = format!("\"{}\"", MARK.repeat(10 << 20 >> 4));
    for (field, expected) in [
        ("outcome", (3.0, vec![])),
        ("medium", (3.0, vec![])),
        ("nobodyReadsThis", (3.0, vec![])),
        ("guid", rejected("bad_guid")),
        ("start", rejected("bad_start")),
    ] {
        assert_eq!(
            counted(&item_with(field, long.as_bytes())),
            expected,
            "{field}"
        );
    }
    let mut ledger = LedgerHarness::new();
    ledger.take_body(&item_as_page(&item_with("outcome", long.as_bytes())));
    assert_eq!(ledger.value(ENDED, &[("outcome", "other")]), 1.0);
    let admitted: usize = ledger
        .shown()
        .0
        .values()
        .flatten()
        .map(|(l, _)| l.values().map(String::len).sum::<usize>())
        .max()
        .unwrap();
    assert!(admitted < 1_000, "a series has labels of {admitted} bytes");
}

fn item_as_page(item: &[u8]) -> Vec<u8> {
    [b"{\"items\":[", item, b"]}"].concat()
}

#[test]
fn a_record_of_too_many_parts_is_rejected_before_anything_is_made_of_it() {
    let many =
        |count: usize| -> Vec<Value> { (0..count).map(|n| json!(format!("Queue {n}"))).collect() };
    let mut channels = numbered(&call(), 3);
    channels["channels"] = json!(vec![json!({}); 6_000]);
    let mut events = numbered(&call(), 3);
    events["channels"][0]["events"] = json!(vec![json!({"type": "Queue"}); 6_000]);
    let mut queues = numbered(&call(), 3);
    wait_mut(&mut queues)["properties"]["virtualQueues"] = json!(many(300_000));
    let mut skills = numbered(&call(), 3);
    wait_mut(&mut skills)["properties"]["presentedSkills"] = json!(many(300_000));
    let mut targets = numbered(&call(), 3);
    let target = json!({"virtualQueue": "Orders", "targetTimeToAnswer": 1});
    wait_mut(&mut targets)["properties"]["targets"] = json!(vec![target; 300_000]);
    for item in [channels, events, queues, skills, targets] {
        assert_eq!(
            counted(item.to_string().as_bytes()),
            rejected("too_many_parts")
        );
    }
}

#[test]
fn what_is_not_json_costs_its_page_and_its_whole_items_can_be_saved() {
    let spoilt: [(&str, Vec<u8>, f64); 6] = [
        ("NaN", item_with("duration", b"NaN"), 2.0),
        ("Infinity", item_with("duration", b"-Infinity"), 2.0),
        (
            "a comment",
            item_with("duration", b"/* MARK-of-the-sender */ 1"),
            2.0,
        ),
        (
            "single quotes",
            item_with("outcome", b"'MARK-of-the-sender'"),
            2.0,
        ),
        (
            "a control character",
            item_with("outcome", b"\"a\x01MARK-of-the-sender\""),
            2.0,
        ),
        // Of text that is not UTF-8 only what stands before its flaw can be trusted.
        (
            "invalid UTF-8",
            item_with("outcome", b"\"\xff\xfe MARK-of-the-sender\""),
            1.0,
        ),
    ];
    for (what, item, saved) in spoilt {
        let body = page_with(&item);
        let error = decode(&body).unwrap_err();
        let problem = format!("{error} {error:?}");
        assert!(!problem.contains(MARK), "{what}: {problem}");
        let mut ledger = LedgerHarness::new();
        ledger.take_broken(&body);
        assert_eq!(ledger.value(ENDED, &[]), saved, "{what}");
        assert_eq!(ledger.value("vcc_facts_rejected_total", &[]), 0.0, "{what}");
        ledger.take_all([
            &numbered(&call(), 1),
            &numbered(&call(), 2),
            &numbered(&call(), 3),
        ]);
        assert_eq!(ledger.value(ENDED, &[]), 3.0, "{what}");
    }
}

#[test]
fn a_body_of_commas_and_zeros_costs_no_memory_worth_a_number() {
    let many = |what: &str, count| vec![what; count].join(",");
    // More items than any page holds are no page.
    let body = format!(r#"{{"items":[{}]}}"#, many("0", 1_000_000));
    assert!(vcc_vonage::decode(body.as_bytes()).is_err());
    for parts in [
        format!(r#""channels":[{}]"#, many("{}", 1_000_000)),
        format!(
            r#""channels":[{{"events":[{{"type":"Queue","properties":{{"virtualQueues":[{}]}}}}]}}]"#,
            many("1", 1_000_000)
        ),
    ] {
        let item = format!(
            r#"{{"guid":"6b1f0c52-0d3e-4f77-8a10-c0a2b5d9e001","start":"2026-02-04T09:30:00Z",{parts}}}"#
        );
        let body = format!(r#"{{"items":[{item}]}}"#);
        let page = vcc_vonage::decode(body.as_bytes()).unwrap();
        assert_eq!(page.rejected.len(), 1);
    }
}

#[test]
fn what_is_no_envelope_is_no_page_and_is_not_quoted() {
    let text = |text: &str| text.replace("MARK", MARK).into_bytes();
    for body in [
        text(r#"{"items":"MARK"}"#),
        text(r#"{"items":{"MARK":1}}"#),
        text(r#"{"items":null,"MARK":1}"#),
        text(r#""MARK""#),
        text("<html>MARK</html>"),
        text("{\"items\":[], \"MARK\""),
        text(r#"{"items":[]} MARK"#),
        text(r#"{"upTo":{"MARK":[]},"items":[]}"#),
        text(r#"{"meta":"MARK","items":[]}"#),
        b"\xef\xbb\xbf{}MARK".to_vec(),
        Vec::new(),
        vec![b'['; 1_000_000],
        vec![0; 1_000],
    ] {
        let error = decode(&body).unwrap_err();
        let problem = format!("{error} {error:?}");
        assert!(!problem.contains("MARK"), "{problem}");
    }
}
