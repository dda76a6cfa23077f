//! Changes of bytes that are in order, written as bytes: so a fuzzer need not find out what is.

/// Bytes of a change: where, in four bytes, and what is to be there instead.
const CHANGE: usize = 5;

/// The first byte says how much is cut off, of 256 parts; the others are changes.
pub fn changed(whole: &[u8], how: &[u8]) -> Vec<u8> {
    let (cut, changes) = how.split_first().unwrap_or((&0, &[]));
    let mut bytes = whole.to_vec();
    bytes.truncate(whole.len() - whole.len() * usize::from(*cut) / 256);
    for change in changes.chunks_exact(CHANGE) {
        let place = u32::from_le_bytes([change[0], change[1], change[2], change[3]]);
        if let Some(place) = (place as usize).checked_rem(bytes.len()) {
            bytes[place] = change[4];
        }
    }
    bytes
}

/// Either bytes as they are, or changes of one of these examples.
pub fn any_or_changed(examples: &[Vec<u8>], data: &[u8]) -> Vec<u8> {
    match data.split_first() {
        Some((which, how)) if *which > 0 && !examples.is_empty() => {
            changed(&examples[usize::from(*which) % examples.len()], how)
        }
        Some((_, bytes)) => bytes.to_vec(),
        None => Vec::new(),
    }
}
