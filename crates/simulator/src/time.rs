//! Timestamps as the API reads and writes them.
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// Formats Unix milliseconds as ISO 8601 in UTC with this many fraction digits, at most 7.
///
/// Digits finer than a millisecond are constant: the real API writes them, and nothing depends on them.
pub(crate) fn stamp(unix_ms: i64, digits: usize) -> String {
    let Some(time) = DateTime::<Utc>::from_timestamp_millis(unix_ms) else {
        return String::new();
    };
    let whole = time.format("%Y-%m-%dT%H:%M:%S");
    if digits == 0 {
        return format!("{whole}Z");
    }
    let fraction = format!("{:03}4321", unix_ms.rem_euclid(1000));
    format!("{whole}.{}Z", &fraction[..digits.min(fraction.len())])
}

/// Parses an ISO 8601 time into Unix milliseconds: 0 to 7 fraction digits, with or without an offset, or a date.
pub(crate) fn parse(text: &str) -> Option<i64> {
    if let Some((_, fraction)) = text.rsplit_once('.')
        && fraction.chars().take_while(char::is_ascii_digit).count() > 7
    {
        return None;
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp_millis());
    }
    if let Ok(time) = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f") {
        return Some(time.and_utc().timestamp_millis());
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_documented_form() {
        let expected = Some(1_576_856_559_825);
        assert_eq!(parse("2019-12-20T15:42:39.825Z"), expected);
        assert_eq!(parse("2019-12-20T15:42:39.8254321"), expected);
        assert_eq!(parse("2019-12-20T16:42:39.825+01:00"), expected);
        assert_eq!(parse("2019-12-20"), Some(1_576_800_000_000));
        for bad in [
            "",
            "yesterday",
            "2019-13-01",
            "2019-12-20T15:42:39.12345678Z",
            "1576856559",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn times_are_written_with_the_digits_asked_for() {
        assert_eq!(stamp(1_576_856_559_825, 3), "2019-12-20T15:42:39.825Z");
        assert_eq!(stamp(1_576_856_559_000, 0), "2019-12-20T15:42:39Z");
        assert_eq!(stamp(1_576_856_559_825, 7), "2019-12-20T15:42:39.8254321Z");
    }
}
