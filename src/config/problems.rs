//! Reads single keys and gathers what is wrong with them.

use std::{fmt::Display, ops::RangeInclusive, path::PathBuf, str::FromStr, time::Duration};

use super::{
    error::{ConfigError, unknown_key},
    raw::{Block, Leaf, Shape, Text},
    values,
};

/// The problems of one file, in the order they are found.
pub(super) struct Problems<'a> {
    file: &'a str,
    all: Vec<ConfigError>,
}

impl<'a> Problems<'a> {
    pub(super) fn new(file: &'a str) -> Self {
        Self {
            file,
            all: Vec::new(),
        }
    }

    pub(super) fn into_all(self) -> Vec<ConfigError> {
        self.all
    }

    /// Notes a problem; the value is given only where it cannot be a secret.
    pub(super) fn add(&mut self, key: &str, value: Option<&str>, problem: impl Into<String>) {
        let error = ConfigError {
            key: key.to_owned(),
            value: value.map(str::to_owned),
            ..ConfigError::of_file(self.file, problem.into())
        };
        // A variable of the environment may stand for two settings: it is wrong once.
        if !self.all.contains(&error) {
            self.all.push(error);
        }
    }

    /// How many problems there are so far.
    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    /// Opens a block; one that is absent or empty is one without keys.
    pub(super) fn block<B: Block>(&mut self, key: &str, shape: Shape<B>) -> B {
        let block = self
            .shaped(key, shape, "a block of keys")
            .unwrap_or_default();
        for unknown in block.unknown() {
            let dot = if key.is_empty() { "" } else { "." };
            let full = format!("{key}{dot}{}", unknown.escape_debug());
            let problem = if unknown == "client_secret" {
                "unknown key, as secrets do not belong in this file: \
                 use client_secret_file, client_secret_env or client_secret_credential"
                    .to_owned()
            } else {
                unknown_key(unknown, B::KEYS)
            };
            self.add(&full, None, problem);
        }
        block
    }

    /// Opens a list or a block with free keys.
    pub(super) fn shaped<T>(&mut self, key: &str, shape: Shape<T>, must_be: &str) -> Option<T> {
        match shape {
            Shape::Right(value) => Some(value),
            Shape::Absent | Shape::Empty => None,
            Shape::Wrong(what) => {
                self.add(key, None, format!("is {what}: it must be {must_be}"));
                None
            }
        }
    }

    fn text(&mut self, key: &str, leaf: Leaf) -> Option<Text> {
        if matches!(leaf, Shape::Empty) {
            // Often a template whose variable was empty: the default would hide that.
            self.add(key, None, "has no value: write one, or take the line out");
        }
        self.shaped(key, leaf, "a single value")
    }

    /// Reads a value for which the spelling counts, as it does for a name.
    pub(super) fn word(&mut self, key: &str, leaf: Leaf) -> Option<String> {
        let Text { text, exact } = self.text(key, leaf)?;
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

    /// Reads a value with a parser that says what is wrong.
    pub(super) fn parsed<T>(
        &mut self,
        key: &str,
        leaf: Leaf,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.text(key, leaf)?.text;
        parse(&text)
            .map_err(|problem| self.add(key, shown(&text), problem))
            .ok()
    }

    /// Reads a truth value.
    pub(super) fn truth(&mut self, key: &str, leaf: Leaf) -> Option<bool> {
        self.parsed(key, leaf, |text| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err("must be true or false".to_owned()),
        })
    }

    pub(super) fn duration(
        &mut self,
        key: &str,
        leaf: Leaf,
        allowed: RangeInclusive<u64>,
    ) -> Option<Duration> {
        let (start, end) = allowed.into_inner();
        let allowed = Duration::from_secs(start)..=Duration::from_secs(end);
        self.parsed(key, leaf, |text| values::duration(text, &allowed))
    }

    pub(super) fn whole<T>(
        &mut self,
        key: &str,
        leaf: Leaf,
        allowed: RangeInclusive<T>,
    ) -> Option<T>
    where
        T: FromStr + PartialOrd + Display + Copy,
    {
        self.parsed(key, leaf, |text| {
            values::number(text, &allowed, "a whole number")
        })
    }

    pub(super) fn path(&mut self, key: &str, leaf: Leaf) -> Option<PathBuf> {
        self.word(key, leaf).map(PathBuf::from)
    }
}

/// A value, unless it has the marks of a URL with a password or a token in it.
fn shown(text: &str) -> Option<&str> {
    (!text.contains(['@', '?', '#'])).then_some(text)
}
