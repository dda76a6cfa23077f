//! The subcommands, one a file.

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

use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::cli::{Cli, Command, EXIT_USAGE, LogArgs};
use crate::config::ConfigError;
use crate::otlp::{self, SpanReceiver};
use crate::{spans, telemetry};

/// Why a command failed.
#[derive(Debug)]
pub enum Failure {
    /// The configuration or the flags are wrong: exit code 64.
    Usage(String),
    /// Anything else: exit code 1.
    Run(String),
}

impl Failure {
    fn run(error: impl std::fmt::Display) -> Self {
        Failure::Run(error.to_string())
    }

    /// The code the process ends with.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Usage(_) => ExitCode::from(EXIT_USAGE),
            Failure::Run(_) => ExitCode::FAILURE,
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Failure::Usage(text) | Failure::Run(text)) = self;
        f.write_str(text)
    }
}

impl From<Vec<ConfigError>> for Failure {
    fn from(errors: Vec<ConfigError>) -> Self {
        let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
        Failure::Usage(lines.join("\n"))
    }
}

/// Runs a command to its end.
///
/// # Errors
/// In words for whoever called it.
pub async fn execute(cli: Cli) -> Result<(), Failure> {
    let Cli { command, log } = cli;
    // Those that export start it themselves: only their configuration says whether spans go too.
    if !command.exports() {
        telemetry::start(log.level, log.format, None);
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
fn start_log(log: &LogArgs, otlp: &otlp::Settings) -> Option<SpanReceiver> {
    let wanted = otlp.traces.as_ref().is_some_and(|traces| traces.exporter);
    let collect = || otlp::collect(spans::TARGET);
    let (layer, receiver) = wanted.then(collect).unzip();
    telemetry::start(log.level, log.format, layer);
    receiver
}

/// A token that SIGINT and SIGTERM cancel.
fn stop_on_signals() -> Result<CancellationToken, Failure> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::run)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::run)?;
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

async fn bind(address: std::net::SocketAddr) -> Result<tokio::net::TcpListener, Failure> {
    tokio::net::TcpListener::bind(address)
        .await
        .map_err(|error| {
            Failure::Run(format!(
                "cannot listen on {address}: {error}. Is another exporter running? \
             Choose another address with --web.listen-address"
            ))
        })
}

/// What a command tells the person who called it. A closed pipe is nobody's failure.
fn say(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{text}");
}
