//! Recovers the items of a page that is not JSON.
//!
//! The vendor's own published example lacks a quote. The text is cut into the objects of `items`
//! by counting braces outside strings. JSON strings cannot hold a raw line break, so one that does
//! is broken, and the scan resumes at the end of the line. Each object is then decoded alone.

use super::decode::{MAX_ITEMS, take_text};
use vcc_core::interaction::Page;

/// Decodes every complete item of a broken page. The envelope counts as lost: such a page never
/// moves a cursor.
pub fn salvage(body: &[u8]) -> Page<'_> {
    let mut out = Page::default();
    // Lossy text could change a value, so a body that is not UTF-8 is read up to its first invalid
    // byte.
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&body[..error.valid_up_to()]).unwrap_or_default(),
    };
    if let Some(items) = text
        .find("\"items\"")
        .and_then(|at| text[at..].find('[').map(|b| at + b + 1))
    {
        for object in objects(&text[items..]).take(MAX_ITEMS) {
            take_text(&mut out, object);
        }
    }
    out
}

/// The top-level objects in the text of a list, up to its closing bracket.
fn objects(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() && bytes[at] != b'{' {
            if bytes[at] == b']' {
                return None;
            }
            at += 1;
        }
        let start = at;
        let (mut depth, mut in_string) = (0_u32, false);
        while at < bytes.len() {
            match (bytes[at], in_string) {
                (b'\\', true) => at += 1,
                (b'"', _) => in_string = !in_string,
                (b'\n', true) => in_string = false,
                (b'{', false) => depth += 1,
                (b'}', false) => depth -= 1,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                return Some(&text[start..at]);
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use vcc_core::vocabulary::RecordRejectReason;

    #[test]
    fn whole_items_around_a_broken_one_are_read() {
        let body = br#"{"meta":{"page":1},"items":[
            {"guid":"016f7e44-7525-4e37-b0db-5dd09afe592e","start":"2020-01-07T12:48:48.023Z"},
            {"guid":"49e5af96-0cd0-45df-b916-8b2b2c4d0070","talkTime!: 15174,
             "start":"2020-01-07T12:49:37.855Z"},
            {"guid":"03d154eb-f3fa-4151-bf61-eff2e8197343","start":"2020-01-07T12:49:37.955Z",
             "note":"a } in a \" string"}],"upTo":"2020"#;
        let page = salvage(body);
        assert_eq!(page.interactions.len(), 2);
        assert_eq!(page.rejected, [(RecordRejectReason::Malformed, None)]);
        assert_eq!(page.up_to_ms, None);
    }

    #[test]
    fn anything_else_yields_nothing() {
        for body in [
            &b""[..],
            b"<html>",
            b"{\"items\":[",
            b"{\"items\":[{",
            b"\xff\xfe",
            b"{\"items\":[{\"a\":\"\\",
        ] {
            assert!(salvage(body).is_empty());
        }
    }
}
