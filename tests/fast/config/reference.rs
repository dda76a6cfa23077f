//! The reference of the configuration says what the code does.

use std::path::Path;

use serde_json::{Value, json};
use vcc_exporter::config::Config;
use vcc_exporter::config::reference::{keys, markdown};
use vcc_web::config_file::WebFile;
use vcc_yaml::Key;

use vcc_test_support::committed::assert_committed;

/// Reads a file; in words, what it means or what is wrong with it.
type Read = fn(&Value) -> Result<String, String>;

fn file(value: &Value) -> Result<String, String> {
    let read = Config::parse("exporter.yml", &value.to_string(), &|_| None);
    read.map(|config| format!("{config:?}")).map_err(lines)
}

fn web_file(value: &Value) -> Result<String, String> {
    let bytes = value.to_string().into_bytes();
    let read = WebFile::parse(Path::new("web.yml"), bytes);
    read.map(|file| format!("{file:?}")).map_err(lines)
}

fn lines(problems: Vec<impl ToString>) -> String {
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Each file with as little as it can do with.
fn files() -> [(Read, Value, &'static [Key]); 2] {
    let account = json!({
        "name": "acme", "region": "emea", "client_id": "a", "client_secret_file": "secret",
    });
    let small = json!({
        "accounts": [account],
        "otlp": { "endpoint": "http://collector:4318" },
    });
    let web = json!({ "tls_server_config": { "cert_file": "cert", "key_file": "key" } });
    let [keys, web_keys] = keys();
    [(file, small, keys), (web_file, web, web_keys)]
}

/// Every key that holds a value, with where it is (RFC 6901).
fn leaves<'k>(keys: &'k [Key], above: &str, found: &mut Vec<(String, &'k Key)>) {
    for key in keys {
        let first = if key.is_list && !key.below.is_empty() {
            "/0"
        } else {
            ""
        };
        let place = format!("{above}/{}{first}", key.name);
        if key.below.is_empty() {
            found.push((place, key));
        } else {
            leaves(key.below, &place, found);
        }
    }
}

/// The file with a value at a place.
fn with(file: &Value, place: &str, value: &str) -> Value {
    let mut file = file.clone();
    let mut at = &mut file;
    for part in place.split('/').skip(1) {
        at = match part.parse::<usize>() {
            Ok(index) => &mut at[index],
            Err(_) => &mut at[part],
        };
    }
    *at = value.into();
    file
}

/// Calls a function with each key: how its file is read, the file without it, where it is, and it.
fn each(mut see: impl FnMut(Read, &Value, &str, &Key)) {
    for (read, small, keys) in files() {
        let mut found = Vec::new();
        leaves(keys, "", &mut found);
        assert!(!found.is_empty());
        for (place, key) in found {
            see(read, &small, &place, key);
        }
    }
}

#[test]
fn the_reference_is_the_codes() {
    assert_committed("docs/configuration.md", &markdown(), "config");
}

#[test]
fn every_key_is_explained() {
    each(|_, _, place, key| {
        assert!(key.text.trim().ends_with('.'), "{place}: {:?}", key.text);
        assert!(!key.text.contains(['|', '\n']), "{place}");
    });
}

#[test]
fn every_default_is_what_applies_when_the_key_is_not_there() {
    let mut tried = 0;
    each(|read, small, place, key| {
        if !key.default.is_empty() {
            let written = read(&with(small, place, key.default));
            assert_eq!(written, read(small), "{place}: {}", key.default);
            tried += 1;
        }
    });
    assert!(tried > 30, "{tried}");
}

#[test]
fn every_range_is_the_one_that_is_enforced() {
    let mut tried = 0;
    each(|read, small, place, key| {
        let allowed = key.allowed.to_string();
        let is_range = allowed.contains(" to ") && !allowed.contains("characters");
        let is_choice = ["true or false", "count or ignore", "gzip or none"].contains(&&*allowed);
        if allowed.starts_with("per ") || !(is_range || is_choice) {
            return;
        }
        // One of them is a number and the other a duration; both are beyond all measure.
        let problems = ["99999999999999", "99999y"].map(|value| read(&with(small, place, value)));
        let wanted = match is_range {
            true => format!("allowed is {allowed}"),
            false => format!("must be {allowed}"),
        };
        let is_said = |outcome: &Result<String, String>| {
            outcome.as_ref().is_err_and(|said| said.contains(&wanted))
        };
        assert!(problems.iter().any(is_said), "{place}: {problems:?}");
        tried += 1;
    });
    assert!(tried > 30, "{tried}");
}
