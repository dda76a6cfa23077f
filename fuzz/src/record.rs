//! The records of the state, each by itself: what can be read is written so that it reads the same.

use vcc_store::{StoredKind, reencode};

use super::changed::any_or_changed;
use super::example::EXAMPLE;

/// The first byte chooses what the others, or changes of an example, are read as.
pub fn check(data: &[u8]) {
    let Some((kind, data)) = data.split_first() else {
        return;
    };
    let [accounts, series, rows, outbox, traced, _] = &EXAMPLE.records;
    let (kind, examples) = match kind % 5 {
        0 => (StoredKind::Record, rows),
        1 => (StoredKind::Account, accounts),
        2 => (StoredKind::Trace, outbox),
        3 => (StoredKind::Guids, traced),
        _ => (StoredKind::Series, &without_keys(series)),
    };
    let bytes = any_or_changed(examples, data);
    // Bytes are compared, because a number in a trace may be none, which equals nothing.
    if let Ok(written) = reencode(kind, &bytes) {
        assert_eq!(reencode(kind, &written).unwrap(), written);
    }
}

/// A key stands before its series and ends with a zero.
fn without_keys(series: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let value = |record: &Vec<u8>| {
        let zero = record.iter().position(|byte| *byte == 0);
        record[zero.map_or(0, |at| at + 1)..].to_vec()
    };
    series.iter().map(value).collect()
}
