//! Writes protobuf fields: <https://protobuf.dev/programming-guides/encoding/>.

use prost::encoding::{WireType, encode_key, encode_varint};

/// The fields of one message, without the length that precedes an embedded message.
#[derive(Debug, Default)]
pub(crate) struct ProtoWriter(Vec<u8>);

impl ProtoWriter {
    /// A field of type `int64`, `uint32`, `uint64` or an enumeration.
    pub(crate) fn integer(&mut self, field: u32, value: u64) {
        encode_key(field, WireType::Varint, &mut self.0);
        encode_varint(value, &mut self.0);
    }

    /// A field of a `sint` type (`ZigZag`: small negative numbers are short).
    pub(crate) fn signed(&mut self, field: u32, value: i64) {
        self.integer(field, ((value << 1) ^ (value >> 63)) as u64);
    }

    pub(crate) fn double(&mut self, field: u32, value: f64) {
        encode_key(field, WireType::SixtyFourBit, &mut self.0);
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn text(&mut self, field: u32, value: &str) {
        self.bytes(field, value.as_bytes());
    }

    pub(crate) fn message(&mut self, field: u32, value: &ProtoWriter) {
        self.bytes(field, &value.0);
    }

    /// Appends a message preceded by its length, as a stream of delimited messages has it.
    pub(crate) fn delimited(&mut self, value: &ProtoWriter) {
        encode_varint(value.0.len() as u64, &mut self.0);
        self.0.extend_from_slice(&value.0);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Removes all fields and keeps the capacity.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn bytes(&mut self, field: u32, value: &[u8]) {
        encode_key(field, WireType::LengthDelimited, &mut self.0);
        encode_varint(value.len() as u64, &mut self.0);
        self.0.extend_from_slice(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_specification_come_out() {
        let mut message = ProtoWriter::default();
        message.integer(1, 150);
        assert_eq!(message.0, [0x08, 0x96, 0x01]);
        let mut outer = ProtoWriter::default();
        outer.message(3, &message);
        outer.text(2, "testing");
        assert_eq!(outer.0, *b"\x1a\x03\x08\x96\x01\x12\x07testing");
        for (value, written) in [(0, 0), (-1, 1), (1, 2), (-2, 3), (63, 126)] {
            message.clear();
            message.signed(1, value);
            assert_eq!(message.0, [0x08, written], "{value}");
        }
    }
}
