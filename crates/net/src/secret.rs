//! Secrets from the configuration or from files.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use secrecy::zeroize::Zeroize;
use thiserror::Error;

/// No secret is nearly this long; a file that is longer is the wrong file.
const MAX_SECRET_BYTES: u64 = 4096;

/// Where a secret comes from.
#[derive(Debug, Clone)]
pub enum SecretSource {
    /// A file that is read again at each use, so that rotating the secret needs no restart.
    File(PathBuf),
    /// The configuration itself.
    Value(SecretString),
}

impl SecretSource {
    /// The secret as it is now.
    ///
    /// # Errors
    /// If it is in a file that holds no usable secret.
    pub fn read(&self) -> Result<SecretString, SecretFileError> {
        match self {
            Self::Value(secret) => Ok(secret.clone()),
            Self::File(path) => read_secret(path).map_err(|cause| SecretFileError {
                path: path.clone(),
                cause,
            }),
        }
    }
}

/// A [`SecretSource::File`] that holds no usable secret.
#[derive(Debug, Error)]
#[error("secret file {}: {cause}", .path.display())]
pub struct SecretFileError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    #[source]
    pub cause: ReadSecretError,
}

/// Why a file holds no usable secret.
#[derive(Debug, Error)]
pub enum ReadSecretError {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is too long to be a secret.
    #[error("larger than {max} bytes", max = MAX_SECRET_BYTES)]
    TooLarge,
    /// It is empty, or holds only a line end.
    #[error("empty")]
    Empty,
}

/// Reads a secret from a file, without the trailing line end that editors add.
///
/// This blocks for one small file; even for a new token that is once in two hours.
pub fn read_secret(path: &Path) -> Result<SecretString, ReadSecretError> {
    // Allocated in full, so that growing leaves no copies of the secret in memory.
    let mut text = String::with_capacity(MAX_SECRET_BYTES as usize + 1);
    let file = File::open(path)?;
    let read = file.take(MAX_SECRET_BYTES + 1).read_to_string(&mut text);
    let secret = check_secret(read, text.trim_end_matches(['\r', '\n']));
    text.zeroize();
    secret
}

fn check_secret(read: io::Result<usize>, text: &str) -> Result<SecretString, ReadSecretError> {
    if read? as u64 > MAX_SECRET_BYTES {
        return Err(ReadSecretError::TooLarge);
    }
    if text.is_empty() {
        return Err(ReadSecretError::Empty);
    }
    Ok(text.into())
}
