//! The bytes of every stored struct, with every field set.

use std::sync::Arc;

use super::{assert_same, hex, unhex};
use crate::schema::account::{decode_account, encode_account};
use crate::schema::{
    decode_guids, decode_header, decode_record, decode_series, decode_trace, encode_guids,
    encode_record, encode_series, encode_trace, series_key,
};
use vcc_core::catalogue::{Family, Kind as FamilyKind};
use vcc_core::interaction::{
    Channel, Event, EventKind, Guid, Interaction, QueueDetails, Role, Status,
};
use vcc_core::labels::{LabelId, LabelInterner, LabelSet};
use vcc_core::ledger::{
    AccountMeta, ChannelFact, ChannelRecord, EventFact, EventRecord, FinalLabels, InteractionFact,
    Phase, Record, UnreadWindow,
};
use vcc_core::series::{Series, SeriesKey, Value as SeriesValue};
use vcc_core::trace::{Event as SpanEvent, Kind, Span, SpanId, Trace, TraceId, Value};

pub(super) fn event(kind: EventKind) -> Event<'static> {
    Event {
        kind,
        offset_ms: 1,
        duration_ms: None,
        name: None,
        value: None,
        messages: None,
        queue: None,
    }
}

pub(super) fn channel(role: Role<'static>) -> Channel<'static> {
    Channel {
        id: 1,
        role,
        party: None,
        party_id: None,
        offset_ms: 0,
        duration_ms: None,
        handle_ms: None,
        end_reason: None,
        integration: None,
        events: Vec::new(),
    }
}

fn queue() -> Event<'static> {
    Event {
        kind: EventKind::Queue,
        offset_ms: 300,
        duration_ms: Some(-5),
        name: Some("Sales".into()),
        value: Some("Answered".into()),
        messages: Some(4),
        queue: Some(Box::new(QueueDetails {
            virtual_queues: vec!["VQ".into()],
            targets: vec![("VQ".into(), 20_000)],
            skills: vec!["German".into(), "Tax".into()],
        })),
    }
}

/// An open interaction with every field, role and kind of event.
pub(super) fn interaction() -> Interaction<'static> {
    let kinds = EventKind::DOCUMENTED.iter().chain([&EventKind::Other]);
    let full = Channel {
        id: u64::MAX,
        role: Role::Other("Observer".into()),
        party: Some(77),
        party_id: Some("agent-1".into()),
        offset_ms: 10,
        duration_ms: Some(11),
        handle_ms: Some(12),
        end_reason: Some("Transfer".into()),
        integration: Some("Teams".into()),
        events: [queue()]
            .into_iter()
            .chain(kinds.map(|kind| event(*kind)))
            .collect(),
    };
    Interaction {
        guid: Guid(0x0123),
        conversation: Some(Guid(5)),
        status: Status::InternalError,
        start_ms: 1_000,
        duration_ms: Some(2_000),
        handle_ms: Some(3_000),
        talk_ms: Some(4_000),
        categorized: Some(Err(())),
        medium: Some("Phone".into()),
        medium_manager: Some("VCC".into()),
        direction: Some("Inbound".into()),
        outcome: Some("Completed".into()),
        reporting_group: Some("Support".into()),
        channels: vec![
            full,
            channel(Role::External),
            channel(Role::Agent),
            channel(Role::Monitor),
            channel(Role::Absent),
        ],
    }
}

/// A row with every field.
pub(super) fn record() -> Record {
    let admitted = |index| LabelId::admitted(index).unwrap();
    let mut event = EventRecord::new(EventKind::Other, 1_000);
    event.mark_processed(EventFact::Seen);
    event.mark_processed(EventFact::Finished);
    (event.value, event.duration) = (2_000, 3_000);
    let mut channel = ChannelRecord::new(70_000);
    channel.mark_processed(ChannelFact::Attempt);
    (channel.end_reason, channel.handle) = (5_000, 6_000);
    channel.events = vec![event, EventRecord::new(EventKind::Queue, 7)];
    let mut record = Record::new(-7, Some(9));
    record.phase = Phase::Expired;
    record.news_s = 1_775_000_000;
    record.mark_processed(InteractionFact::Conversation);
    record.mark_processed(InteractionFact::Expired);
    record.final_labels = Some(FinalLabels {
        medium: admitted(0),
        direction: LabelId::NONE,
        outcome: LabelId::OTHER,
        virtual_queue: LabelId::REDACTED,
        reporting_group: admitted(200),
    });
    record.counted = [Some(1), None, Some(3), Some(4)];
    record.channels = vec![channel];
    record.set_fingerprints(vec![1, u32::MAX]);
    record.first_final_ms = Some(13);
    record.open = Some(Box::new(interaction()));
    record
}

pub(super) fn trace() -> Trace {
    let values = [
        ("text", Value::Text("x".to_owned())),
        ("count", Value::Count(-3)),
        ("millis", Value::Millis(1_500)),
        ("ratio", Value::Ratio(0.5)),
        ("truth", Value::Truth(true)),
    ];
    let attributes: Vec<_> = values.map(|(name, value)| (name.into(), value)).into();
    let span = |kind| Span {
        id: SpanId([1; 8]),
        parent: None,
        name: "queue".to_owned(),
        kind,
        start_ms: 100,
        end_ms: 200,
        attributes: Vec::new(),
        events: Vec::new(),
        links: Vec::new(),
        failed: false,
    };
    let full = Span {
        parent: Some(SpanId([2; 8])),
        attributes: attributes.clone(),
        events: vec![SpanEvent {
            name: "rating".to_owned(),
            at_ms: 150,
            attributes: attributes[..1].to_vec(),
        }],
        links: vec![(TraceId([4; 16]), SpanId([5; 8]))],
        failed: true,
        ..span(Kind::Server)
    };
    Trace {
        id: TraceId([3; 16]),
        spans: vec![full, span(Kind::Internal), span(Kind::Client)],
    }
}

pub(super) fn meta() -> AccountMeta {
    AccountMeta {
        api_url: "http://api/".to_owned(),
        epoch_ms: 1,
        counting_since_ms: 2,
        cursor_ms: 3,
        eviction_watermark_ms: Some(4),
        unread_windows: vec![UnreadWindow {
            start_ms: 5,
            end_ms: 6,
            attempts: 7,
            next_ms: 8,
        }],
        definitions: [("family".to_owned(), "meaning".to_owned())].into(),
        targets: [(LabelId::admitted(0).unwrap(), 20_000)].into(),
        rows: 9,
        eviction_cursor: Guid(10),
        maintained_ms: 11,
        rescanned_ms: 12,
    }
}

/// A series as it is after an observation of 1.234 seconds.
pub(super) fn series(family: Family) -> Series {
    let mut value = SeriesValue::zero(family);
    value.add(7);
    if let FamilyKind::Histogram(bounds) = family.info().kind {
        value.observe(bounds, 0);
        value.observe(bounds, 1_234);
    }
    let key = SeriesKey::new(family, &LabelSet::new());
    let none: Arc<str> = "none".into();
    Series {
        key,
        labels: key.labels().map(|_| Arc::clone(&none)).collect(),
        value,
        start_ms: 5,
        revealed: true,
        warmup_since_ms: 0,
    }
}

pub(super) const RECORD: &str = "
    03c0b3b1ce060d0112820104000102cc010102000106010801f0a204208827f02e02ff81e807d00fb8170700
    0700000201ffffffff0f011a01a302010503d00f01a01f01f02e01c03e0100010550686f6e65010356434301
    07496e626f756e640109436f6d706c657465640107537570706f727405ffffffffffffffffff010401084f62
    736572766572014d01076167656e742d31140116011801085472616e7366657201055465616d731307d80401
    09010553616c65730108416e7377657265640108010102565101025651c0b80202064765726d616e03546178
    0102000000000002020000000000030200000000000402000000000005020000000000060200000000000702
    000000000008020000000000090200000000000a0200000000000b0200000000000c0200000000000d020000
    0000000e0200000000000f0200000000001002000000000011020000000000ff020000000000010100000000
    0000000000010200000000000000000001030000000000000000000105000000000000000000
";
pub(super) const TRACE: &str = "
    0303030303030303030303030303030303010101010101010101020202020202020205717565756502c80190
    0305047465787401017800000000000000000005636f756e740200050000000000000000066d696c6c697303
    00b817000000000000000005726174696f040000000000000000e03f05747275746805000200000000000000
    000106726174696e67ac02010474657874010178000000000000000000010404040404040404040404040404
    040405050505050505050101010101010101010005717565756501c801900300000000010101010101010100
    05717565756503c801900300000000
";
pub(super) const ACCOUNT: &str = "
    ac020b687474703a2f2f6170692f0204060108010a0c0710010666616d696c79076d65616e696e670104c0b8
    02090a1618
";
const COUNTER: &str = "0a01070000";
const HISTOGRAM: &str = "
    0a01d20915010100000000000000000000000000000000000000010301010601
";
const GUIDS: &str = "0201ffffffffffffffffffffffffffffffffffff03";

#[test]
fn a_row_keeps_its_bytes() {
    let (record, mut buffer) = (record(), Vec::new());
    let bytes = encode_record(&record, &mut buffer).unwrap();
    assert_eq!(hex(bytes), hex(&unhex(RECORD)));
    assert_same(&decode_record(bytes).unwrap(), &record);
    let header = decode_header(bytes).unwrap();
    assert_eq!(header, (record.phase, record.last_update_ms()));
}

#[test]
fn a_trace_keeps_its_bytes() {
    let (trace, mut buffer) = (trace(), Vec::new());
    let bytes = encode_trace(&trace, &mut buffer).unwrap();
    assert_eq!(hex(bytes), hex(&unhex(TRACE)));
    assert_eq!(decode_trace(bytes).unwrap(), trace);
}

#[test]
fn an_account_keeps_its_bytes() {
    let bytes = encode_account(300, &meta()).unwrap();
    assert_eq!(hex(&bytes), hex(&unhex(ACCOUNT)));
    assert_eq!(decode_account(&bytes).unwrap(), (300, meta()));
}

#[test]
fn series_keep_their_keys_and_bytes() {
    let keys = [
        (Family::Interactions, COUNTER, "vcc_interactions_total"),
        (Family::QueueWait, HISTOGRAM, "vcc_queue_wait_seconds"),
    ];
    for (family, wanted, name) in keys {
        let (series, mut key, mut buffer) = (series(family), String::new(), Vec::new());
        let key = series_key(&series, &mut key);
        let labels = "\u{1f}none".repeat(family.info().labels.len());
        assert_eq!(key, format!("{name}{labels}"));
        let bytes = encode_series(&series, &mut buffer).unwrap();
        assert_eq!(hex(bytes), hex(&unhex(wanted)), "{family:?}");
        let read = decode_series(key, bytes, &LabelInterner::default(), 0).unwrap();
        assert_same(&read.unwrap(), &series);
    }
}

#[test]
fn guids_keep_their_bytes() {
    let (guids, mut buffer) = ([Guid(1), Guid(u128::MAX)], Vec::new());
    let bytes = encode_guids(&guids, &mut buffer).unwrap();
    assert_eq!(hex(bytes), hex(&unhex(GUIDS)));
    assert_eq!(decode_guids(bytes).unwrap(), guids);
}

#[test]
fn bytes_too_many_and_too_few_are_errors() {
    let mut buffer = Vec::new();
    let bytes = encode_record(&record(), &mut buffer).unwrap();
    let longer = [bytes, &[0]].concat();
    let error = decode_record(&longer).unwrap_err().to_string();
    assert_eq!(error, "1 bytes too many");
    for length in 0..bytes.len() {
        assert!(decode_record(&bytes[..length]).is_err(), "{length}");
    }
}

#[test]
fn an_unknown_number_is_named() {
    let mut bytes = unhex(RECORD);
    bytes[0] = 9;
    let error = decode_record(&bytes).unwrap_err().to_string();
    assert_eq!(error, "an unknown phase 9");
}
