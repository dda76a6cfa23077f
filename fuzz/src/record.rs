//! The records of the state, each by itself: what can be read is written so that it reads the same.

use serde::Serialize;
use serde::de::DeserializeOwned;
use vcc_exporter::interaction::{Guid, Interaction};
use vcc_exporter::ledger::{Age, Meta, Record};
use vcc_exporter::series::Native;
use vcc_exporter::trace::Trace;

use super::changed::any_or_changed;
use super::example::EXAMPLE;

/// The first byte chooses what the others, or changes of an example, are read as.
pub fn check(data: &[u8]) {
    let Some((kind, data)) = data.split_first() else {
        return;
    };
    let [accounts, _, rows, outbox, traced, _] = &EXAMPLE.records;
    match kind % 6 {
        0 => row(&any_or_changed(rows, data)),
        1 => the_same_again::<(u32, Meta)>(&any_or_changed(accounts, data)),
        2 => the_same_again::<Trace>(&any_or_changed(outbox, data)),
        3 => the_same_again::<Vec<Guid>>(&any_or_changed(traced, data)),
        4 => the_same_again::<Option<Native>>(data),
        _ => the_same_again::<Interaction<'static>>(data),
    }
}

/// A row begins with its age, which is read without the rest.
fn row(bytes: &[u8]) {
    the_same_again::<Record>(bytes);
    if let Ok(record) = postcard::from_bytes::<Record>(bytes) {
        let (age, _) = postcard::take_from_bytes::<Age>(bytes).unwrap();
        assert_eq!((age.phase, age.news_ms()), (record.phase, record.news_ms()));
    }
}

/// Bytes are compared, because a number in a trace may be none, which equals nothing.
fn the_same_again<T: Serialize + DeserializeOwned>(bytes: &[u8]) {
    if let Ok(read) = postcard::from_bytes::<T>(bytes) {
        let written = postcard::to_stdvec(&read).unwrap();
        let again = postcard::from_bytes::<T>(&written).unwrap();
        assert_eq!(postcard::to_stdvec(&again).unwrap(), written);
    }
}
