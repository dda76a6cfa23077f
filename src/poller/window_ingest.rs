//! Reads a window from the API page by page and ingests each page durably.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};

use super::errors::PollError;
use super::ingestor::{Ingestor, PageRequest, ReadMode};
use super::page_order::{PageOrder, Step};
use super::probe;
use super::window::{Window, WindowStats};
use crate::health::AccountHealth;
use crate::ops::self_tracing;
use vcc_core::ledger::AccountMeta;
use vcc_vonage::{ApiClient, FetchedPage, Operation, PageQuery};

/// How long an identical URL may be answered from a cache, by the API's `Cache-Control`.
const CACHE: Duration = Duration::from_secs(5);

/// One account's API and ledger, and the token that stops both from being used.
pub(super) struct WindowIngest {
    ingestor: Arc<Mutex<Ingestor>>,
    pub(super) client: Arc<ApiClient>,
    pub(super) health: Arc<AccountHealth>,
    page_size: u32,
    pub(super) stop: CancellationToken,
}

impl WindowIngest {
    pub(super) fn new(
        ingestor: Ingestor,
        client: Arc<ApiClient>,
        page_size: u32,
        stop: CancellationToken,
    ) -> Self {
        WindowIngest {
            health: Arc::clone(&ingestor.deps.health),
            ingestor: Arc::new(Mutex::new(ingestor)),
            client,
            page_size,
            stop,
        }
    }

    /// Ingests all pages of a window, each in a commit of its own.
    pub(super) async fn ingest_window(
        &self,
        window: Window,
        mode: ReadMode,
    ) -> Result<WindowStats, PollError> {
        let limit = self.page_size;
        let mut reader = PageOrder::new(window, limit);
        let mut number = 1;
        loop {
            let query = PageQuery {
                start_ms: window.start_ms,
                end_ms: Some(window.end_ms),
                page: number,
                limit,
            };
            let span = self_tracing::page(number);
            let failed = |error: &PollError| error.mark(&span);
            let body = self.fetch(&query).instrument(span.clone()).await;
            let body = body.inspect_err(failed)?;
            let request = PageRequest {
                body: body.bytes,
                received: body.received,
                number,
                limit,
            };
            let mode = mode.clone();
            let (step, back) = self
                .with_ingestor(move |ingestor| {
                    let step = ingestor.ingest_page(&request, &mut reader, &mode);
                    (step, reader)
                })
                .instrument(span.clone())
                .await?;
            reader = back;
            match step.map_err(PollError::from).inspect_err(failed)? {
                Step::Next(next) => number = next,
                Step::Done(_) => return Ok(reader.stats()),
                Step::TooWide => return Err(PollError::TooWide),
                Step::Stale => self.wait_until(Instant::now() + CACHE).await?,
            }
        }
    }

    /// Fetches a page. That may take many minutes where the API demands pauses, so series whose hold
    /// is over are released meanwhile.
    async fn fetch(&self, query: &PageQuery) -> Result<FetchedPage, PollError> {
        let page = probe::fetch(&self.client, query, &self.stop);
        tokio::pin!(page);
        loop {
            let release = self.next_release();
            let due = async {
                match release {
                    Some(release) => sleep_until(release).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                body = &mut page => return body,
                () = due => {}
            }
            let now_ms = self.health.server_ms().unwrap_or_default();
            let released = self.with_ingestor(move |ingestor| ingestor.release(now_ms));
            if released.await?.is_err() {
                // The hold goes on; the commit of the page fails likewise and reports it.
                return page.await;
            }
        }
    }

    /// Waits, releasing series whose hold is over meanwhile.
    ///
    /// # Errors
    /// If the exporter is stopping, or on a bug.
    pub(super) async fn wait_until(&self, until: Instant) -> Result<(), PollError> {
        loop {
            let release = self.next_release();
            let wake = release.map_or(until, |release| release.min(until));
            tokio::select! {
                () = self.stop.cancelled() => return Err(PollError::Stopped),
                () = sleep_until(wake) => {}
            }
            if release.is_some_and(|release| release <= Instant::now()) {
                let now_ms = self.health.server_ms().unwrap_or_default();
                let released = self.with_ingestor(move |ingestor| ingestor.release(now_ms));
                if let Err(error) = released.await? {
                    let error = PollError::from(error);
                    self.health.log_failure(Operation::Interactions, &error);
                    // The hold goes on; the next tick tries again.
                    tokio::select! {
                        () = self.stop.cancelled() => return Err(PollError::Stopped),
                        () = sleep_until(until) => return Ok(()),
                    }
                }
            }
            if Instant::now() >= until {
                return Ok(());
            }
        }
    }

    /// When the next hold is over.
    fn next_release(&self) -> Option<Instant> {
        let ingestor = self.ingestor.lock();
        let next = ingestor.account.next_release_ms(&ingestor.deps.rules);
        next.map(|ms| ingestor.deps.started + Duration::from_millis(ms))
    }

    /// Runs the blocking half. It is never abandoned half-way: a commit is finished or fails.
    pub(super) async fn with_ingestor<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Ingestor) -> T + Send + 'static,
    ) -> Result<T, PollError> {
        let (ingestor, span) = (Arc::clone(&self.ingestor), Span::current());
        let work = move || span.in_scope(|| work(&mut ingestor.lock()));
        let task = tokio::task::spawn_blocking(work).await;
        task.map_err(|error| PollError::Crashed(error.to_string()))
    }

    pub(super) fn meta<T>(&self, read: impl FnOnce(&AccountMeta) -> T) -> T {
        let ingestor = self.ingestor.lock();
        read(&ingestor.account.meta)
    }
}
