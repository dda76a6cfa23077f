//! The catalogue as a document: Markdown for people, JSON for programs.

use std::fmt::Write;

use serde_json::{Value, json};

use super::cardinality::Sizes;
use super::field_coverage::{Feeds, field_coverage};
use super::{Family, Info, Kind, Label, Origin};

impl Family {
    /// What its values are measured in; nothing for counts.
    pub fn unit(self) -> Option<&'static str> {
        let name = self.info().name;
        ["seconds", "bytes", "ratio"]
            .into_iter()
            .find(|unit| name.ends_with(unit))
    }

    /// Whether it is there only if the configuration asks for it.
    pub fn is_optional(self) -> bool {
        matches!(self, Family::PerAgentOffers | Family::PerAgentHandle)
    }
}

fn type_of(info: &Info) -> &'static str {
    match info.kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Histogram(_) => "histogram",
    }
}

fn origin_of(info: &Info) -> &'static str {
    match info.origin {
        Origin::Ledger => "ledger",
        Origin::Scrape => "scrape",
        Origin::Process => "process",
    }
}

/// The bounds of a histogram as `le` shows them.
fn buckets(info: &Info) -> Vec<f64> {
    match info.kind {
        Kind::Histogram(bounds) => bounds.iter().map(|ms| *ms as f64 / 1_000.0).collect(),
        Kind::Counter | Kind::Gauge => Vec::new(),
    }
}

fn names(labels: &[Label]) -> Vec<&'static str> {
    labels.iter().map(|label| label.name()).collect()
}

/// The catalogue in Markdown, with ceilings if sizes are given.
pub fn markdown(sizes: Option<&Sizes>) -> String {
    let mut out = String::from(
        "# Metrics\n\nEvery family of a contact centre carries the label `account` too. A family \
         of origin *ledger* is exact and stored: its values outlive restarts. One of origin \
         *scrape* is computed when it is asked for, and one of origin *process* starts at 0 with \
         each start. `vcc_exporter_*` families without an account stand for the whole process.\n\n\
         Values of labels keep the API's spelling; `none` is what is absent, `other` what is \
         beyond a limit, `redacted` what looked personal.\n",
    );
    let mut section = "";
    for family in Family::ALL {
        let info = family.info();
        if info.section != section {
            section = info.section;
            let head = "| family | type | labels | unit | origin | what it counts |\n|---|---|---|---|---|---|";
            let _ = writeln!(out, "\n## {section}\n\n{head}");
        }
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} | {} | {} |",
            info.name,
            type_of(info),
            names(info.labels).join(", "),
            family.unit().unwrap_or(""),
            origin_of(info),
            info.help
        );
    }
    histograms(&mut out);
    coverage(&mut out);
    match sizes {
        Some(sizes) => ceilings(&mut out, sizes),
        None => out.push_str(
            "\n## Series to expect\n\n`vcc-exporter catalogue --queues 80 --groups 30 --media 5` \
             computes the most series and samples each family may come to.\n",
        ),
    }
    out
}

fn histograms(out: &mut String) {
    out.push_str("\n## Buckets\n\n| bounds | families |\n|---|---|\n");
    let mut layouts: Vec<(Vec<f64>, Vec<&str>)> = Vec::new();
    for family in Family::ALL {
        let bounds = buckets(family.info());
        if bounds.is_empty() {
            continue;
        }
        let name = family.info().name;
        match layouts.iter_mut().find(|(known, _)| *known == bounds) {
            Some((_, names)) => names.push(name),
            None => layouts.push((bounds, vec![name])),
        }
    }
    for (bounds, names) in layouts {
        let bounds: Vec<_> = bounds.iter().map(f64::to_string).collect();
        let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(out, "| {} | {} |", bounds.join(" "), names.join(" "));
    }
}

fn coverage(out: &mut String) {
    out.push_str(
        "\n## What becomes of the response\n\nEvery field, event type and property that the API's \
         documentation names. `Queue.result` is the property `result` of an event of type `Queue`, \
         `Queue.name` that event's name.\n\n| in the response | feeds |\n|---|---|\n",
    );
    for (path, feeds) in field_coverage() {
        let text = match feeds {
            Feeds::Families(families) => {
                let names: Vec<_> = families
                    .iter()
                    .map(|f| format!("`{}`", f.info().name))
                    .collect();
                names.join(" ")
            }
            Feeds::Reason(reason) => format!("nothing. {reason}"),
        };
        let _ = writeln!(out, "| `{path}` | {text} |");
    }
    out.push_str(
        "\nWhat the documentation does not name is skipped, except types, results, statuses, \
         roles and reasons: an unknown one counts under its own name.\n",
    );
}

/// Labels from outside whose sizes no flag sets.
const FIXED: [(Label, Family); 11] = [
    (Label::Direction, Family::Interactions),
    (Label::MediumManager, Family::Interactions),
    (Label::QueueResult, Family::QueueExits),
    (Label::Role, Family::ChannelsEnded),
    (Label::EndReason, Family::ChannelsEnded),
    (Label::IntegrationType, Family::ChannelsEnded),
    (Label::Type, Family::Monitoring),
    (Label::Score, Family::QualityRatings),
    (Label::Classification, Family::AudioProblems),
    (Label::AppletType, Family::Applets),
    (Label::EventType, Family::Events),
];

/// The numbers a ceiling is computed from, in the order of the flags.
fn given(sizes: &Sizes) -> [(&'static str, u64); 10] {
    [
        ("queues", sizes.queues),
        ("groups", sizes.groups),
        ("media", sizes.media),
        ("outcomes", sizes.outcomes),
        ("skills", sizes.skills),
        ("dispositions", sizes.dispositions),
        ("plans", sizes.plans),
        ("assistants", sizes.assistants),
        ("agents", sizes.agents),
        ("series-limit", sizes.series_limit),
    ]
}

fn ceilings(out: &mut String, sizes: &Sizes) {
    let given: Vec<_> = (given(sizes).iter())
        .map(|(name, number)| format!("{name} {number}"))
        .collect();
    let fixed: Vec<_> = (FIXED.iter())
        .map(|(label, family)| format!("{} {}", label.name(), sizes.of(*family, *label)))
        .collect();
    let _ = write!(
        out,
        "\n## The most series of an account\n\nWith {}; and taken as {}. It is every combination of what the labels \
         may be, `none` to be counted among the given numbers; a real contact centre shows a small \
         part of it. Families at their limit count the rest under `other`.\n\n\
         | family | series | samples | |\n|---|---|---|---|\n",
        given.join(", "),
        fixed.join(", ")
    );
    let (mut series, mut samples) = (0_u64, 0_u64);
    for family in Family::ALL {
        let most = sizes.bound(*family);
        series = series.saturating_add(most.series);
        samples = samples.saturating_add(most.samples);
        let note = match (most.capped, most.series) {
            (true, _) => "at the limit",
            (false, 0) if family.is_optional() => "switched off",
            _ => "",
        };
        let name = family.info().name;
        let _ = writeln!(
            out,
            "| `{name}` | {} | {} | {note} |",
            most.series, most.samples
        );
    }
    let _ = writeln!(out, "| **in total** | **{series}** | **{samples}** | |");
}

/// The catalogue in JSON, with ceilings if sizes are given.
pub fn json(sizes: Option<&Sizes>) -> Value {
    let families: Vec<_> = Family::ALL
        .iter()
        .map(|family| family_json(*family, sizes))
        .collect();
    let coverage: Vec<_> = (field_coverage().iter())
        .map(|(path, feeds)| match feeds {
            Feeds::Families(families) => {
                let names: Vec<_> = families.iter().map(|family| family.info().name).collect();
                json!({"path": path, "families": names})
            }
            Feeds::Reason(reason) => json!({"path": path, "reason": reason}),
        })
        .collect();
    let mut out = json!({"families": families, "coverage": coverage});
    if let Some(sizes) = sizes {
        let total = |of: fn(super::SeriesBound) -> u64| {
            let all = Family::ALL.iter().map(|family| of(sizes.bound(*family)));
            all.fold(0, u64::saturating_add)
        };
        let given: serde_json::Map<_, _> = (given(sizes).iter())
            .map(|(name, number)| ((*name).to_owned(), json!(number)))
            .collect();
        out["ceiling"] = json!({
            "given": given,
            "series": total(|most| most.series),
            "samples": total(|most| most.samples),
        });
    }
    out
}

fn family_json(family: Family, sizes: Option<&Sizes>) -> Value {
    let info = family.info();
    let mut out = json!({
        "name": info.name,
        "type": type_of(info),
        "labels": names(info.labels),
        "unit": family.unit(),
        "origin": origin_of(info),
        "section": info.section,
        "optional": family.is_optional(),
        "help": info.help,
    });
    if let Kind::Histogram(_) = info.kind {
        out["buckets"] = json!(buckets(info));
    }
    if let Some(sizes) = sizes {
        let most = sizes.bound(family);
        out["series"] = json!(most.series);
        out["samples"] = json!(most.samples);
    }
    out
}
