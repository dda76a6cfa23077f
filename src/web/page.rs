//! The page at `/`: whether everything is well, in words, without JavaScript.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::Html;

use super::Site;
use crate::catalogue::Family;
use crate::health::AccountHealth;
use crate::series::Value;
use crate::snapshot::AccountView;

const STYLE: &str = "\
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse}\
th,td{text-align:left;padding:.2rem 1.2rem .2rem 0;vertical-align:top}td.n{text-align:right;font-variant-numeric:tabular-nums}\
.bad{color:#b00020}@media(prefers-color-scheme:dark){.bad{color:#ff8a80}}";

pub(super) async fn landing(State(site): State<Arc<Site>>) -> Html<String> {
    let snapshot = site.publisher.current();
    let mut out = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><meta http-equiv=\"refresh\" content=\"5\">\
         <title>vcc-exporter</title><style>{STYLE}</style><h1>vcc-exporter {}</h1>\
         <p><a href=\"{path}\">{path}</a> has every number of this page and many more.</p>",
        env!("CARGO_PKG_VERSION"),
        path = escape(&site.telemetry_path),
    );
    for account in &site.accounts {
        let view = snapshot
            .accounts
            .iter()
            .find(|view| *view.name == *account.name());
        section(&mut out, account, view.map(|view| &**view));
    }
    Html(out)
}

fn section(out: &mut String, account: &AccountHealth, view: Option<&AccountView>) {
    push(out, format_args!("<h2>{}</h2>", escape(account.name())));
    if let Some(trouble) = account.trouble() {
        push(
            out,
            format_args!("<p class=\"bad\" role=\"status\">{}</p>", escape(&trouble)),
        );
    }
    let Some(view) = view else {
        return out.push_str("<p>Waiting for the API's first answer.</p>");
    };
    out.push_str("<table>");
    let mut row = |name: &str, value: String| {
        push(
            out,
            format_args!("<tr><th scope=\"row\">{name}</th><td>{value}</td></tr>"),
        );
    };
    row("Reading from", escape(&view.meta.api_url));
    row("Counting since", time(view.meta.counting_since_ms));
    row("Read up to", time(view.meta.cursor_ms));
    if let Some(lag_ms) = account.lag_ms() {
        row("API's newest event", format!("{} ago", duration(lag_ms)));
    }
    if account.is_catching_up(view.meta.cursor_ms) == Some(true) {
        row("State", "catching up".to_owned());
    }
    row("Interactions in progress", view.open.to_string());
    if !view.meta.holes.is_empty() {
        row(
            "Unreadable windows still owed",
            view.meta.holes.len().to_string(),
        );
    }
    out.push_str("</table>");
    ended(out, view);
}

/// What ended, by medium and outcome.
fn ended(out: &mut String, view: &AccountView) {
    let mut sums = std::collections::BTreeMap::new();
    for series in view.series(Family::Interactions).iter() {
        if let (Value::Counter(count), [medium, _, outcome, ..]) = (&series.value, &*series.labels)
        {
            *sums.entry((medium.clone(), outcome.clone())).or_insert(0) += count;
        }
    }
    out.push_str("<table><tr><th>Medium</th><th>Outcome</th><th>Ended</th></tr>");
    for ((medium, outcome), count) in sums {
        let (medium, outcome) = (escape(&medium), escape(&outcome));
        push(
            out,
            format_args!(
                "<tr><td>{medium}</td><td>{outcome}</td><td class=\"n\">{count}</td></tr>"
            ),
        );
    }
    out.push_str("</table>");
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
}

fn time(ms: i64) -> String {
    let time = chrono::DateTime::from_timestamp_millis(ms).unwrap_or_default();
    time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn duration(ms: i64) -> String {
    let whole_seconds = Duration::from_secs(ms.max(0).unsigned_abs() / 1_000);
    humantime::format_duration(whole_seconds).to_string()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
