//! Why a poll failed, and what follows from it.

use bytes::Bytes;
use tracing::Span;

use super::core::PageTrouble;
use crate::api::{FetchError, FetchErrorKind, FetchErrorReason};
use crate::health::Failure;
use crate::spans;
use crate::store::StoreError;

/// Why a window was not read to its end.
#[derive(Debug)]
pub enum Trouble {
    /// The API or the network refused a page.
    Fetch(FetchError),
    /// A page is not JSON.
    NotJson {
        /// Where reading stopped and why.
        problem: String,
        /// The page, for what can be saved of it.
        body: Bytes,
    },
    /// A page has no usable `upTo`.
    NoUpTo,
    /// The API's clock leapt.
    ClockLeap,
    /// The state failed.
    Store(StoreError),
    /// What is going on now has no end.
    Endless,
    /// The window is too wide, or moves too much, to be read in one go.
    TooWide,
    /// The exporter is stopping.
    Stopped,
    /// A bug: the blocking half panicked.
    Crashed(String),
}

impl Trouble {
    /// Every value of [`Failure::reason`] a failed poll is counted under.
    pub fn reasons() -> impl Iterator<Item = &'static str> {
        let fetch = FetchErrorReason::ALL.iter();
        fetch.map(|reason| reason.as_str()).chain([
            "not_json",
            "no_up_to",
            "clock_leap",
            "state",
            "endless",
        ])
    }

    /// What a page's trouble is for its window.
    pub fn of_page(trouble: PageTrouble, body: Bytes) -> Trouble {
        match trouble {
            PageTrouble::NotJson(page) => Trouble::NotJson {
                problem: page.to_string(),
                body,
            },
            PageTrouble::NoUpTo => Trouble::NoUpTo,
            PageTrouble::ClockLeap => Trouble::ClockLeap,
            PageTrouble::Store(error) => Trouble::Store(error),
        }
    }

    /// Whether a narrower window may go well.
    pub fn wants_narrower(&self) -> bool {
        match self {
            Trouble::TooWide | Trouble::NotJson { .. } => true,
            Trouble::Fetch(error) => error.wants_smaller_window(),
            _ => false,
        }
    }

    /// Marks a span as failed for this reason. Being stopped is no failure.
    pub(super) fn mark(&self, span: &Span) {
        if !matches!(self, Trouble::Stopped) {
            spans::failed(span, self.reason());
        }
    }

    /// If the content itself is unreadable, so that the narrowest window becomes a hole: what
    /// there is of it.
    pub fn unreadable(&self) -> Option<&[u8]> {
        match self {
            Trouble::NotJson { body, .. } => Some(body),
            Trouble::Fetch(FetchError {
                kind: FetchErrorKind::TooLarge { .. },
                ..
            }) => Some(&[]),
            _ => None,
        }
    }
}

impl Failure for Trouble {
    fn reason(&self) -> &'static str {
        match self {
            Trouble::Fetch(error) => error.reason().as_str(),
            Trouble::NotJson { .. } => "not_json",
            Trouble::NoUpTo => "no_up_to",
            Trouble::ClockLeap => "clock_leap",
            Trouble::Store(_) => "state",
            Trouble::Endless => "endless",
            Trouble::TooWide => "too_wide",
            Trouble::Stopped | Trouble::Crashed(_) => "other",
        }
    }
}

impl From<FetchError> for Trouble {
    fn from(error: FetchError) -> Self {
        Trouble::Fetch(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Trouble::Store(error)
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::Fetch(error) => error.fmt(f),
            Trouble::NotJson { problem, .. } => write!(
                f,
                "a page of the API is not JSON ({problem}). Nothing of it is counted; it is asked \
                 for again, for less if that goes on"
            ),
            Trouble::NoUpTo => f.write_str(
                "a page of the API has no usable upTo. Nothing of it is counted; the window is \
                 asked for again",
            ),
            Trouble::ClockLeap => f.write_str(
                "the API's clock leapt by more than ten minutes. The next response decides \
                 whether it is believed",
            ),
            Trouble::Store(error) => write!(
                f,
                "{error}. The last numbers stay, nothing advances, and it is tried again. Check \
                 the free space and the permissions of state.path"
            ),
            Trouble::Endless => f.write_str(
                "the list of what is going on now goes on and on. Nothing of it is shown",
            ),
            Trouble::TooWide => f.write_str("the window moves while it is read; it is halved"),
            Trouble::Stopped => f.write_str("the exporter is stopping"),
            Trouble::Crashed(what) => write!(f, "this is a bug in the exporter: {what}"),
        }
    }
}
