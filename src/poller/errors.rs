//! Why a page or a poll failed, and what follows from it.

use bytes::Bytes;
use strum::{IntoStaticStr, VariantNames};
use thiserror::Error;
use tracing::Span;

use crate::health::Failure;
use crate::ops::self_tracing;
use vcc_store::StoreError;
use vcc_vonage::{FetchError, FetchErrorKind, FetchErrorReason};

/// Why a page was not ingested; nothing of it is counted then.
///
/// Each variant has the `reason` label beside its message.
#[derive(Debug, Error, IntoStaticStr, VariantNames)]
pub enum IngestError {
    #[strum(serialize = "not_json")]
    #[error(
        "a page of the API is not JSON ({problem}). Nothing of it is counted; it is asked for \
         again, for less if that goes on"
    )]
    NotJson {
        /// Where reading stopped and why.
        problem: String,
        /// The page, for what can be salvaged of it.
        body: Bytes,
    },
    #[strum(serialize = "no_up_to")]
    #[error(
        "a page of the API has no usable upTo. Nothing of it is counted; the window is asked for \
         again"
    )]
    NoUpTo,
    /// `upTo` is far from what the API's clock should show.
    #[strum(serialize = "clock_leap")]
    #[error(
        "the API's clock leapt by more than ten minutes. The next response decides whether it is \
         believed"
    )]
    ClockJump,
    /// The change could not be made durable, or the state cannot be read.
    #[strum(serialize = "state")]
    #[error(
        "{0}. The last numbers stay, nothing advances, and it is tried again. Check the free space \
         and the permissions of state.path"
    )]
    Store(#[from] StoreError),
}

/// Why a poll failed: a window was not read to its end, or what follows it was not done.
///
/// Each variant that is not another error has the `reason` label beside its message.
#[derive(Debug, Error, IntoStaticStr)]
pub enum PollError {
    /// The API or the network did not give a page.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Ingest(#[from] IngestError),
    /// The list of ongoing interactions has no end.
    #[strum(serialize = "endless")]
    #[error("the list of what is going on now goes on and on. Nothing of it is shown")]
    TooManyItems,
    /// The window holds or moves too much to be read in one go.
    #[strum(serialize = "too_wide")]
    #[error("the window moves while it is read; it is halved")]
    TooWide,
    #[strum(serialize = "other")]
    #[error("the exporter is stopping")]
    Stopped,
    /// A bug: the blocking half panicked.
    #[strum(serialize = "other")]
    #[error("this is a bug in the exporter: {0}")]
    Crashed(String),
}

impl PollError {
    /// Every value of [`Failure::reason`] that a failed poll is counted under.
    pub fn reasons() -> impl Iterator<Item = &'static str> {
        let ingest = IngestError::VARIANTS.iter().copied();
        let own: &'static str = (&PollError::TooManyItems).into();
        let fetch = FetchErrorReason::ALL.iter().map(|reason| reason.as_str());
        fetch.chain(ingest).chain([own])
    }

    /// Whether a narrower window may succeed.
    pub fn wants_narrower(&self) -> bool {
        match self {
            PollError::TooWide | PollError::Ingest(IngestError::NotJson { .. }) => true,
            PollError::Fetch(error) => error.wants_smaller_window(),
            _ => false,
        }
    }

    /// Whether no other window can be read either: the exporter stops, has a bug, or cannot use its
    /// state.
    pub(super) fn blocks_every_window(&self) -> bool {
        self.ends_polling() || matches!(self, PollError::Ingest(IngestError::Store(_)))
    }

    /// Whether the account is not polled any more.
    pub(super) fn ends_polling(&self) -> bool {
        matches!(self, PollError::Stopped | PollError::Crashed(_))
    }

    /// Marks a span as failed for this reason. Being stopped is no failure.
    pub(crate) fn mark(&self, span: &Span) {
        if !matches!(self, PollError::Stopped) {
            self_tracing::failed(span, self.reason());
        }
    }

    /// The body, if it is the content itself that cannot be read, so that the narrowest window
    /// becomes an unread window; empty if there is nothing to salvage.
    pub fn unreadable(&self) -> Option<&[u8]> {
        match self {
            PollError::Ingest(IngestError::NotJson { body, .. }) => Some(body),
            PollError::Fetch(FetchError {
                kind: FetchErrorKind::TooLarge { .. },
                ..
            }) => Some(&[]),
            _ => None,
        }
    }
}

impl Failure for PollError {
    fn reason(&self) -> &'static str {
        match self {
            PollError::Fetch(error) => error.reason().as_str(),
            PollError::Ingest(error) => error.into(),
            own => own.into(),
        }
    }
}

impl From<StoreError> for PollError {
    fn from(error: StoreError) -> Self {
        PollError::Ingest(error.into())
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    #[test]
    fn the_reasons_beside_those_of_a_fetch_are_these() {
        let own = PollError::reasons().skip(FetchErrorReason::ALL.len());
        let known = ["not_json", "no_up_to", "clock_leap", "state", "endless"];
        assert_eq!(own.collect::<Vec<_>>(), known);
        let crashed = PollError::Crashed("it".to_owned());
        let others = [PollError::TooWide, PollError::Stopped, crashed];
        assert_eq!(
            others.map(|error| error.reason()),
            ["too_wide", "other", "other"]
        );
    }

    #[test]
    fn a_failed_commit_says_what_to_do_and_has_the_failure_of_the_state_as_its_source() {
        let error = PollError::from(StoreError::AccountGone);
        assert_eq!(error.reason(), "state");
        let text = error.to_string();
        let cause = error.source().unwrap().to_string();
        assert_eq!(cause, StoreError::AccountGone.to_string());
        assert!(text.starts_with(&cause) && text.ends_with("permissions of state.path"));
    }
}
