//! Which window to read next.

use vcc_core::ledger::UnreadWindow;

/// The widest window the API's documentation allows: 31 days.
pub const MAX_WIDTH_MS: i64 = 31 * 24 * 3_600 * 1_000;

/// The narrowest window: below a second there is nothing left to halve.
pub const MIN_WIDTH_MS: i64 = 1_000;

/// How far behind the API's clock a window ends, so that what is processed in this very moment
/// lies in the next one.
pub const READ_DELAY_MS: i64 = 2_000;

/// A stretch of processing time, in the API's clock: start inclusive, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Unix milliseconds.
    pub start_ms: i64,
    /// Unix milliseconds.
    pub end_ms: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowStats {
    /// How many pages it was read in, the second look at the first not counted.
    pub pages: i64,
    /// Whether its first page was at least half full.
    pub half_full: bool,
}

/// How wide the next window may be: narrower after a failure, wider after success.
#[derive(Debug, Clone, Copy)]
pub struct Width {
    ms: i64,
    /// Whether a failure made it narrow: the overlap must then not be read again together with what
    /// cannot be read.
    shrunk: bool,
}

impl Default for Width {
    fn default() -> Self {
        Width {
            ms: MAX_WIDTH_MS,
            shrunk: false,
        }
    }
}

impl Width {
    /// Halves the width that was tried. Returns whether there was anything left to halve.
    pub fn narrow(&mut self, tried_ms: i64) -> bool {
        let narrower = tried_ms.min(self.ms) / 2;
        let possible = tried_ms > MIN_WIDTH_MS && self.ms > MIN_WIDTH_MS;
        self.ms = narrower.max(MIN_WIDTH_MS);
        self.shrunk = true;
        possible
    }

    pub fn widen(&mut self) {
        self.ms = (self.ms * 2).min(MAX_WIDTH_MS);
    }

    /// Fits the next window to what this one held: a window of one page is whole by definition, so
    /// several pages ask for a narrower one, and a page not half full allows a wider one. It is
    /// never fitted below the overlap, which would otherwise be most of what is read.
    pub fn fit(&mut self, read_ms: i64, stats: WindowStats, overlap_ms: i64) {
        self.shrunk = false;
        match stats {
            WindowStats {
                pages: ..=1,
                half_full: false,
            } => self.widen(),
            WindowStats { pages: ..=1, .. } => {}
            WindowStats { pages, .. } => {
                let least_ms = overlap_ms.clamp(MIN_WIDTH_MS, MAX_WIDTH_MS);
                self.ms = (read_ms / pages).clamp(least_ms, MAX_WIDTH_MS);
            }
        }
    }

    pub fn is_minimal(&self) -> bool {
        self.ms <= MIN_WIDTH_MS
    }
}

/// The window that continues at `from_ms`, if there is anything to read before `until_ms`.
///
/// It overlaps what was read already, because that costs nothing and what was processed late may lie
/// there; but after a failure by no more than it goes ahead, and never into an unread window.
pub fn next_window(
    from_ms: i64,
    until_ms: i64,
    overlap_ms: i64,
    width: Width,
    unread: &[UnreadWindow],
) -> Option<Window> {
    let overlap_ms = match width {
        Width { shrunk: true, .. } if width.is_minimal() => 0,
        Width { shrunk: true, ms } => overlap_ms.min(ms),
        _ => overlap_ms,
    };
    let behind = unread
        .iter()
        .map(|window| window.end_ms)
        .filter(|end_ms| *end_ms <= from_ms)
        .max();
    let start_ms = (from_ms - overlap_ms).max(behind.unwrap_or(i64::MIN));
    let end_ms = until_ms
        .min(from_ms + width.ms)
        .min(start_ms + MAX_WIDTH_MS);
    (end_ms > from_ms).then_some(Window { start_ms, end_ms })
}

/// The first stretch of `from_ms..until_ms` that lies outside every unread window.
pub fn around_unread_windows(
    from_ms: i64,
    until_ms: i64,
    unread: &[UnreadWindow],
) -> Option<(i64, i64)> {
    let mut from_ms = from_ms;
    // Each pass leaves one of them behind, so there are at most as many passes as windows.
    while let Some(next) = unread
        .iter()
        .find(|window| (window.start_ms..window.end_ms).contains(&from_ms))
    {
        from_ms = next.end_ms;
    }
    let ahead = unread
        .iter()
        .map(|window| window.start_ms)
        .filter(|start_ms| *start_ms > from_ms)
        .min();
    let until_ms = until_ms.min(ahead.unwrap_or(i64::MAX));
    (until_ms > from_ms).then_some((from_ms, until_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unread(start_ms: i64, end_ms: i64) -> UnreadWindow {
        UnreadWindow {
            start_ms,
            end_ms,
            attempts: 0,
            next_ms: 0,
        }
    }

    #[test]
    fn a_window_never_exceeds_what_the_api_allows_overlap_included() {
        let window = next_window(0, i64::MAX / 2, 120_000, Width::default(), &[]).unwrap();
        assert_eq!(
            (window.start_ms, window.end_ms),
            (-120_000, MAX_WIDTH_MS - 120_000)
        );
        assert_eq!(
            next_window(5_000, 5_000, 120_000, Width::default(), &[]),
            None
        );
        assert_eq!(
            next_window(5_000, 4_000, 120_000, Width::default(), &[]),
            None
        );
    }

    #[test]
    fn narrowing_ends_at_a_second_without_overlap_and_widening_at_31_days() {
        let mut width = Width::default();
        let mut steps = 0;
        while width.narrow(MAX_WIDTH_MS) {
            steps += 1;
        }
        assert_eq!(steps, 22);
        let window = next_window(10_000, 99_000, 120_000, width, &[]).unwrap();
        assert_eq!((window.start_ms, window.end_ms), (10_000, 11_000));
        (0..40).for_each(|_| width.widen());
        assert_eq!(width.ms, MAX_WIDTH_MS);
    }

    #[test]
    fn the_next_window_is_fitted_to_one_page() {
        let mut width = Width::default();
        width.fit(
            3_600_000,
            WindowStats {
                pages: 12,
                half_full: true,
            },
            120_000,
        );
        assert_eq!(width.ms, 300_000);
        width.fit(
            300_000,
            WindowStats {
                pages: 1,
                half_full: true,
            },
            120_000,
        );
        assert_eq!(width.ms, 300_000);
        width.fit(
            300_000,
            WindowStats {
                pages: 1,
                half_full: false,
            },
            120_000,
        );
        assert_eq!(width.ms, 600_000);
        let crowded = WindowStats {
            pages: 9,
            half_full: true,
        };
        width.fit(15_000, crowded, 120_000);
        assert_eq!(width.ms, 120_000);
        let window = next_window(500_000, 515_000, 120_000, width, &[]).unwrap();
        assert_eq!((window.start_ms, window.end_ms), (380_000, 515_000));
    }

    #[test]
    fn the_overlap_does_not_reach_into_a_hole() {
        let unread = [unread(4_000, 5_000), unread(8_000, 9_000)];
        let window = next_window(6_000, 99_000, 120_000, Width::default(), &unread).unwrap();
        assert_eq!(window.start_ms, 5_000);
    }

    #[test]
    fn reading_again_goes_around_holes() {
        let unread = [unread(0, 10), unread(10, 20), unread(50, 60)];
        assert_eq!(around_unread_windows(0, 100, &unread), Some((20, 50)));
        assert_eq!(around_unread_windows(50, 100, &unread), Some((60, 100)));
        assert_eq!(around_unread_windows(0, 15, &unread), None);
        assert_eq!(around_unread_windows(30, 40, &[]), Some((30, 40)));
    }
}
