//! What has ended today: a table whose rows are also bars. Sighted readers compare lengths, screen
//! readers read the numbers.

use maud::{Markup, html};

use super::format;
use crate::status::{EndedStatus, MediumStatus, OutcomeStatus, SinceEvent, Time};

/// The limit on rows of outcomes; `/api/status` has them all.
const MAX_ROWS: usize = 40;

/// What has ended of an account, under a heading with this id.
pub(super) fn section(ended: &EndedStatus, id: &str, api_now: Option<Time>) -> Markup {
    let now = api_now.unwrap_or(ended.since);
    let is_today = ended.since_event == SinceEvent::Day && ended.since.is_same_day(now);
    html! {
        section aria-labelledby=(id) {
            h3 id=(id) {
                @if is_today { "Ended today" } @else { "Ended" }
                ": " (ended.interactions)
            }
            p.since {
                "Interactions counted as ended since " (format::time(ended.since, now))
                @match ended.since_event {
                    SinceEvent::Day => ", the first reading of that day.",
                    SinceEvent::Start => {
                        ", when the exporter started or read its configuration again. What was \
                         counted before is in the counters alone."
                    }
                }
            }
            @if ended.interactions > 0 { (chart(&ended.by_medium, id)) }
        }
    }
}

fn chart(media: &[MediumStatus], id: &str) -> Markup {
    let counts = media.iter().flat_map(|medium| &medium.by_outcome);
    let most = counts.map(|it| it.interactions).max().unwrap_or(1);
    let (shown, hidden) = shown(media);
    html! {
        table.chart aria-labelledby=(id) {
            thead {
                tr {
                    th scope="col" { "Outcome" }
                    th.number scope="col" { "Ended" }
                    td {}
                }
            }
            @for (medium, rows) in shown { (rows_of(medium, rows, most)) }
        }
        @if hidden > 0 {
            p.since {
                (format::count(hidden, "more row", "more rows")) " in "
                a href="/api/status" { "/api/status" } "."
            }
        }
    }
}

/// The media with their outcomes up to the limit, and the number of outcomes beyond it.
fn shown(media: &[MediumStatus]) -> (Vec<(&MediumStatus, &[OutcomeStatus])>, usize) {
    let (mut shown, mut room, mut hidden) = (Vec::new(), MAX_ROWS, 0);
    for medium in media {
        let fitting = medium.by_outcome.len().min(room);
        let (rows, rest) = medium.by_outcome.split_at(fitting);
        room -= rows.len();
        hidden += rest.len();
        if !rows.is_empty() {
            shown.push((medium, rows));
        }
    }
    (shown, hidden)
}

fn rows_of(medium: &MediumStatus, rows: &[OutcomeStatus], most: u64) -> Markup {
    html! {
        tbody {
            tr.medium {
                th scope="rowgroup" { (name(medium.medium.as_deref(), "Every medium")) }
                td.number { (medium.interactions) }
                td {}
            }
            @for row in rows {
                tr {
                    th scope="row" { (name(row.outcome.as_deref(), "Every outcome")) }
                    td.number { (row.interactions) }
                    td.bar { (bar(row.interactions, most)) }
                }
            }
        }
    }
}

fn name<'n>(value: Option<&'n str>, all: &'n str) -> &'n str {
    value.unwrap_or(all)
}

/// A bar as long as a count is of the largest; anything can be seen.
fn bar(count: u64, most: u64) -> Markup {
    let width = (count as f64 / most.max(1) as f64 * 100.0).max(0.5);
    html! {
        svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true" {
            rect width=(format!("{width:.2}")) height="1" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(outcomes: usize) -> EndedStatus {
        let by_outcome = (0..outcomes).map(|number| OutcomeStatus {
            outcome: Some(format!("<b>{number}")),
            interactions: (outcomes - number) as u64,
        });
        let by_outcome: Vec<_> = by_outcome.collect();
        let interactions = by_outcome.iter().map(|it| it.interactions).sum();
        EndedStatus {
            since: Time(0),
            since_event: SinceEvent::Day,
            interactions,
            by_medium: vec![MediumStatus {
                medium: None,
                interactions,
                by_outcome,
            }],
        }
    }

    #[test]
    fn a_day_is_called_today_only_while_it_is() {
        let heading = |now_ms| section(&of(1), "id", Some(Time(now_ms))).into_string();
        assert!(heading(86_399_999).contains(">Ended today: 1<"));
        assert!(heading(86_400_000).contains(">Ended: 1<"));
    }

    #[test]
    fn rows_are_bounded_and_the_longest_bar_is_the_first() {
        let html = section(&of(50), "id", None).into_string();
        assert_eq!(html.matches("<rect").count(), MAX_ROWS);
        assert!(html.contains("10 more rows"), "{html}");
        assert!(html.contains("width=\"100.00\"") && html.contains("width=\"98.00\""));
        assert!(html.contains("Every medium") && html.contains("&lt;b&gt;7"));
        assert!(!html.contains("<b>"));
        assert!(!section(&of(0), "id", None).into_string().contains("<table"));
    }
}
