//! Times as the API and its relatives write them.

use std::ops::Range;

use chrono::{DateTime, NaiveDate, NaiveDateTime};

/// From 1970 to 2200: other times are errors, and sums with them could overflow.
const VALID_MS: Range<i64> = 0..7_258_118_400_000;

/// Parses ISO 8601 with 0 to 9 fractional digits, with `Z`, an offset or neither (then UTC), or a
/// date alone, to Unix milliseconds.
pub fn parse_time(text: &str) -> Option<i64> {
    let text = text.trim();
    let ms = if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        time.timestamp_millis()
    } else if let Ok(time) = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f") {
        time.and_utc().timestamp_millis()
    } else {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis()
    };
    VALID_MS.contains(&ms).then_some(ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_spelling() {
        let expected = Some(1_578_401_328_000);
        for text in [
            "2020-01-07T12:48:48Z",
            "2020-01-07T12:48:48.0000000Z",
            "2020-01-07T12:48:48",
            "2020-01-07T12:48:48.000",
            "2020-01-07T13:48:48+01:00",
            " 2020-01-07T12:48:48Z ",
        ] {
            assert_eq!(parse_time(text), expected, "{text}");
        }
        assert_eq!(parse_time("2020-01-07"), Some(1_578_355_200_000));
        for text in [
            "",
            "yesterday",
            "0001-01-01T00:00:00Z",
            "9999-12-31T00:00:00Z",
            "2020-13-01",
        ] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }
}
