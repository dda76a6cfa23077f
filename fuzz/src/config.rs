//! A configuration file: any text is a configuration that keeps to what is allowed, or has problems
//! that are told in words and without secrets.

use std::collections::HashSet;

use url::{Host, Url};
use vcc_exporter::assembly;
use vcc_exporter::config::Config;
use vcc_yaml::ConfigError;

const FILE: &str = "vcc-exporter.yml";

/// What the variables of the environment hold that a secret can be taken from.
const SECRET: &str = "correct-horse-battery-staple";

/// The longest text of a problem: keys and values are the file's own and can be long.
const SPARE: usize = 2_000;

pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let env = |name: &str| match name {
        "CREDENTIALS_DIRECTORY" => Some("/run/credentials".to_owned()),
        // OpenTelemetry's are settings, not secrets.
        name if name.starts_with("OTEL_") => None,
        _ => Some(SECRET.to_owned()),
    };
    let read = Config::parse(FILE, text, &env);
    let again = Config::parse(FILE, text, &env);
    assert_eq!(format!("{read:?}"), format!("{again:?}"), "read twice");
    if !text.contains(SECRET) {
        assert!(!format!("{read:?}").contains(SECRET), "a secret is shown");
    }
    match read {
        Ok(config) => it_keeps_to_what_is_allowed(&config),
        Err(problems) => they_tell_what_to_mend(&problems, text),
    }
}

fn it_keeps_to_what_is_allowed(config: &Config) {
    assert!(!config.accounts.is_empty());
    let names: HashSet<_> = config.accounts.iter().map(|one| &one.name).collect();
    assert_eq!(names.len(), config.accounts.len(), "two of one name");
    for account in &config.accounts {
        assert!((1..=64).contains(&account.name.len()));
        let endpoints = &account.endpoints;
        assert!(is_protected(&endpoints.api_url) && is_protected(&endpoints.token_url));
    }
    assert!((1..=5000).contains(&config.poll.page_size));
    assert!((1..=160).contains(&config.api.retry.requests_per_minute));
    assert!((5..=3600).contains(&config.poll.interval.as_secs()));
    assert!(config.web.telemetry_path.starts_with('/'));
    assembly::rules(config);
}

/// Https, or a road that does not leave the machine.
fn is_protected(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && loopback)
}

fn they_tell_what_to_mend(problems: &[ConfigError], text: &str) {
    assert!(!problems.is_empty());
    for problem in problems {
        assert_eq!(problem.file, FILE);
        assert!(!problem.problem.trim().is_empty());
        let line = problem.to_string();
        assert!(!line.chars().any(char::is_control), "{line:?}");
        // Nothing is blown up: keys and values are the file's, escaped at worst.
        assert!(line.len() <= 10 * text.len() + SPARE, "{line}");
    }
}
