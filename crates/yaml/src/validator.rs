//! Reads single keys and collects what is wrong with them.

use std::{fmt::Display, ops::RangeInclusive, path::PathBuf, str::FromStr, time::Duration};

use super::error::{ConfigError, unknown_key};
use super::raw::{Raw, Scalar, Text};
use super::section::Section;
use super::values::{self, ValueError};

/// Collects the errors of one file, in the order they are found. A method that reads a value returns
/// none where the key is absent or its value wrong: the caller goes on with the default.
#[derive(Debug)]
pub struct Validator<'a> {
    file: &'a str,
    all: Vec<ConfigError>,
}

impl<'a> Validator<'a> {
    /// `file` is for the messages.
    pub fn new(file: &'a str) -> Self {
        Self {
            file,
            all: Vec::new(),
        }
    }

    /// What was read, if there was no error.
    ///
    /// # Errors
    /// All that were found.
    pub fn finish<T>(self, read: T) -> Result<T, Vec<ConfigError>> {
        if self.all.is_empty() {
            Ok(read)
        } else {
            Err(self.all)
        }
    }

    /// Adds an error; the value is given only where it cannot be a secret.
    pub fn add(&mut self, key: &str, value: Option<&str>, problem: impl ToString) {
        let error = ConfigError {
            key: key.to_owned(),
            value: value.map(str::to_owned),
            ..ConfigError::of_file(self.file, problem.to_string())
        };
        // A variable of the environment may stand for two settings: it is wrong once.
        if !self.all.contains(&error) {
            self.all.push(error);
        }
    }

    /// How many errors there are so far.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// Opens a block; one that is absent or empty is one without keys.
    pub fn section<S: Section>(&mut self, key: &str, raw: Raw<S>) -> S {
        let section = self.value(key, raw, "a block of keys").unwrap_or_default();
        for unknown in section.unknown() {
            let dot = if key.is_empty() { "" } else { "." };
            let full = format!("{key}{dot}{}", unknown.escape_debug());
            let problem = if unknown == "client_secret" {
                "unknown key, as secrets do not belong in this file: \
                 use client_secret_file, client_secret_env or client_secret_credential"
                    .to_owned()
            } else {
                unknown_key(unknown, S::KEYS)
            };
            self.add(&full, None, problem);
        }
        section
    }

    /// Opens a list or a block with free keys.
    pub fn value<T>(&mut self, key: &str, raw: Raw<T>, must_be: &str) -> Option<T> {
        match raw {
            Raw::Value(value) => Some(value),
            Raw::Absent | Raw::Empty => None,
            Raw::WrongType(what) => {
                self.add(key, None, format!("is {what}: it must be {must_be}"));
                None
            }
        }
    }

    fn text(&mut self, key: &str, raw: Scalar) -> Option<Text> {
        if matches!(raw, Raw::Empty) {
            // Often a template whose variable was empty: the default would hide that.
            self.add(key, None, "has no value: write one, or take the line out");
        }
        self.value(key, raw, "a single value")
    }

    /// Reads a value for which the spelling counts, as it does for a name.
    pub fn word(&mut self, key: &str, raw: Scalar) -> Option<String> {
        let Text { text, exact } = self.text(key, raw)?;
        if !exact {
            let problem = "is read by YAML as a number or true/false: put it in quotes";
            self.add(key, None, problem);
            return None;
        }
        if text.trim().is_empty() {
            self.add(key, None, "is empty");
            return None;
        }
        Some(text)
    }

    /// Reads a value with a parser of its own.
    pub fn parsed<T>(
        &mut self,
        key: &str,
        raw: Scalar,
        parse: impl FnOnce(&str) -> Result<T, ValueError>,
    ) -> Option<T> {
        let text = self.text(key, raw)?.text;
        parse(&text)
            .map_err(|problem| self.add(key, shown(&text), problem))
            .ok()
    }

    /// Reads `true` or `false`.
    pub fn parse_bool(&mut self, key: &str, raw: Scalar) -> Option<bool> {
        self.parsed(key, raw, values::parse_bool)
    }

    /// Reads a duration; the range is in seconds.
    pub fn duration(
        &mut self,
        key: &str,
        raw: Scalar,
        allowed: RangeInclusive<u64>,
    ) -> Option<Duration> {
        self.parsed(key, raw, |text| values::duration(text, allowed))
    }

    /// The same in milliseconds, as most parts count.
    pub fn duration_ms(
        &mut self,
        key: &str,
        raw: Scalar,
        allowed: RangeInclusive<u64>,
    ) -> Option<i64> {
        let duration = self.duration(key, raw, allowed)?;
        Some(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
    }

    /// Reads a whole number.
    pub fn whole<T>(&mut self, key: &str, raw: Scalar, allowed: RangeInclusive<T>) -> Option<T>
    where
        T: FromStr + PartialOrd + Display + Copy,
    {
        self.parsed(key, raw, |text| {
            values::number(text, &allowed, "a whole number")
        })
    }

    /// Reads the name of a file or directory.
    pub fn path(&mut self, key: &str, raw: Scalar) -> Option<PathBuf> {
        self.word(key, raw).map(PathBuf::from)
    }
}

/// Puts a value from the file in the place of the default.
pub fn set<T>(setting: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *setting = value;
    }
}

/// A value, unless it looks like a URL with a password or a token in it.
fn shown(text: &str) -> Option<&str> {
    (!text.contains(['@', '?', '#'])).then_some(text)
}
