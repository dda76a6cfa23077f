//! Times, durations and states in words.

use maud::{Markup, html};

use crate::status::{AccountState, Time};

pub(super) fn state_name(state: AccountState) -> &'static str {
    match state {
        AccountState::UpToDate => "Up to date",
        AccountState::CatchingUp => "Catching up",
        AccountState::Starting => "Starting",
        AccountState::Failing => "Polls fail",
    }
}

/// A moment, with its date where that is not today's.
pub(super) fn time(at: Time, now: Time) -> Markup {
    let utc = at.utc();
    let format = if at.is_same_day(now) {
        "%H:%M:%S"
    } else {
        "%-d %b %Y %H:%M:%S"
    };
    let machine = utc.format("%Y-%m-%dT%H:%M:%SZ");
    html! { time datetime=(machine) { (utc.format(format)) " UTC" } }
}

/// How long ago something was, or in how long it will be.
pub(super) fn distance(at: Time, now: Time) -> String {
    let away_s = (at.0 - now.0) as f64 / 1_000.0;
    if away_s.abs() < 0.5 {
        "now".to_owned()
    } else if away_s > 0.0 {
        format!("in {}", duration(away_s))
    } else {
        format!("{} ago", duration(-away_s))
    }
}

/// A duration in its two largest units.
pub(super) fn duration(seconds: f64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let mut rest = seconds.max(0.0).round() as u64;
    let largest = UNITS.iter().position(|(unit, _)| rest >= *unit);
    let Some(largest) = largest else {
        return "0 s".to_owned();
    };
    let mut said = Vec::new();
    for (unit, name) in UNITS.iter().skip(largest).take(2) {
        if rest >= *unit {
            said.push(format!("{}\u{a0}{name}", rest / unit));
        }
        rest %= unit;
    }
    said.join(" ")
}

pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    let what = if number == 1 { one } else { many };
    format!("{number} {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_said_in_two_units() {
        let said = |seconds| duration(seconds).replace('\u{a0}', " ");
        for (seconds, words) in [
            (-3.0, "0 s"),
            (0.4, "0 s"),
            (59.6, "1 min"),
            (61.0, "1 min 1 s"),
            (3_600.0, "1 h"),
            (3_661.0, "1 h 1 min"),
            (3_605.0, "1 h"),
            (200_000.0, "2 d 7 h"),
        ] {
            assert_eq!(said(seconds), words, "{seconds}");
        }
    }

    #[test]
    fn a_moment_has_its_date_where_it_is_not_of_today() {
        let now = Time(1_772_442_000_000);
        let said = |ms| time(Time(ms), now).into_string();
        assert_eq!(
            said(now.0 + 7),
            "<time datetime=\"2026-03-02T09:00:00Z\">09:00:00 UTC</time>"
        );
        assert!(said(now.0 - 86_400_000).contains(">1 Mar 2026 09:00:00 UTC<"));
        assert_eq!(
            distance(Time(now.0 - 90_000), now).replace('\u{a0}', " "),
            "1 min 30 s ago"
        );
        assert_eq!(
            distance(Time(now.0 + 9_000), now).replace('\u{a0}', " "),
            "in 9 s"
        );
        assert_eq!(distance(now, now), "now");
    }
}
