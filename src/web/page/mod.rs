//! The page at `/`: how the exporter is, in words, without scripts and without anything from
//! elsewhere. It shows what `/api/status` says.

mod account;
mod ended;
mod words;

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{Html, IntoResponse};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::Site;
use super::status::{Standing, Status};

const STYLE: &str = include_str!("style.css");

/// How often the page comes again by itself, in seconds, for who asks for it: a page that moves
/// while it is read is not for everybody (WCAG 2.2.1).
const REFRESH_S: u32 = 10;

/// What asks for it.
const REFRESH: &str = "refresh";

pub(super) async fn landing(
    State(site): State<Arc<Site>>,
    RawQuery(query): RawQuery,
) -> impl IntoResponse {
    let refreshes = query.as_deref() == Some(REFRESH);
    let page = page(&Status::of(&site), refreshes).into_string();
    ([(header::CACHE_CONTROL, "no-store")], Html(page))
}

/// The page of a status.
fn page(status: &Status, refreshes: bool) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                @if refreshes { meta http-equiv="refresh" content=(REFRESH_S); }
                title { (words::standing(status.state)) " · vcc-exporter" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "vcc-exporter " small { (status.version) } }
                    p.moment {
                        "As of " (words::time(status.now, status.now)) ". "
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

/// How many of several accounts are well.
fn all(status: &Status) -> String {
    let is_well = |state| state == Standing::UpToDate;
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
                "Running since " (words::time(status.started, status.now))
                ". All times are UTC. How numbers are counted, and what to do when something is \
                 wrong, is in the folder docs that comes with the program."
            }
        }
    }
}
