//! The limit on requests of the web configuration (`rate_limit`).

use std::num::NonZeroU32;

use tokio::time::Instant;

use crate::config_file::RateLimit;
use vcc_net::rate_limit::TokenBucket;

/// Counts requests against the limit that is configured now.
#[derive(Debug)]
pub(super) struct RequestLimiter {
    /// The origin of the bucket's times.
    created: Instant,
    /// The limit with its bucket. A changed limit gets a full one.
    limited: Option<(RateLimit, TokenBucket)>,
}

impl RequestLimiter {
    pub(super) fn new() -> Self {
        RequestLimiter {
            created: Instant::now(),
            limited: None,
        }
    }

    /// Whether one more request may pass. With a burst of 0 none may, as the format defines.
    pub(super) fn try_acquire(&mut self, limit: RateLimit) -> bool {
        let Some(burst) = NonZeroU32::new(limit.burst) else {
            return false;
        };
        let bucket = match &mut self.limited {
            Some((of, bucket)) if *of == limit => bucket,
            limited => {
                let bucket = TokenBucket::new(limit.interval, burst);
                &mut limited.insert((limit, bucket)).1
            }
        };
        bucket.try_acquire(self.created.elapsed()).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn as_many_pass_at_once_as_the_limit_of_now_has_it() {
        let interval = Duration::from_secs(1);
        let mut limiter = RequestLimiter::new();
        let mut passed = |burst| {
            let limit = RateLimit { interval, burst };
            (0..10).filter(|_| limiter.try_acquire(limit)).count()
        };
        assert_eq!([3, 3, 5, 0].map(&mut passed), [3, 0, 5, 0]);
        tokio::time::advance(interval).await;
        assert_eq!([5, 5].map(passed), [1, 0]);
    }
}
