//! From what the file says to what is allowed: every problem is noted and the
//! reading goes on with the default, so that one run reports all of them.

use std::path::PathBuf;
use std::time::Duration;

use super::{
    Config, ConfigError,
    accounts::accounts,
    metrics::metrics,
    otlp::otlp,
    problems::Problems,
    raw::{self, Part, Shape},
    settings::{Api, DAY, HOUR, Ledger, MINUTE, Poll, Proxy, ServiceLevel, Web},
    values,
};

/// The environment, asked for a variable by its name.
pub(super) type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Checks the text of a file.
pub(super) fn parse(file: &str, text: &str, env: Env<'_>) -> Result<Config, Vec<ConfigError>> {
    let mut found = Problems::new(file);
    let config = match read::<raw::File>(text) {
        Ok(Shape::Absent | Shape::Empty) => {
            found.add("", None, "is empty: it needs at least one account");
            None
        }
        Ok(file) => Some(config(file, env, &mut found)),
        Err(problem) => {
            found.add("", None, problem);
            None
        }
    };
    let all = found.into_all();
    config.filter(|_| all.is_empty()).ok_or(all)
}

/// Reads the YAML; an error names line and column and never quotes the file,
/// which may hold what should not be there.
pub(super) fn read<T: for<'de> Part<'de>>(text: &str) -> Result<Shape<T>, String> {
    use serde_saphyr::{DuplicateKeyPolicy, Error, NonFiniteFloatPolicy, UserMessageFormatter};

    let options = serde_saphyr::options! {
        duplicate_keys: DuplicateKeyPolicy::Error,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        strict_booleans: true,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let error = error.without_snippet();
        let problem = match error {
            Error::DuplicateMappingKey { key: Some(key), .. } => {
                format!("the key {key:?} is there twice")
            }
            Error::MultipleDocuments { .. } => "only one YAML document is allowed".to_owned(),
            Error::Budget { .. } | Error::AliasError { .. } => {
                "too large, too deep or a wrong use of an alias".to_owned()
            }
            other => {
                let words = other.render_with_formatter(&UserMessageFormatter);
                // The place is named once, at the front.
                words
                    .split(" at line ")
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            }
        };
        match error.location() {
            Some(at) => format!("line {}, column {}: {problem}", at.line(), at.column()),
            None => problem,
        }
    })
}

fn config(file: Shape<raw::File>, env: Env<'_>, found: &mut Problems<'_>) -> Config {
    if let Shape::Wrong(what) = file {
        // No key can be missing from what has no keys: one problem is enough.
        found.add("", None, format!("is {what}: it must be a block of keys"));
        return Config::defaults(Vec::new());
    }
    let raw = found.block("", file);
    Config {
        accounts: accounts(raw.accounts, env, found),
        api: api(raw.api, found),
        poll: poll(raw.poll, found),
        ledger: ledger(raw.ledger, found),
        state_path: state_path(raw.state, found),
        web: web(raw.web, found),
        metrics: metrics(raw.metrics, found),
        service_level: service_level(raw.service_level, found),
        otlp: otlp(raw.otlp, env, found),
    }
}

fn api(raw: Shape<raw::Api>, found: &mut Problems<'_>) -> Api {
    let raw = found.block("api", raw);
    let mut api = Api::defaults();
    set(
        &mut api.proxy,
        found.parsed("api.proxy", raw.proxy, values::proxy),
    );
    let file = found.path("api.proxy_credentials_file", raw.proxy_credentials_file);
    let hosts = found.shaped("api.no_proxy", raw.no_proxy, "a list of hosts");
    let hosts = hosts.unwrap_or_default().into_iter().enumerate();
    let hosts: Vec<_> = hosts
        .filter_map(|(place, leaf)| found.word(&format!("api.no_proxy[{place}]"), leaf))
        .collect();
    match &mut api.proxy {
        Proxy::Through {
            credentials_file,
            except,
            ..
        } => (*credentials_file, *except) = (file, hosts),
        Proxy::Environment | Proxy::Direct if file.is_some() || !hosts.is_empty() => {
            let problem = "must be the URL of a proxy, since there are settings for one";
            found.add("api.proxy", None, problem);
        }
        Proxy::Environment | Proxy::Direct => {}
    }
    api.ca_file = found.path("api.ca_file", raw.ca_file);
    api
}

fn poll(raw: Shape<raw::Poll>, found: &mut Problems<'_>) -> Poll {
    let raw = found.block("poll", raw);
    let mut poll = Poll::defaults();
    set(
        &mut poll.interval,
        found.duration("poll.interval", raw.interval, 5..=HOUR),
    );
    set(
        &mut poll.page_size,
        found.whole("poll.page_size", raw.page_size, 1..=5000),
    );
    let start_from = found.parsed("poll.start_from", raw.start_from, values::start_from);
    set(&mut poll.start_from, start_from);
    set(
        &mut poll.overlap,
        found.duration("poll.overlap", raw.overlap, 0..=HOUR),
    );
    let rate = found.whole("poll.requests_per_minute", raw.requests_per_minute, 1..=160);
    set(&mut poll.requests_per_minute, rate);
    let every = found.duration(
        "poll.reread_interval",
        raw.reread_interval,
        5 * MINUTE..=DAY,
    );
    set(&mut poll.reread_interval, every);
    let span = found.duration("poll.reread_span", raw.reread_span, 10 * MINUTE..=7 * DAY);
    set(&mut poll.reread_span, span);
    set(
        &mut poll.timeout,
        found.duration("poll.timeout", raw.timeout, 1..=10 * MINUTE),
    );
    let every = found.parsed("poll.ongoing_interval", raw.ongoing_interval, |text| {
        let never = values::duration(text, &(Duration::ZERO..=Duration::ZERO));
        let allowed = Duration::from_secs(5)..=Duration::from_secs(HOUR);
        never.or_else(|_| values::duration(text, &allowed))
    });
    set(&mut poll.ongoing_interval, every);
    poll
}

fn ledger(raw: Shape<raw::Ledger>, found: &mut Problems<'_>) -> Ledger {
    let raw = found.block("ledger", raw);
    let mut ledger = Ledger::defaults();
    let open = HOUR..=400 * DAY;
    let retention = found.duration("ledger.retention", raw.retention, 32 * DAY..=400 * DAY);
    set(&mut ledger.retention, retention);
    let other = found.duration("ledger.expire_after", raw.expire_after, open.clone());
    set(&mut ledger.expire_after, other);
    let phone = found.duration("ledger.expire_phone_after", raw.expire_phone_after, open);
    set(&mut ledger.expire_phone_after, phone);
    ledger
}

fn state_path(raw: Shape<raw::State>, found: &mut Problems<'_>) -> Option<PathBuf> {
    let raw = found.block("state", raw);
    found.path("state.path", raw.path)
}

fn web(raw: Shape<raw::Web>, found: &mut Problems<'_>) -> Web {
    let raw = found.block("web", raw);
    let mut web = Web::defaults();
    let address = found.parsed(
        "web.listen_address",
        raw.listen_address,
        values::listen_address,
    );
    set(&mut web.listen_address, address);
    let path = found.parsed(
        "web.telemetry_path",
        raw.telemetry_path,
        values::telemetry_path,
    );
    set(&mut web.telemetry_path, path);
    web
}

fn service_level(raw: Shape<raw::ServiceLevel>, found: &mut Problems<'_>) -> ServiceLevel {
    let raw = found.block("service_level", raw);
    let mut level = ServiceLevel::defaults();
    let objective = found.parsed("service_level.objective", raw.objective, |text| {
        values::number(text, &(0.01..=0.999), "a number")
    });
    set(&mut level.objective, objective);
    let short = found.duration(
        "service_level.short_abandon",
        raw.short_abandon,
        0..=5 * MINUTE,
    );
    set(&mut level.short_abandon, short);
    let count = found.parsed(
        "service_level.breakouts",
        raw.breakouts,
        |text| match text {
            "count" => Ok(true),
            "ignore" => Ok(false),
            _ => Err("must be count or ignore".to_owned()),
        },
    );
    set(&mut level.count_breakouts, count);
    let target = 1..=30 * DAY;
    let key = "service_level.default_target";
    level.default_target = found.duration(key, raw.default_target, target.clone());
    let key = "service_level.targets";
    let targets = found.shaped(key, raw.targets, "a block of keys");
    for (queue, leaf) in targets.unwrap_or_default() {
        let key = format!("{key}[{queue:?}]");
        if let Some(time) = found.duration(&key, leaf, target.clone()) {
            level.targets.insert(queue, time);
        }
    }
    level
}

/// Puts a value from the file in the place of the default.
pub(super) fn set<T>(setting: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *setting = value;
    }
}
