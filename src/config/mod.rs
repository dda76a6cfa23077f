//! Configuration: what the file may say, what it means and what is refused.
//!
//! Reading has two stages: `raw` keeps what the file says, `check` turns it
//! into the types below, which hold only values that are allowed. A value out
//! of its range is an error and never moved into the range, because a setting
//! that silently means something else is found out too late.

mod accounts;
mod check;
mod error;
mod metrics;
mod otlp;
mod problems;
mod raw;
pub mod reference;
mod settings;
pub(crate) mod values;
mod web_file;

use std::{
    fs::File,
    io::Read,
    net::SocketAddr,
    path::{Path, PathBuf},
};

pub(crate) use self::values::{is_loopback, telemetry_path};
pub use self::{
    error::ConfigError,
    otlp::otlp_from_env,
    raw::Key,
    settings::{
        Account, Api, Ledger, Metrics, Poll, Proxy, SecretRef, ServiceLevel, StartFrom, Web,
    },
    web_file::{ClientAuth, Pem, RateLimit, Tls, WebFile},
};

/// The largest file that is read, in bytes: a thousand times what is needed.
pub const MAX_FILE_BYTES: usize = 1024 * 1024;

const TOO_LARGE: &str = "is larger than 1 MiB";

/// Reads a file of the operator's, up to [`MAX_FILE_BYTES`].
///
/// # Errors
/// Why it cannot be read; that it is larger.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, Vec<ConfigError>> {
    let refuse = |problem: String| vec![ConfigError::of_file(&path.display().to_string(), problem)];
    let mut bytes = Vec::new();
    // One byte more than allowed tells a large file from a file of just
    // that size, also where the size is not known ahead, as with a pipe.
    File::open(path)
        .and_then(|file| file.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| refuse(format!("cannot be read: {error}")))?;
    // A cut file may end inside a character: its size is the news then.
    if bytes.len() > MAX_FILE_BYTES {
        return Err(refuse(TOO_LARGE.to_owned()));
    }
    Ok(bytes)
}

fn text_of(name: &str, bytes: Vec<u8>) -> Result<String, Vec<ConfigError>> {
    String::from_utf8(bytes).map_err(|_| {
        let problem = "is not UTF-8 text: save it as UTF-8".to_owned();
        vec![ConfigError::of_file(name, problem)]
    })
}

/// Everything that can be set, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The contact centers to read, at least one when it came from a file;
    /// their names differ.
    pub accounts: Vec<Account>,
    /// The way to the APIs.
    pub api: Api,
    /// When and how much is asked of the API.
    pub poll: Poll,
    /// How long interactions are remembered.
    pub ledger: Ledger,
    /// The folder that holds the state; [`Config::state_path`] insists on it.
    pub state_path: Option<PathBuf>,
    /// Where the exporter listens.
    pub web: Web,
    /// What is exposed, and how much of it.
    pub metrics: Metrics,
    /// What counts as good service.
    pub service_level: ServiceLevel,
    /// What is exported over OTLP.
    pub otlp: crate::otlp::Settings,
}

/// What flags say in place of the file; `None` leaves the file's word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// In place of `web.listen_address`.
    pub listen_address: Option<SocketAddr>,
    /// In place of `web.telemetry_path`, already checked.
    pub telemetry_path: Option<String>,
    /// In place of `state.path`.
    pub state_path: Option<PathBuf>,
}

impl Config {
    /// The defaults around these accounts, for use without a file.
    #[must_use]
    pub fn defaults(accounts: Vec<Account>) -> Self {
        Self {
            accounts,
            api: Api::defaults(),
            poll: Poll::defaults(),
            ledger: Ledger::defaults(),
            state_path: None,
            web: Web::defaults(),
            metrics: Metrics::defaults(),
            service_level: ServiceLevel::defaults(),
            otlp: crate::otlp::Settings::default(),
        }
    }

    /// Reads and checks a file.
    ///
    /// # Errors
    /// Every problem of the file, or the one reason why it cannot be read.
    pub fn load(
        path: &Path,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<ConfigError>> {
        let name = path.display().to_string();
        let text = text_of(&name, read_file(path)?)?;
        Self::parse(&name, &text, env)
    }

    /// Checks the text of a file; `file_name` is for the messages, and `env`
    /// answers for the environment variables.
    ///
    /// # Errors
    /// Every problem of the text. Where the YAML itself is broken only that is
    /// reported, with line and column, because the rest has no certain meaning.
    pub fn parse(
        file_name: &str,
        text: &str,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<ConfigError>> {
        if text.len() > MAX_FILE_BYTES {
            let problem = TOO_LARGE.to_owned();
            return Err(vec![ConfigError::of_file(file_name, problem)]);
        }
        check::parse(file_name, text, env)
    }

    /// Lets flags override the file.
    pub fn apply(&mut self, flags: Overrides) {
        let Overrides {
            listen_address,
            telemetry_path,
            state_path,
        } = flags;
        if let Some(address) = listen_address {
            self.web.listen_address = address;
        }
        if let Some(path) = telemetry_path {
            self.web.telemetry_path = path;
        }
        if state_path.is_some() {
            self.state_path = state_path;
        }
    }

    /// The folder of the state, which `run` cannot do without: call it after
    /// [`Config::apply`]. `file_name` is for the message.
    ///
    /// # Errors
    /// Neither the file nor a flag named the folder.
    pub fn state_path(&self, file_name: &str) -> Result<&Path, ConfigError> {
        self.state_path.as_deref().ok_or_else(|| ConfigError {
            key: "state.path".to_owned(),
            ..ConfigError::of_file(
                file_name,
                "is required to run: add it, or give --state.path".to_owned(),
            )
        })
    }
}
