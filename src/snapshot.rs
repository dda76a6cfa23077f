//! What readers see: an immutable picture of every account, published after each durable commit.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arc_swap::ArcSwap;
use tokio::sync::watch;

use crate::catalogue::Family;
use crate::expose::{Encoded, FormatKind, Options};
use crate::labels::Dictionary;
use crate::ledger::{Account, FamilySeries, Meta};

/// One account as of its last commit.
#[derive(Debug)]
pub struct AccountView {
    /// Its name: the `account` label.
    pub name: Arc<str>,
    /// What is stored beside series and rows.
    pub meta: Meta,
    /// Its label values.
    pub dictionary: Arc<Dictionary>,
    /// How many interactions are open.
    pub open: usize,
    /// Service-level targets in milliseconds by virtual queue, in the queues' order.
    pub targets: Vec<(Arc<str>, i64)>,
    families: Vec<FamilySeries>,
}

impl AccountView {
    /// The account as it is now. Series are shared, not copied.
    pub fn of(account: &Account) -> Self {
        let targets = account.meta.targets.iter();
        AccountView {
            name: Arc::clone(&account.name),
            meta: account.meta.clone(),
            dictionary: Arc::clone(&account.dictionary),
            open: account.open_count(),
            targets: targets
                .map(|(queue, ms)| (account.dictionary.text(*queue), *ms))
                .collect(),
            families: account.all_series(),
        }
    }

    /// The series of a family.
    pub fn series(&self, family: Family) -> &FamilySeries {
        &self.families[family as usize]
    }
}

/// Every account, at one moment.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// The accounts, in the configuration's order; absent ones were not read yet.
    pub accounts: Vec<Arc<AccountView>>,
    options: Options,
    text: OnceLock<Encoded>,
    openmetrics: OnceLock<Encoded>,
    protobuf: OnceLock<Encoded>,
}

impl Snapshot {
    /// The ledger families in a format, encoded once however often they are asked for.
    pub fn encoded(&self, format: FormatKind) -> &Encoded {
        let slot = match format {
            FormatKind::Text => &self.text,
            FormatKind::OpenMetrics => &self.openmetrics,
            FormatKind::Protobuf => &self.protobuf,
        };
        slot.get_or_init(|| Encoded::new(format, self.options, &self.accounts))
    }

    /// What the operator decided about the formats.
    pub fn options(&self) -> Options {
        self.options
    }
}

/// Where accounts publish and readers read. Readers never wait.
#[derive(Debug)]
pub struct Publisher {
    views: Mutex<Vec<Option<Arc<AccountView>>>>,
    options: Options,
    current: ArcSwap<Snapshot>,
    /// Whether anything was published.
    any: watch::Sender<bool>,
}

impl Publisher {
    /// A publisher for this many accounts, of which none was read yet.
    pub fn new(accounts: usize, options: Options) -> Self {
        Publisher {
            views: Mutex::new(vec![None; accounts]),
            options,
            current: ArcSwap::default(),
            any: watch::Sender::new(false),
        }
    }

    /// Replaces what is shown of an account.
    pub fn publish(&self, place: usize, view: AccountView) {
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        views[place] = Some(Arc::new(view));
        let accounts = views.iter().flatten().cloned().collect();
        self.current.store(Arc::new(Snapshot {
            accounts,
            options: self.options,
            ..Snapshot::default()
        }));
        self.any.send_replace(true);
    }

    /// Waits until anything was published.
    pub async fn first(&self) {
        // The only error is that there is no publisher any more, and then nobody waits.
        self.any.subscribe().wait_for(|any| *any).await.ok();
    }

    /// The newest snapshot.
    pub fn current(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }
}
