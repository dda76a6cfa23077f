//! Single values: how they are read, and the words for what is wrong with them.
//!
//! The errors are predicates for a message that has named the key and shown the
//! value already, such as `has no unit: write 15s`.

use std::{net::IpAddr, ops::RangeInclusive, time::Duration};

use chrono::DateTime;
use url::{Host, Url};

use super::settings::{DAY, HOUR, MINUTE, Proxy, StartFrom};

/// A year as `humantime` has it, in seconds.
const YEAR: u64 = 31_557_600;

/// No contact center of this kind is older: an earlier start is a typing error.
const EARLIEST_START: &str = "2000-01-01T00:00:00Z";

/// Reads a duration with a unit, within a range.
pub(super) fn duration(text: &str, allowed: &RangeInclusive<Duration>) -> Result<Duration, String> {
    let digits = text.trim_start_matches('-');
    if !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return Err(format!("has no unit: write {digits}s"));
    }
    let parsed = humantime::parse_duration(text).map_err(|_| {
        let example = span(*allowed.end());
        format!("is not a duration: write a number and a unit, such as {example}")
    })?;
    if allowed.contains(&parsed) {
        return Ok(parsed);
    }
    let wrong = if parsed < *allowed.start() {
        "short"
    } else {
        "long"
    };
    Err(format!("is too {wrong}: allowed is {}", spans(allowed)))
}

#[cfg(feature = "demo")]
/// Reads a duration with a unit, of no more than a day.
pub(crate) fn up_to_a_day(text: &str) -> Result<Duration, String> {
    duration(text, &(Duration::ZERO..=Duration::from_secs(DAY)))
}

/// Reads a number within a range; `kind` says which numbers are meant.
pub(super) fn number<T>(text: &str, allowed: &RangeInclusive<T>, kind: &str) -> Result<T, String>
where
    T: std::str::FromStr + PartialOrd + std::fmt::Display + Copy,
{
    let range = format!("allowed is {} to {}", allowed.start(), allowed.end());
    let Ok(parsed) = text.parse::<T>() else {
        return Err(format!("is not {kind}: {range}"));
    };
    if allowed.contains(&parsed) {
        Ok(parsed)
    } else if parsed < *allowed.start() {
        Err(format!("is too small: {range}"))
    } else if parsed > *allowed.end() {
        Err(format!("is too large: {range}"))
    } else {
        // What is neither inside nor on a side of the range is no number.
        Err(format!("is not {kind}: {range}"))
    }
}

/// Reads `now`, `-24h` or an RFC 3339 time.
pub(super) fn start_from(text: &str) -> Result<StartFrom, String> {
    const FORMS: &str =
        r#"write now, a duration such as "-24h", or a time such as 2026-01-01T00:00:00Z"#;
    let longest = Duration::from_secs(5 * YEAR);
    if text == "now" {
        return Ok(StartFrom::Now);
    }
    if let Some(ago) = text.strip_prefix('-') {
        return duration(ago, &(Duration::from_secs(1)..=longest))
            .map(StartFrom::Ago)
            .map_err(
                |problem| match problem.strip_prefix("has no unit: write ") {
                    Some(written) => format!("has no unit: write -{written}"),
                    None => problem,
                },
            );
    }
    let Ok(at) = unix_ms(text) else {
        return Err(format!("is not a start: {FORMS}"));
    };
    match unix_ms(EARLIEST_START) {
        Ok(earliest) if at < earliest => Err(format!("is before {EARLIEST_START}")),
        _ => Ok(StartFrom::At(at)),
    }
}

/// Reads an RFC 3339 time as Unix milliseconds.
pub(crate) fn unix_ms(text: &str) -> Result<i64, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.timestamp_millis())
        .map_err(|_| "is not a time: write it such as 2026-01-01T00:00:00Z".to_owned())
}

/// Reads the address of a service, which is going to be sent secrets: over https, unless it is on
/// this machine or the operator allows what anybody on the way can read.
pub(super) fn service_url(text: &str, allow_http: bool) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user or a password".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must not have a part that starts with ? or #".to_owned());
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) || allow_http => Ok(url),
        "http" => Err(
            "must start with https://, as http is for this machine only, unless \
                       allow_http is true"
                .to_owned(),
        ),
        _ => Err("must start with https://".to_owned()),
    }
}

/// Whether an address is on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Reads which proxy there is.
pub(super) fn proxy(text: &str) -> Result<Proxy, String> {
    match text {
        "environment" => return Ok(Proxy::Environment),
        "direct" => return Ok(Proxy::Direct),
        _ => {}
    }
    let forms = "write environment, direct, or a URL such as http://proxy:3128";
    let url = Url::parse(text).map_err(|error| format!("is not a URL ({error}): {forms}"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user or a password: use proxy_credentials_file".to_owned());
    }
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() || !is_bare {
        return Err(format!("is not the address of a proxy: {forms}"));
    }
    Ok(Proxy::Through {
        url,
        credentials_file: None,
        except: Vec::new(),
    })
}

/// Reads the address of a receiver of telemetry, which is often plain HTTP within a machine, a pod
/// or a network.
pub(super) fn receiver_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err("must start with http:// or https:// and name a host".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user or a password: send them as a header".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must not have a part that starts with ? or #".to_owned());
    }
    Ok(url)
}

/// Reads a whole number of milliseconds, as OpenTelemetry's variables have them.
pub(super) fn milliseconds(
    text: &str,
    allowed: &RangeInclusive<Duration>,
) -> Result<Duration, String> {
    let ms = |duration: &Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let allowed = ms(allowed.start())..=ms(allowed.end());
    number(text, &allowed, "a whole number of milliseconds").map(Duration::from_millis)
}

/// Reads an address to listen on.
pub(super) fn listen_address(text: &str) -> Result<std::net::SocketAddr, String> {
    text.parse().map_err(|_| {
        let advice = match text.rsplit_once(':') {
            Some(("", port)) => format!(r#"write "0.0.0.0:{port}" to listen everywhere"#),
            _ if text.parse::<IpAddr>().is_ok() => "the port is missing".to_owned(),
            _ => r#"write it such as 127.0.0.1:9877 or "[::1]:9877""#.to_owned(),
        };
        format!("is not an IP address and port: {advice}")
    })
}

/// Reads the path of the metrics, which shares the server with other pages.
pub(crate) fn telemetry_path(text: &str) -> Result<String, String> {
    let under = |folder: &str| text == folder || text.starts_with(&format!("{folder}/"));
    if !text.starts_with('/') {
        Err("must start with /".to_owned())
    } else if text == "/" {
        Err("is the start page: write for example /metrics".to_owned())
    } else if under("/-") || under("/api") {
        Err("must not be under /-/ or /api/, which the exporter uses itself".to_owned())
    } else if text.contains("//") || text.chars().any(|c| !is_plain_in_path(c)) {
        Err("may hold only letters, digits, single / and . _ ~ -".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

/// The characters of a path that mean only themselves, to browsers and routers.
fn is_plain_in_path(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/._~-".contains(c)
}

/// A range of durations, in words.
fn spans(range: &RangeInclusive<Duration>) -> String {
    format!("{} to {}", span(*range.start()), span(*range.end()))
}

/// A duration as an operator would write it: in the largest unit that divides it,
/// where a single day is 24h, as in the documentation.
fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    for (unit, name) in [(YEAR, "y"), (DAY, "d"), (HOUR, "h"), (MINUTE, "m")] {
        if seconds > 0 && seconds.is_multiple_of(unit) && (unit, seconds) != (DAY, DAY) {
            return format!("{}{name}", seconds / unit);
        }
    }
    format!("{seconds}s")
}
