//! The bytes of every stored struct and the number of every enumeration's variants, by value.
//!
//! What fails here would misread states that exist. Make a new schema version instead: see the
//! module.

mod codes;
mod golden;
mod v1;

use std::fmt::Debug;

/// The value of these bytes, in hexadecimal; line breaks do not matter.
fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits.chunks_exact(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    pairs.map(byte).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Values are compared as text, because not all of them can be compared themselves.
fn assert_same(one: &impl Debug, other: &impl Debug) {
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
}
