//! The transport of one account's client: rate-limited, timed, reported, traced and logged. Every
//! request, for a token or a page, goes through it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::{Mutex, MutexGuard};
use tokio::time::{Instant, sleep};
use tracing::{Instrument, debug};

use super::error::{FetchError, FetchErrorKind};
use super::transport::{Operation, Request, RequestTarget, Response, Transport, TransportError};
use vcc_net::clock::Clock;
use vcc_net::rate_limit::TokenBucket;
use vcc_net::span;

/// The `code` of an exchange without a response.
const NO_STATUS: &str = "error";

const TOO_MANY_REQUESTS: u16 = 429;

/// Receives the events of a client. The exporter's own metrics implement it; every method does
/// nothing by default.
pub trait Observer: Send + Sync {
    /// An exchange has ended; `code` is its status, or `error` without one.
    fn request(&self, operation: Operation, code: &str, seconds: f64) {
        let _ = (operation, code, seconds);
    }

    /// The server answered that there were too many requests.
    fn throttled(&self, operation: Operation) {
        let _ = operation;
    }

    /// A failed request will be retried.
    fn retried(&self, operation: Operation) {
        let _ = operation;
    }

    /// There is a new token, whose whole life is `remaining` from now.
    fn token_expires(&self, remaining: Duration) {
        let _ = remaining;
    }
}

/// An observer that does nothing.
impl Observer for () {}

/// What a client uses of its process.
#[derive(Clone)]
pub struct ClientDeps {
    /// Sends the requests.
    pub transport: Arc<dyn Transport>,
    /// Receives the client's events.
    pub observer: Arc<dyn Observer>,
    /// Local time, which an HTTP date in `Retry-After` is compared with.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for ClientDeps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientDeps")
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}

pub(super) struct MeteredTransport {
    deps: ClientDeps,
    bucket: Mutex<TokenBucket>,
    /// The origin of the bucket's times.
    opened: Instant,
}

impl MeteredTransport {
    pub(super) fn new(deps: ClientDeps, requests_per_minute: u32) -> Self {
        Self {
            deps,
            bucket: Mutex::new(TokenBucket::per_minute(requests_per_minute)),
            opened: Instant::now(),
        }
    }

    pub(super) fn observer(&self) -> &dyn Observer {
        &*self.deps.observer
    }

    pub(super) fn now(&self) -> SystemTime {
        self.deps.clock.system_time()
    }

    /// Waits until the rate limit allows it, then makes one exchange. The response may have any
    /// status.
    pub(super) async fn exchange(&self, request: Request) -> Result<Response, FetchError> {
        let at = RequestTarget::new(request.operation, &request.url);
        self.acquire().await;
        let sent = Instant::now();
        let span = span::request(at.operation.as_str(), request.method.as_str(), &at.host);
        let outcome = (self.deps.transport.send(request))
            .instrument(span.clone())
            .await;
        span::record_response(&span, outcome.as_ref().ok().map(|response| response.status));
        drop(span);
        self.report(&at, &outcome, sent.elapsed());
        outcome.map_err(|error| FetchErrorKind::from(error).at(at))
    }

    /// Delays all requests of this client: the limit that was reached is the account's, not that
    /// of one request.
    pub(super) fn block_for(&self, wait: Duration) {
        self.bucket().block_for(self.opened.elapsed(), wait);
    }

    async fn acquire(&self) {
        loop {
            let Err(wait) = self.bucket().try_acquire(self.opened.elapsed()) else {
                return;
            };
            sleep(wait).await;
        }
    }

    fn bucket(&self) -> MutexGuard<'_, TokenBucket> {
        // A bucket is consistent after every step, so a panic elsewhere leaves it usable.
        self.bucket.lock()
    }

    fn report(
        &self,
        at: &RequestTarget,
        outcome: &Result<Response, TransportError>,
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
                self.observer()
                    .request(operation, &status.to_string(), seconds);
                if status == TOO_MANY_REQUESTS {
                    self.observer().throttled(operation);
                }
            }
            Err(error) => {
                debug!(operation = operation.as_str(), host = at.host, seconds, %error, "no answer");
                self.observer().request(operation, NO_STATUS, seconds);
            }
        }
    }
}
