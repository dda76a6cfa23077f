//! The web configuration file (`--web.config.file`) with the certificates it names, read again and
//! again, so that a certificate or a user can be changed without a restart.
//!
//! Changed content is applied when it was read twice: a file that is being written may be empty for a
//! moment, and an empty one would serve everybody. Invalid content is rejected and the settings
//! before stay in force: a certificate that is half replaced must not stop the scrapes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use parking_lot::{Mutex, MutexGuard};
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;
use sha2::{Digest, Sha256};
use tokio::time::sleep;
use tokio_rustls::rustls::ServerConfig;
use tokio_util::sync::CancellationToken;

use super::passwords::Passwords;
use super::request_limiter::RequestLimiter;
use crate::config_file::{Pem, WebFile};
use crate::tls::{self, PemFiles};
use vcc_yaml::{ConfigError, read_file};

/// The security settings in force, and what is remembered of clients.
#[derive(Debug)]
pub struct WebSettingsWatcher {
    path: Option<PathBuf>,
    seen: Mutex<Seen>,
    readings: AtomicU64,
    current: ArcSwap<WebSecurity>,
    pub(super) passwords: Passwords,
    limiter: Mutex<RequestLimiter>,
}

/// How the web server is protected.
#[derive(Debug, Default)]
pub struct WebSecurity {
    /// The checked file.
    pub file: WebFile,
    /// Plain HTTP without it.
    pub tls: Option<Arc<ServerConfig>>,
    /// Of what TLS demands of a client. A connection that was made under other demands is not
    /// served.
    pub tls_fingerprint: Fingerprint,
}

type Fingerprint = [u8; 32];

/// What was read so far.
#[derive(Debug, Default)]
struct Seen {
    /// Of the content that was last applied or rejected.
    handled: Fingerprint,
    /// Of other content, which was read once so far.
    candidate: Option<Fingerprint>,
}

impl WebSettingsWatcher {
    /// Serves everybody over plain HTTP.
    pub fn open() -> Self {
        WebSettingsWatcher::with(None, WebSecurity::default())
    }

    fn with(path: Option<PathBuf>, security: WebSecurity) -> Self {
        WebSettingsWatcher {
            path,
            seen: Mutex::default(),
            readings: AtomicU64::new(0),
            current: ArcSwap::from_pointee(security),
            passwords: Passwords::default(),
            limiter: Mutex::new(RequestLimiter::new()),
        }
    }

    /// Serves as a file says.
    ///
    /// # Errors
    /// Every error of the file and of the certificates it names.
    pub fn from_file(path: &Path) -> Result<Self, Vec<ConfigError>> {
        let read = Read::of(path);
        let (handled, security) = (read.fingerprint, read.security()?);
        let watcher = WebSettingsWatcher::with(Some(path.to_owned()), security);
        watcher.seen().handled = handled;
        Ok(watcher)
    }

    /// The settings in force.
    pub fn current(&self) -> Arc<WebSecurity> {
        self.current.load_full()
    }

    /// Reads the file again and again until stopped, if there is one.
    pub async fn watch(self: Arc<Self>, pause: Duration, stop: CancellationToken) {
        let Some(path) = self.path.clone() else {
            return;
        };
        while stop.run_until_cancelled(sleep(pause)).await.is_some() {
            let (watcher, path) = (Arc::clone(&self), path.clone());
            // If this fails, the settings before stay in force.
            let _ = tokio::task::spawn_blocking(move || watcher.read_again(&path)).await;
        }
    }

    /// How often the file was read again.
    pub fn readings(&self) -> u64 {
        self.readings.load(Ordering::Relaxed)
    }

    fn read_again(&self, path: &Path) {
        let mut seen = self.seen();
        let read = Read::of(path);
        let fingerprint = read.fingerprint;
        if fingerprint == seen.handled {
            seen.candidate = None;
        } else if seen.candidate.replace(fingerprint) == Some(fingerprint) {
            seen.handled = fingerprint;
            self.apply(path, read.security());
        }
        self.readings.fetch_add(1, Ordering::Relaxed);
    }

    /// Applies other settings if they are valid. Each content is logged once.
    fn apply(&self, path: &Path, security: Result<WebSecurity, Vec<ConfigError>>) {
        let problem = match security {
            Ok(security) if security.is_no_weaker_than(&self.current()) => {
                self.current.store(Arc::new(security));
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
        self.seen.lock()
    }

    pub(super) fn limiter(&self) -> MutexGuard<'_, RequestLimiter> {
        self.limiter.lock()
    }
}

impl WebSecurity {
    /// Whether there is still TLS and there are still users, where there were.
    fn is_no_weaker_than(&self, before: &WebSecurity) -> bool {
        (self.tls.is_some() || before.tls.is_none())
            && (before.file.users.is_empty() || !self.file.users.is_empty())
    }
}

type Text = Result<Zeroizing<Vec<u8>>, Vec<ConfigError>>;

/// The file and what it names, as read just now.
struct Read<'p> {
    path: &'p Path,
    file: Result<WebFile, Vec<ConfigError>>,
    /// By key: the text, where the file names one.
    named: [(&'static str, Option<Text>); 3],
    fingerprint: Fingerprint,
}

impl<'p> Read<'p> {
    fn of(path: &'p Path) -> Self {
        let mut hash = Sha256::new();
        let bytes = read_file(path);
        add_to_fingerprint(&mut hash, bytes.as_deref());
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
                add_to_fingerprint(&mut hash, text.as_deref().map(Vec::as_slice));
            }
            (key, text)
        });
        let fingerprint = hash.finalize().into();
        Read {
            path,
            file,
            named,
            fingerprint,
        }
    }

    fn security(self) -> Result<WebSecurity, Vec<ConfigError>> {
        let file = self.file?;
        let Some(tls) = &file.tls else {
            return Ok(WebSecurity {
                file,
                ..WebSecurity::default()
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
        let texts = PemFiles {
            certificate: certificate.as_ref().unwrap_or(&none),
            key: key.as_ref().unwrap_or(&none),
            client_ca: client_ca.as_ref().map(|text| text.as_slice()),
        };
        let server = tls::server(tls, texts, file.http2)
            .map_err(|error| vec![of_key(self.path, error.key(), &error)])?;
        let mut demands = Sha256::new();
        let asked = format!("{:?} {:?}", tls.client_auth, tls.client_allowed_sans);
        add_to_fingerprint(&mut demands, Ok(asked.as_bytes()));
        add_to_fingerprint(&mut demands, Ok(texts.client_ca.unwrap_or_default()));
        Ok(WebSecurity {
            file,
            tls: Some(Arc::new(server)),
            tls_fingerprint: demands.finalize().into(),
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

/// A reading that failed differs from an empty one.
fn add_to_fingerprint(hash: &mut Sha256, read: Result<&[u8], &Vec<ConfigError>>) {
    let bytes = read.unwrap_or_default();
    hash.update([u8::from(read.is_ok())]);
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}
