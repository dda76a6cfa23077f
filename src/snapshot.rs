//! What readers see: an immutable picture of every account, published after each durable commit.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arc_swap::ArcSwap;

use crate::catalogue::Family;
use crate::expose::Encoded;
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
    encoded: OnceLock<Encoded>,
}

impl Snapshot {
    /// The ledger families as text, encoded once however often they are asked for.
    pub fn encoded(&self) -> &Encoded {
        self.encoded.get_or_init(|| Encoded::new(&self.accounts))
    }
}

/// Where accounts publish and readers read. Readers never wait.
#[derive(Debug)]
pub struct Publisher {
    views: Mutex<Vec<Option<Arc<AccountView>>>>,
    current: ArcSwap<Snapshot>,
}

impl Publisher {
    /// A publisher for this many accounts, of which none was read yet.
    pub fn new(accounts: usize) -> Self {
        Publisher {
            views: Mutex::new(vec![None; accounts]),
            current: ArcSwap::default(),
        }
    }

    /// Replaces what is shown of an account.
    pub fn publish(&self, place: usize, view: AccountView) {
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        views[place] = Some(Arc::new(view));
        let accounts = views.iter().flatten().cloned().collect();
        self.current.store(Arc::new(Snapshot {
            accounts,
            encoded: OnceLock::new(),
        }));
    }

    /// The newest snapshot.
    pub fn current(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }
}
