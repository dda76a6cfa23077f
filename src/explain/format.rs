//! Times, durations and names as people read them.

use chrono::{DateTime, SecondsFormat};

use vcc_core::catalogue::{Family, Kind, Label};
use vcc_core::labels::looks_personal;
use vcc_core::vocabulary::{RecordRejectReason, RejectReason};

/// A moment, in UTC and to the millisecond.
pub(super) fn moment(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).map_or_else(
        || format!("{ms} ms"),
        |time| time.to_rfc3339_opts(SecondsFormat::Millis, true),
    )
}

/// A length of time, such as `0:01:04.547`.
pub(super) fn span(ms: i64) -> String {
    let sign = if ms < 0 { "-" } else { "" };
    let ms = ms.unsigned_abs();
    let (hours, minutes) = (ms / 3_600_000, ms / 60_000 % 60);
    let (seconds, rest) = (ms / 1_000 % 60, ms % 1_000);
    format!("{sign}{hours}:{minutes:02}:{seconds:02}.{rest:03}")
}

pub(super) fn span_if_known(ms: Option<i64>) -> String {
    ms.map_or_else(|| "not known".to_owned(), span)
}

/// A name from outside. What looks personal is as little shown here as in a label.
pub(super) fn name(text: &str) -> String {
    if looks_personal(text) {
        return "redacted".to_owned();
    }
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.trim().chars().map(plain).collect()
}

pub(super) fn quoted(text: &str) -> String {
    format!("{:?}", name(text))
}

/// A series, as a selector would name it.
pub(super) fn series<T: AsRef<str>>(family: Family, labels: &[(Label, T)]) -> String {
    let labels: Vec<_> = labels
        .iter()
        .map(|(label, text)| format!("{}={:?}", label.name(), text.as_ref()))
        .collect();
    let braces = if labels.is_empty() {
        ["", ""]
    } else {
        ["{", "}"]
    };
    let (open, close) = (braces[0], braces[1]);
    format!("{}{open}{}{close}", family.info().name, labels.join(","))
}

pub(super) fn movement(family: Family, by: u64) -> String {
    let (whole, rest) = (by / 1_000, by % 1_000);
    match family.info().kind {
        Kind::Histogram(_) if family == Family::QualityScore => format!("observes {whole}"),
        Kind::Histogram(_) => format!("observes {whole}.{rest:03} s"),
        Kind::Counter | Kind::Gauge => format!("+{by}"),
    }
}

pub(super) fn rejection(reason: RecordRejectReason) -> &'static str {
    match reason {
        RecordRejectReason::NotAnObject => "it is not an object",
        RecordRejectReason::WrongType => "a documented field has a value of the wrong type",
        RecordRejectReason::MissingGuid => "it has no guid",
        RecordRejectReason::BadGuid => "its guid is none",
        RecordRejectReason::MissingStart => "it has no start",
        RecordRejectReason::BadStart => "its start is no time between 1970 and 2200",
        RecordRejectReason::Malformed => "it is not JSON",
        RecordRejectReason::TooManyParts => {
            "it has more channels, events and names than is believed"
        }
    }
}

pub(super) fn refusal(reason: RejectReason) -> &'static str {
    match reason {
        RejectReason::Negative => "the value is negative",
        RejectReason::Absurd => "the value is beyond what is believed",
        RejectReason::UnreadableTime => "the value is no time",
        RejectReason::TooOld => "it may have been counted in a row that was forgotten since",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_by_people() {
        assert_eq!(span(0), "0:00:00.000");
        assert_eq!(span(-1), "-0:00:00.001");
        assert_eq!(span(100 * 3_600_000 + 62_003), "100:01:02.003");
        assert_eq!(moment(1_772_442_000_001), "2026-03-02T09:00:00.001Z");
        assert_eq!(name("a\n+44 20 7946 0958"), "redacted");
        assert_eq!(quoted("a\n\"b\""), r#""a \"b\"""#);
    }
}
