//! The order in which the pages of one window are read, so that no item is missed between them.
//!
//! The set moves while it is paged: an item that is processed again leaves the window, and those
//! after it move one place forward, over a page boundary. A window of one page is whole by
//! definition. Otherwise page 1 is read, then the last page down to page 2, then page 1 again:
//! removals then only move items that were read onto pages still to come. Growth moves items the
//! other way, so a window that grew is read again, and if it keeps growing it is halved.

use vcc_core::interaction::Page;
use vcc_core::vocabulary::MetaMismatch;

use super::window::{MIN_WIDTH_MS, Window, WindowStats};

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
pub struct PageInfo {
    /// Time of the request.
    pub up_to_ms: i64,
    pub items: i64,
    /// `meta.pageCount`.
    pub page_count: Option<i64>,
    /// `meta.totalCount`.
    pub total_count: Option<i64>,
}

impl PageInfo {
    /// `None` if the page has no usable `upTo`.
    pub fn of(page: &Page<'_>) -> Option<PageInfo> {
        Some(PageInfo {
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

#[derive(Debug)]
pub struct PageOrder {
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
    /// Whether the window was accepted although it kept moving.
    pub accepted_unstable: bool,
}

impl PageOrder {
    /// A window about to be read with this many items per page; page 1 comes first.
    pub fn new(window: Window, limit: u32) -> Self {
        PageOrder {
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
            accepted_unstable: false,
        }
    }

    /// Returns what to do with the page that was requested last.
    pub fn on_page(&mut self, info: &PageInfo) -> Step {
        if self.stage == Stage::Again && info.up_to_ms < self.newest_up_to_ms {
            return Step::Stale;
        }
        self.newest_up_to_ms = self.newest_up_to_ms.max(info.up_to_ms);
        match self.stage {
            Stage::First => self.begin(info),
            Stage::Down { page, last } => {
                self.grew = self.has_grown(info) || self.grew;
                self.down(page, last, info)
            }
            Stage::Again => {
                self.grew = self.has_grown(info) || self.grew;
                self.again(info)
            }
        }
    }

    pub fn stats(&self) -> WindowStats {
        WindowStats {
            pages: self.pages,
            half_full: self.half_full,
        }
    }

    fn begin(&mut self, info: &PageInfo) -> Step {
        self.first_up_to_ms = Some(info.up_to_ms);
        self.total = info.total_count;
        self.grew = false;
        self.pages = self.pages_of(info);
        self.half_full = info.items * 2 >= self.limit;
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
    fn pages_of(&self, info: &PageInfo) -> i64 {
        let by_total = pages_for(info.total_count.unwrap_or(0), self.limit);
        let by_fullness = if info.items >= self.limit { 2 } else { 1 };
        info.page_count.unwrap_or(0).max(by_total).max(by_fullness)
    }

    fn down(&mut self, page: i64, last: i64, info: &PageInfo) -> Step {
        let most = if self.is_minimal() {
            MAX_PAGES_OF_A_SECOND
        } else {
            MAX_PAGES
        };
        let further = last < most;
        if page == last && info.items >= self.limit && further {
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

    fn again(&mut self, info: &PageInfo) -> Step {
        if !self.grew {
            return self.done();
        }
        if self.passes < MAX_PASSES {
            self.passes += 1;
            return self.begin(info);
        }
        if !self.is_minimal() {
            return Step::TooWide;
        }
        self.accepted_unstable = true;
        self.done()
    }

    /// Whether the window holds more than at any time since this pass began; what left it
    /// meanwhile must not hide what came.
    fn has_grown(&mut self, info: &PageInfo) -> bool {
        match (self.total, info.total_count) {
            (Some(least), Some(now)) => {
                self.total = Some(least.min(now));
                now > least
            }
            _ => info.page_count.is_some_and(|now| now > self.pages),
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
pub fn meta_mismatches(page: &Page<'_>, number: u32, limit: u32) -> Vec<MetaMismatch> {
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
mod tests;
