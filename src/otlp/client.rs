//! One export: sent, judged, counted, and complained of now and then.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use secrecy::ExposeSecret;
use tokio::time::{Instant, timeout};

use super::answer::{Accepted, Reason, Setback, judge};
use super::target::{Filled, Header, Signal, Target};
use super::wire::{Http, Parcel, Wire};
use crate::health::Exports;
use crate::log_throttled;
use crate::net::backoff::{Backoff, Jitter};
use crate::net::clock::Clock;
use crate::net::log_throttle::LogThrottle;

/// The pauses between attempts. A receiver that restarts is back within seconds; and with this `cap`
/// and the default interval, a failed push is retried before the next one is due.
pub(super) const BACKOFF: Backoff = Backoff {
    base: Duration::from_secs(2),
    cap: Duration::from_secs(30),
    jitter: Jitter::Full,
};

/// Sends the requests of one signal to one receiver.
pub struct Client {
    signal: Signal,
    headers: Vec<Header>,
    gzip: bool,
    timeout: Duration,
    wire: Arc<dyn Wire>,
    clock: Arc<dyn Clock>,
    exports: Exports,
    said: Mutex<Said>,
}

/// What was said of the receiver; the same is not said again and again.
#[derive(Debug, Default)]
struct Said {
    trouble: LogThrottle,
    partial: LogThrottle,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("signal", &self.signal)
            .field("wire", &self.wire)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Prepares a client over the network.
    ///
    /// # Errors
    /// In words, if its road cannot be prepared.
    pub fn new(
        signal: Signal,
        target: &Target,
        clock: Arc<dyn Clock>,
        exports: Exports,
    ) -> Result<Self, String> {
        let wire = Http::new(target).map_err(|error| format!("otlp: {error}"))?;
        Ok(Client::over(Arc::new(wire), signal, target, clock, exports))
    }

    /// Prepares a client over any road. What it counts is there at 0 from now on.
    pub fn over(
        wire: Arc<dyn Wire>,
        signal: Signal,
        target: &Target,
        clock: Arc<dyn Clock>,
        exports: Exports,
    ) -> Self {
        exports.begin(signal.as_str(), Reason::ALL.into_iter().map(Reason::as_str));
        Client {
            signal,
            headers: target.headers.clone(),
            gzip: target.gzip,
            timeout: target.timeout,
            wire,
            clock,
            exports,
            said: Mutex::default(),
        }
    }

    /// Whether bodies are to be compressed.
    pub fn gzip(&self) -> bool {
        self.gzip
    }

    /// Makes one attempt. Dropping the future abandons it.
    ///
    /// # Errors
    /// If it failed; it was counted and spoken of.
    pub async fn export(&self, parcel: Parcel) -> Result<Accepted, Setback> {
        let outcome = self.attempt(parcel).await;
        let signal = self.signal.as_str();
        match &outcome {
            Ok(accepted) => {
                self.exports.exported(signal);
                self.exports.rejected(signal, accepted.rejected);
                self.say_accepted(accepted);
            }
            Err(setback) => self.failed(setback),
        }
        outcome
    }

    /// Counts an export that failed, and speaks of it.
    pub(super) fn failed(&self, setback: &Setback) {
        let signal = self.signal.as_str();
        self.exports.exported(signal);
        self.exports.failed(signal, setback.reason.as_str());
        self.say_trouble(setback);
    }

    /// Counts exports that were given up before they could be sent.
    pub fn dropped(&self, count: u64) {
        let (signal, reason) = (self.signal.as_str(), Reason::Dropped);
        for _ in 0..count {
            self.exports.exported(signal);
            self.exports.failed(signal, reason.as_str());
        }
        if count > 0 {
            let words = "the receiver is too slow, or was away for too long";
            self.say_trouble(&Setback::new(reason, words));
        }
    }

    async fn attempt(&self, parcel: Parcel) -> Result<Accepted, Setback> {
        let filled: Result<Vec<Filled>, String> = self.headers.iter().map(Header::read).collect();
        let headers = filled.map_err(|words| Setback::new(Reason::Unsent, words))?;
        let secrets: Vec<_> = headers.iter().flat_map(Filled::secrets).collect();
        let answer = timeout(self.timeout, self.wire.post(parcel, headers))
            .await
            .map_err(|_| Setback::new(Reason::Timeout, "no complete answer in time"))??;
        let secrets: Vec<_> = secrets.iter().map(|it| it.expose_secret()).collect();
        judge(self.signal, &answer, &secrets, self.now())
    }

    fn now(&self) -> SystemTime {
        let ms = u64::try_from(self.clock.local_ms()).unwrap_or(0);
        SystemTime::UNIX_EPOCH + Duration::from_millis(ms)
    }

    fn say_accepted(&self, accepted: &Accepted) {
        let (signal, now) = (self.signal.as_str(), Instant::now());
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(over) = said.trouble.record_success(now) {
            tracing::info!(
                signal,
                after = over.reason,
                failures = over.times,
                lasted = %humantime::format_duration(over.lasted),
                "exporting over OTLP works again"
            );
        }
        let (rejected, message) = (accepted.rejected, &accepted.message);
        // A message without a number is a warning of the receiver's.
        if rejected == 0 && message.is_empty() {
            said.partial.record_success(now);
            return;
        }
        log_throttled!(
            said.partial.record_failure("partial", now), warn, { signal, rejected },
            first: "the OTLP receiver did not take in everything, and what it left out is not sent \
                    again: {message}",
            repeated(times): "the OTLP receiver goes on leaving things out, {times}, and they are \
                              not sent again: {message}",
            suppressed: "not everything: {message}",
        );
    }

    fn say_trouble(&self, setback: &Setback) {
        let (signal, reason) = (self.signal.as_str(), setback.reason.as_str());
        let words = &setback.words;
        let consequence = match self.signal {
            Signal::Metrics => "the receiver's figures are old until one succeeds",
            Signal::Traces => "traces are late, and those that have waited too long are dropped",
        };
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        log_throttled!(
            said.trouble.record_failure(reason, Instant::now()), warn, { signal, reason },
            first: "an export over OTLP failed and {consequence}: {words}",
            repeated(times): "exports over OTLP go on failing, {times}, and {consequence}: {words}",
            suppressed: "failed: {words}",
        );
    }
}
