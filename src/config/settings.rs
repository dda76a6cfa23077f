//! The settings by concern, each with its unit, its range and its default.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use secrecy::SecretString;
use url::Url;

use crate::catalogue::{Family, Label};
use crate::labels::Renames;

pub(super) const MINUTE: u64 = 60;
pub(super) const HOUR: u64 = 60 * MINUTE;
pub(super) const DAY: u64 = 24 * HOUR;

/// One contact center and how to sign in to it.
#[derive(Debug, Clone)]
pub struct Account {
    /// The value of the `account` label: 1 to 64 of `A-Z a-z 0-9 _ . -`.
    pub name: String,
    /// Where the API is; https, or http on a loopback host or where it is allowed.
    pub api_url: Url,
    /// Where tokens are had; https, or http on a loopback host or where it is allowed.
    pub token_url: Url,
    /// The name of the API client.
    pub client_id: String,
    /// The secret of the API client, or where it is.
    pub secret: SecretRef,
}

/// Where a secret comes from.
#[derive(Debug, Clone)]
pub enum SecretRef {
    /// A file that is read when a token is asked for, so that a secret can be
    /// changed without a restart. Loading the configuration does not open it.
    File(PathBuf),
    /// The secret itself, taken from the environment; its Debug is redacted.
    Value(SecretString),
}

/// The way to the APIs of all accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    /// Through which proxy.
    pub proxy: Proxy,
    /// A file of certificates of authorities that are believed besides those of the system.
    pub ca_file: Option<PathBuf>,
}

/// Which proxy a request goes through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proxy {
    /// The one of the variables `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, if there is one.
    Environment,
    /// None.
    Direct,
    /// This one.
    Through {
        /// Where it is: http or https.
        url: Url,
        /// A file that holds `user:password` for it.
        credentials_file: Option<PathBuf>,
        /// Hosts, domains and networks that are reached without it.
        except: Vec<String>,
    },
}

impl Api {
    /// What applies when the file says nothing.
    #[must_use]
    pub fn defaults() -> Self {
        Self {
            proxy: Proxy::Environment,
            ca_file: None,
        }
    }
}

/// The first time to read from, when there is no state yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartFrom {
    /// The moment of the first start.
    Now,
    /// This long before the first start: 1 second to 5 years.
    Ago(Duration),
    /// A moment in Unix milliseconds, in the year 2000 or later.
    At(i64),
}

/// When and how much is asked of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poll {
    /// The time from one reading to the next: 5 s to 1 h.
    pub interval: Duration,
    /// The rows asked for at a time: 1 to 5000.
    pub page_size: u32,
    /// Where the very first reading starts.
    pub start_from: StartFrom,
    /// How far a reading reaches back into the one before: 0 s to 1 h.
    pub overlap: Duration,
    /// The most requests sent in a minute, per account: 1 to 160.
    pub requests_per_minute: u32,
    /// The time from one reading of the recent past to the next: 5 min to 24 h.
    pub reread_interval: Duration,
    /// How much of the recent past is read again: 10 min to 7 d.
    pub reread_span: Duration,
    /// The longest a request may take: 1 s to 10 min.
    pub timeout: Duration,
    /// The time from one look at what is going on now to the next: 5 s to 1 h, or 0 s for never.
    pub ongoing_interval: Duration,
}

impl Poll {
    /// What applies when the file says nothing.
    #[must_use]
    pub fn defaults() -> Self {
        Self {
            interval: Duration::from_secs(15),
            page_size: 1000,
            start_from: StartFrom::Now,
            overlap: Duration::from_secs(2 * MINUTE),
            requests_per_minute: 80,
            reread_interval: Duration::from_secs(HOUR),
            reread_span: Duration::from_secs(6 * HOUR),
            timeout: Duration::from_secs(MINUTE),
            ongoing_interval: Duration::from_secs(15),
        }
    }
}

/// How long interactions are remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// How long a finished interaction is known, so that it is not counted
    /// twice: 32 d to 400 d.
    pub retention: Duration,
    /// How long an open interaction that is no phone call is waited for: 1 h to 400 d.
    pub expire_after: Duration,
    /// The same for media whose name starts with `Phone`: 1 h to 400 d.
    pub expire_phone_after: Duration,
}

impl Ledger {
    /// What applies when the file says nothing.
    #[must_use]
    pub fn defaults() -> Self {
        Self {
            retention: Duration::from_secs(35 * DAY),
            expire_after: Duration::from_secs(30 * DAY),
            expire_phone_after: Duration::from_secs(DAY),
        }
    }
}

/// Where the exporter listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Web {
    /// The address and port; port 0 lets the system choose.
    pub listen_address: SocketAddr,
    /// The path of the metrics; it starts with `/`, is
    /// neither `/` nor under `/-/` or `/api/`, and holds no space or pattern.
    pub telemetry_path: String,
}

impl Web {
    /// What applies when the file says nothing: only this machine is served.
    #[must_use]
    pub fn defaults() -> Self {
        Self {
            listen_address: (Ipv4Addr::LOCALHOST, 9877).into(),
            telemetry_path: "/metrics".to_owned(),
        }
    }
}

/// What is exposed, and how much of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metrics {
    /// How long a new series stays at 0 before its first count: 0 s (off) to 1 h.
    pub new_series_hold: Duration,
    /// The most series of one family: 100 to 1 000 000.
    pub series_limit: usize,
    /// The most values of an open label, by its name: 1 to 100 000.
    pub label_limits: BTreeMap<String, usize>,
    /// Which of the five labels a family keeps; all of those it has where it is not named.
    pub labels: BTreeMap<Family, Vec<Label>>,
    /// Values of open labels that are shown under another name.
    pub rename: Renames,
    /// Whether agents are counted by their ids too.
    pub per_agent: bool,
    /// Whether histograms show their exponential buckets, in protobuf beside the classic ones and
    /// in OTLP instead of them.
    pub native_histograms: bool,
    /// Whether OpenMetrics text shows the time each series began as a sample of its own.
    pub created_samples: bool,
}

impl Metrics {
    /// What applies when the file says nothing.
    #[must_use]
    pub fn defaults() -> Self {
        Self {
            new_series_hold: Duration::from_secs(MINUTE),
            series_limit: 20_000,
            label_limits: BTreeMap::new(),
            labels: BTreeMap::new(),
            rename: Renames::new(),
            per_agent: false,
            native_histograms: false,
            created_samples: false,
        }
    }
}

/// What counts as good service.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceLevel {
    /// The share of interactions to answer in time: 0.01 to 0.999.
    pub objective: f64,
    /// Who gives up within this time is not held against the service: 0 s to 5 min.
    pub short_abandon: Duration,
    /// Whether breakouts are counted, or left out of the service level.
    pub count_breakouts: bool,
    /// The target of queues without one of their own: 1 s to 30 d.
    pub default_target: Option<Duration>,
    /// Targets by the name of the virtual queue: 1 s to 30 d.
    pub targets: BTreeMap<String, Duration>,
}

impl ServiceLevel {
    /// What applies when the file says nothing.
    #[must_use]
    pub fn defaults() -> Self {
        Self {
            objective: 0.8,
            short_abandon: Duration::from_secs(5),
            count_breakouts: true,
            default_target: None,
            targets: BTreeMap::new(),
        }
    }
}
