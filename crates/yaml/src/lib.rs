//! Reading a settings file in YAML: every error is collected and reported with its key, its value
//! and what is allowed, so that one run reports all of them.
//!
//! Reading order: `raw` keeps a value as it was written, `section` declares the keys of a file with
//! their documentation, `values` reads single values, `validator` applies both and collects the
//! errors.
#![warn(missing_docs)]

mod error;
mod raw;
mod section;
mod validator;
mod values;

use std::{fs::File, io::Read, path::Path};

pub use self::error::{ConfigError, unknown_key};
pub use self::raw::{FromYaml, Raw, Scalar, Text};
#[doc(hidden)]
pub use serde;

pub use self::section::{Allowed, Documented, Key, Section};
pub use self::validator::{Validator, set};
pub use self::values::{DAY, HOUR, MINUTE, ValueError, YEAR, duration, number};

/// The largest file that is read, in bytes: a thousand times what is needed.
pub const MAX_FILE_BYTES: usize = 1024 * 1024;

const TOO_LARGE: &str = "is larger than 1 MiB";

/// Reads a file of up to [`MAX_FILE_BYTES`].
///
/// # Errors
/// The file cannot be read or is larger.
pub fn read_file(path: &Path) -> Result<Vec<u8>, Vec<ConfigError>> {
    let reject = |problem: String| vec![ConfigError::of_file(&path.display().to_string(), problem)];
    let mut bytes = Vec::new();
    // One byte more than allowed distinguishes a larger file from one of exactly that size, also
    // where the size is not known in advance, as with a pipe.
    File::open(path)
        .and_then(|file| file.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| reject(format!("cannot be read: {error}")))?;
    // A truncated file may end inside a character, so its size is checked before its encoding.
    if bytes.len() > MAX_FILE_BYTES {
        return Err(reject(TOO_LARGE.to_owned()));
    }
    Ok(bytes)
}

/// The text of a file; `name` is for the message.
///
/// # Errors
/// The bytes are not UTF-8.
pub fn text_of(name: &str, bytes: Vec<u8>) -> Result<String, Vec<ConfigError>> {
    String::from_utf8(bytes).map_err(|_| {
        let problem = "is not UTF-8 text: save it as UTF-8".to_owned();
        vec![ConfigError::of_file(name, problem)]
    })
}

/// Checks the size of a text that did not come from [`read_file`].
///
/// # Errors
/// The text is larger than [`MAX_FILE_BYTES`].
pub fn check_size(name: &str, text: &str) -> Result<(), Vec<ConfigError>> {
    if text.len() > MAX_FILE_BYTES {
        let problem = TOO_LARGE.to_owned();
        return Err(vec![ConfigError::of_file(name, problem)]);
    }
    Ok(())
}

/// Why a text is not valid YAML. It names line and column and never quotes the file, which may hold
/// a secret in the wrong place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SyntaxError(String);

/// Parses the YAML of one document.
///
/// # Errors
/// The text is not YAML, or exceeds the limits on size, depth and aliases.
pub fn parse<T: for<'de> FromYaml<'de>>(text: &str) -> Result<Raw<T>, SyntaxError> {
    use serde_saphyr::{DuplicateKeyPolicy, NonFiniteFloatPolicy};

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
        let problem = describe(error);
        SyntaxError(match error.location() {
            Some(at) => format!("line {}, column {}: {problem}", at.line(), at.column()),
            None => problem,
        })
    })
}

fn describe(error: &serde_saphyr::Error) -> String {
    use serde_saphyr::{Error, UserMessageFormatter};

    match error {
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
    }
}
