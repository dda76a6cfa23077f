//! How the pages of one window are read so that nothing slips between them.
//!
//! The set moves while it is paged: an item that is processed again leaves the window, and those
//! after it move one place forward, over a page boundary. A window of one page is whole by
//! definition. Otherwise page 1 is read, then the last page down to page 2, then page 1 again:
//! removals then only move items that were read onto pages still to come. Growth moves items the
//! other way, so a window that grew is read again, and if it keeps growing it is halved.

use crate::interaction::Page;
use crate::vocabulary::MetaMismatch;

use super::window::{Extent, MIN_WIDTH_MS, Window};

/// The most pages a window is read in; a larger one is halved first. It keeps the time a window
/// is read over, and so the chance of it moving, small.
const MAX_PAGES: i64 = 100;

/// The most pages of a window that cannot be halved any more, as long as each one found is full:
/// far above what an account processes in a second, and an end to a server that never ends.
const MAX_PAGES_OF_A_SECOND: i64 = 10_000;

/// How often a growing window is read again before it is halved.
const MAX_PASSES: u32 = 3;

/// What a page says about itself and its window.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// Time of the request.
    pub up_to_ms: i64,
    /// How many items it holds.
    pub items: i64,
    /// `meta.pageCount`.
    pub page_count: Option<i64>,
    /// `meta.totalCount`.
    pub total_count: Option<i64>,
}

impl Facts {
    /// The facts of a page, if its `upTo` is usable.
    pub fn of(page: &Page<'_>) -> Option<Facts> {
        Some(Facts {
            up_to_ms: page.up_to_ms?,
            items: page.len() as i64,
            page_count: page.page_count,
            total_count: page.total_count,
        })
    }
}

/// What to do with the page just read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Commit it, then read this page.
    Next(u32),
    /// Commit it with the cursor moved here: the window is read.
    Done(i64),
    /// It came from a cache: wait until that has passed, then read page 1 again.
    Stale,
    /// Commit it, then try a narrower window.
    TooWide,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    First,
    Down { page: i64, last: i64 },
    Again,
}

/// One window being read.
#[derive(Debug)]
pub struct Reading {
    window: Window,
    limit: i64,
    stage: Stage,
    first_up_to_ms: Option<i64>,
    newest_up_to_ms: i64,
    total: Option<i64>,
    pages: i64,
    half_full: bool,
    grew: bool,
    passes: u32,
    /// Whether the window had to be taken although it kept moving.
    pub taken_as_it_is: bool,
}

impl Reading {
    /// A window about to be read with this many items a page; page 1 comes first.
    pub fn new(window: Window, limit: u32) -> Self {
        Reading {
            window,
            limit: i64::from(limit),
            stage: Stage::First,
            first_up_to_ms: None,
            newest_up_to_ms: i64::MIN,
            total: None,
            pages: 1,
            half_full: false,
            grew: false,
            passes: 1,
            taken_as_it_is: false,
        }
    }

    /// Takes in the page that was asked for last.
    pub fn on_page(&mut self, facts: &Facts) -> Step {
        if self.stage == Stage::Again && facts.up_to_ms < self.newest_up_to_ms {
            return Step::Stale;
        }
        self.newest_up_to_ms = self.newest_up_to_ms.max(facts.up_to_ms);
        match self.stage {
            Stage::First => self.begin(facts),
            Stage::Down { page, last } => {
                self.grew = self.has_grown(facts) || self.grew;
                self.down(page, last, facts)
            }
            Stage::Again => {
                self.grew = self.has_grown(facts) || self.grew;
                self.again(facts)
            }
        }
    }

    /// How much the window held.
    pub fn extent(&self) -> Extent {
        Extent {
            pages: self.pages,
            half_full: self.half_full,
        }
    }

    fn begin(&mut self, facts: &Facts) -> Step {
        self.first_up_to_ms = Some(facts.up_to_ms);
        self.total = facts.total_count;
        self.grew = false;
        self.pages = self.pages_of(facts);
        self.half_full = facts.items * 2 >= self.limit;
        if self.pages <= 1 {
            return self.done();
        }
        if self.pages > MAX_PAGES && !self.is_minimal() {
            return Step::TooWide;
        }
        // Where it cannot be halved any more, a page that is full after these leads further.
        let last = self.pages.min(MAX_PAGES);
        self.turn_to(last, last)
    }

    /// How many pages there may be: the most that anything the page says suggests.
    fn pages_of(&self, facts: &Facts) -> i64 {
        let by_total = pages_for(facts.total_count.unwrap_or(0), self.limit);
        let by_fullness = if facts.items >= self.limit { 2 } else { 1 };
        facts.page_count.unwrap_or(0).max(by_total).max(by_fullness)
    }

    fn down(&mut self, page: i64, last: i64, facts: &Facts) -> Step {
        let most = if self.is_minimal() {
            MAX_PAGES_OF_A_SECOND
        } else {
            MAX_PAGES
        };
        let further = last < most;
        if page == last && facts.items >= self.limit && further {
            return self.turn_to(last + 1, last + 1);
        }
        // Where pages were added at the end, the way down goes over all of them once more.
        match page - 1 {
            ..=1 => {
                self.stage = Stage::Again;
                Step::Next(1)
            }
            next => self.turn_to(next, last),
        }
    }

    fn turn_to(&mut self, page: i64, last: i64) -> Step {
        self.stage = Stage::Down { page, last };
        Step::Next(u32::try_from(page).unwrap_or(u32::MAX))
    }

    fn again(&mut self, facts: &Facts) -> Step {
        if !self.grew {
            return self.done();
        }
        if self.passes < MAX_PASSES {
            self.passes += 1;
            return self.begin(facts);
        }
        if !self.is_minimal() {
            return Step::TooWide;
        }
        self.taken_as_it_is = true;
        self.done()
    }

    /// Whether the window holds more than at any time since this pass began; what left it
    /// meanwhile must not hide what came.
    fn has_grown(&mut self, facts: &Facts) -> bool {
        match (self.total, facts.total_count) {
            (Some(least), Some(now)) => {
                self.total = Some(least.min(now));
                now > least
            }
            _ => facts.page_count.is_some_and(|now| now > self.pages),
        }
    }

    fn done(&self) -> Step {
        // `upTo` may be later than a window's end that lies in the past; what was processed
        // between the two is not in the window.
        let up_to_ms = self.first_up_to_ms.unwrap_or(i64::MIN);
        Step::Done(up_to_ms.min(self.window.end_ms))
    }

    fn is_minimal(&self) -> bool {
        self.window.end_ms - self.window.start_ms <= MIN_WIDTH_MS
    }
}

fn pages_for(items: i64, limit: i64) -> i64 {
    let items = items.max(0);
    items / limit + i64::from(items % limit != 0)
}

/// How a page's envelope contradicts itself, or what it lacks.
pub fn disagreements(page: &Page<'_>, number: u32, limit: u32) -> Vec<MetaMismatch> {
    let mut found = Vec::new();
    let items = page.len() as i64;
    if page.count.is_some_and(|count| count != items) {
        found.push(MetaMismatch::Count);
    }
    let before = i64::from(number - 1) * i64::from(limit);
    if let Some(total) = page.total_count {
        let too_few = total < items || (items > 0 && total < before + items);
        let too_many = items < i64::from(limit)
            && total > before + items
            && page.page_count == Some(i64::from(number));
        if too_few || too_many {
            found.push(MetaMismatch::TotalCount);
        }
        let pages = pages_for(total, i64::from(limit));
        // An empty window may call itself no page or one.
        if page
            .page_count
            .is_some_and(|count| count != pages && count.max(1) != pages.max(1))
        {
            found.push(MetaMismatch::PageCount);
        }
    } else {
        found.push(MetaMismatch::TotalCount);
    }
    if page.latest_update_ms.is_none() {
        found.push(MetaMismatch::LatestUpdateMissing);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Window = Window {
        start_ms: 0,
        end_ms: 60_000,
    };

    fn facts(up_to_ms: i64, items: i64, total: i64) -> Facts {
        let page_count = Some(pages_for(total, 10));
        Facts {
            up_to_ms,
            items,
            page_count,
            total_count: Some(total),
        }
    }

    #[test]
    fn one_page_is_whole_and_moves_the_cursor_to_the_nearer_of_up_to_and_end() {
        assert_eq!(
            Reading::new(WINDOW, 10).on_page(&facts(90_000, 9, 9)),
            Step::Done(60_000)
        );
        assert_eq!(
            Reading::new(WINDOW, 10).on_page(&facts(50_000, 0, 0)),
            Step::Done(50_000)
        );
    }

    #[test]
    fn several_pages_are_read_from_the_last_down_and_the_first_again() {
        let mut reading = Reading::new(WINDOW, 10);
        assert_eq!(reading.on_page(&facts(70_000, 10, 25)), Step::Next(3));
        assert_eq!(reading.on_page(&facts(70_001, 5, 25)), Step::Next(2));
        assert_eq!(reading.on_page(&facts(70_002, 10, 24)), Step::Next(1));
        assert_eq!(reading.on_page(&facts(70_003, 10, 24)), Step::Done(60_000));
    }

    #[test]
    fn growth_reads_again_then_gives_up_for_a_narrower_window() {
        let mut reading = Reading::new(WINDOW, 10);
        let mut total = 15;
        assert_eq!(reading.on_page(&facts(1, 10, total)), Step::Next(2));
        for pass in 0..3 {
            total += 1;
            assert_eq!(reading.on_page(&facts(2, 5, total)), Step::Next(1));
            let step = reading.on_page(&facts(3, 10, total));
            assert_eq!(
                step,
                if pass < 2 {
                    Step::Next(2)
                } else {
                    Step::TooWide
                }
            );
        }
    }

    #[test]
    fn a_minimal_window_that_keeps_growing_is_taken_as_it_is() {
        let mut reading = Reading::new(
            Window {
                start_ms: 0,
                end_ms: 1_000,
            },
            10,
        );
        let mut total = 15;
        let mut step = reading.on_page(&facts(1, 10, total));
        while !matches!(step, Step::Done(_)) {
            total += 1;
            step = reading.on_page(&facts(1, 10, total));
        }
        assert!(reading.taken_as_it_is);
    }

    #[test]
    fn a_page_from_a_cache_is_not_taken_for_the_second_look() {
        let mut reading = Reading::new(WINDOW, 10);
        reading.on_page(&facts(10, 10, 15));
        reading.on_page(&facts(20, 5, 15));
        assert_eq!(reading.on_page(&facts(10, 10, 15)), Step::Stale);
        assert_eq!(reading.on_page(&facts(30, 10, 15)), Step::Done(10));
    }

    #[test]
    fn a_full_page_is_never_taken_for_the_last_whatever_meta_says() {
        let mut reading = Reading::new(WINDOW, 10);
        let lie = |up_to_ms, items| Facts {
            up_to_ms,
            items,
            page_count: Some(0),
            total_count: Some(0),
        };
        assert_eq!(reading.on_page(&lie(1, 10)), Step::Next(2));
        assert_eq!(reading.on_page(&lie(2, 10)), Step::Next(3));
        assert_eq!(reading.on_page(&lie(3, 4)), Step::Next(2));
        assert_eq!(reading.on_page(&lie(4, 10)), Step::Next(1));
        assert_eq!(reading.on_page(&lie(5, 10)), Step::Done(1));
    }

    #[test]
    fn a_window_of_too_many_pages_is_halved_first() {
        assert_eq!(
            Reading::new(WINDOW, 10).on_page(&facts(1, 10, 100_000)),
            Step::TooWide
        );
    }
}
