//! The reference of the configuration: every key with what it means, from the code that reads it.

use std::fmt::Write;

use super::keys::File;
use vcc_web::config_file;
use vcc_yaml::{Allowed, Documented, Key};

const HEAD: &str = "\
# Configuration

<!-- Made from the code that reads the files, and checked by the tests. -->

`run` and `check` read a file in YAML, named by `--config.file`. A key that is not known, a value that is
not allowed and a secret in a wrong place are mistakes: all of them are reported at once, with the key, the
value and what is allowed, and the exit code is 64. `check --config.file FILE` reports them without
running; with `--live` it also asks the API.

Durations are a number and a unit: `500ms`, `15s`, `5m`, `1h`, `35d`, or several as in `1h30m`. Flags stand
above the file: `--web.listen-address`, `--web.telemetry-path`, `--state.path`. SIGHUP reads the file again,
as does `POST /-/reload` with `--web.enable-lifecycle`; a file with mistakes changes nothing. Only
`state.path` and `web.listen_address` need a restart.
";

const WEB: &str = "
# The web configuration

`--web.config.file` names another file, in the format that
[Prometheus and its exporters share](https://prometheus.io/docs/prometheus/latest/configuration/https/):
[web.md](web.md) has examples and where we differ. A change counts within two seconds, as does one of the
certificates it names.
";

/// The keys of the configuration file, then those of the web configuration.
pub fn keys() -> [&'static [Key]; 2] {
    [File::BELOW, config_file::KEYS]
}

/// The reference, as it stands in `docs/configuration.md`.
pub fn markdown() -> String {
    let [file, web] = keys();
    let mut out = HEAD.to_owned();
    blocks(&mut out, file);
    out += WEB;
    blocks(&mut out, web);
    out
}

fn blocks(out: &mut String, keys: &[Key]) {
    for key in keys {
        push(out, format_args!("\n## {}\n\n{}\n", key.name, words(key)));
        if key.below.is_empty() {
            if !matches!(key.allowed, Allowed::Anything) {
                push(out, format_args!("Allowed: {}.\n", key.allowed));
            }
            continue;
        }
        out.push_str("\n| key | default | allowed | meaning |\n|---|---|---|---|\n");
        let list = if key.is_list { "[]" } else { "" };
        rows(out, &format!("{}{list}", key.name), key.below);
    }
}

fn rows(out: &mut String, above: &str, keys: &[Key]) {
    for key in keys {
        let name = format!("{above}.{}", key.name);
        if !key.below.is_empty() {
            rows(out, &name, key.below);
            continue;
        }
        let default = match key.default {
            "" => String::new(),
            default => format!("`{default}`"),
        };
        let allowed = &key.allowed;
        push(
            out,
            format_args!("| `{name}` | {default} | {allowed} | {} |\n", words(key)),
        );
    }
}

/// The comment on one line.
fn words(key: &Key) -> &str {
    key.text.trim()
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
}
