//! What a scraper says it accepts: it always gets a format, and one that it allows.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use vcc_exposition::{ContentEncoding, FormatKind, TEXT, choose};

/// Lines are values of `Accept` and `Accept-Encoding` in turn.
pub fn check(data: &[u8]) {
    let headers = headers(data);
    let chosen = choose(&headers);
    assert_eq!(chosen, choose(&headers), "chosen twice");
    let content_type = chosen.content_type.to_str().unwrap();
    let begins = match chosen.format {
        FormatKind::Text => "text/plain; version=",
        FormatKind::OpenMetrics => "application/openmetrics-text; version=",
        FormatKind::Protobuf => "application/vnd.google.protobuf; proto=",
    };
    assert!(content_type.starts_with(begins), "{content_type}");
    the_format_is_the_best_of_what_is_allowed(&headers, content_type);
    the_coding_is_the_best_of_what_is_allowed(&headers, chosen.encoding);
}

fn headers(data: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let names = [header::ACCEPT, header::ACCEPT_ENCODING];
    for (value, name) in data.split(|byte| *byte == b'\n').zip(names.iter().cycle()) {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(name, value);
        }
    }
    headers
}

/// Each member of the header, asked for alone and gladly, shows what there is for it. What is
/// chosen is what there is for one that is allowed, and for none that is liked better.
fn the_format_is_the_best_of_what_is_allowed(headers: &HeaderMap, chosen: &str) {
    let members = members(headers, &header::ACCEPT);
    let alone = members.iter().map(|(member, weight)| {
        let mut one = HeaderMap::new();
        one.insert(header::ACCEPT, gladly(member));
        let content_type = choose(&one).content_type;
        (content_type.to_str().unwrap().to_owned(), *weight)
    });
    // Text 0.0.4 is also what somebody gets for whom there is nothing.
    let known: Vec<_> = alone.filter(|(have, _)| have != TEXT).collect();
    let liked = known.iter().map(|(_, weight)| *weight).fold(0.0, f32::max);
    if chosen == TEXT {
        let plain = members.iter().map(|(_, weight)| *weight);
        assert!(plain.fold(0.0, f32::max) >= liked, "{members:?}");
    } else {
        assert!(liked > 0.0, "{chosen} is not allowed by {members:?}");
        let best = known.iter().find(|(_, weight)| *weight == liked).unwrap();
        assert_eq!(best.0, chosen, "{members:?}");
    }
}

fn the_coding_is_the_best_of_what_is_allowed(headers: &HeaderMap, chosen: ContentEncoding) {
    let members = members(headers, &header::ACCEPT_ENCODING);
    let weight = |name: &str| {
        let named = |wanted: &str| {
            let mut all = members.iter();
            let found = all.find(|(member, _)| {
                let own = member.split(';').next().unwrap_or_default();
                own.trim().eq_ignore_ascii_case(wanted)
            });
            found.map(|(_, weight)| *weight)
        };
        named(name).or_else(|| named("*")).unwrap_or(0.0)
    };
    let (zstd, gzip) = (weight("zstd"), weight("gzip"));
    let best = if zstd <= 0.0 && gzip <= 0.0 {
        ContentEncoding::Identity
    } else if zstd >= gzip {
        ContentEncoding::Zstd
    } else {
        ContentEncoding::Gzip
    };
    assert_eq!(chosen, best, "{members:?}");
}

/// The members of a header with their weights (RFC 9110, 12.4.2): 1 where nothing is said, 0 where
/// it is not from 0 to 1.
fn members(headers: &HeaderMap, name: &HeaderName) -> Vec<(String, f32)> {
    let values = headers.get_all(name).into_iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    let members = texts.flat_map(|text| text.split(','));
    members
        .map(|member| {
            let said = parameters(member).find(|(key, _)| is_weight(key));
            let weight = said.map_or(1.0, |(_, value)| {
                let number = value.trim_matches('"').trim().parse();
                let number = number.ok().filter(|number| (0.0..=1.0).contains(number));
                number.unwrap_or(0.0)
            });
            (member.to_owned(), weight)
        })
        .collect()
}

fn parameters(member: &str) -> impl Iterator<Item = (&str, &str)> {
    let parts = member.split(';').skip(1).map(str::trim);
    parts.filter_map(|part| part.split_once('='))
}

fn is_weight(key: &str) -> bool {
    key.eq_ignore_ascii_case("q")
}

/// The member without its weight. What it begins with is its name, whatever that looks like.
fn gladly(member: &str) -> HeaderValue {
    let weighs = |part: &&str| {
        let pair = part.trim().split_once('=');
        !pair.is_some_and(|(key, _)| is_weight(key))
    };
    let mut parts = member.split(';');
    let name = parts.next().unwrap_or_default();
    let parts: Vec<_> = std::iter::once(name).chain(parts.filter(weighs)).collect();
    HeaderValue::from_str(&parts.join(";")).unwrap()
}
