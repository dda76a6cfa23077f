//! What goes wrong again and again is said once, and after that now and then with how often it
//! happened since: a log stays readable, and nobody takes silence for health.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

/// What goes on is said again this long after it was said last.
const AGAIN: Duration = Duration::from_secs(10 * 60);

/// What had ended and comes back is said again this soon: after a line that says all is well nobody
/// must wait long for the one that says it is not.
const RELAPSE: Duration = Duration::from_secs(60);

/// What is to be said of something that just went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Say {
    /// All of it: it is new.
    First,
    /// That it went on, and how often.
    Again(Times),
    /// Nothing: it was said not long ago.
    Nothing,
}

/// How often something happened within a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// How often.
    pub count: u64,
    /// In how long a time, up to now.
    pub within: Duration,
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = if self.count == 1 { "time" } else { "times" };
        let within = humantime::format_duration(whole(self.within));
        write!(f, "{} {times} in the last {within}", self.count)
    }
}

/// What a stretch of trouble was, once it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Over {
    /// What went wrong last.
    pub reason: &'static str,
    /// How often something went wrong.
    pub times: u64,
    /// From the first time until it went well again, in whole seconds.
    pub lasted: Duration,
}

/// What went wrong at one place, by reasons out of a closed list; so it is bounded.
#[derive(Debug, Default)]
pub struct Repeats {
    reasons: BTreeMap<&'static str, Reason>,
    spell: Option<Spell>,
}

#[derive(Debug)]
struct Reason {
    said: Instant,
    unsaid: u64,
}

/// Trouble without anything going well in between.
#[derive(Debug)]
struct Spell {
    began: Instant,
    times: u64,
    latest: &'static str,
    said: bool,
}

impl Repeats {
    /// Something went wrong for this reason; what is to be said of it.
    pub fn happened(&mut self, reason: &'static str, now: Instant) -> Say {
        let spell = self.spell.get_or_insert(Spell {
            began: now,
            times: 0,
            latest: reason,
            said: false,
        });
        spell.times += 1;
        spell.latest = reason;
        let pause = if spell.said { AGAIN } else { RELAPSE };
        let say = match self.reasons.get_mut(reason) {
            None => Say::First,
            Some(known) => {
                let within = now.saturating_duration_since(known.said);
                known.unsaid += 1;
                let count = known.unsaid;
                if within < pause {
                    return Say::Nothing;
                }
                Say::Again(Times { count, within })
            }
        };
        spell.said = true;
        let said = Reason {
            said: now,
            unsaid: 0,
        };
        self.reasons.insert(reason, said);
        say
    }

    /// It went well; what there was before, if anything was said of it.
    pub fn over(&mut self, now: Instant) -> Option<Over> {
        let recently = |reason: &Reason| now.saturating_duration_since(reason.said) < AGAIN;
        self.reasons.retain(|_, reason| recently(reason));
        let spell = self.spell.take()?;
        spell.said.then(|| Over {
            reason: spell.latest,
            times: spell.times,
            lasted: whole(now.saturating_duration_since(spell.began)),
        })
    }
}

/// Whole seconds: nobody reads more.
fn whole(duration: Duration) -> Duration {
    Duration::from_secs(duration.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_goes_on_is_said_once_and_then_every_ten_minutes_with_how_often() {
        let (mut repeats, start) = (Repeats::default(), Instant::now());
        let mut said = Vec::new();
        for n in 0..121 {
            let at = start + 15 * n * SECOND;
            match repeats.happened("timeout", at) {
                Say::First => said.push((n, String::new())),
                Say::Again(times) => said.push((n, times.to_string())),
                Say::Nothing => {}
            }
        }
        let again = "40 times in the last 10m".to_owned();
        let expected = [
            (0, String::new()),
            (40, again.clone()),
            (80, again.clone()),
            (120, again),
        ];
        assert_eq!(said, expected);
        let over = repeats.over(start + 1_815 * SECOND).unwrap();
        assert_eq!((over.reason, over.times), ("timeout", 121));
        assert_eq!(over.lasted, 1_815 * SECOND);
        assert_eq!(repeats.over(start + 1_816 * SECOND), None);
    }

    #[test]
    fn each_reason_is_new_once_however_they_alternate() {
        let (mut repeats, start) = (Repeats::default(), Instant::now());
        let reasons = ["timeout", "server_error"];
        let said = (0..40).filter(|n| {
            let reason = reasons[*n as usize % 2];
            repeats.happened(reason, start + 15 * *n * SECOND) != Say::Nothing
        });
        assert_eq!(said.collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn what_comes_and_goes_is_said_at_a_bounded_rate_and_never_long_after_all_was_said_to_be_well()
    {
        let (mut repeats, start) = (Repeats::default(), Instant::now());
        let (mut failures, mut recoveries) = (0, 0);
        for n in 0..240 {
            let at = start + 15 * n * SECOND;
            if n % 2 == 0 {
                failures += u32::from(repeats.happened("connect", at) != Say::Nothing);
            } else {
                recoveries += u32::from(repeats.over(at).is_some());
            }
        }
        assert_eq!(
            (failures, recoveries),
            (60, 60),
            "in an hour of 120 failures"
        );
        let lasting = start + 10_000 * SECOND;
        assert_eq!(
            repeats.happened("connect", lasting),
            Say::Again(Times {
                count: 2,
                within: 10_000 * SECOND - 59 * 60 * SECOND,
            })
        );
    }

    #[test]
    fn what_comes_back_after_a_long_time_is_new() {
        let (mut repeats, start) = (Repeats::default(), Instant::now());
        assert_eq!(repeats.happened("connect", start), Say::First);
        assert!(repeats.over(start + SECOND).is_some());
        assert!(repeats.over(start + 700 * SECOND).is_none());
        assert_eq!(
            repeats.happened("connect", start + 900 * SECOND),
            Say::First
        );
    }
}
