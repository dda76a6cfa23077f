//! The terms on which others are served: the file behind `--web.config.file` with the certificates
//! it names, as they are now.
//!
//! Everything is read again before a connection and before a request is judged by it, so that a
//! certificate or a user can be changed without a restart. It is a few small files, and only other
//! bytes than before are looked at any further. Where these are wrong, the terms from before go on:
//! a certificate that is half replaced must not stop the scrapes.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;
use sha2::{Digest, Sha256};
use tokio_rustls::rustls::ServerConfig;

use super::guard::Bucket;
use super::passwords::Passwords;
use super::tls::{self, Texts};
use crate::config::{ConfigError, Pem, WebFile, read_file};

/// The terms, and what is remembered of those who were served.
#[derive(Debug)]
pub struct Access {
    path: Option<PathBuf>,
    seen: Mutex<Option<Print>>,
    terms: ArcSwap<Terms>,
    pub(super) passwords: Passwords,
    bucket: Mutex<Bucket>,
}

/// On which terms others are served now.
#[derive(Debug, Default)]
pub struct Terms {
    /// What the file says.
    pub file: WebFile,
    /// What TLS is spoken with, if it is.
    pub tls: Option<Arc<ServerConfig>>,
}

/// What all that was read is recognised by.
type Print = [u8; 32];

impl Access {
    /// Serves everybody over plain HTTP.
    pub fn open() -> Self {
        Access::with(None, Terms::default())
    }

    fn with(path: Option<PathBuf>, terms: Terms) -> Self {
        Access {
            path,
            seen: Mutex::default(),
            terms: ArcSwap::from_pointee(terms),
            passwords: Passwords::default(),
            bucket: Mutex::default(),
        }
    }

    /// Serves on the terms of a file.
    ///
    /// # Errors
    /// Every problem of the file and of what it names.
    pub fn of_file(path: &Path) -> Result<Self, Vec<ConfigError>> {
        let read = Read::of(path);
        let (print, terms) = (read.print, read.terms()?);
        let access = Access::with(Some(path.to_owned()), terms);
        *access.seen() = Some(print);
        Ok(access)
    }

    /// The terms of this moment.
    pub async fn terms(self: &Arc<Self>) -> Arc<Terms> {
        if self.path.is_some() {
            let access = Arc::clone(self);
            // The old terms are still there if this should fail.
            let _ = tokio::task::spawn_blocking(move || access.refresh()).await;
        }
        self.terms.load_full()
    }

    fn refresh(&self) {
        let Some(path) = &self.path else {
            return;
        };
        let mut seen = self.seen();
        let read = Read::of(path);
        let print = read.print;
        if *seen == Some(print) {
            return;
        }
        match read.terms() {
            Ok(terms) => {
                self.terms.store(Arc::new(terms));
                tracing::info!(file = %path.display(), "the web configuration was taken over");
            }
            // Once for each content, since it is known from then on.
            Err(problems) => {
                let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
                tracing::error!(
                    "the web configuration was not taken over, the one before goes on; a restart \
                     would fail: {}",
                    problems.join("; ")
                );
            }
        }
        *seen = Some(print);
    }

    fn seen(&self) -> MutexGuard<'_, Option<Print>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn bucket(&self) -> MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The file and what it names, as read just now.
struct Read<'p> {
    path: &'p Path,
    file: Result<WebFile, Vec<ConfigError>>,
    /// By the key it is named with; nothing where it is not named.
    named: [(
        &'static str,
        Option<Result<Zeroizing<Vec<u8>>, Vec<ConfigError>>>,
    ); 3],
    print: Print,
}

impl<'p> Read<'p> {
    fn of(path: &'p Path) -> Self {
        let mut print = Sha256::new();
        let bytes = read_file(path);
        seal(&mut print, bytes.as_deref());
        let file = bytes.and_then(|bytes| WebFile::parse(path, bytes));
        let tls = file.as_ref().ok().and_then(|file| file.tls.as_ref());
        let named = [
            ("cert", tls.map(|tls| &tls.certificate)),
            ("key", tls.map(|tls| &tls.key)),
            ("client_ca", tls.and_then(|tls| tls.client_ca.as_ref())),
        ];
        let named = named.map(|(key, pem)| {
            let text = pem.map(text);
            if let Some(text) = &text {
                seal(&mut print, text.as_deref().map(Vec::as_slice));
            }
            (key, text)
        });
        let print = print.finalize().into();
        Read {
            path,
            file,
            named,
            print,
        }
    }

    fn terms(self) -> Result<Terms, Vec<ConfigError>> {
        let file = self.file?;
        let Some(tls) = &file.tls else {
            return Ok(Terms { file, tls: None });
        };
        let mut texts = [const { None }; 3];
        for ((key, text), place) in self.named.into_iter().zip(&mut texts) {
            *place = text.transpose().map_err(|problems| {
                let problems = problems.into_iter();
                let of_key = |problem| of_key(self.path, &format!("{key}_file"), &problem);
                problems.map(of_key).collect::<Vec<_>>()
            })?;
        }
        let [certificate, key, client_ca] = &texts;
        let none = Zeroizing::default();
        let texts = Texts {
            certificate: certificate.as_ref().unwrap_or(&none),
            key: key.as_ref().unwrap_or(&none),
            client_ca: client_ca.as_ref().map(|text| text.as_slice()),
        };
        let server = tls::server(tls, texts, file.http2)
            .map_err(|(key, problem)| vec![of_key(self.path, key, &problem)])?;
        let tls = Some(Arc::new(server));
        Ok(Terms { file, tls })
    }
}

fn text(pem: &Pem) -> Result<Zeroizing<Vec<u8>>, Vec<ConfigError>> {
    match pem {
        Pem::Inline(text) => Ok(text.expose_secret().as_bytes().to_vec().into()),
        Pem::File(path) => read_file(path).map(Zeroizing::new),
    }
}

fn of_key(path: &Path, key: &str, problem: &impl ToString) -> ConfigError {
    ConfigError {
        file: path.display().to_string(),
        key: format!("tls_server_config.{key}"),
        value: None,
        problem: problem.to_string(),
    }
}

/// Adds what was read to what it is recognised by, and a reading that failed as such.
fn seal(print: &mut Sha256, read: Result<&[u8], &Vec<ConfigError>>) {
    let bytes = read.unwrap_or_default();
    print.update([u8::from(read.is_ok())]);
    print.update((bytes.len() as u64).to_le_bytes());
    print.update(bytes);
}
