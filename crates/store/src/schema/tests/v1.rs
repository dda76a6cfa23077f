//! Bytes that version 1 wrote, of the values of `golden`.

use super::golden::{self, ACCOUNT, RECORD, TRACE};
use super::{assert_same, hex, unhex};
use crate::schema::account::decode_account;
use crate::schema::{decode_record, decode_series, series_key, v1};
use vcc_core::catalogue::Family;
use vcc_core::labels::LabelInterner;
use vcc_core::series::{Series, Value};

const V1_RECORD: &str = "
    02c0b3b1ce060d0112820104000102cc010102000106010801f0a204208827f02e021181e807d00fb8170600
    0700000201ffffffff0f011a01a302010502d00f01a01f01f02e01c03e0101010550686f6e65010356434301
    07496e626f756e640109436f6d706c657465640107537570706f727405ffffffffffffffffff0103084f6273
    6572766572014d01076167656e742d31140116011801085472616e7366657201055465616d731306d8040109
    010553616c65730108416e7377657265640108010102565101025651c0b80202064765726d616e0354617800
    0200000000000102000000000002020000000000030200000000000402000000000005020000000000060200
    000000000702000000000008020000000000090200000000000a0200000000000b0200000000000c02000000
    00000d0200000000000e0200000000000f020000000000100200000000001102000000000001000000000000
    000000010100000000000000000102000000000000000001040000000000000000
";
const V1_TRACE: &str = "
    0303030303030303030303030303030303010101010101010101020202020202020205717565756501c80190
    0305047465787400017805636f756e740105066d696c6c697302b81705726174696f03000000000000e03f05
    747275746804010106726174696e67ac02010474657874000178010404040404040404040404040404040405
    050505050505050101010101010101010005717565756500c801900300000000010101010101010100057175
    65756502c801900300000000
";
/// Of a counter, and of a histogram with and without exponential buckets.
const V1_COUNTER: &str = "0a01070000";
const V1_HISTOGRAM: &str = "
    0a01d20915010100000000000000000000000000000000000000010301010601
";

#[test]
fn a_row_is_the_same_row() {
    let mut buffer = Vec::new();
    let bytes = v1::record(&unhex(V1_RECORD), &mut buffer).unwrap();
    assert_eq!(hex(bytes), hex(&unhex(RECORD)));
    assert_same(&decode_record(bytes).unwrap(), &golden::record());
}

#[test]
fn a_trace_is_the_same_trace() {
    let mut buffer = Vec::new();
    let bytes = v1::trace(&unhex(V1_TRACE), &mut buffer).unwrap();
    assert_eq!(hex(bytes), hex(&unhex(TRACE)));
}

/// Accounts are not rewritten.
#[test]
fn an_account_has_the_same_bytes() {
    let (id, meta) = decode_account(&unhex(ACCOUNT)).unwrap();
    assert_eq!((id, meta), (300, golden::meta()));
}

fn read(bytes: &[u8], series: &Series) -> Option<Value> {
    let (mut key, mut buffer) = (String::new(), Vec::new());
    let key = series_key(series, &mut key);
    let bytes = v1::series(bytes, &mut buffer).unwrap();
    let read = decode_series(key, bytes, &LabelInterner::default(), 0).unwrap();
    read.map(|series| series.value)
}

/// Before exponential buckets were kept, a series was stored without them. A histogram without
/// them cannot go on; everything else does.
#[test]
fn series_from_before_exponential_buckets_are_read_and_only_histograms_are_lost() {
    let cases = [
        (Family::Interactions, V1_COUNTER, 1),
        (Family::QueueWait, V1_HISTOGRAM, 6),
    ];
    for (family, bytes, exponential) in cases {
        let (bytes, series) = (unhex(bytes), golden::series(family));
        assert_eq!(read(&bytes, &series), Some(series.value.clone()));
        let before = &bytes[..bytes.len() - exponential];
        let goes_on = family == Family::Interactions;
        assert_eq!(read(before, &series).is_some(), goes_on, "{family:?}");
    }
}

#[test]
fn a_place_that_version_1_did_not_have_is_named() {
    for (place, known) in [(2, true), (3, false), (127, false)] {
        let mut bytes = unhex(V1_RECORD);
        bytes[0] = place;
        match v1::record(&bytes, &mut Vec::new()) {
            Ok(_) => assert!(known, "{place}"),
            Err(error) => assert_eq!(error.to_string(), format!("an unknown phase {place}")),
        }
    }
}
