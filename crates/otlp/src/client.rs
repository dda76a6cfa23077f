//! One attempt to export: sent, classified, counted and logged.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;
use secrecy::ExposeSecret;
use tokio::time::{Instant, timeout};

use super::error::ExportError;
use super::export_counters::ExportCounters;
use super::response::{ExportOutcome, classify_response};
use super::target::{Header, ResolvedHeader, Signal, Target};
use super::transport::{EncodedRequest, HttpTransport, OtlpTransport, TransportSetupError};
use vcc_net::backoff::{Backoff, Jitter};
use vcc_net::clock::Clock;
use vcc_net::log_throttle::LogThrottle;
use vcc_net::log_throttled;

/// The pauses between attempts. A receiver that restarts is back within seconds; and with this `cap`
/// and the default interval, a failed push is retried before the next one is due.
pub(super) const BACKOFF: Backoff = Backoff {
    base: Duration::from_secs(2),
    cap: Duration::from_secs(30),
    jitter: Jitter::Full,
};

/// The longest time that the last export of a signal may delay the end of the process: as long as
/// open connections may.
pub(crate) const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Sends the requests of one signal to one receiver.
pub struct Client {
    signal: Signal,
    headers: Vec<Header>,
    gzip: bool,
    timeout: Duration,
    transport: Arc<dyn OtlpTransport>,
    clock: Arc<dyn Clock>,
    metrics: ExportCounters,
    log: Mutex<Log>,
}

/// Keeps repeated failures from filling the log.
#[derive(Debug, Default)]
struct Log {
    failures: LogThrottle,
    rejections: LogThrottle,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("signal", &self.signal)
            .field("transport", &self.transport)
            .finish_non_exhaustive()
    }
}

/// A client that cannot be prepared.
#[derive(Debug, thiserror::Error)]
#[error("otlp: {0}")]
pub struct ClientError(#[from] TransportSetupError);

impl Client {
    /// Prepares a client over the network.
    ///
    /// # Errors
    /// If its transport cannot be prepared.
    pub fn new(
        signal: Signal,
        target: &Target,
        clock: Arc<dyn Clock>,
        metrics: ExportCounters,
    ) -> Result<Self, ClientError> {
        let transport = Arc::new(HttpTransport::new(target)?);
        Ok(Client::over(transport, signal, target, clock, metrics))
    }

    /// Prepares a client over any transport, and creates its series in `metrics` at 0.
    pub fn over(
        transport: Arc<dyn OtlpTransport>,
        signal: Signal,
        target: &Target,
        clock: Arc<dyn Clock>,
        metrics: ExportCounters,
    ) -> Self {
        metrics.begin(signal);
        Client {
            signal,
            headers: target.headers.clone(),
            gzip: target.gzip,
            timeout: target.timeout,
            transport,
            clock,
            metrics,
            log: Mutex::default(),
        }
    }

    pub(super) fn gzip(&self) -> bool {
        self.gzip
    }

    pub(super) fn metrics(&self) -> &ExportCounters {
        &self.metrics
    }

    /// Makes one attempt. Dropping the future cancels it.
    ///
    /// # Errors
    /// If it failed; the failure is already counted and logged.
    pub async fn export(&self, request: EncodedRequest) -> Result<ExportOutcome, ExportError> {
        let result = self.attempt(request).await;
        match &result {
            Ok(outcome) => {
                self.metrics.succeeded(self.signal, outcome.rejected);
                self.log_outcome(outcome);
            }
            Err(error) => self.failed(error),
        }
        result
    }

    /// Counts and logs a failed export.
    pub(super) fn failed(&self, error: &ExportError) {
        self.metrics.failed(self.signal, error.reason());
        self.log_failure(error);
    }

    /// Counts requests or spans that were discarded without being sent.
    pub(super) fn dropped(&self, count: u64) {
        let error = ExportError::Dropped;
        for _ in 0..count {
            self.metrics.failed(self.signal, error.reason());
        }
        if count > 0 {
            self.log_failure(&error);
        }
    }

    async fn attempt(&self, request: EncodedRequest) -> Result<ExportOutcome, ExportError> {
        let headers: Result<Vec<_>, _> = self.headers.iter().map(Header::resolve).collect();
        let headers = headers?;
        let secrets: Vec<_> = headers.iter().flat_map(ResolvedHeader::secrets).collect();
        let response = timeout(self.timeout, self.transport.post(request, headers))
            .await
            .map_err(|_| ExportError::Timeout)??;
        let secrets: Vec<_> = secrets.iter().map(|it| it.expose_secret()).collect();
        classify_response(self.signal, &response, &secrets, self.now())
    }

    fn now(&self) -> SystemTime {
        let ms = u64::try_from(self.clock.local_ms()).unwrap_or(0);
        SystemTime::UNIX_EPOCH + Duration::from_millis(ms)
    }

    fn log_outcome(&self, outcome: &ExportOutcome) {
        let (signal, now) = (self.signal.as_str(), Instant::now());
        let mut log = self.log.lock();
        if let Some(over) = log.failures.record_success(now) {
            tracing::info!(
                signal,
                after = over.reason,
                failures = over.times,
                lasted = %humantime::format_duration(over.lasted),
                "exporting over OTLP works again"
            );
        }
        let (rejected, message) = (outcome.rejected, &outcome.message);
        // A message without a number is a warning of the receiver.
        if rejected == 0 && message.is_empty() {
            log.rejections.record_success(now);
            return;
        }
        log_throttled!(
            log.rejections.record_failure("partial", now), warn, { signal, rejected },
            first: "the OTLP receiver did not take in everything, and what it left out is not sent \
                    again: {message}",
            repeated(times): "the OTLP receiver goes on leaving things out, {times}, and they are \
                              not sent again: {message}",
            suppressed: "not everything: {message}",
        );
    }

    fn log_failure(&self, error: &ExportError) {
        let (signal, reason) = (self.signal.as_str(), error.reason().as_str());
        let consequence = match self.signal {
            Signal::Metrics => "the receiver's figures are old until one succeeds",
            Signal::Traces => "traces are late, and those that have waited too long are dropped",
        };
        let mut log = self.log.lock();
        log_throttled!(
            log.failures.record_failure(reason, Instant::now()), warn, { signal, reason },
            first: "an export over OTLP failed and {consequence}: {error}",
            repeated(times): "exports over OTLP go on failing, {times}, and {consequence}: {error}",
            suppressed: "failed: {error}",
        );
    }
}
