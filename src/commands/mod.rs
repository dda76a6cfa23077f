//! The subcommands, one file each.

mod catalogue;
mod check;
#[cfg(feature = "demo")]
mod demo;
mod explain;
mod healthcheck;
mod run;
#[cfg(feature = "demo")]
mod simulate;
mod state;

use std::error::Error;
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::cli::{Cli, Command, EXIT_USAGE, LogArgs};
use crate::ops::logging;
use crate::ops::self_tracing;
use vcc_otlp::SpanQueue;
use vcc_yaml::ConfigError;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The configuration or the flags are wrong: exit code 64.
    #[error("{0}")]
    Usage(String),
    /// Anything else: exit code 1.
    #[error(transparent)]
    Run(Box<dyn Error + Send + Sync>),
}

impl CommandError {
    fn run(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        CommandError::Run(error.into())
    }

    /// The code the process ends with.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            CommandError::Usage(_) => ExitCode::from(EXIT_USAGE),
            CommandError::Run(_) => ExitCode::FAILURE,
        }
    }
}

impl From<Vec<ConfigError>> for CommandError {
    fn from(errors: Vec<ConfigError>) -> Self {
        let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
        CommandError::Usage(lines.join("\n"))
    }
}

/// Runs a command to its end.
///
/// # Errors
/// See [`CommandError`].
pub async fn execute(cli: Cli) -> Result<(), CommandError> {
    let Cli { command, log } = cli;
    // Commands that export start the log themselves: their configuration says whether spans are
    // exported too.
    if !command.exports() {
        logging::start(log.level, log.format, None);
    }
    match command {
        #[cfg(feature = "demo")]
        Command::Demo(args) => demo::demo(args, &log).await,
        Command::Run(args) => run::run(args, &log).await,
        Command::Check(args) => check::check(args).await,
        Command::Catalogue(args) => catalogue::catalogue(&args),
        Command::Explain(args) => explain::explain(&args),
        #[cfg(feature = "demo")]
        Command::Simulate(args) => simulate::simulate(args).await,
        Command::Healthcheck(args) => healthcheck::healthcheck(args).await,
        Command::State(command) => state::state(command).await,
    }
}

/// Starts the log, and the collection of the exporter's own spans if they are exported.
fn start_log(log: &LogArgs, otlp: &vcc_otlp::Settings) -> Option<SpanQueue> {
    let wanted = otlp.traces.as_ref().is_some_and(|traces| traces.exporter);
    let collect = || vcc_otlp::collect(self_tracing::TARGET);
    let (layer, receiver) = wanted.then(collect).unzip();
    logging::start(log.level, log.format, layer);
    receiver
}

/// A token that SIGINT and SIGTERM cancel.
fn stop_on_signals() -> Result<CancellationToken, CommandError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(CommandError::run)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(CommandError::run)?;
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: what is being committed is finished first");
        token.cancel();
    });
    Ok(stop)
}

async fn bind(address: std::net::SocketAddr) -> Result<tokio::net::TcpListener, CommandError> {
    tokio::net::TcpListener::bind(address)
        .await
        .map_err(|error| {
            CommandError::run(format!(
                "cannot listen on {address}: {error}. Is another exporter running? \
             Choose another address with --web.listen-address"
            ))
        })
}

/// Prints what a command has to say. A closed pipe is not an error.
fn print_stdout(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{text}");
}
