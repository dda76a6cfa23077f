//! The numbers by which facts, reasons and labels enter the fingerprints that rows remember
//! corrections and rejections by.
//!
//! Fingerprints are stored, so a number given once is never changed: with another one, what was
//! counted before would count again. What has no number here enters by the hash of its text, which
//! is as durable; nothing needs to be added.

use crate::catalogue::Label;
use crate::interaction::stable_hash;

/// The number of a fact, or of a reason for a rejection, by its label text.
pub(super) fn fact_code(fact: &str) -> u64 {
    let known = CODES.iter().find(|(known, _)| *known == fact);
    known.map_or_else(|| hashed(fact), |(_, code)| *code)
}

/// The number of a label.
pub(super) fn label_code(label: Label) -> u64 {
    match label.name() {
        "medium" => 0,
        "direction" => 1,
        "outcome" => 3,
        "reporting_group" => 6,
        other => hashed(other),
    }
}

/// Never one of the numbers given, whose last byte is below 128.
fn hashed(text: &str) -> u64 {
    stable_hash(text) | 0x80
}

const CODES: [(&str, u64); 37] = [
    ("started", 23),
    ("conversation", 24),
    ("ended", 25),
    ("duration", 26),
    ("talk", 27),
    ("handle", 28),
    ("categorized", 29),
    ("queue_entry", 30),
    ("queue_exit", 31),
    ("wait", 32),
    ("skill", 33),
    ("agent_queue_exit", 34),
    ("agent_queue_wait", 35),
    ("offer", 36),
    ("ring", 37),
    ("agent_handle", 38),
    ("agent_wrap", 39),
    ("hold", 40),
    ("outbound_attempt", 41),
    ("channel_end", 42),
    ("disposition", 43),
    ("rating", 44),
    ("monitoring", 45),
    ("audio_problem", 46),
    ("delivery_failure", 47),
    ("assistant_session", 48),
    ("assistant_time", 49),
    ("assistant_messages", 50),
    ("applet", 51),
    ("plan", 52),
    ("recording", 53),
    ("voicemail", 54),
    ("data_value", 55),
    ("event", 56),
    ("negative", 58),
    ("absurd", 59),
    ("unreadable_time", 60),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Record;

    #[test]
    fn fingerprints_are_those_of_earlier_versions() {
        let mut record = Record::new(0, None);
        for fact in ["started", "ended", "negative", "unreadable_time"] {
            assert!(record.record_correction(fact, 7), "{fact}");
        }
        assert_eq!(
            record.fingerprints(),
            [0x3684_5412, 0x6084_5412, 0x1584_5412, 0x3f84_5412]
        );
    }

    #[test]
    fn no_two_facts_have_one_number_and_unknown_ones_have_another() {
        let mut codes: Vec<_> = CODES.iter().map(|(_, code)| *code).collect();
        codes.dedup();
        assert_eq!(codes.len(), CODES.len());
        assert!(CODES.is_sorted_by_key(|(_, code)| *code));
        assert!(codes.iter().all(|code| *code < 0x80));
        assert!(fact_code("a fact to come") & 0x80 != 0);
    }
}
