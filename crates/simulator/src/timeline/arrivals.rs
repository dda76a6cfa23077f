//! Draws the arrivals: a Poisson process whose rate follows a cycle of quiet and busy hours.
use crate::rng::SimRng;
use crate::script::Arrival;
use crate::settings::{HOUR_MS, SimulatorConfig};

const ARRIVAL_STREAM: u64 = 3;

/// Amplitude of the cycle, as a share of the mean rate.
const SWING: f64 = 0.9;

/// An endless sequence of arrivals, the same for the same configuration.
#[derive(Debug, Clone)]
pub(super) struct Arrivals {
    rng: SimRng,
    number: u64,
    at_ms: f64,
    /// Mean gap at the busiest moment; negative without any arrivals.
    gap_ms: f64,
    day_ms: i64,
}

impl Arrivals {
    #[expect(
        clippy::cast_precision_loss,
        reason = "times in milliseconds are far below 2^52"
    )]
    pub(super) fn new(config: &SimulatorConfig) -> Self {
        Self {
            rng: SimRng::new(config.seed, ARRIVAL_STREAM, 0),
            number: 0,
            at_ms: config.start_ms as f64,
            gap_ms: if config.per_hour > 0.0 {
                HOUR_MS as f64 / (config.per_hour * (1.0 + SWING))
            } else {
                -1.0
            },
            day_ms: config.day_length_ms,
        }
    }

    /// The rate at this time as a share of the busiest one.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a part of a day in milliseconds is far below 2^52"
    )]
    fn busy(&self, at_ms: i64) -> f64 {
        if self.day_ms <= 0 {
            return 1.0 / (1.0 + SWING);
        }
        let part = at_ms.rem_euclid(self.day_ms) as f64 / self.day_ms as f64;
        (1.0 - SWING * (std::f64::consts::TAU * part).cos()) / (1.0 + SWING)
    }
}

impl Iterator for Arrivals {
    type Item = Arrival;

    #[expect(
        clippy::cast_possible_truncation,
        reason = "times in milliseconds are far below 2^52"
    )]
    fn next(&mut self) -> Option<Arrival> {
        if self.gap_ms < 0.0 {
            return None;
        }
        // Arrivals at the busiest rate, thinned to the rate of each moment.
        loop {
            self.at_ms += self.rng.exponential(self.gap_ms);
            let at_ms = self.at_ms as i64;
            let busy = self.busy(at_ms);
            if self.rng.chance(busy) {
                self.number += 1;
                return Some(Arrival {
                    number: self.number - 1,
                    at_ms,
                    callback: false,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::DAY_MS;

    #[test]
    fn the_mean_rate_is_the_configured_one_and_noon_is_busier_than_midnight() {
        let config = SimulatorConfig {
            per_hour: 100.0,
            ..SimulatorConfig::default()
        };
        let until = config.start_ms + 20 * DAY_MS;
        let arrivals: Vec<i64> = Arrivals::new(&config)
            .map(|it| it.at_ms)
            .take_while(|at| *at < until)
            .collect();
        assert!(
            (46_000..50_000).contains(&arrivals.len()),
            "{}",
            arrivals.len()
        );
        let within = |from: i64| {
            arrivals
                .iter()
                .filter(|at| (from..from + 2 * HOUR_MS).contains(&at.rem_euclid(DAY_MS)))
                .count()
        };
        assert!(within(11 * HOUR_MS) > 5 * within(0));
    }
}
