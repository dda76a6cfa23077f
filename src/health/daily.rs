//! What was counted today. Counters never start over, so the total of a day is their difference to a
//! baseline, their values when the day began; only an exporter that ran then knows it.

use std::collections::BTreeMap;
use std::sync::Arc;

use vcc_core::catalogue::Family;
use vcc_core::ledger::AccountView;
use vcc_core::series::Value;

const DAY_MS: i64 = 86_400_000;

/// A window that moves the cursor further than this over midnight does not start a new day: most of
/// what it held may be of the day before.
const STEP_MS: i64 = 3_600_000;

/// Interactions that ended, by medium and outcome. A label that the configuration drops is empty.
pub type DailyTotals = BTreeMap<(Arc<str>, Arc<str>), u64>;

/// When a day's total starts, Unix milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Baseline {
    /// The exporter's start, or its last reading of the configuration, in local time.
    Start(i64),
    /// The beginning of a day of UTC, in the API's time: all that the API had processed until then
    /// was counted before, so it is the first moment of the day that the cursor stood at.
    Day(i64),
}

impl Baseline {
    pub fn ms(self) -> i64 {
        match self {
            Baseline::Start(ms) | Baseline::Day(ms) => ms,
        }
    }
}

/// The counters when the day began.
#[derive(Debug, Clone)]
pub struct DailyBaseline {
    since: Baseline,
    cursor_ms: i64,
    before: DailyTotals,
}

impl DailyBaseline {
    /// The baseline of an exporter that starts at this local time.
    pub fn start(local_ms: i64, cursor_ms: i64, ended: DailyTotals) -> Self {
        DailyBaseline {
            since: Baseline::Start(local_ms),
            cursor_ms,
            before: ended,
        }
    }

    /// Moves the cursor, and starts a new day if it moved into one.
    ///
    /// A single large step over midnight keeps the baseline of the exporter's start: a first start that
    /// reads all of yesterday and today at once would show nothing otherwise.
    pub fn moved(&mut self, cursor_ms: i64, ended: impl FnOnce() -> DailyTotals) {
        let is_other = day_of(cursor_ms) > day_of(self.cursor_ms);
        let is_small = cursor_ms - self.cursor_ms <= STEP_MS;
        if is_other && (is_small || matches!(self.since, Baseline::Day(_))) {
            self.since = Baseline::Day(cursor_ms);
            self.before = ended();
        }
        self.cursor_ms = cursor_ms;
    }

    pub fn since(&self) -> Baseline {
        self.since
    }

    /// What was counted since, without the zeros.
    pub fn counted(&self, mut ended: DailyTotals) -> DailyTotals {
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

/// All interactions ever counted as ended.
pub fn totals(view: &AccountView) -> DailyTotals {
    let mut sums = DailyTotals::new();
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

    fn calls(count: u64) -> DailyTotals {
        [(("Phone".into(), "Handled".into()), count)].into()
    }

    #[test]
    fn a_start_counts_from_zero_whatever_was_counted_before() {
        let day = DailyBaseline::start(MIDNIGHT_MS + 5, MIDNIGHT_MS, calls(70));
        assert_eq!(day.since(), Baseline::Start(MIDNIGHT_MS + 5));
        assert_eq!(day.counted(calls(70)), DailyTotals::new());
        assert_eq!(day.counted(calls(72)), calls(2));
    }

    #[test]
    fn a_day_begins_where_the_cursor_first_stands_in_it() {
        let mut day = DailyBaseline::start(0, MIDNIGHT_MS - 20_000, calls(70));
        day.moved(MIDNIGHT_MS - 5_000, || {
            unreachable!("it is still the same day")
        });
        assert_eq!(day.counted(calls(75)), calls(5));
        day.moved(MIDNIGHT_MS + 10_000, || calls(80));
        assert_eq!(day.since(), Baseline::Day(MIDNIGHT_MS + 10_000));
        assert_eq!(day.counted(calls(83)), calls(3));
        day.moved(MIDNIGHT_MS + 25_000, || {
            unreachable!("it is still the same day")
        });
        // An outage of a day and more: the next one begins late, but it begins.
        day.moved(MIDNIGHT_MS + DAY_MS + 7_200_000, || calls(90));
        assert_eq!(day.since(), Baseline::Day(MIDNIGHT_MS + DAY_MS + 7_200_000));
        assert_eq!(day.counted(calls(91)), calls(1));
    }

    #[test]
    fn a_first_start_that_reads_over_midnight_at_once_shows_what_it_read() {
        let mut day = DailyBaseline::start(7, MIDNIGHT_MS - 40_000_000, DailyTotals::new());
        day.moved(MIDNIGHT_MS + 40_000_000, || {
            unreachable!("its start is kept")
        });
        assert_eq!(day.since(), Baseline::Start(7));
        assert_eq!(day.counted(calls(9)), calls(9));
        day.moved(MIDNIGHT_MS + DAY_MS + 3_000, || {
            unreachable!("a step of half a day")
        });
        day.moved(MIDNIGHT_MS + 2 * DAY_MS - 1, || {
            unreachable!("the same day")
        });
        day.moved(MIDNIGHT_MS + 2 * DAY_MS, || calls(9));
        assert_eq!(day.since(), Baseline::Day(MIDNIGHT_MS + 2 * DAY_MS));
    }
}
