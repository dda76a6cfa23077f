//! How an account begins: from what the state has of it, or anew at its epoch.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::core::Core;
use super::trouble::Trouble;
use super::{Poller, Settings};
use crate::api::{ApiClient, Body, Operation, PageQuery, decode};
use crate::clock::Clock;
use crate::health::AccountHealth;
use crate::interaction::Guid;
use crate::ledger::{Account, Meta, Rules};
use crate::snapshot::Publisher;
use crate::store::{AccountId, Loaded, Store, StoreError};

/// Where counting of a new account begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartFrom {
    /// Now, in the API's clock.
    Now,
    /// This long ago, in the API's clock.
    Ago(Duration),
    /// At this server time, Unix milliseconds.
    At(i64),
}

impl StartFrom {
    /// The epoch, given what the API's clock shows.
    pub fn epoch_ms(self, server_ms: i64) -> i64 {
        match self {
            StartFrom::Now => server_ms,
            StartFrom::Ago(ago) => {
                let ago_ms = i64::try_from(ago.as_millis()).unwrap_or(i64::MAX);
                server_ms.saturating_sub(ago_ms)
            }
            StartFrom::At(at_ms) => at_ms.min(server_ms),
        }
    }
}

/// What the state has of an account; nothing, if it is new.
pub type Stored = Option<(AccountId, Account)>;

/// Why an account cannot begin.
#[derive(Debug)]
pub enum StartError {
    /// The state cannot be read.
    Store(StoreError),
    /// The account is known from another API.
    OtherApi {
        /// The account's name.
        account: String,
        /// The API it was read from.
        was: String,
        /// The API it should be read from now.
        is: String,
    },
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StartError::Store(error) => error.fmt(f),
            StartError::OtherApi { account, was, is } => write!(
                f,
                "the account {account:?} in the state was read from {was}, not from {is}: their \
                 interactions would be mixed. Give the account another name, or another state.path"
            ),
        }
    }
}

impl std::error::Error for StartError {}

/// Reads an account from the state.
///
/// # Errors
/// If the state cannot be read, or knows the account from another API.
pub fn load(
    store: &Store,
    name: &str,
    api_url: &str,
    rules: &Rules,
    monotonic_ms: u64,
) -> Result<Stored, StartError> {
    // First of all, because reading an account starts families anew whose definition has changed:
    // a start that is refused must leave the state as it is.
    let known = store.api_url(name).map_err(StartError::Store)?;
    if let Some(was) = known.filter(|was| was != api_url) {
        return Err(StartError::OtherApi {
            account: name.to_owned(),
            was,
            is: api_url.to_owned(),
        });
    }
    let found = store
        .load_account(name, rules, monotonic_ms)
        .map_err(StartError::Store)?;
    let Some(Loaded {
        id,
        account,
        restarted,
    }) = found
    else {
        return Ok(None);
    };
    if !restarted.is_empty() {
        tracing::warn!(
            account = name,
            families = restarted.join(","),
            "the configuration, or an upgrade, changed what these families mean: they begin at 0 again"
        );
    }
    Ok(Some((id, account)))
}

/// What a new account begins with.
pub fn first_meta(api_url: &str, epoch_ms: i64, server_ms: i64, rules: &Rules) -> Meta {
    Meta {
        api_url: api_url.to_owned(),
        epoch_ms,
        counting_since_ms: epoch_ms,
        cursor_ms: epoch_ms,
        horizon_ms: None,
        holes: Vec::new(),
        definitions: Account::definitions(rules),
        targets: Default::default(),
        rows: 0,
        sweep_from: Guid::default(),
        swept_ms: server_ms,
        reread_ms: server_ms,
    }
}

/// Fetches a page, unless the exporter is stopping.
pub(super) async fn page(
    client: &ApiClient,
    query: &PageQuery,
    stop: &CancellationToken,
) -> Result<Body, Trouble> {
    tokio::select! {
        () = stop.cancelled() => Err(Trouble::Stopped),
        body = client.page(query) => Ok(body?),
    }
}

/// Learns what the API's clock shows, from at most one item of the last day.
///
/// # Errors
/// If the API cannot be read.
pub async fn probe(
    client: &ApiClient,
    health: &AccountHealth,
    stop: &CancellationToken,
) -> Result<i64, Trouble> {
    const DAY_MS: i64 = 86_400_000;
    // A day back is in the API's past even where the local clock is hours ahead.
    let start_ms = health.local_ms() - DAY_MS;
    let query = PageQuery {
        start_ms,
        end_ms: None,
        page: 1,
        limit: 1,
    };
    let body = page(client, &query, stop).await?;
    let read = decode(&body.bytes).map(|page| (page.up_to_ms, page.latest_update_ms));
    let (up_to_ms, latest_ms) = read.map_err(|page| Trouble::NotJson {
        problem: page.problem,
        body: body.bytes.clone(),
    })?;
    let up_to_ms = up_to_ms.ok_or(Trouble::NoUpTo)?;
    health.heard(up_to_ms, latest_ms, body.received);
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
) -> Result<i64, Trouble> {
    loop {
        let began = Instant::now();
        match probe(client, health, stop).await {
            Err(Trouble::Stopped) => return Err(Trouble::Stopped),
            Err(trouble) => {
                health.polled(Operation::Interactions, began.elapsed(), Some(&trouble));
                health.complain(Operation::Interactions, &trouble);
            }
            Ok(server_ms) => return Ok(server_ms),
        }
        health.next_poll(Some(Instant::now() + pause));
        tokio::select! {
            () = stop.cancelled() => return Err(Trouble::Stopped),
            () = sleep(pause) => health.next_poll(None),
        }
    }
}

/// What a poller is made of.
#[derive(Debug)]
pub struct Parts {
    /// The state.
    pub store: Arc<Store>,
    /// What the state has of the account.
    pub stored: Stored,
    /// The account's name.
    pub name: String,
    /// The API it is read from.
    pub api_url: String,
    /// Where counting begins if it is new.
    pub start_from: StartFrom,
    /// What counts as what.
    pub rules: Arc<Rules>,
    /// Where snapshots go.
    pub publisher: Arc<Publisher>,
    /// The account's place among the published ones.
    pub place: usize,
    /// The account's instruments.
    pub health: Arc<AccountHealth>,
    /// Local time.
    pub clock: Arc<dyn Clock>,
    /// The origin of monotonic times.
    pub started: Instant,
}

/// Polls an account until stopped, beginning it first if it is new.
///
/// # Errors
/// As [`Poller::run`].
pub async fn poll(
    parts: Parts,
    client: Arc<ApiClient>,
    settings: Settings,
    stop: CancellationToken,
) -> Result<(), Trouble> {
    parts.health.reads(&parts.api_url);
    let (id, account) = match parts.stored {
        Some(stored) => stored,
        None => match create(&parts, &client, &settings, &stop).await {
            Ok(created) => created,
            Err(Trouble::Stopped) => return Ok(()),
            Err(trouble) => return Err(trouble),
        },
    };
    let Parts {
        store,
        rules,
        publisher,
        place,
        health,
        clock,
        started,
        ..
    } = parts;
    let core = Core {
        account,
        id,
        store,
        rules,
        publisher,
        place,
        health,
        clock,
        started,
        unsure: false,
    };
    core.publish();
    Poller::new(core, client, settings, stop).run().await
}

async fn create(
    parts: &Parts,
    client: &ApiClient,
    settings: &Settings,
    stop: &CancellationToken,
) -> Result<(AccountId, Account), Trouble> {
    let server_ms = first_probe(client, &parts.health, stop, settings.interval).await?;
    let epoch_ms = parts.start_from.epoch_ms(server_ms);
    let meta = first_meta(&parts.api_url, epoch_ms, server_ms, &parts.rules);
    loop {
        match parts
            .store
            .create_account(&parts.name, &parts.rules, meta.clone())
        {
            Ok(created) => return Ok(created),
            Err(error) => (parts.health).complain(Operation::Interactions, &Trouble::Store(error)),
        }
        tokio::select! {
            () = stop.cancelled() => return Err(Trouble::Stopped),
            () = sleep(settings.interval) => {}
        }
    }
}
