//! Single values of the configuration and the command line: how they are read, and the words for
//! what is wrong with them.

use std::{net::IpAddr, ops::RangeInclusive, time::Duration};

use chrono::DateTime;
use url::{Host, Url};

use crate::poller::StartFrom;
use vcc_net::http::Proxy;
use vcc_yaml::{DAY, ValueError, YEAR, duration, number};

/// No contact center of this kind is older: an earlier start is a typing error.
const EARLIEST_START: &str = "2000-01-01T00:00:00Z";

/// Reads a duration with a unit, of no more than a day.
pub(crate) fn up_to_a_day(text: &str) -> Result<Duration, ValueError> {
    duration(text, 0..=DAY)
}

/// Reads `now`, `-24h` or an RFC 3339 time.
pub(super) fn start_from(text: &str) -> Result<StartFrom, ValueError> {
    const FORMS: &str =
        r#"write now, a duration such as "-24h", or a time such as 2026-01-01T00:00:00Z"#;
    if text == "now" {
        return Ok(StartFrom::Now);
    }
    if let Some(ago) = text.strip_prefix('-') {
        let ago = duration(ago, 1..=5 * YEAR).map_err(|error| match error {
            ValueError::NoUnit(written) => ValueError::NoUnit(format!("-{written}")),
            error => error,
        })?;
        return Ok(StartFrom::Ago(ago));
    }
    let Ok(at) = unix_ms(text) else {
        return Err(format!("is not a start: {FORMS}").into());
    };
    match unix_ms(EARLIEST_START) {
        Ok(earliest) if at < earliest => Err(format!("is before {EARLIEST_START}").into()),
        _ => Ok(StartFrom::At(at)),
    }
}

/// Reads an RFC 3339 time as Unix milliseconds.
pub(crate) fn unix_ms(text: &str) -> Result<i64, ValueError> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.timestamp_millis())
        .map_err(|_| "is not a time: write it such as 2026-01-01T00:00:00Z".into())
}

/// Reads the address of a service, which is going to be sent secrets: over https, unless it is on
/// this machine or the operator allows what anybody on the way can read.
pub(super) fn service_url(text: &str, allow_http: bool) -> Result<Url, ValueError> {
    let url = Url::parse(text).map_err(not_a_url)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user or a password".into());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must not have a part that starts with ? or #".into());
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) || allow_http => Ok(url),
        "http" => Err(
            "must start with https://, as http is for this machine only, unless \
                       allow_http is true"
                .into(),
        ),
        _ => Err("must start with https://".into()),
    }
}

fn not_a_url(error: url::ParseError) -> ValueError {
    format!("is not a URL: {error}").into()
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
pub(super) fn proxy(text: &str) -> Result<Proxy, ValueError> {
    match text {
        "environment" => return Ok(Proxy::Environment),
        "direct" => return Ok(Proxy::Direct),
        _ => {}
    }
    let forms = "write environment, direct, or a URL such as http://proxy:3128";
    let url = Url::parse(text).map_err(|error| format!("is not a URL ({error}): {forms}"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user or a password: use proxy_credentials_file".into());
    }
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() || !is_bare {
        return Err(format!("is not the address of a proxy: {forms}").into());
    }
    Ok(Proxy::Through {
        url,
        credentials: None,
        except: String::new(),
    })
}

/// Reads the address of a receiver of telemetry, which is often plain HTTP within a machine, a pod
/// or a network.
pub(super) fn receiver_url(text: &str) -> Result<Url, ValueError> {
    let url = Url::parse(text).map_err(not_a_url)?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err("must start with http:// or https:// and name a host".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user or a password: send them as a header".into());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must not have a part that starts with ? or #".into());
    }
    Ok(url)
}

/// Reads a whole number of milliseconds, as OpenTelemetry's variables have them.
pub(super) fn milliseconds(
    text: &str,
    allowed: &RangeInclusive<Duration>,
) -> Result<Duration, ValueError> {
    let ms = |duration: &Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let allowed = ms(allowed.start())..=ms(allowed.end());
    number(text, &allowed, "a whole number of milliseconds").map(Duration::from_millis)
}

/// Reads an address to listen on.
pub(super) fn listen_address(text: &str) -> Result<std::net::SocketAddr, ValueError> {
    text.parse().map_err(|_| {
        let advice = match text.rsplit_once(':') {
            Some(("", port)) => format!(r#"write "0.0.0.0:{port}" to listen everywhere"#),
            _ if text.parse::<IpAddr>().is_ok() => "the port is missing".to_owned(),
            _ => r#"write it such as 127.0.0.1:9877 or "[::1]:9877""#.to_owned(),
        };
        format!("is not an IP address and port: {advice}").into()
    })
}

/// Reads the path of the metrics, which shares the server with other pages.
pub(crate) fn telemetry_path(text: &str) -> Result<String, ValueError> {
    let under = |folder: &str| text == folder || text.starts_with(&format!("{folder}/"));
    if !text.starts_with('/') {
        Err("must start with /".into())
    } else if text == "/" {
        Err("is the start page: write for example /metrics".into())
    } else if under("/-") || under("/api") {
        Err("must not be under /-/ or /api/, which the exporter uses itself".into())
    } else if text.contains("//") || text.chars().any(|c| !is_plain_in_path(c)) {
        Err("may hold only letters, digits, single / and . _ ~ -".into())
    } else {
        Ok(text.to_owned())
    }
}

/// The characters of a path that mean only themselves, to browsers and routers.
fn is_plain_in_path(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/._~-".contains(c)
}
