//! The terms on which others are served: the file behind `--web.config.file` with the certificates
//! it names, as they are now.
//!
//! Everything is read again and again, so that a certificate or a user can be changed without a
//! restart. Other bytes than before count when they were read twice: a file that is being written
//! may be empty for a moment, and an empty one would let in everybody. Where they are wrong, the
//! terms from before go on: a certificate that is half replaced must not stop the scrapes.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;
use sha2::{Digest, Sha256};
use tokio::time::sleep;
use tokio_rustls::rustls::ServerConfig;
use tokio_util::sync::CancellationToken;

use super::guard::Gate;
use super::passwords::Passwords;
use super::tls::{self, Texts};
use crate::config::{ConfigError, Pem, WebFile, read_file};

/// The terms, and what is remembered of those who were served.
#[derive(Debug)]
pub struct Access {
    path: Option<PathBuf>,
    seen: Mutex<Seen>,
    readings: AtomicU64,
    terms: ArcSwap<Terms>,
    pub(super) passwords: Passwords,
    gate: Mutex<Gate>,
}

/// On which terms others are served now.
#[derive(Debug, Default)]
pub struct Terms {
    /// What the file says.
    pub file: WebFile,
    /// What TLS is spoken with, if it is.
    pub tls: Option<Arc<ServerConfig>>,
    /// What is demanded of a connection. One that was made when less was demanded is not served.
    pub demands: Print,
}

/// What something that was read is recognised by.
type Print = [u8; 32];

/// What was read so far.
#[derive(Debug, Default)]
struct Seen {
    /// What was judged last.
    judged: Print,
    /// What was read after that, once.
    once: Option<Print>,
}

impl Access {
    /// Serves everybody over plain HTTP.
    pub fn open() -> Self {
        Access::with(None, Terms::default())
    }

    fn with(path: Option<PathBuf>, terms: Terms) -> Self {
        Access {
            path,
            seen: Mutex::default(),
            readings: AtomicU64::new(0),
            terms: ArcSwap::from_pointee(terms),
            passwords: Passwords::default(),
            gate: Mutex::new(Gate::new()),
        }
    }

    /// Serves on the terms of a file.
    ///
    /// # Errors
    /// Every problem of the file and of what it names.
    pub fn of_file(path: &Path) -> Result<Self, Vec<ConfigError>> {
        let read = Read::of(path);
        let (judged, terms) = (read.print, read.terms()?);
        let access = Access::with(Some(path.to_owned()), terms);
        access.seen().judged = judged;
        Ok(access)
    }

    /// The terms of this moment.
    pub fn terms(&self) -> Arc<Terms> {
        self.terms.load_full()
    }

    /// Reads the file again and again until stopped, if there is one.
    pub async fn attend(self: Arc<Self>, pause: Duration, stop: CancellationToken) {
        let Some(path) = self.path.clone() else {
            return;
        };
        while stop.run_until_cancelled(sleep(pause)).await.is_some() {
            let (access, path) = (Arc::clone(&self), path.clone());
            // The old terms are still there if this should fail.
            let _ = tokio::task::spawn_blocking(move || access.read_again(&path)).await;
        }
    }

    /// How often the file was read again.
    pub fn readings(&self) -> u64 {
        self.readings.load(Ordering::Relaxed)
    }

    fn read_again(&self, path: &Path) {
        let mut seen = self.seen();
        let read = Read::of(path);
        let print = read.print;
        if print == seen.judged {
            seen.once = None;
        } else if seen.once.replace(print) == Some(print) {
            seen.judged = print;
            self.judge(path, read.terms());
        }
        self.readings.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes over other terms if they are right. It is said once for each content.
    fn judge(&self, path: &Path, terms: Result<Terms, Vec<ConfigError>>) {
        let problem = match terms {
            Ok(terms) if terms.protects_as(&self.terms()) => {
                self.terms.store(Arc::new(terms));
                tracing::info!(file = %path.display(), "the web configuration was taken over");
                return;
            }
            Ok(_) => "it no longer asks for TLS or for passwords; restart, if that is meant".into(),
            Err(problems) => {
                let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
                format!("a restart would fail: {}", problems.join("; "))
            }
        };
        tracing::error!(
            file = %path.display(),
            "the web configuration was not taken over, the one before goes on: {problem}"
        );
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Terms {
    /// Whether there is still TLS and there are still users, where there were.
    fn protects_as(&self, before: &Terms) -> bool {
        (self.tls.is_some() || before.tls.is_none())
            && (before.file.users.is_empty() || !self.file.users.is_empty())
    }
}

/// What was read, or why it could not be.
type Text = Result<Zeroizing<Vec<u8>>, Vec<ConfigError>>;

/// The file and what it names, as read just now.
struct Read<'p> {
    path: &'p Path,
    file: Result<WebFile, Vec<ConfigError>>,
    /// By the key it is named with; nothing where it is not named.
    named: [(&'static str, Option<Text>); 3],
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
            return Ok(Terms {
                file,
                ..Terms::default()
            });
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
        let mut demands = Sha256::new();
        let asked = format!("{:?} {:?}", tls.client_auth, tls.client_allowed_sans);
        seal(&mut demands, Ok(asked.as_bytes()));
        seal(&mut demands, Ok(texts.client_ca.unwrap_or_default()));
        Ok(Terms {
            file,
            tls: Some(Arc::new(server)),
            demands: demands.finalize().into(),
        })
    }
}

fn text(pem: &Pem) -> Text {
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
