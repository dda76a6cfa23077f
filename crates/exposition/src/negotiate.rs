//! Content negotiation: the format and the content encoding a scraper gets.
//!
//! <https://prometheus.io/docs/instrumenting/content_negotiation/>, RFC 9110 section 12.5.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// A format of `/metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormatKind {
    /// Prometheus text 0.0.4, also for requests of 1.0.0, which differs only for metric names that
    /// need quoting; we have none.
    Text,
    /// `OpenMetrics` text.
    OpenMetrics,
    /// Protobuf, delimited by length.
    Protobuf,
}

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentEncoding {
    /// Not at all.
    Identity,
    /// gzip (RFC 1952).
    Gzip,
    /// zstd (RFC 8878).
    Zstd,
}

/// The outcome of the negotiation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Negotiated {
    /// The format.
    pub format: FormatKind,
    /// The compression of the body.
    pub encoding: ContentEncoding,
    /// The value of `Content-Type`.
    pub content_type: HeaderValue,
}

/// The content type of text 0.0.4, which every scraper can read.
pub const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

const PROTOBUF: &str =
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

/// Escaping schemes for metric names that need quoting. Ours need none, so every scheme gives the
/// same text, and the response names the scheme of the request as scrapers expect.
const ESCAPINGS: [&str; 4] = ["allow-utf-8", "underscores", "dots", "values"];

/// Chooses the supported format with the highest weight, by default text 0.0.4, and the content
/// encoding with the highest weight, zstd before gzip where both are equal.
pub fn choose(headers: &HeaderMap) -> Negotiated {
    let mut best: Option<(f32, FormatKind, String)> = None;
    for range in accepted(headers, header::ACCEPT) {
        let Some((format, content_type)) = offered(&range) else {
            continue;
        };
        // The first of equal weights wins.
        if range.weight > best.as_ref().map_or(0.0, |(weight, ..)| *weight) {
            best = Some((range.weight, format, content_type));
        }
    }
    let (format, content_type) = best.map_or_else(
        || (FormatKind::Text, TEXT.to_owned()),
        |(_, format, content_type)| (format, content_type),
    );
    Negotiated {
        format,
        encoding: content_encoding(headers),
        // Built from constants, so it is always valid and the fallback is never used.
        content_type: HeaderValue::try_from(content_type).unwrap_or(HeaderValue::from_static(TEXT)),
    }
}

/// One member of an `Accept` or `Accept-Encoding` header.
#[derive(Debug)]
struct Range<'h> {
    name: &'h str,
    parameters: Vec<(&'h str, &'h str)>,
    weight: f32,
}

impl Range<'_> {
    fn parameter(&self, name: &str) -> Option<&str> {
        let mut all = self.parameters.iter();
        let found = all.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim_matches('"'))
    }
}

fn accepted(headers: &HeaderMap, name: HeaderName) -> Vec<Range<'_>> {
    let values = headers.get_all(name).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|member| {
            let mut parts = member.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let parameters: Vec<_> = parts.filter_map(|part| part.split_once('=')).collect();
            let mut range = Range {
                name,
                parameters,
                weight: 1.0,
            };
            if let Some(weight) = range.parameter("q") {
                let weight = weight.trim().parse().ok();
                // Rust parses "nan" and "inf" as numbers; they are invalid as weights.
                let weight = weight.filter(|weight| (0.0..=1.0).contains(weight));
                range.weight = weight.unwrap_or(0.0);
            }
            range
        })
        .collect()
}

/// The supported format of a media range, with its content type.
fn offered(range: &Range<'_>) -> Option<(FormatKind, String)> {
    let escaping = || {
        let asked = range.parameter("escaping")?;
        let known = ESCAPINGS.into_iter().find(|known| *known == asked)?;
        Some(format!("; escaping={known}"))
    };
    let escaping = escaping().unwrap_or_default();
    let version = range.parameter("version");
    let is = |name: &str| range.name.eq_ignore_ascii_case(name);
    if is("application/vnd.google.protobuf") {
        let wanted = range.parameter("proto") == Some("io.prometheus.client.MetricFamily")
            && range.parameter("encoding") == Some("delimited");
        return wanted.then(|| (FormatKind::Protobuf, format!("{PROTOBUF}{escaping}")));
    }
    if is("application/openmetrics-text") {
        // Escaping came with 1.0.0.
        let (version, escaping) = match version {
            None | Some("0.0.1") => ("0.0.1", String::new()),
            Some("1.0.0") => ("1.0.0", escaping),
            Some(_) => return None,
        };
        let kind = "application/openmetrics-text";
        let content_type = format!("{kind}; version={version}; charset=utf-8{escaping}");
        return Some((FormatKind::OpenMetrics, content_type));
    }
    if is("text/plain") || is("text/*") || is("*/*") {
        return match version {
            None | Some("0.0.4") => Some((FormatKind::Text, TEXT.to_owned())),
            Some("1.0.0") => {
                let content_type = format!("text/plain; version=1.0.0; charset=utf-8{escaping}");
                Some((FormatKind::Text, content_type))
            }
            Some(_) => None,
        };
    }
    None
}

fn content_encoding(headers: &HeaderMap) -> ContentEncoding {
    let ranges = accepted(headers, header::ACCEPT_ENCODING);
    let weight = |name: &str| {
        let named = ranges
            .iter()
            .find(|range| range.name.eq_ignore_ascii_case(name));
        let any = || ranges.iter().find(|range| range.name == "*");
        named.or_else(any).map_or(0.0, |range| range.weight)
    };
    match (weight("zstd"), weight("gzip")) {
        (zstd, gzip) if zstd > 0.0 && zstd >= gzip => ContentEncoding::Zstd,
        (_, gzip) if gzip > 0.0 => ContentEncoding::Gzip,
        _ => ContentEncoding::Identity,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(accept: Option<&str>, coding: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [(header::ACCEPT, accept), (header::ACCEPT_ENCODING, coding)] {
            if let Some(value) = value {
                headers.insert(name, value.parse().unwrap());
            }
        }
        headers
    }

    fn content_type(accept: &str) -> String {
        let chosen = choose(&headers(Some(accept), None));
        chosen.content_type.to_str().unwrap().to_owned()
    }

    const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    #[test]
    fn each_scraper_gets_what_it_likes_best() {
        let cases = [
            // Prometheus 2.53
            (
                "application/openmetrics-text;version=1.0.0;q=0.5,\
                 application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,\
                 */*;q=0.2",
                OPENMETRICS.to_owned(),
            ),
            // Prometheus 3, as it is set by default, and with native histograms
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
                 application/openmetrics-text;version=0.0.1;q=0.5,\
                 text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
                 text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                format!("{OPENMETRICS}; escaping=allow-utf-8"),
            ),
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;\
                 encoding=delimited;escaping=underscores;q=0.7,text/plain;version=0.0.4;q=0.6",
                format!("{PROTOBUF}; escaping=underscores"),
            ),
            // VictoriaMetrics
            ("text/plain;version=0.0.4;q=1,*/*;q=0.1", TEXT.to_owned()),
            (
                "text/plain;version=1.0.0;escaping=dots",
                "text/plain; version=1.0.0; charset=utf-8; escaping=dots".to_owned(),
            ),
            // a browser, curl, and who wants what nobody has
            ("text/html,application/xhtml+xml,*/*;q=0.8", TEXT.to_owned()),
            ("*/*", TEXT.to_owned()),
            ("application/json", TEXT.to_owned()),
            ("application/vnd.google.protobuf", TEXT.to_owned()),
            (
                "application/openmetrics-text;version=2.0.0",
                TEXT.to_owned(),
            ),
            (
                "application/openmetrics-text;version=1.0.0;q=0,text/plain;q=0.1",
                TEXT.to_owned(),
            ),
            (
                "application/openmetrics-text; version=\"0.0.1\"",
                "application/openmetrics-text; version=0.0.1; charset=utf-8".to_owned(),
            ),
        ];
        for (accept, wanted) in cases {
            assert_eq!(content_type(accept), wanted, "{accept}");
        }
        assert_eq!(choose(&HeaderMap::new()).content_type, TEXT);
    }

    #[test]
    fn a_coding_is_used_when_it_is_wanted() {
        for (value, wanted) in [
            ("gzip", ContentEncoding::Gzip),
            ("gzip;q=0", ContentEncoding::Identity),
            ("deflate, gzip;q=0.5", ContentEncoding::Gzip),
            ("*", ContentEncoding::Zstd),
            ("identity", ContentEncoding::Identity),
            ("*;q=0", ContentEncoding::Identity),
            ("gzip; q=0.0, *", ContentEncoding::Zstd),
            ("GZIP", ContentEncoding::Gzip),
            ("zstd,gzip", ContentEncoding::Zstd),
            ("zstd;q=0.5,gzip", ContentEncoding::Gzip),
            ("zstd;q=none", ContentEncoding::Identity),
            ("zstd, gzip;q=nan", ContentEncoding::Zstd),
            ("zstd;q=inf, gzip;q=0.1", ContentEncoding::Gzip),
        ] {
            let chosen = choose(&headers(None, Some(value)));
            assert_eq!(chosen.encoding, wanted, "{value}");
        }
        assert_eq!(
            choose(&HeaderMap::new()).encoding,
            ContentEncoding::Identity
        );
    }
}
