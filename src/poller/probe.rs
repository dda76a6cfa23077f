//! Reads the API's clock, without which no window can be chosen.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::errors::{IngestError, PollError};
use crate::health::AccountHealth;
use vcc_vonage::{ApiClient, FetchedPage, Operation, PageQuery, decode};

/// Fetches a page, unless the exporter is stopping.
pub(super) async fn fetch(
    client: &ApiClient,
    query: &PageQuery,
    stop: &CancellationToken,
) -> Result<FetchedPage, PollError> {
    tokio::select! {
        () = stop.cancelled() => Err(PollError::Stopped),
        body = client.page(query) => Ok(body?),
    }
}

/// Returns what the API's clock shows, Unix milliseconds, from at most one item of the last day.
///
/// # Errors
/// If the API cannot be read.
pub async fn probe(
    client: &ApiClient,
    health: &AccountHealth,
    stop: &CancellationToken,
) -> Result<i64, PollError> {
    const DAY_MS: i64 = 86_400_000;
    // A day back is in the API's past even where the local clock is hours ahead.
    let start_ms = health.local_ms() - DAY_MS;
    let query = PageQuery {
        start_ms,
        end_ms: None,
        page: 1,
        limit: 1,
    };
    let body = fetch(client, &query, stop).await?;
    let read = decode(&body.bytes).map(|page| (page.up_to_ms, page.latest_update_ms));
    let (up_to_ms, latest_ms) = read.map_err(|page| IngestError::NotJson {
        problem: page.to_string(),
        body: body.bytes.clone(),
    })?;
    let up_to_ms = up_to_ms.ok_or(IngestError::NoUpTo)?;
    health.observe_server_time(up_to_ms, latest_ms, body.received);
    Ok(up_to_ms)
}

/// Probes until the API answers: a new account cannot begin without its clock.
///
/// # Errors
/// Only if the exporter is stopping.
pub(super) async fn first_probe(
    client: &ApiClient,
    health: &AccountHealth,
    stop: &CancellationToken,
    pause: Duration,
) -> Result<i64, PollError> {
    loop {
        let began = Instant::now();
        match probe(client, health, stop).await {
            Err(PollError::Stopped) => return Err(PollError::Stopped),
            Err(error) => {
                health.polled(Operation::Interactions, began.elapsed(), Some(&error));
                health.log_failure(Operation::Interactions, &error);
            }
            Ok(server_ms) => return Ok(server_ms),
        }
        health.next_poll(Some(Instant::now() + pause));
        tokio::select! {
            () = stop.cancelled() => return Err(PollError::Stopped),
            () = sleep(pause) => health.next_poll(None),
        }
    }
}
