//! gzip of a body whose large first part is compressed once and whose small rest at every scrape.
//!
//! The first part is a DEFLATE stream that ends on a byte boundary without ending the stream
//! (a sync flush); the rest is compressed separately and ends it. Concatenated they are one stream
//! and one gzip member (RFC 1951, RFC 1952), which every client can read.

use std::io::Write;

use bytes::Bytes;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc, FlushCompress};

/// Bodies are repetitive: the fastest level already shrinks them tenfold.
const LEVEL: Compression = Compression::fast();

/// magic, DEFLATE, no flags, no time, no extra flags, unknown system
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// The first part, compressed but open-ended.
#[derive(Debug)]
pub(crate) struct GzipPrefix {
    deflated: Bytes,
    crc: Crc,
}

impl GzipPrefix {
    pub(crate) fn new(text: &[u8]) -> Self {
        let mut deflated = HEADER.to_vec();
        let mut compress = flate2::Compress::new(LEVEL, false);
        let mut rest = text;
        // The loop ends when all is read and a flush leaves room in its output: RFC 1951 3.2.4
        // stored-block markers then close the byte.
        loop {
            deflated.reserve(64 + rest.len() / 4);
            let (read, capacity) = (compress.total_in(), deflated.capacity());
            // Compression into memory cannot fail.
            let _ = compress.compress_vec(rest, &mut deflated, FlushCompress::Sync);
            rest = &rest[(compress.total_in() - read) as usize..];
            if rest.is_empty() && deflated.len() < capacity {
                break;
            }
        }
        let mut crc = Crc::new();
        crc.update(text);
        GzipPrefix {
            deflated: deflated.into(),
            crc,
        }
    }

    /// The whole gzip body in two parts, of which the first is shared, not copied.
    pub(crate) fn with(&self, rest: &[u8]) -> [Bytes; 2] {
        let mut encoder = DeflateEncoder::new(Vec::new(), LEVEL);
        // Writing to a vector cannot fail.
        let _ = encoder.write_all(rest);
        let mut out = encoder.finish().unwrap_or_default();
        let mut tail = Crc::new();
        tail.update(rest);
        let mut crc = Crc::new();
        crc.combine(&self.crc);
        crc.combine(&tail);
        out.extend_from_slice(&crc.sum().to_le_bytes());
        out.extend_from_slice(&crc.amount().to_le_bytes());
        [self.deflated.clone(), out.into()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn a_strict_reader_gets_both_parts_back_from_one_member() {
        let repetitive = "vcc_interactions_total{account=\"a\"} 1\n".repeat(20_000);
        let noise: String = (0..300_000u64)
            .map(|n| format!("{:x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
            .collect();
        for first in ["", "x", &repetitive, &noise] {
            for rest in ["", "y", &repetitive] {
                let body = GzipPrefix::new(first.as_bytes())
                    .with(rest.as_bytes())
                    .concat();
                let mut text = String::new();
                flate2::bufread::GzDecoder::new(&body[..])
                    .read_to_string(&mut text)
                    .unwrap();
                assert!(
                    text == format!("{first}{rest}"),
                    "{} + {}",
                    first.len(),
                    rest.len()
                );
            }
        }
    }
}
