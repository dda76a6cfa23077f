//! Reads numbers and durations within a range.

use std::{borrow::Cow, fmt::Display, ops::RangeInclusive, str::FromStr, time::Duration};

/// In seconds.
pub const MINUTE: u64 = 60;
/// In seconds.
pub const HOUR: u64 = 60 * MINUTE;
/// In seconds.
pub const DAY: u64 = 24 * HOUR;

/// A year as `humantime` has it, in seconds.
pub const YEAR: u64 = 31_557_600;

/// What is wrong with a value: a predicate for a message that has named the key and shown the value
/// already, such as `has no unit: write 15s`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// The duration as it should be written.
    #[error("has no unit: write {0}")]
    NoUnit(String),
    /// An example.
    #[error("is not a duration: write a number and a unit, such as {0}")]
    NotADuration(String),
    /// What kind of number, and the range.
    #[error("is not {0}: allowed is {1}")]
    NotANumber(&'static str, String),
    /// The adjective, and the range.
    #[error("is too {0}: allowed is {1}")]
    OutOfRange(&'static str, String),
    /// Breaks a rule of its own.
    #[error("{0}")]
    Rejected(Cow<'static, str>),
}

impl From<&'static str> for ValueError {
    fn from(problem: &'static str) -> Self {
        ValueError::Rejected(problem.into())
    }
}

impl From<String> for ValueError {
    fn from(problem: String) -> Self {
        ValueError::Rejected(problem.into())
    }
}

/// Reads a duration with a unit; the range is in seconds.
///
/// # Errors
/// It is not a duration or out of range.
pub fn duration(text: &str, allowed: RangeInclusive<u64>) -> Result<Duration, ValueError> {
    let (start, end) = allowed.into_inner();
    let allowed = Duration::from_secs(start)..=Duration::from_secs(end);
    let digits = text.trim_start_matches('-');
    if !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return Err(ValueError::NoUnit(format!("{digits}s")));
    }
    let parsed = humantime::parse_duration(text)
        .map_err(|_| ValueError::NotADuration(span(*allowed.end())))?;
    if allowed.contains(&parsed) {
        return Ok(parsed);
    }
    let wrong = if parsed < *allowed.start() {
        "short"
    } else {
        "long"
    };
    Err(ValueError::OutOfRange(wrong, spans(&allowed)))
}

/// Reads a number within a range; `kind` says which numbers are meant.
///
/// # Errors
/// It is not such a number or out of range.
pub fn number<T>(
    text: &str,
    allowed: &RangeInclusive<T>,
    kind: &'static str,
) -> Result<T, ValueError>
where
    T: FromStr + PartialOrd + Display + Copy,
{
    let range = format!("{} to {}", allowed.start(), allowed.end());
    let Ok(parsed) = text.parse::<T>() else {
        return Err(ValueError::NotANumber(kind, range));
    };
    if allowed.contains(&parsed) {
        Ok(parsed)
    } else if parsed < *allowed.start() {
        Err(ValueError::OutOfRange("small", range))
    } else if parsed > *allowed.end() {
        Err(ValueError::OutOfRange("large", range))
    } else {
        // NaN is neither inside the range nor on a side of it.
        Err(ValueError::NotANumber(kind, range))
    }
}

/// Reads `true` or `false`.
pub(super) fn parse_bool(text: &str) -> Result<bool, ValueError> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("must be true or false".into()),
    }
}

/// A range of durations, in words.
pub(super) fn spans(range: &RangeInclusive<Duration>) -> String {
    format!("{} to {}", span(*range.start()), span(*range.end()))
}

/// A duration as an operator would write it: in the largest unit that divides it,
/// where a single day is 24h, as in the documentation.
fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    for (unit, name) in [(YEAR, "y"), (DAY, "d"), (HOUR, "h"), (MINUTE, "m")] {
        if seconds > 0 && seconds.is_multiple_of(unit) && (unit, seconds) != (DAY, DAY) {
            return format!("{}{name}", seconds / unit);
        }
    }
    format!("{seconds}s")
}
