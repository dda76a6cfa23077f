//! One error of a settings file, as an operator reads it.

use std::fmt;

/// Longer values are cut in messages: a value pasted by mistake can be a page.
const SHOWN_CHARS: usize = 80;

/// One problem of a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file, as it was named to the exporter.
    pub file: String,
    /// The key, such as `poll.interval` or `accounts[0].name` (counted from 0);
    /// empty when the problem is with the file as a whole.
    pub key: String,
    /// The value that was refused; never one that could hold a secret.
    pub value: Option<String>,
    /// What is wrong with it, and what is allowed.
    pub problem: String,
}

impl ConfigError {
    /// A problem of the file as a whole.
    pub fn of_file(file: &str, problem: String) -> Self {
        Self {
            file: file.to_owned(),
            key: String::new(),
            value: None,
            problem,
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        if let Some(value) = &self.value {
            match value.char_indices().nth(SHOWN_CHARS) {
                Some((end, _)) => write!(f, "{:?}... ", &value[..end])?,
                None => write!(f, "{value:?} ")?,
            }
        }
        f.write_str(&self.problem)
    }
}

impl std::error::Error for ConfigError {}

/// Says that a key is not known, which was probably meant, and which there are.
pub fn unknown_key(key: &str, allowed: &[&str]) -> String {
    let list = allowed.join(", ");
    match closest(key, allowed) {
        Some(meant) => format!("unknown key, {meant} was probably meant; allowed: {list}"),
        None => format!("unknown key; allowed: {list}"),
    }
}

/// The candidate that is a slip of the pen away, when there is one.
fn closest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    // Comparing costs the square of the length, and no key is that long.
    if word.len() > SHOWN_CHARS {
        return None;
    }
    let word = word.to_lowercase().replace('-', "_");
    let (slips, candidate) = candidates
        .iter()
        .map(|candidate| (edits(&word, candidate), *candidate))
        .min_by_key(|(slips, _)| *slips)?;
    (slips <= (candidate.len() / 3).clamp(1, 3)).then_some(candidate)
}

/// The edit distance of two words, where swapped neighbours count as one edit.
fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
