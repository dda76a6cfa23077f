//! What was counted today. Counters go on for ever, so a day's share is the difference to what they
//! showed when the day began; which is known only to an exporter that was there.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalogue::Family;
use crate::ledger::AccountView;
use crate::series::Value;

const DAY_MS: i64 = 86_400_000;

/// A window that carries the cursor further than this over midnight says little about the day it
/// ends in: most of it may be yesterday's, or today's.
const STEP_MS: i64 = 3_600_000;

/// Interactions that ended, by medium and outcome. A label that the family was told to leave out is
/// empty.
pub type Ended = BTreeMap<(Arc<str>, Arc<str>), u64>;

/// From when on something was counted, Unix milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// The exporter's start, or its last reading of the configuration, in local time.
    Start(i64),
    /// The beginning of a day of UTC, in the API's time: all that the API had processed until then
    /// was counted before, so it is the first moment of the day that the cursor stood at.
    Day(i64),
}

impl Since {
    /// The moment itself.
    pub fn ms(self) -> i64 {
        match self {
            Since::Start(ms) | Since::Day(ms) => ms,
        }
    }
}

/// What the counters showed when the day began.
#[derive(Debug, Clone)]
pub struct Day {
    since: Since,
    cursor_ms: i64,
    before: Ended,
}

impl Day {
    /// An exporter starts, at a local time, with what was counted until the cursor.
    pub fn start(local_ms: i64, cursor_ms: i64, ended: Ended) -> Self {
        Day {
            since: Since::Start(local_ms),
            cursor_ms,
            before: ended,
        }
    }

    /// The cursor has moved, and with it perhaps into another day.
    ///
    /// What an exporter counted since its start is kept where a single step leads over midnight: a
    /// first start that reads all of yesterday and today at once would show nothing otherwise.
    pub fn moved(&mut self, cursor_ms: i64, ended: impl FnOnce() -> Ended) {
        let is_other = day_of(cursor_ms) > day_of(self.cursor_ms);
        let is_small = cursor_ms - self.cursor_ms <= STEP_MS;
        if is_other && (is_small || matches!(self.since, Since::Day(_))) {
            self.since = Since::Day(cursor_ms);
            self.before = ended();
        }
        self.cursor_ms = cursor_ms;
    }

    /// From when on the day's share counts.
    pub fn since(&self) -> Since {
        self.since
    }

    /// What was counted since, where anything was.
    pub fn counted(&self, mut ended: Ended) -> Ended {
        for (labels, count) in &mut ended {
            // Counters do not go down while an exporter runs.
            *count = count.saturating_sub(self.before.get(labels).copied().unwrap_or(0));
        }
        ended.retain(|_, count| *count > 0);
        ended
    }
}

/// The number of a day of UTC.
pub fn day_of(ms: i64) -> i64 {
    ms.div_euclid(DAY_MS)
}

/// Everything that ever ended.
pub fn ended(view: &AccountView) -> Ended {
    let mut sums = Ended::new();
    for series in view.series(Family::Interactions).iter() {
        if let (Value::Counter(count), [medium, _, outcome, ..]) = (&series.value, &*series.labels)
        {
            let labels = (Arc::clone(medium), Arc::clone(outcome));
            *sums.entry(labels).or_default() += count;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A midnight.
    const MIDNIGHT_MS: i64 = 20_000 * DAY_MS;

    fn calls(count: u64) -> Ended {
        [(("Phone".into(), "Handled".into()), count)].into()
    }

    #[test]
    fn a_start_counts_from_zero_whatever_was_counted_before() {
        let day = Day::start(MIDNIGHT_MS + 5, MIDNIGHT_MS, calls(70));
        assert_eq!(day.since(), Since::Start(MIDNIGHT_MS + 5));
        assert_eq!(day.counted(calls(70)), Ended::new());
        assert_eq!(day.counted(calls(72)), calls(2));
    }

    #[test]
    fn a_day_begins_where_the_cursor_first_stands_in_it() {
        let mut day = Day::start(0, MIDNIGHT_MS - 20_000, calls(70));
        day.moved(MIDNIGHT_MS - 5_000, || {
            unreachable!("it is still the same day")
        });
        assert_eq!(day.counted(calls(75)), calls(5));
        day.moved(MIDNIGHT_MS + 10_000, || calls(80));
        assert_eq!(day.since(), Since::Day(MIDNIGHT_MS + 10_000));
        assert_eq!(day.counted(calls(83)), calls(3));
        day.moved(MIDNIGHT_MS + 25_000, || {
            unreachable!("it is still the same day")
        });
        // An outage of a day and more: the next one begins late, but it begins.
        day.moved(MIDNIGHT_MS + DAY_MS + 7_200_000, || calls(90));
        assert_eq!(day.since(), Since::Day(MIDNIGHT_MS + DAY_MS + 7_200_000));
        assert_eq!(day.counted(calls(91)), calls(1));
    }

    #[test]
    fn a_first_start_that_reads_over_midnight_at_once_shows_what_it_read() {
        let mut day = Day::start(7, MIDNIGHT_MS - 40_000_000, Ended::new());
        day.moved(MIDNIGHT_MS + 40_000_000, || {
            unreachable!("its start is kept")
        });
        assert_eq!(day.since(), Since::Start(7));
        assert_eq!(day.counted(calls(9)), calls(9));
        day.moved(MIDNIGHT_MS + DAY_MS + 3_000, || {
            unreachable!("a step of half a day")
        });
        day.moved(MIDNIGHT_MS + 2 * DAY_MS - 1, || {
            unreachable!("the same day")
        });
        day.moved(MIDNIGHT_MS + 2 * DAY_MS, || calls(9));
        assert_eq!(day.since(), Since::Day(MIDNIGHT_MS + 2 * DAY_MS));
    }
}
