//! The page at `/`: the status model in words, without scripts and without external resources.

mod account;
mod format;
mod today;

use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{Html, IntoResponse};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::status::{AccountState, Status, StatusSource};

const STYLE: &str = include_str!("style.css");

/// The refresh interval in seconds. Refreshing is opt-in: a page that moves while it is read is an
/// obstacle for some readers (WCAG 2.2.1).
const REFRESH_S: u32 = 10;

/// The query that opts in.
const REFRESH: &str = "refresh";

pub(super) async fn landing(
    State(status): State<StatusSource>,
    RawQuery(query): RawQuery,
) -> impl IntoResponse {
    let refreshes = query.as_deref() == Some(REFRESH);
    let page = page(&status(), refreshes).into_string();
    ([(header::CACHE_CONTROL, "no-store")], Html(page))
}

fn page(status: &Status, refreshes: bool) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                @if refreshes { meta http-equiv="refresh" content=(REFRESH_S); }
                title { (format::state_name(status.state)) " · vcc-exporter" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "vcc-exporter " small { (status.version) } }
                    p.moment {
                        "As of " (format::time(status.now, status.now)) ". "
                        @if refreshes {
                            "Reloads every " (REFRESH_S) " seconds. " a href="/" { "Stop that" }
                        } @else {
                            a href="/" { "Reload" } " · "
                            a href={ "/?" (REFRESH) } { "Reload every " (REFRESH_S) " seconds" }
                        }
                    }
                }
                main {
                    @if status.accounts.len() > 1 { p.all { (all(status)) } }
                    @for (number, account) in status.accounts.iter().enumerate() {
                        (account::section(account, number, status.now))
                    }
                }
                (footer(status))
            }
        }
    }
}

/// How many of several accounts are up to date.
fn all(status: &Status) -> String {
    let is_well = |state| state == AccountState::UpToDate;
    let accounts = status.accounts.iter();
    let well = accounts.filter(|account| is_well(account.state)).count();
    format!(
        "{well} of {} accounts are up to date.",
        status.accounts.len()
    )
}

fn footer(status: &Status) -> Markup {
    let links = [
        (status.metrics_path.as_str(), "every number, for Prometheus"),
        ("/api/status", "this page as JSON"),
        ("/-/healthy", "whether the process lives"),
        ("/-/ready", "whether it serves"),
    ];
    html! {
        footer {
            nav aria-label="More of this exporter" {
                ul {
                    @for (path, what) in links {
                        li { a href=(path) { (path) } " " (what) }
                    }
                }
            }
            p {
                "Running since " (format::time(status.started, status.now))
                ". All times are UTC. How numbers are counted, and what to do when something is \
                 wrong, is in the folder docs that comes with the program."
            }
        }
    }
}
