//! Estimates how far catching up has come and when it will be done, from the recent speed of the
//! cursor.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// The cursor's speed is measured over this long: windows of a quiet night and a busy morning take
/// the same time and carry it differently far.
const RECENT: Duration = Duration::from_secs(2 * 60);

/// The most positions remembered: more than the request limit allows pages in that time.
const MARKS: usize = 400;

/// Beyond this no end is predicted.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3_600);

/// A cursor that is catching up with the present.
#[derive(Debug, Clone)]
pub struct CatchUp {
    from_ms: i64,
    began: Instant,
    /// Positions of the cursor, the oldest first.
    marks: VecDeque<(Instant, i64)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The share that is done, 0 to 1. The whole grows meanwhile.
    pub share: f64,
    /// Time that it will still take; nothing while that is unknown, or while the cursor gains nothing.
    pub remaining: Option<Duration>,
}

impl CatchUp {
    pub fn begin(from_ms: i64, now: Instant) -> Self {
        CatchUp {
            from_ms,
            began: now,
            marks: [(now, from_ms)].into(),
        }
    }

    /// The cursor at the beginning, in the API's time.
    pub fn from_ms(&self) -> i64 {
        self.from_ms
    }

    pub fn began(&self) -> Instant {
        self.began
    }

    /// Records where the cursor is now.
    pub fn moved(&mut self, cursor_ms: i64, now: Instant) {
        if self
            .marks
            .back()
            .is_some_and(|(_, last_ms)| *last_ms == cursor_ms)
        {
            return;
        }
        self.marks.push_back((now, cursor_ms));
        // One from before the recent past stays, to measure from.
        while self.marks.len() > MARKS || self.marks.get(1).is_some_and(|it| is_old(it.0, now)) {
            self.marks.pop_front();
        }
    }

    /// The estimate while the API's clock shows `server_ms`.
    pub fn estimate(&self, server_ms: i64, now: Instant) -> Estimate {
        let cursor_ms = self.marks.back().map_or(self.from_ms, |(_, at_ms)| *at_ms);
        let way_ms = (server_ms - self.from_ms).max(1) as f64;
        Estimate {
            share: ((cursor_ms - self.from_ms) as f64 / way_ms).clamp(0.0, 1.0),
            remaining: self.remaining(cursor_ms, server_ms, now),
        }
    }

    fn remaining(&self, cursor_ms: i64, server_ms: i64, now: Instant) -> Option<Duration> {
        let (since, from_ms) = *self.marks.front()?;
        let passed_s = now.saturating_duration_since(since).as_secs_f64();
        let moved_s = (cursor_ms - from_ms) as f64 / 1_000.0;
        // The present moves away at one second a second.
        let nearer_s = moved_s - passed_s;
        if passed_s <= 0.0 || nearer_s <= 0.0 {
            return None;
        }
        let behind_s = (server_ms - cursor_ms).max(0) as f64 / 1_000.0;
        let remaining = Duration::try_from_secs_f64(behind_s * passed_s / nearer_s).ok()?;
        (remaining < LONGEST).then_some(remaining)
    }
}

fn is_old(at: Instant, now: Instant) -> bool {
    now.saturating_duration_since(at) > RECENT
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const HOUR_MS: i64 = 3_600_000;

    #[test]
    fn a_steady_pace_gives_a_steady_estimate_that_comes_true() {
        let start = Instant::now();
        let mut catch_up = CatchUp::begin(0, start);
        assert_eq!(
            catch_up.estimate(100 * HOUR_MS, start),
            Estimate {
                share: 0.0,
                remaining: None,
            }
        );
        // An hour each ten seconds: the present, a hundred hours away, comes nearer at 359 a second.
        for step in 1..=50 {
            let now = start + step * 10 * SECOND;
            catch_up.moved(i64::from(step) * HOUR_MS, now);
            let server_ms = 100 * HOUR_MS + i64::from(step) * 10_000;
            let estimate = catch_up.estimate(server_ms, now);
            let whole_s = 100.0 * 3_600.0 / 359.0;
            let remaining_s = estimate.remaining.unwrap().as_secs_f64();
            let expected_s = whole_s - f64::from(step) * 10.0;
            assert!(
                (remaining_s - expected_s).abs() < 0.001,
                "{remaining_s} {expected_s}"
            );
            assert!((estimate.share - f64::from(step) / 100.0).abs() < 0.01);
        }
    }

    #[test]
    fn only_the_recent_pace_counts_and_standing_still_takes_longer_and_longer() {
        let start = Instant::now();
        let mut catch_up = CatchUp::begin(0, start);
        for step in 1..=1_000_u32 {
            let ahead_ms = if step <= 500 { 60_000 } else { 6_000_000 };
            let last_ms = catch_up.marks.back().unwrap().1;
            catch_up.moved(last_ms + ahead_ms, start + step * SECOND);
        }
        let (now, cursor_ms) = (start + 1_000 * SECOND, 500 * 6_060_000);
        let server_ms = cursor_ms + 5_999_000 * 10;
        let remaining = |now| catch_up.estimate(server_ms, now).remaining;
        assert_eq!(remaining(now), Some(10 * SECOND));
        assert!(remaining(now + 60 * SECOND) > Some(14 * SECOND));
        assert_eq!(
            remaining(now + 800_000 * SECOND),
            None,
            "the present runs away"
        );
        assert!(catch_up.marks.len() < MARKS);
    }

    #[test]
    fn nothing_is_estimated_beyond_all_reason() {
        let start = Instant::now();
        let mut catch_up = CatchUp::begin(i64::MIN / 4, start);
        catch_up.moved(i64::MIN / 4 + 60_001, start + 60 * SECOND);
        assert_eq!(
            catch_up
                .estimate(i64::MAX / 4, start + 60 * SECOND)
                .remaining,
            None
        );
        // The API's clock was set back behind the cursor.
        let estimate = catch_up.estimate(i64::MIN / 2, start + 60 * SECOND);
        assert_eq!(
            (estimate.share, estimate.remaining),
            (1.0, Some(Duration::ZERO))
        );
    }
}
