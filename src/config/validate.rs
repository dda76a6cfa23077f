//! From the keys of the file to the settings of the parts. Every error is collected and the reading
//! goes on with the default, so that one run reports all of them.

use std::path::{Path, PathBuf};

use super::accounts::accounts;
use super::api::{Api, api};
use super::checked::{Config, Web};
use super::env::Env;
use super::metrics::metrics;
use super::otlp::otlp;
use super::{keys, values};
use crate::poller::Settings;
use vcc_core::ledger::Rules;
use vcc_yaml::{
    ConfigError, Raw, Validator, check_size, duration, number, parse, read_file, set, text_of,
};

impl Config {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// Every error of the file, or the one reason why it cannot be read.
    pub fn load(
        path: &Path,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<ConfigError>> {
        let name = path.display().to_string();
        let text = text_of(&name, read_file(path)?)?;
        Self::parse(&name, &text, env)
    }

    /// Checks the text of a file; `file_name` is for the messages, and `env`
    /// answers for the environment variables.
    ///
    /// # Errors
    /// Every error of the text. Where the YAML itself is broken only that is
    /// reported, with line and column, because the rest has no certain meaning.
    pub fn parse(
        file_name: &str,
        text: &str,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<ConfigError>> {
        check_size(file_name, text)?;
        config(file_name, text, env)
    }
}

fn config(file: &str, text: &str, env: Env<'_>) -> Result<Config, Vec<ConfigError>> {
    let mut errors = Validator::new(file);
    let mut config = Config::defaults(Vec::new());
    match parse::<keys::File>(text) {
        Ok(Raw::Absent | Raw::Empty) => {
            errors.add("", None, "is empty: it needs at least one account");
        }
        // No key can be missing from what has no keys: one error is enough.
        Ok(Raw::WrongType(what)) => {
            errors.add("", None, format!("is {what}: it must be a block of keys"));
        }
        Ok(file) => config = sections(file, env, &mut errors),
        Err(error) => errors.add("", None, error),
    }
    errors.finish(config)
}

fn sections(file: Raw<keys::File>, env: Env<'_>, errors: &mut Validator<'_>) -> Config {
    let raw = errors.section("", file);
    let mut config = Config::defaults(accounts(raw.accounts, env, errors));
    config.api = api(raw.api, errors);
    config.poll = poll(raw.poll, &mut config.api, errors);
    ledger(raw.ledger, &mut config.rules, errors);
    config.state_path = state_path(raw.state, errors);
    config.web = web(raw.web, errors);
    metrics(
        raw.metrics,
        &mut config.rules,
        &mut config.exposition,
        errors,
    );
    service_level(raw.service_level, &mut config.rules, errors);
    config.otlp = otlp(raw.otlp, env, errors);
    config
}

fn poll(raw: Raw<keys::Poll>, api: &mut Api, errors: &mut Validator<'_>) -> Settings {
    type Keys = keys::Poll;
    let raw = errors.section("poll", raw);
    let mut poll = Settings::default();
    let interval = errors.duration("poll.interval", raw.interval, Keys::interval);
    set(&mut poll.interval, interval);
    let page_size = errors.whole("poll.page_size", raw.page_size, Keys::page_size);
    set(&mut poll.page_size, page_size);
    let start_from = errors.parsed("poll.start_from", raw.start_from, values::start_from);
    set(&mut poll.start_from, start_from);
    let overlap = errors.duration_ms("poll.overlap", raw.overlap, Keys::overlap);
    set(&mut poll.overlap_ms, overlap);
    let rate = errors.whole(
        "poll.requests_per_minute",
        raw.requests_per_minute,
        Keys::requests_per_minute,
    );
    set(&mut api.retry.requests_per_minute, rate);
    let every = errors.duration_ms(
        "poll.reread_interval",
        raw.reread_interval,
        Keys::reread_interval,
    );
    set(&mut poll.rescan_interval_ms, every);
    let span = errors.duration_ms("poll.reread_span", raw.reread_span, Keys::reread_span);
    set(&mut poll.rescan_span_ms, span);
    let timeout = errors.duration("poll.timeout", raw.timeout, Keys::timeout);
    set(&mut api.http.timeout, timeout.map(Some));
    let every = errors.parsed("poll.ongoing_interval", raw.ongoing_interval, |text| {
        let never = duration(text, 0..=0);
        never.or_else(|_| duration(text, Keys::ongoing_interval))
    });
    set(&mut poll.ongoing_interval, every);
    poll
}

fn ledger(raw: Raw<keys::Ledger>, rules: &mut Rules, errors: &mut Validator<'_>) {
    type Keys = keys::Ledger;
    let raw = errors.section("ledger", raw);
    let retention = errors.duration_ms("ledger.retention", raw.retention, Keys::retention);
    set(&mut rules.retention_ms, retention);
    let other = errors.duration_ms("ledger.expire_after", raw.expire_after, Keys::expire_after);
    set(&mut rules.expire_ms, other);
    let phone = errors.duration_ms(
        "ledger.expire_phone_after",
        raw.expire_phone_after,
        Keys::expire_phone_after,
    );
    set(&mut rules.expire_phone_ms, phone);
}

fn state_path(raw: Raw<keys::State>, errors: &mut Validator<'_>) -> Option<PathBuf> {
    let raw = errors.section("state", raw);
    errors.path("state.path", raw.path)
}

fn web(raw: Raw<keys::Web>, errors: &mut Validator<'_>) -> Web {
    let raw = errors.section("web", raw);
    let mut web = Web::default();
    let address = errors.parsed(
        "web.listen_address",
        raw.listen_address,
        values::listen_address,
    );
    set(&mut web.listen_address, address);
    let path = errors.parsed(
        "web.telemetry_path",
        raw.telemetry_path,
        values::telemetry_path,
    );
    set(&mut web.telemetry_path, path);
    web
}

fn service_level(raw: Raw<keys::ServiceLevel>, rules: &mut Rules, errors: &mut Validator<'_>) {
    type Keys = keys::ServiceLevel;
    let raw = errors.section("service_level", raw);
    let objective = errors.parsed("service_level.objective", raw.objective, |text| {
        number(text, &Keys::objective, "a number")
    });
    set(&mut rules.objective, objective);
    let short = errors.duration_ms(
        "service_level.short_abandon",
        raw.short_abandon,
        Keys::short_abandon,
    );
    set(&mut rules.short_abandon_ms, short);
    let count = errors.parsed(
        "service_level.breakouts",
        raw.breakouts,
        |text| match text {
            "count" => Ok(true),
            "ignore" => Ok(false),
            _ => Err("must be count or ignore".into()),
        },
    );
    set(&mut rules.count_breakouts, count);
    let key = "service_level.default_target";
    rules.default_target_ms = errors.duration_ms(key, raw.default_target, Keys::default_target);
    let key = "service_level.targets";
    let targets = errors.value(key, raw.targets, "a block of keys");
    for (queue, raw) in targets.unwrap_or_default() {
        let key = format!("{key}[{queue:?}]");
        if let Some(target_ms) = errors.duration_ms(&key, raw, Keys::targets) {
            rules.targets.insert(queue, target_ms);
        }
    }
}
