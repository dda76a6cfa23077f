//! The simulated API: a request in, a reply out, without a clock or a socket.
use std::collections::VecDeque;

use crate::rng::SimRng;
use crate::settings::{DAY_MS, SimulatorConfig};
use crate::timeline::{Timeline, UnknownQueue};
use crate::truth::{Series, Truth};
use page::{Page, drift};
use query::{Paging, Query, check_version};
use token::Tokens;

mod faults;
mod page;
mod query;
mod reply;
mod token;

pub use faults::{Faults, Sticky};
pub use reply::{Call, Delivery, Reply};

const FAULT_STREAM: u64 = 6;
/// How long an identical request may be answered from the cache.
const CACHE_MS: i64 = 5_000;
const MAX_CACHED: usize = 64;

/// A simulated VCC: the traffic, the API that shows it, and the faults of that API.
///
/// The times of its methods are the caller's, in Unix milliseconds; [`server_ms`](Self::server_ms) converts them to
/// the server's, which differ by the simulated clock skew.
#[derive(Debug)]
pub struct Simulator {
    timeline: Timeline,
    faults: Faults,
    tokens: Tokens,
    rng: SimRng,
    cache: VecDeque<(String, i64, Reply)>,
    last_query: Option<Query>,
}

impl Simulator {
    /// A simulator without faults.
    #[must_use]
    pub fn new(config: SimulatorConfig) -> Self {
        Self {
            rng: SimRng::new(config.seed, FAULT_STREAM, 0),
            timeline: Timeline::new(config),
            faults: Faults::default(),
            tokens: Tokens::default(),
            cache: VecDeque::new(),
            last_query: None,
        }
    }

    /// Replaces all faults.
    pub fn set_faults(&mut self, faults: Faults) {
        self.timeline.set_lag_ms(faults.api_lag_ms);
        self.timeline.set_stalled(faults.stalled);
        self.faults = faults;
    }

    /// The current faults.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The traffic behind the API, whose times are the server's.
    pub fn timeline(&mut self) -> &mut Timeline {
        &mut self.timeline
    }

    /// The time on the server's clock.
    #[must_use]
    pub fn server_ms(&self, now_ms: i64) -> i64 {
        now_ms.saturating_add(self.faults.clock_skew_ms)
    }

    /// What a reader has counted by now that misses nothing and counts nothing twice.
    ///
    /// Unlike `now_ms`, the epoch is server time.
    pub fn truth(&mut self, now_ms: i64, epoch_ms: i64) -> Truth {
        let server_ms = self.server_ms(now_ms);
        self.timeline.truth(server_ms, epoch_ms)
    }

    /// The truth of the live gauges; times of entry are in milliseconds.
    pub fn live(&mut self, now_ms: i64) -> Vec<Series> {
        let server_ms = self.server_ms(now_ms);
        self.timeline.live(server_ms)
    }

    /// Starts or stops arrivals from now on.
    pub fn set_running(&mut self, running: bool, now_ms: i64) {
        // Arrivals until now follow the setting of until now.
        let server_ms = self.server_ms(now_ms);
        self.timeline.advance(server_ms);
        self.timeline.set_running(running);
    }

    /// From now on these virtual queues, and no others, have hardly any agents.
    ///
    /// # Errors
    /// If there is no queue of one of these names; then nothing changes.
    pub fn starve(&mut self, queues: &[String], now_ms: i64) -> Result<(), UnknownQueue> {
        let server_ms = self.server_ms(now_ms);
        self.timeline.starve(queues, server_ms)
    }

    /// The virtual queues that have hardly any agents now.
    #[must_use]
    pub fn starved(&self) -> Vec<String> {
        self.timeline.starved()
    }

    /// Makes all remaining versions of the present interactions visible now.
    pub fn settle(&mut self, now_ms: i64) {
        let server_ms = self.server_ms(now_ms);
        self.timeline.settle(server_ms);
    }

    /// Answers one request.
    pub fn answer(&mut self, call: &Call<'_>, now_ms: i64) -> Reply {
        let now_ms = self.server_ms(now_ms);
        self.timeline.advance(now_ms);
        let reply = match (call.path, call.method) {
            ("/Auth/connect/token", _) => self.token(call, now_ms),
            ("/stats/interactions", "GET") => self.interactions(call, now_ms),
            ("/stats/interactions/ongoing", "GET") => self.ongoing(call, now_ms),
            ("/stats/interactions" | "/stats/interactions/ongoing", _) => {
                Err(Reply::error(405, "Method not allowed"))
            }
            _ => Err(Reply::error(404, "Not found")),
        };
        reply.unwrap_or_else(std::convert::identity)
    }

    fn token(&mut self, call: &Call<'_>, now_ms: i64) -> Result<Reply, Reply> {
        if self.faults.token_endpoint_too {
            self.fail_at_random()?;
        }
        let secret_valid = !self.faults.secret_revoked;
        let config = self.timeline.config();
        Ok(self.tokens.issue(config, secret_valid, call, now_ms)?)
    }

    fn interactions(&mut self, call: &Call<'_>, now_ms: i64) -> Result<Reply, Reply> {
        self.fail_at_random()?;
        self.authorize(call, now_ms)?;
        check_version(call)?;
        let query = Query::read(call.query, now_ms)?;
        self.cache.retain(|(_, at_ms, _)| now_ms - at_ms < CACHE_MS);
        if let Some(reply) = self.cached(call.query) {
            return Ok(reply);
        }
        self.reject_large_window(query)?;
        let same_window = self
            .last_query
            .is_some_and(|last| last.same_window(query) && last != query);
        if self.rng.chance(self.faults.drift) && same_window {
            drift(&mut self.timeline, &mut self.rng, query, now_ms);
        }
        self.last_query = Some(query);
        let reply = self.page(query.paging, now_ms).interactions(query);
        // A body with a delivery fault is not cached: a retry must get it whole.
        if self.faults.cached && reply.delivery == Delivery::Whole {
            if self.cache.len() >= MAX_CACHED {
                self.cache.pop_front();
            }
            self.cache
                .push_back((call.query.to_owned(), now_ms, reply.clone()));
        }
        Ok(reply)
    }

    fn ongoing(&mut self, call: &Call<'_>, now_ms: i64) -> Result<Reply, Reply> {
        self.fail_at_random()?;
        self.authorize(call, now_ms)?;
        check_version(call)?;
        if self.faults.ongoing_missing {
            return Err(Reply::error(404, "Not found"));
        }
        let paging = Paging::read(call.query)?;
        Ok(self.page(paging, now_ms).ongoing())
    }

    fn page(&mut self, paging: Paging, now_ms: i64) -> Page<'_> {
        Page {
            timeline: &self.timeline,
            faults: &self.faults,
            rng: &mut self.rng,
            paging,
            now_ms,
        }
    }

    fn cached(&self, query: &str) -> Option<Reply> {
        if !self.faults.cached {
            return None;
        }
        let mut cache = self.cache.iter();
        let (.., reply) = cache.find(|(cached, ..)| cached == query)?;
        Some(reply.clone())
    }

    /// The errors that do not depend on the request.
    fn fail_at_random(&mut self) -> Result<(), Reply> {
        if self.rng.chance(self.faults.throttle_429) {
            let reply = Reply::error(429, "Too Many Requests");
            return Err(match self.faults.retry_after_seconds {
                Some(seconds) => reply.with("retry-after", seconds.to_string()),
                None => reply,
            });
        }
        let errors = [
            (self.faults.error_500, 500, "Internal server error"),
            (self.faults.error_501, 501, "Not implemented"),
            (self.faults.error_503, 503, "Service unavailable"),
            (self.faults.error_504, 504, "Gateway timeout"),
        ];
        for (probability, status, message) in errors {
            if self.rng.chance(probability) {
                return Err(Reply::error(status, message));
            }
        }
        Ok(())
    }

    fn authorize(&mut self, call: &Call<'_>, now_ms: i64) -> Result<(), Reply> {
        if self.rng.chance(self.faults.token_expiry) {
            self.tokens.revoke(call.authorization);
        }
        if self.rng.chance(self.faults.auth_401)
            || self.faults.secret_revoked
            || !self.tokens.accepts(call.authorization, now_ms)
        {
            return Err(Reply::error(401, "Unauthorized"));
        }
        if self.rng.chance(self.faults.auth_403) {
            return Err(Reply::error(403, "Forbidden"));
        }
        Ok(())
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a window in milliseconds is far below 2^52"
    )]
    fn reject_large_window(&mut self, query: Query) -> Result<(), Reply> {
        let days = query.window_ms() as f64 / DAY_MS as f64;
        if self
            .faults
            .large_window_501_days
            .is_none_or(|limit| days <= limit)
        {
            return Ok(());
        }
        Err(match self.rng.pick(&[501, 504]) {
            501 => Reply::error(501, "Not implemented"),
            _ => Reply::error(504, "Gateway timeout"),
        })
    }
}

#[cfg(test)]
mod tests;
