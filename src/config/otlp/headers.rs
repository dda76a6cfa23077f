//! The headers of exports. Their values may be secrets, so no problem shows one.

use std::collections::BTreeMap;
use std::path::PathBuf;

use reqwest::header::{HeaderName, HeaderValue};
use secrecy::SecretString;

use super::environment::pairs;
use crate::config::env::Variable;
use vcc_net::secret::SecretSource;
use vcc_otlp::Header;
use vcc_yaml::{Raw, Scalar, Validator, ValueError};

/// Headers that say what the protocol needs them to say.
const OURS: [&str; 6] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
];

type Block = Raw<BTreeMap<String, Scalar>>;

/// What the file says of them, if anything.
pub(super) fn of_file(values: Block, files: Block, errors: &mut Validator<'_>) -> Vec<Header> {
    let mut headers = Vec::new();
    let mut entries =
        |key: &str, block: Block, take: &dyn Fn(String) -> Result<SecretSource, ValueError>| {
            let block = errors.value(key, block, "a block of keys");
            for (name, raw) in block.unwrap_or_default() {
                let own = format!("{key}.{}", name.escape_debug());
                let source = errors.word(&own, raw).map(take);
                let added = source.map(|source| add(&mut headers, &name, source?));
                if let Some(Err(problem)) = added {
                    errors.add(&own, None, problem);
                }
            }
        };
    entries("otlp.headers", values, &value);
    entries("otlp.header_files", files, &|path| {
        Ok(SecretSource::File(PathBuf::from(path)))
    });
    headers
}

/// What a variable says of them.
pub(super) fn of_variable(variable: &Variable, errors: &mut Validator<'_>) -> Vec<Header> {
    let mut headers = Vec::new();
    let outcome = pairs(&variable.text).and_then(|pairs| {
        pairs
            .into_iter()
            .try_for_each(|(name, text)| add(&mut headers, &name, value(text)?))
    });
    if let Err(problem) = outcome {
        errors.add(&variable.name, None, problem);
    }
    headers
}

fn value(text: String) -> Result<SecretSource, ValueError> {
    match HeaderValue::from_str(&text) {
        Ok(_) => Ok(SecretSource::Value(SecretString::from(text))),
        Err(_) => Err("holds what a header cannot, such as a line end".into()),
    }
}

fn add(headers: &mut Vec<Header>, name: &str, value: SecretSource) -> Result<(), ValueError> {
    let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else {
        return Err("has a name that no header can have".into());
    };
    if OURS.contains(&name.as_str()) {
        return Err(format!("sets {name}, which the exporter sets itself").into());
    }
    if headers.iter().any(|known| known.name == name) {
        return Err(format!("sets {name}, which is set already").into());
    }
    headers.push(Header { name, value });
    Ok(())
}
