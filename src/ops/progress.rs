//! Progress of long work, as lines on standard error.

use std::io::Write;
use std::time::Duration;

use tokio::time::Instant;

/// A line is written for each so many per cent.
const STEP_PERCENT: u64 = 10;

/// And at least this often, as long as the work advances.
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// Reports how far long work is.
#[derive(Debug)]
pub struct Progress {
    unit: &'static str,
    reported_percent: u64,
    reported: Instant,
}

impl Progress {
    /// Starts to report; `unit` names what is counted, in the plural.
    pub fn of(unit: &'static str) -> Self {
        Progress {
            unit,
            reported_percent: 0,
            reported: Instant::now(),
        }
    }

    /// Reports that `done` of `all` are done.
    pub fn at(&mut self, done: u64, all: u64) {
        let line = self.line(done, all, Instant::now());
        // Nobody is harmed if standard error is closed.
        let _ = line.map(|line| writeln!(std::io::stderr(), "{line}"));
    }

    /// The line to write, if one is due.
    fn line(&mut self, done: u64, all: u64, now: Instant) -> Option<String> {
        let percent = done.saturating_mul(100) / all.max(1);
        let is_due = percent >= self.reported_percent + STEP_PERCENT
            || (done > 0 && now.duration_since(self.reported) >= MAX_PAUSE);
        if !is_due || done >= all {
            return None;
        }
        self.reported_percent = percent - percent % STEP_PERCENT;
        self.reported = now;
        Some(format!("{done} of {all} {}", self.unit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_written_every_ten_per_cent_and_every_five_seconds() {
        let mut progress = Progress::of("rows");
        let start = progress.reported;
        let mut lines = Vec::new();
        for done in 0..=1_000 {
            lines.extend(progress.line(done, 1_000, start));
        }
        assert_eq!(lines.len(), 9, "{lines:?}");
        assert_eq!(lines[0], "100 of 1000 rows");

        let mut progress = Progress::of("rows");
        let start = progress.reported;
        let due = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(progress.line(1, 1_000, due(4)), None);
        assert_eq!(progress.line(2, 1_000, due(5)).unwrap(), "2 of 1000 rows");
        assert_eq!(progress.line(3, 1_000, due(6)), None);
    }
}
