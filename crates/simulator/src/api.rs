//! The simulated API: requests in, answers out, without a clock or a socket.
use std::collections::VecDeque;

use super::config::{DAY_MS, WorldConfig};
use super::dice::Dice;
use super::faults::Faults;
use super::page;
use super::query::{Paging, Query, check_version};
use super::reply::{Call, Delivery, Reply};
use super::starvation::UnknownQueue;
use super::token::Tokens;
use super::truth::{Series, Truth};
use super::world::World;

const FAULT_DICE: u64 = 6;
/// How long an identical request may be answered from memory.
const CACHE_MS: i64 = 5_000;
/// Most answers remembered.
const MAX_CACHED: usize = 64;

/// A simulated VCC: a world, the API in front of it, and what goes wrong between the two and a reader.
#[derive(Debug)]
pub struct Simulator {
    world: World,
    faults: Faults,
    tokens: Tokens,
    dice: Dice,
    cache: VecDeque<(String, i64, Reply)>,
    last_query: Option<Query>,
}

impl Simulator {
    /// A simulator without faults.
    #[must_use]
    pub fn new(config: WorldConfig) -> Self {
        Self {
            dice: Dice::new(config.seed, FAULT_DICE, 0),
            world: World::new(config),
            faults: Faults::default(),
            tokens: Tokens::default(),
            cache: VecDeque::new(),
            last_query: None,
        }
    }

    /// From now on these faults occur, and no others.
    pub fn set_faults(&mut self, faults: Faults) {
        self.world.set_lag_ms(faults.api_lag_ms);
        self.world.set_stalled(faults.stalled);
        self.faults = faults;
    }

    /// The faults that occur now.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The world behind the API.
    pub fn world(&mut self) -> &mut World {
        &mut self.world
    }

    /// The time on the server's clock.
    #[must_use]
    pub fn server_ms(&self, now_ms: i64) -> i64 {
        now_ms.saturating_add(self.faults.clock_skew_ms)
    }

    /// What a reader that misses nothing and counts nothing twice has counted by now.
    ///
    /// The time is the caller's, the epoch is server time.
    pub fn truth(&mut self, now_ms: i64, epoch_ms: i64) -> Truth {
        let server_ms = self.server_ms(now_ms);
        self.world.truth(server_ms, epoch_ms)
    }

    /// What is going on now, as series: the truth of the live gauges, times in milliseconds.
    pub fn live(&mut self, now_ms: i64) -> Vec<Series> {
        let server_ms = self.server_ms(now_ms);
        self.world.live(server_ms)
    }

    /// Starts or stops new arrivals from this time on.
    pub fn set_running(&mut self, running: bool, now_ms: i64) {
        // What arrived until now was under the rule until now.
        let server_ms = self.server_ms(now_ms);
        self.world.advance(server_ms);
        self.world.set_running(running);
    }

    /// From now on these virtual queues, and no others, have hardly an agent.
    ///
    /// # Errors
    /// If there is no queue of such a name; then nothing changes.
    pub fn starve(&mut self, queues: &[String], now_ms: i64) -> Result<(), UnknownQueue> {
        let server_ms = self.server_ms(now_ms);
        self.world.starve(queues, server_ms)
    }

    /// The virtual queues that have hardly an agent now.
    #[must_use]
    pub fn starved(&self) -> Vec<String> {
        self.world.starved()
    }

    /// Makes all that will ever become known of the present interactions visible now.
    pub fn settle(&mut self, now_ms: i64) {
        let server_ms = self.server_ms(now_ms);
        self.world.settle(server_ms);
    }

    /// Answers one request at this time, in Unix milliseconds.
    pub fn answer(&mut self, call: &Call<'_>, now_ms: i64) -> Reply {
        let now_ms = self.server_ms(now_ms);
        self.world.advance(now_ms);
        match call.path {
            "/Auth/connect/token" => self.token(call, now_ms),
            "/stats/interactions" if call.method == "GET" => self
                .interactions(call, now_ms)
                .unwrap_or_else(std::convert::identity),
            "/stats/interactions/ongoing" if call.method == "GET" => self
                .ongoing(call, now_ms)
                .unwrap_or_else(std::convert::identity),
            "/stats/interactions" | "/stats/interactions/ongoing" => {
                Reply::error(405, "Method not allowed")
            }
            _ => Reply::error(404, "Not found"),
        }
    }

    fn token(&mut self, call: &Call<'_>, now_ms: i64) -> Reply {
        if self.faults.token_endpoint_too
            && let Err(trouble) = self.trouble()
        {
            return trouble;
        }
        let secret_holds = !self.faults.secret_revoked;
        self.tokens
            .issue(self.world.config(), secret_holds, call, now_ms)
    }

    /// The answer, good or bad; only what is wrong leaves early.
    fn interactions(&mut self, call: &Call<'_>, now_ms: i64) -> Result<Reply, Reply> {
        self.trouble()?;
        self.authorize(call, now_ms)?;
        check_version(call)?;
        let query = Query::read(call.query, now_ms)?;
        self.cache.retain(|(_, at_ms, _)| now_ms - at_ms < CACHE_MS);
        if self.faults.cached
            && let Some((.., reply)) = self
                .cache
                .iter()
                .find(|(address, ..)| address == call.query)
        {
            return Ok(reply.clone());
        }
        self.too_large(query)?;
        let same_window = self
            .last_query
            .is_some_and(|last| last.same_window(query) && last != query);
        if self.dice.chance(self.faults.drift) && same_window {
            page::drift(&mut self.world, &mut self.dice, query, now_ms);
        }
        self.last_query = Some(query);
        let reply = page::answer(&self.world, &self.faults, &mut self.dice, query, now_ms);
        // What was spoilt on its way is not worth keeping: it must come whole when asked for again.
        if self.faults.cached && reply.delivery == Delivery::Whole {
            if self.cache.len() >= MAX_CACHED {
                self.cache.pop_front();
            }
            self.cache
                .push_back((call.query.to_owned(), now_ms, reply.clone()));
        }
        Ok(reply)
    }

    /// What is going on now: paging and nothing else.
    fn ongoing(&mut self, call: &Call<'_>, now_ms: i64) -> Result<Reply, Reply> {
        self.trouble()?;
        self.authorize(call, now_ms)?;
        check_version(call)?;
        if self.faults.ongoing_missing {
            return Err(Reply::error(404, "Not found"));
        }
        let paging = Paging::read(call.query)?;
        Ok(page::ongoing(
            &self.world,
            &self.faults,
            &mut self.dice,
            paging,
            now_ms,
        ))
    }

    /// The errors that come whatever is asked.
    fn trouble(&mut self) -> Result<(), Reply> {
        if self.dice.chance(self.faults.throttle_429) {
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
            if self.dice.chance(probability) {
                return Err(Reply::error(status, message));
            }
        }
        Ok(())
    }

    fn authorize(&mut self, call: &Call<'_>, now_ms: i64) -> Result<(), Reply> {
        if self.dice.chance(self.faults.token_expiry) {
            self.tokens.revoke(call.authorization);
        }
        if self.dice.chance(self.faults.auth_401)
            || self.faults.secret_revoked
            || !self.tokens.accepts(call.authorization, now_ms)
        {
            return Err(Reply::error(401, "Unauthorized"));
        }
        if self.dice.chance(self.faults.auth_403) {
            return Err(Reply::error(403, "Forbidden"));
        }
        Ok(())
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a window in milliseconds is far below 2^52"
    )]
    fn too_large(&mut self, query: Query) -> Result<(), Reply> {
        let days = query.window_ms() as f64 / DAY_MS as f64;
        if self
            .faults
            .large_window_501_days
            .is_none_or(|limit| days <= limit)
        {
            return Ok(());
        }
        Err(match self.dice.pick(&[501, 504]) {
            501 => Reply::error(501, "Not implemented"),
            _ => Reply::error(504, "Gateway timeout"),
        })
    }
}

#[cfg(test)]
mod tests;
