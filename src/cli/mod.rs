//! The command line. The doc comments below are its help texts.

use std::{ffi::OsString, net::SocketAddr, path::PathBuf};
mod state;

use clap::{Args, Parser, Subcommand, error::ErrorKind};
use url::Url;

pub use self::state::{BackupArgs, ResetCountersArgs, StateArgs, StateCommand};

use crate::config::{self, Overrides};
use crate::ops::logging::{Format, Level};

/// The exit code for a mistake in the flags or the configuration: `EX_USAGE` of
/// `sysexits.h`, which a service manager can tell from a crash.
pub const EXIT_USAGE: u8 = 64;

/// True Prometheus metrics of a Vonage Contact Center: every interaction is
/// counted exactly once.
#[derive(Debug, Clone, PartialEq, Parser)]
#[command(name = "vcc-exporter", version, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How the log is written.
    #[command(flatten)]
    pub log: LogArgs,
}

/// How the log is written.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct LogArgs {
    /// How much to log.
    #[arg(long = "log.level", global = true, value_enum, default_value = "info")]
    pub level: Level,
    /// How a line of the log looks.
    #[arg(
        long = "log.format",
        global = true,
        value_enum,
        default_value = "logfmt"
    )]
    pub format: Format,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum Command {
    /// Show everything with a simulated contact center: no account, no file.
    #[cfg(feature = "demo")]
    Demo(DemoArgs),
    /// Read the contact centers of a configuration file and serve their metrics.
    Run(RunArgs),
    /// Check a configuration file, report every problem, and stop.
    Check(CheckArgs),
    /// Print every metric, what feeds it, and how many series to expect.
    Catalogue(CatalogueArgs),
    /// Explain what an interaction counts as, and why.
    Explain(ExplainArgs),
    #[cfg(feature = "demo")]
    /// Serve a simulated Insights Stats API, to try an exporter and its alerts against.
    ///
    /// While it runs it can be told to misbehave: GET /-/ says how to let the API stall, revoke the
    /// secret, starve a queue of agents, and how to undo it.
    Simulate(SimulateArgs),
    /// Ask a running exporter whether it is well: exit code 0 if it is.
    Healthcheck(HealthcheckArgs),
    /// Back up or restart what is remembered between runs.
    #[command(subcommand)]
    State(StateCommand),
}

impl Command {
    /// Whether it runs an exporter, which starts the log once it knows whether spans are exported.
    pub(crate) fn exports(&self) -> bool {
        #[cfg(feature = "demo")]
        if matches!(self, Command::Demo(_)) {
            return true;
        }
        matches!(self, Command::Run(_))
    }
}

/// The flags of `demo`.
#[cfg(feature = "demo")]
#[derive(Debug, Clone, PartialEq, Args)]
pub struct DemoArgs {
    /// Keep the state in this folder; without it the demo starts anew each time.
    #[arg(long = "state.path", value_name = "DIR")]
    pub state_path: Option<PathBuf>,
    /// Serve on this address and port.
    #[arg(
        long = "web.listen-address",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:9877"
    )]
    pub listen_address: SocketAddr,
    /// The number that decides what happens: the same number, the same world.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

/// The flags of `run`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct RunArgs {
    /// The configuration file.
    #[arg(long = "config.file", value_name = "FILE")]
    pub config_file: PathBuf,
    /// Serve on this address and port, in place of `web.listen_address` of the file.
    #[arg(long = "web.listen-address", value_name = "ADDRESS")]
    pub listen_address: Option<SocketAddr>,
    /// The file that says how the web surface is protected: TLS, client certificates, users,
    /// headers, in the format of Prometheus and its exporters.
    #[arg(long = "web.config.file", value_name = "FILE")]
    pub web_config_file: Option<PathBuf>,
    /// Read the configuration again on POST /-/reload too, not only on SIGHUP.
    #[arg(long = "web.enable-lifecycle")]
    pub enable_lifecycle: bool,
    /// Serve the metrics under this path, in place of `web.telemetry_path` of the file.
    #[arg(long = "web.telemetry-path", value_name = "PATH", value_parser = config::telemetry_path)]
    pub telemetry_path: Option<String>,
    /// Keep the state in this folder, in place of state.path of the file.
    #[arg(long = "state.path", value_name = "DIR")]
    pub state_path: Option<PathBuf>,
}

impl RunArgs {
    /// The flags that stand in for settings of the file.
    #[must_use]
    pub fn overrides(&self) -> Overrides {
        Overrides {
            listen_address: self.listen_address,
            telemetry_path: self.telemetry_path.clone(),
            state_path: self.state_path.clone(),
        }
    }
}

/// The flags of `check`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct CheckArgs {
    /// The configuration file.
    #[arg(long = "config.file", value_name = "FILE")]
    pub config_file: PathBuf,
    /// Check this file too, which run takes under the same flag.
    #[arg(long = "web.config.file", value_name = "FILE")]
    pub web_config_file: Option<PathBuf>,
    /// Also sign in to every account and read one row.
    #[arg(long)]
    pub live: bool,
}

/// The flags of `catalogue`. With any number the ceilings are computed, for which the others have
/// the defaults that are printed.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct CatalogueArgs {
    /// How it is written.
    // Its own id: log.format is a flag of every command.
    #[arg(
        id = "catalogue-format",
        long = "format",
        value_enum,
        default_value = "markdown"
    )]
    pub format: CatalogueFormat,
    /// How many virtual queues there are.
    #[arg(long, value_name = "N")]
    pub queues: Option<u32>,
    /// How many reporting groups.
    #[arg(long, value_name = "N")]
    pub groups: Option<u32>,
    /// How many media.
    #[arg(long, value_name = "N")]
    pub media: Option<u32>,
    /// How many outcomes.
    #[arg(long, value_name = "N")]
    pub outcomes: Option<u32>,
    /// How many skills.
    #[arg(long, value_name = "N")]
    pub skills: Option<u32>,
    /// How many dispositions.
    #[arg(long, value_name = "N")]
    pub dispositions: Option<u32>,
    /// How many interaction plans.
    #[arg(long, value_name = "N")]
    pub plans: Option<u32>,
    /// How many virtual assistants.
    #[arg(long, value_name = "N")]
    pub assistants: Option<u32>,
    /// How many agents, where `metrics.per_agent` is on.
    #[arg(long, value_name = "N")]
    pub agents: Option<u32>,
    /// The limit on the series of a family, as in `metrics.series_limit`.
    #[arg(long, value_name = "N")]
    pub series_limit: Option<u32>,
}

/// How the catalogue is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum CatalogueFormat {
    /// For people.
    Markdown,
    /// For programs.
    Json,
}

/// The flags of `explain`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct ExplainArgs {
    /// One interaction, a list of them or a page, as the API sends it; - is standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Say too what this state already counted. It is only read, and no exporter may run on it.
    #[arg(long = "state.path", value_name = "DIR")]
    pub state_path: Option<PathBuf>,
    /// The account in that state; not needed where there is only one.
    #[arg(long, value_name = "NAME", requires = "state_path")]
    pub account: Option<String>,
    /// The configuration file whose rules apply; the defaults where not given.
    #[arg(long = "config.file", value_name = "FILE")]
    pub config_file: Option<PathBuf>,
}

/// The flags of `simulate`.
#[cfg(feature = "demo")]
#[derive(Debug, Clone, PartialEq, Args)]
pub struct SimulateArgs {
    /// Serve on this address and port.
    #[arg(
        long = "web.listen-address",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:9878"
    )]
    pub listen_address: SocketAddr,
    /// The number that decides what happens: the same number, the same world.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// The interactions that start in an hour, on average over a day: 1 to 1000000.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 240,
        value_parser = clap::value_parser!(u32).range(1..=1_000_000)
    )]
    pub per_hour: u32,
    /// How long a day takes, with its quiet night and its busy hours: up to 24h, whose night is that
    /// of UTC; with 0s the traffic is the same at all times.
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = config::values::up_to_a_day)]
    pub day_length: std::time::Duration,
    /// When the simulated past starts, in RFC 3339; a day ago when not given.
    #[arg(long = "start", value_name = "TIME", value_parser = config::values::unix_ms)]
    pub start_unix_ms: Option<i64>,
}

/// The flags of `healthcheck`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct HealthcheckArgs {
    /// What must answer with success.
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://127.0.0.1:9877/-/healthy"
    )]
    pub url: Url,
}

/// Reads the arguments, the first of which is the name of the program.
///
/// # Errors
/// The exit code and the text to print: code 0 for `--help` and `--version`,
/// whose text belongs on standard output, and [`EXIT_USAGE`] for a mistake,
/// whose text belongs on standard error.
pub fn parse<I, T>(args: I) -> Result<Cli, (u8, String)>
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    Cli::try_parse_from(args).map_err(|error| {
        let code = match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => 0,
            _ => EXIT_USAGE,
        };
        (code, error.to_string())
    })
}
