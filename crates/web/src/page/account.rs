//! One account on the page.

use maud::{Markup, html};

use super::{format, today};
use crate::status::{
    AccountState, AccountStatus, CatchUpStatus, FailureStatus, PollStatus, ReadStatus, Time,
};

/// The section of an account; `number` tells it from the others.
pub(super) fn section(account: &AccountStatus, number: usize, now: Time) -> Markup {
    let id = |part: &str| format!("{part}-{number}");
    html! {
        section.account aria-labelledby=(id("account")) {
            h2 id=(id("account")) { (account.account) }
            @if let Some(host) = &account.api.host {
                p.host { "reads " (host) }
            }
            (state(account, now))
            @if let Some(catch_up) = &account.catch_up { (progress(catch_up, &id("way"), now)) }
            (failures(&account.failures, &id("failures"), now))
            (facts(account, now))
            @if let Some(ended) = &account.ended {
                (today::section(ended, &id("ended"), account.api.time))
            }
        }
    }
}

/// The state as a sign, two words and a sentence.
fn state(account: &AccountStatus, now: Time) -> Markup {
    let (class, sign) = match account.state {
        AccountState::UpToDate => ("good", "✓"),
        AccountState::CatchingUp => ("busy", "»"),
        AccountState::Starting => ("busy", "…"),
        AccountState::Failing => ("bad", "!"),
    };
    html! {
        p class={ "standing " (class) } {
            span.sign aria-hidden="true" { (sign) }
            span { strong { (format::state_name(account.state)) } " " (sentence(account, now)) }
        }
    }
}

fn sentence(account: &AccountStatus, now: Time) -> Markup {
    let up_to = account
        .read
        .as_ref()
        .map(|read| format::time(read.up_to, now));
    html! {
        @match (account.state, up_to) {
            (AccountState::UpToDate, Some(up_to)) => {
                "All that the API had processed until " (up_to) " is counted."
            }
            (AccountState::CatchingUp, Some(up_to)) => {
                "The past is being read, by now until " (up_to)
                ". Counters rise by all of it at once; rates are right again when this is through."
            }
            (AccountState::Failing, Some(up_to)) => {
                "All until " (up_to) " is counted, and nothing after it yet. Nothing is lost: what \
                 is missing is asked for until it comes."
            }
            (AccountState::Failing, None) => {
                "Counting has not begun yet: the API has not answered well a single time."
            }
            _ => "Waiting for the API's first answer.",
        }
    }
}

/// How far catching up has come.
fn progress(catch_up: &CatchUpStatus, id: &str, now: Time) -> Markup {
    let percent = (catch_up.done_ratio * 100.0).floor();
    html! {
        p.progress {
            label for=(id) {
                (percent) "% of the way from " (format::time(catch_up.from, now)) " to now. "
                @match catch_up.remaining_seconds {
                    Some(seconds) => {
                        "About " (format::duration(seconds)) " to go, until about "
                        (format::time(Time(now.0 + (seconds * 1_000.0) as i64), now)) "."
                    }
                    None => "How long it will take is not known yet.",
                }
            }
            progress id=(id) max="100" value=(percent) {}
        }
    }
}

/// What went wrong last, and what to do.
fn failures(failures: &[FailureStatus], id: &str, now: Time) -> Markup {
    html! {
        @if !failures.is_empty() {
            section.failures aria-labelledby=(id) {
                h3 id=(id) { "What went wrong last" }
                @for failure in failures { (failure_of(failure, now)) }
            }
        }
    }
}

fn failure_of(failure: &FailureStatus, now: Time) -> Markup {
    let what = match failure.operation {
        "ongoing" => "Looking at what is going on now",
        _ => "Polling for interactions",
    };
    let times = if failure.failures == 1 {
        "once"
    } else {
        "times"
    };
    html! {
        div.failure {
            p {
                strong { (what) @if failure.ended.is_some() { " failed" } @else { " fails" } } ": "
                @if failure.failures > 1 { (failure.failures) " " }
                (times) " since " (format::time(failure.since, now))
                ", last " (format::distance(failure.last, now)) ". "
                @if let Some(ended) = failure.ended {
                    "It works again since " (format::time(ended, now)) "."
                }
            }
            p.message { (failure.message) "." }
        }
    }
}

fn facts(account: &AccountStatus, now: Time) -> Markup {
    let api = &account.api;
    html! {
        dl.facts {
            @if let Some(read) = &account.read { (read_up_to(read, now)) }
            @if let Some(lag) = api.lag_seconds {
                (fact("API's newest event", html! { (format::duration(lag)) " ago" }, None))
            }
            (polls(&account.polls, now))
            @if let Some(read) = &account.read {
                (fact("Open interactions", html! { (read.interactions_open) }, None))
                @let since = format::time(read.counting_since, now);
                @let ago = format::distance(read.counting_since, now);
                (fact("Counting since", html! { (ago) }, Some(since)))
                @if read.unreadable_windows > 0 {
                    (fact("Unreadable windows", html! { (read.unreadable_windows) },
                        Some(html! { "owed, and asked for again until they can be read" })))
                }
            }
        }
    }
}

fn read_up_to(read: &ReadStatus, now: Time) -> Markup {
    let at = format::time(read.up_to, now);
    match read.behind_seconds {
        None => fact("Read up to", at, None),
        Some(behind) => {
            let behind = html! { (format::duration(behind)) " ago" };
            fact("Read up to", behind, Some(at))
        }
    }
}

fn polls(polls: &PollStatus, now: Time) -> Markup {
    let took = polls.last_duration_seconds.map(|seconds| {
        let outcome = if polls.last_succeeded == Some(true) {
            "succeeded"
        } else {
            "failed"
        };
        html! { (outcome) " after " (format!("{seconds:.1}")) " s" }
    });
    let every = html! { "every " (format::duration(polls.interval_seconds)) };
    html! {
        @if let Some(last) = polls.last {
            (fact("Last poll", html! { (format::distance(last, now)) }, took))
        }
        @match polls.next {
            Some(next) => (fact("Next poll", html! { (format::distance(next, now)) }, Some(every))),
            None => (fact("Next poll", html! { "under way" }, Some(every))),
        }
    }
}

fn fact(name: &str, value: Markup, more: Option<Markup>) -> Markup {
    html! {
        div {
            dt { (name) }
            dd { (value) @if let Some(more) = more { small { (more) } } }
        }
    }
}
