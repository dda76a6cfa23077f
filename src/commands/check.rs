//! `check`: validates the configuration and, with `--live`, that the API answers.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{CommandError, print_stdout, run, run::load};
use crate::assembly::{self, client};
use crate::cli::CheckArgs;
use crate::config::{Account, Config};
use crate::health::{AccountHealth, Health, PollSchedule};
use crate::ops::progress::Progress;
use crate::poller::{PollError, probe};
use vcc_net::clock::{Clock, SystemClock};
use vcc_vonage::{ApiClient, ClientDeps, PageQuery, RetrySettings, Transport, decode};

const FIVE_MINUTES_MS: i64 = 5 * 60_000;

pub(super) async fn check(args: CheckArgs) -> Result<(), CommandError> {
    let config = load(&args.config_file)?;
    // The files it names are read as well.
    let transport = assembly::transport(&config).map_err(CommandError::run)?;
    run::web_settings(args.web_config_file.as_deref())?;
    for file in std::iter::once(&args.config_file).chain(&args.web_config_file) {
        print_stdout(&format!("{}: the configuration is valid.", file.display()));
    }
    if !args.live {
        return Ok(());
    }
    let mut failed = Vec::new();
    // An API that is out of reach lets each account wait for as long as poll.timeout.
    let mut progress = Progress::of("accounts");
    for (done, account) in config.accounts.iter().enumerate() {
        progress.at(done as u64, config.accounts.len() as u64);
        let report = live(&config, account, &transport)
            .await
            .unwrap_or_else(|problem| {
                failed.push(account.name.as_str());
                problem.to_string()
            });
        print_stdout(&format!("{}: {report}", account.name));
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(CommandError::run(format!(
        "not reachable as configured: {}",
        failed.join(", ")
    )))
}

/// Gets a token and one page, and says what it saw.
async fn live(
    config: &Config,
    account: &Account,
    transport: &Arc<dyn Transport>,
) -> Result<String, CommandError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let health = Health::new(clock.local_ms()).map_err(CommandError::run)?;
    let own = AccountHealth::new(
        &account.name,
        health,
        Arc::clone(&clock),
        PollSchedule {
            interval: config.poll.interval,
            behind_ms: 0,
        },
        PollError::reasons(),
    );
    // A person is waiting for the result, so nothing is retried.
    let retry = RetrySettings {
        max_retries: 0,
        ..config.api.retry
    };
    let deps = ClientDeps {
        transport: Arc::clone(transport),
        observer: own.clone(),
        clock,
    };
    let client = client(account, retry, deps);
    client.authorize().await.map_err(CommandError::run)?;
    let server_ms = probe(&client, &own, &CancellationToken::new())
        .await
        .map_err(|error| CommandError::run(error.to_string()))?;
    let seen = recent(&client, server_ms, config.poll.page_size).await?;
    let lag = own.lag_ms().map_or_else(
        || "the API does not say how far behind it is".to_owned(),
        |ms| format!("its newest event is {:.1} s old", ms as f64 / 1_000.0),
    );
    let skew_s = (server_ms - own.local_ms()) as f64 / 1_000.0;
    Ok(format!(
        "the API answers: {seen} in the last 5 minutes; {lag}; its clock differs from this one by {skew_s:.1} s."
    ))
}

async fn recent(client: &ApiClient, server_ms: i64, limit: u32) -> Result<String, CommandError> {
    let (start_ms, end_ms) = (server_ms - FIVE_MINUTES_MS, Some(server_ms));
    let body = client
        .page(&PageQuery {
            start_ms,
            end_ms,
            page: 1,
            limit,
        })
        .await;
    let body = body.map_err(CommandError::run)?;
    let page = decode(&body.bytes).map_err(|page| {
        CommandError::run(format!(
            "it answers, but not with a page ({page}). Is api_url right?"
        ))
    })?;
    let rejected = match page.rejected.len() {
        0 => String::new(),
        n => format!(", {n} of them unreadable"),
    };
    let items = page.total_count.unwrap_or(0).max(page.len() as i64);
    Ok(format!("{items} interactions processed{rejected}"))
}
