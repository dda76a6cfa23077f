//! The configuration after checking.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use super::accounts::Account;
use super::api::Api;
use vcc_core::ledger::Rules;
use vcc_exposition::Options;

use crate::poller::Settings;
use vcc_yaml::ConfigError;

/// Everything that can be set, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// At least one when it came from a file; their names differ.
    pub accounts: Vec<Account>,
    /// How the APIs of all accounts are reached.
    pub api: Api,
    /// How each account is polled.
    pub poll: Settings,
    /// How interactions are counted; [`crate::assembly::rules`] adds what exports need.
    pub rules: Rules,
    /// How the metrics are encoded.
    pub exposition: Options,
    /// The directory of the state; [`Config::state_path`] insists on it.
    pub state_path: Option<PathBuf>,
    pub web: Web,
    /// What is exported over OTLP.
    pub otlp: vcc_otlp::Settings,
}

/// Where the exporter listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Web {
    /// Port 0 lets the system choose.
    pub listen_address: SocketAddr,
    /// The path of the metrics; it starts with `/`, is neither `/` nor under `/-/` or `/api/`, and
    /// contains no space or pattern.
    pub telemetry_path: String,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            listen_address: (Ipv4Addr::LOCALHOST, 9877).into(),
            telemetry_path: "/metrics".to_owned(),
        }
    }
}

/// Flags that override the file; `None` leaves the file's value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    pub listen_address: Option<SocketAddr>,
    /// In place of `web.telemetry_path`, already checked.
    pub telemetry_path: Option<String>,
    pub state_path: Option<PathBuf>,
}

impl Config {
    /// The defaults around these accounts, for use without a file.
    #[must_use]
    pub fn defaults(accounts: Vec<Account>) -> Self {
        Self {
            accounts,
            api: Api::default(),
            poll: Settings::default(),
            rules: Rules::default(),
            exposition: Options::default(),
            state_path: None,
            web: Web::default(),
            otlp: vcc_otlp::Settings::default(),
        }
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

    /// The directory of the state, which `run` requires: call it after
    /// [`Config::apply`]. `file_name` is for the message.
    ///
    /// # Errors
    /// Neither the file nor a flag named the directory.
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
