//! The line to one account: every request, for a token or for a page, goes
//! through here, so each is budgeted, timed, reported and logged alike.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tracing::{Instrument, debug};

use super::error::{FetchError, Place};
use super::transport::{Operation, Request, Response, Transport};
use crate::budget::Budget;
use crate::spans;

/// What becomes of an exchange that brought no status.
const NO_STATUS: &str = "error";

/// The status of being told to slow down.
const TOO_MANY_REQUESTS: u16 = 429;

/// Told what happens on the line. The exporter's own metrics implement it;
/// every method does nothing by default.
pub trait Observer: Send + Sync {
    /// An exchange is over; `code` is its status, or `error` without one.
    fn request(&self, operation: Operation, code: &str, seconds: f64) {
        let _ = (operation, code, seconds);
    }

    /// The server said that there were too many requests.
    fn throttled(&self, operation: Operation) {
        let _ = operation;
    }

    /// A failed request is about to be made again.
    fn retried(&self, operation: Operation) {
        let _ = operation;
    }

    /// There is a new token, and this is its whole life from now.
    fn token_expires(&self, remaining: Duration) {
        let _ = remaining;
    }
}

/// An observer that does nothing.
impl Observer for () {}

pub(super) struct Line {
    transport: Arc<dyn Transport>,
    pub(super) observer: Arc<dyn Observer>,
    budget: Mutex<Budget>,
    /// The origin of the budget's times.
    opened: Instant,
}

impl Line {
    pub(super) fn new(
        transport: Arc<dyn Transport>,
        observer: Arc<dyn Observer>,
        budget: Budget,
    ) -> Self {
        Self {
            transport,
            observer,
            budget: Mutex::new(budget),
            opened: Instant::now(),
        }
    }

    /// Waits for the budget, then makes one exchange, whatever its status.
    pub(super) async fn exchange(&self, request: Request) -> Result<Response, FetchError> {
        let at = Place::new(request.operation, &request.url);
        self.admit().await;
        let sent = Instant::now();
        let span = spans::request(at.operation, request.method.as_str(), &at.host);
        let outcome = self.transport.send(request).instrument(span.clone()).await;
        spans::answered(&span, outcome.as_ref().ok().map(|response| response.status));
        drop(span);
        self.report(&at, &outcome, sent.elapsed());
        outcome.map_err(|error| FetchError::from_transport(at, error))
    }

    /// Keeps everyone on this line waiting: the limit that was hit is the
    /// account's, not that of one request.
    pub(super) fn hold(&self, wait: Duration) {
        self.budget().hold(self.opened.elapsed(), wait);
    }

    async fn admit(&self) {
        loop {
            let Err(wait) = self.budget().take(self.opened.elapsed()) else {
                return;
            };
            sleep(wait).await;
        }
    }

    fn budget(&self) -> MutexGuard<'_, Budget> {
        // A budget is whole after every step, so a panic elsewhere spoils nothing.
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn report<E: std::fmt::Display>(
        &self,
        at: &Place,
        outcome: &Result<Response, E>,
        took: Duration,
    ) {
        let operation = at.operation;
        let seconds = took.as_secs_f64();
        match outcome {
            Ok(response) => {
                let (status, bytes) = (response.status, response.body.len());
                debug!(
                    operation = operation.as_str(),
                    host = at.host,
                    status,
                    bytes,
                    seconds,
                    "answered"
                );
                self.observer
                    .request(operation, &status.to_string(), seconds);
                if status == TOO_MANY_REQUESTS {
                    self.observer.throttled(operation);
                }
            }
            Err(error) => {
                debug!(operation = operation.as_str(), host = at.host, seconds, %error, "no answer");
                self.observer.request(operation, NO_STATUS, seconds);
            }
        }
    }
}
