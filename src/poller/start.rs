//! How an account begins: as the state has it, or new at its epoch.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::errors::PollError;
use super::ingestor::Deps;
use super::probe::first_probe;
use vcc_core::ledger::{Account, AccountMeta, Rules};
use vcc_store::{AccountId, Loaded, Store, StoreError};
use vcc_vonage::{ApiClient, Operation};

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

/// Why an account cannot be read from the state.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "the account {account:?} in the state was read from {was}, not from {is}: their \
         interactions would be mixed. Give the account another name, or another state.path"
    )]
    OtherApi {
        account: String,
        /// The API it was read from.
        was: String,
        /// The API it should be read from now.
        is: String,
    },
}

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
) -> Result<Stored, LoadError> {
    // First of all, because reading an account starts families anew whose definition has changed:
    // a start that is refused must leave the state as it is.
    let known = store.api_url(name)?;
    if let Some(was) = known.filter(|was| was != api_url) {
        return Err(LoadError::OtherApi {
            account: name.to_owned(),
            was,
            is: api_url.to_owned(),
        });
    }
    let found = store.load_account(name, rules, monotonic_ms)?;
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

#[derive(Debug)]
pub struct AccountStart {
    pub name: String,
    /// The API it is read from.
    pub api_url: String,
    /// Where counting begins if the account is new.
    pub start_from: StartFrom,
    pub stored: Stored,
}

/// The account as the state has it, or a new one once the API has answered.
///
/// # Errors
/// Only if the exporter is stopping.
pub(super) async fn begin(
    start: AccountStart,
    deps: &Deps,
    client: &ApiClient,
    pause: Duration,
    stop: &CancellationToken,
) -> Result<(AccountId, Account), PollError> {
    let (store, rules, health) = (&deps.store, &deps.rules, &deps.health);
    if let Some(stored) = start.stored {
        return Ok(stored);
    }
    let server_ms = first_probe(client, health, stop, pause).await?;
    let epoch_ms = start.start_from.epoch_ms(server_ms);
    let meta = AccountMeta::new(&start.api_url, epoch_ms, server_ms, rules);
    loop {
        match store.create_account(&start.name, rules, meta.clone()) {
            Ok(created) => return Ok(created),
            Err(error) => health.log_failure(Operation::Interactions, &PollError::from(error)),
        }
        tokio::select! {
            () = stop.cancelled() => return Err(PollError::Stopped),
            () = sleep(pause) => {}
        }
    }
}
